# Samenspel. `make` prints what can be done; variables go after it: make run PORT=8001

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench faults secrets up down clean

# The newest Python that is new enough. It must run: some machines have names that only tell that nothing is behind them.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
SAMPLE ?= office
VAR ?= var
PACE ?= 2
TESTS ?= tests
# each has engines of its own; the tests wait more than they compute
WORKERS ?= 3
ARGS ?=
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)

BIN := $(VENV)/bin
PREPARE = command -v $(PYTHON) >/dev/null || { echo 'No Python here: install Python 3.11 or newer' >&2; exit 2; }; \
	$(PYTHON) deploy/prepare.py

help: ## print this
	@printf 'Samenspel: team play for sales organisations.\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@printf '\nVariables: PORT=8000 HOST=127.0.0.1 SAMPLE=office|none VAR=var PACE=2 (seconds between two sample events)\n'
	@printf '           PYTHON=python3.12 VENV=.venv, and for test: TESTS=tests/deploy ARGS="-x -k name"\n'

run: ## start everything on this machine with an example office; SAMPLE=none: empty, keeps its data
	@$(PREPARE) requirements.lock $(VENV)
	@exec $(BIN)/python -m deploy.launcher --host '$(HOST)' --port '$(PORT)' --sample '$(SAMPLE)' --var '$(VAR)' --pace '$(PACE)'

test: ## run the tests; engines that this machine lacks are skipped with the reason
	@$(PREPARE) requirements-dev.lock $(VENV)
	@exec $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS) $(ARGS)

lint: ## check style, format and types
	@$(PREPARE) requirements-dev.lock $(VENV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy shared services deploy tests

format: ## put the code into the one format
	@$(PREPARE) requirements-dev.lock $(VENV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: ## measure; figures are ratios within one run
	@$(PREPARE) requirements-dev.lock $(VENV)
	@exec $(BIN)/python -m tests.bench $(ARGS)

faults: ## break what can break, and compare with an undisturbed run: ARGS="--bus kafka --sql postgres --rounds 60"
	@$(PREPARE) requirements-dev.lock $(VENV)
	@exec $(BIN)/python -m tests.faults $(ARGS)

secrets: ## make passwords and tokens for docker compose in deploy/secrets
	@$(PREPARE) requirements.lock $(VENV)
	@exec $(BIN)/python -m deploy.passwords deploy/secrets

up: ## build and start the containers (after: make secrets)
	$(COMPOSE) up --build --detach

down: ## stop the containers; their data stays
	$(COMPOSE) down

clean: ## remove what was made here: environment, caches, sample data; never what SAMPLE=none keeps
	rm -rf $(VENV) $(VAR)/sample .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
