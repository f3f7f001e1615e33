"""The rooms and the import law of the tree. Every law is shown, on a made-up breach, to be able to fail."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("ingest", "scoring", "leaderboard", "commission")

# What a service may hold. A room may be absent, is never renamed, and may grow into a folder of the same name.
ROOMS = {"settings", "domain", "handlers", "store", "schemas", "web", "consumer", "cli"}
FOLDERS = {"templates", "static", "migrations", "locale"}
EXTRA_ROOMS = {
    "ingest": {"sources", "importer", "asker", "pages", "identity"},
    "scoring": {"conditions", "pages"},
    "leaderboard": {"live", "pages"},
    "commission": {"pages", "exports"},
}
TOP_LEVEL = {
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "NOTICE"),
    *("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "docker-compose.yml"),
    *(".gitignore", ".gitattributes", ".dockerignore", ".editorconfig", ".pre-commit-config.yaml", ".github", ".ci"),
    *("services", "shared", "deploy", "tests", "docs"),
}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "constants", "misc", "tools"}

PURE = {"shared.contracts", "shared.periods", "shared.money", "shared.errors"}
DRIVERS = {"sqlalchemy", "redis", "psycopg", "alembic", "sqlite3"}
BUS = {"shared.bus", "shared.loop", "kafka"}
HTTP = {"flask", "flask_smorest", "werkzeug", "shared.web"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40

Law = Callable[[PurePosixPath, ast.Module], Iterable[str]]


def imports(tree: ast.AST) -> set[str]:
    """Return every imported module; `from a.b import c` counts as `a.b.c`, which is inside `a.b`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if not node.level else {"(relative)"}
    return found


def within(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def service_of(path: PurePosixPath) -> str:
    return path.parts[1] if path.parts[0] == "services" and len(path.parts) > 2 else ""


def room_of(path: PurePosixPath) -> str:
    return path.parts[2].removesuffix(".py") if service_of(path) else ""


def services_do_not_know_each_other(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    own = f"services.{service_of(path)}"
    if service_of(path):
        yield from (name for name in imports(tree) if within(name, ["services"]) and not within(name, [own]))


def shared_knows_no_service(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if path.parts[0] == "shared":
        yield from (name for name in imports(tree) if within(name, ["services", "deploy", "tests"]))


def domain_is_pure(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room_of(path) == "domain":
        allowed = {*sys.stdlib_module_names, *PURE, f"services.{service_of(path)}.domain"} - {"os", "socket", "sqlite3"}
        yield from (name for name in imports(tree) if not within(name, allowed))


def only_the_store_knows_its_driver(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room_of(path) and room_of(path) not in {"store", "migrations"}:
        yield from (name for name in imports(tree) if within(name, DRIVERS))


def web_never_touches_the_bus(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room_of(path) in {"web", "schemas", "live", "pages"} or path.parts[:2] == ("shared", "web"):
        yield from (name for name in imports(tree) if within(name, BUS))


def only_the_edge_knows_http(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if room_of(path) in {"consumer", "handlers", "domain", "store", "cli", "settings"}:
        yield from (name for name in imports(tree) if within(name, HTTP))


def only_settings_read_the_environment(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if path.parts[0] in {"services", "shared"} and path != PurePosixPath("shared/settings.py"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}:
                said = ast.unparse(node)
                yield from [f"line {node.lineno}: {said}"] if said != "request.environ" else []  # that is WSGI's
        yield from (name for name in imports(tree) if name in {"os.environ", "os.getenv"})


def files_are_short(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    last = max((getattr(node, "end_lineno", 0) or 0 for node in tree.body), default=0)
    if path.parts[0] != "tests" and last > LONGEST_FILE:
        yield f"{last} lines"


def own_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without those of functions inside it: a blueprint is a list of views."""
    inner = [
        node for node in ast.iter_child_nodes(function) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    starts = (min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) for node in inner)
    inside = sum((node.end_lineno or 0) - start + 1 for node, start in zip(inner, starts, strict=True))
    return (function.end_lineno or 0) - function.lineno + 1 - inside


def functions_are_short(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and path.parts[0] != "tests":
            length = own_lines(node)
            if length > LONGEST_FUNCTION:
                yield f"{node.name} has {length} lines"


def names_say_something(path: PurePosixPath, _tree: ast.Module) -> Iterator[str]:
    yield from (part for part in (*path.parts[:-1], path.stem) if part in NAMES_THAT_SAY_NOTHING)


def a_service_has_the_rooms_of_the_design(path: PurePosixPath, _tree: ast.Module) -> Iterator[str]:
    service = service_of(path)
    if not service or path.parts[2:] == ("__init__.py",):
        return
    allowed = ROOMS | FOLDERS | EXTRA_ROOMS.get(service, set())
    if service not in SERVICES or room_of(path) not in allowed:
        yield f"{room_of(path)} is no room of {service}"


def a_service_tells_what_goes_in_and_out(path: PurePosixPath, tree: ast.Module) -> Iterator[str]:
    if service_of(path) and path.parts[2:] == ("__init__.py",):
        said = ast.get_docstring(tree) or ""
        yield from (word for word in ("In:", "Out:", "Remembers:") if word not in said)


BREACHES: list[tuple[Law, str, str]] = [
    (services_do_not_know_each_other, "services/ingest/web.py", "from services.scoring import store"),
    (services_do_not_know_each_other, "services/ingest/web.py", "import services.scoring.domain"),
    (shared_knows_no_service, "shared/money.py", "from services.ingest.domain import Activity"),
    (domain_is_pure, "services/scoring/domain.py", "import cel"),
    (domain_is_pure, "services/scoring/domain/fold.py", "from shared.sql import writing"),
    (domain_is_pure, "services/scoring/domain.py", "import os"),
    (domain_is_pure, "services/scoring/domain.py", "from . import store"),
    (only_the_store_knows_its_driver, "services/scoring/handlers.py", "from sqlalchemy import select"),
    (only_the_store_knows_its_driver, "services/leaderboard/live.py", "import redis"),
    (web_never_touches_the_bus, "services/ingest/web.py", "from shared import bus"),
    (web_never_touches_the_bus, "services/ingest/web/pages.py", "from kafka import KafkaProducer"),
    (web_never_touches_the_bus, "shared/web/health.py", "from shared.bus import open_bus"),
    (only_the_edge_knows_http, "services/scoring/consumer.py", "import flask"),
    (only_the_edge_knows_http, "services/scoring/handlers.py", "from shared.web import caller"),
    (only_settings_read_the_environment, "services/scoring/settings.py", "import os\nx = os.environ['X']"),
    (only_settings_read_the_environment, "shared/logs.py", "from os import getenv"),
    (files_are_short, "shared/money.py", "a = 1\n" * (LONGEST_FILE + 1)),
    (functions_are_short, "shared/money.py", "def f():\n" + "    a = 1\n" * LONGEST_FUNCTION),
    (functions_are_short, "shared/money.py", "def f():\n def g():\n" + "  a = 1\n" * LONGEST_FUNCTION),
    (names_say_something, "shared/utils.py", ""),
    (names_say_something, "services/ingest/store/helpers.py", ""),
    (a_service_has_the_rooms_of_the_design, "services/scoring/models.py", ""),
    (a_service_has_the_rooms_of_the_design, "services/scoring/live.py", ""),
    (a_service_has_the_rooms_of_the_design, "services/billing/web.py", ""),
    (a_service_tells_what_goes_in_and_out, "services/scoring/__init__.py", '"""In: activities."""'),
]
LAWS = list(dict.fromkeys(law for law, _, _ in BREACHES))


def tracked() -> list[PurePosixPath]:
    """Return the files of the project: what git knows, or everything where there is no git."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [PurePosixPath(line) for line in listed.splitlines() if (ROOT / line).exists()]
    packed = (path for folder in ("services", "shared", "deploy", "tests") for path in (ROOT / folder).rglob("*.*"))
    return [PurePosixPath(path.relative_to(ROOT).as_posix()) for path in packed if "__pycache__" not in path.parts]


def python_files() -> list[PurePosixPath]:
    return [path for path in tracked() if path.suffix == ".py"]


def breaches_of(law: Law) -> list[str]:
    return [f"{path}: {breach}" for path, tree in trees() for breach in law(path, tree)]


@cache
def trees() -> Sequence[tuple[PurePosixPath, ast.Module]]:
    """Return every Python file of the project, read once."""
    return [(path, ast.parse((ROOT / path).read_text(encoding="utf-8"))) for path in python_files()]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_tree_keeps_every_law(law: Law) -> None:
    assert breaches_of(law) == []


@pytest.mark.parametrize(("law", "path", "source"), BREACHES)
def test_every_law_notices_its_breach(law: Law, path: str, source: str) -> None:
    assert list(law(PurePosixPath(path), ast.parse(source)))


def test_the_check_sees_the_whole_tree() -> None:
    assert PurePosixPath("shared/errors.py") in python_files()
    assert PurePosixPath("tests/test_architecture.py") in python_files()


def test_the_top_of_the_tree_is_the_one_of_the_design() -> None:
    assert {path.parts[0] for path in tracked()} <= TOP_LEVEL


WATCH = """
import importlib, sys
def watch(event, args):
    if event in {"socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen"}:
        raise RuntimeError(f"importing does {event} {args}")
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        raise RuntimeError(f"importing does open {args[0]}")
import logging, importlib.metadata
for library in ("flask_smorest", "sqlalchemy", "alembic", "redis", "kafka", "structlog", "orjson", "click", "yaml"):
    importlib.import_module(library)
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", code, *arguments],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def modules(*folders: str) -> list[str]:
    wanted = (path for path in python_files() if path.parts[0] in folders and "migrations/versions" not in str(path))
    return [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in wanted]


def test_importing_any_module_connects_to_nothing_and_needs_no_environment() -> None:
    outcome = run_python(WATCH, *modules("services", "shared"))
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import sqlite3; sqlite3.connect(':memory:')",
        "open('left-behind', 'w')",
    ],
)
def test_the_watch_notices_a_module_that_connects(act: str, tmp_path: Path) -> None:
    (tmp_path / "eager.py").write_text(act)
    outcome = run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{WATCH}", "eager")
    assert "importing does" in outcome.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_web_process_never_even_loads_kafka(service: str) -> None:
    outcome = run_python(f"import sys, services.{service}.web; sys.exit('kafka' in sys.modules)")
    assert outcome.returncode == 0, outcome.stderr or "kafka was loaded"


def users(sources: Iterable[tuple[PurePosixPath, ast.Module]]) -> dict[str, set[str]]:
    """Return which services use each module of shared/, directly or through another one of shared/."""
    needs: dict[str, set[str]] = {}
    for path, tree in sources:
        user = service_of(path) or (f"shared.{path.parts[1].removesuffix('.py')}" if path.parts[0] == "shared" else "")
        if user:
            used = {".".join(name.split(".")[:2]) for name in imports(tree) if within(name, ["shared"])}
            needs.setdefault(user, set()).update(used - {user})
    return {
        module: {service for service in SERVICES if reaches(needs, service, module)}
        for module in needs
        if "." in module
    }


def reaches(needs: dict[str, set[str]], start: str, goal: str) -> bool:
    seen, ahead = set[str](), [start]
    while ahead:
        current = ahead.pop()
        if current not in seen:
            seen.add(current)
            ahead.extend(needs.get(current, ()))
    return goal in seen


def test_what_is_shared_is_used_by_at_least_two_services() -> None:
    lonely = {module: services for module, services in users(trees()).items() if len(services) < 2}
    assert {module for module in lonely if module != "shared.__init__"} == set()


def test_a_module_only_one_service_uses_is_noticed() -> None:
    made_up = {
        "services/ingest/web.py": "from shared import money, odd",
        "services/scoring/store.py": "from shared.books import Book",
        "shared/books.py": "import shared.money",
        "shared/money.py": "",
        "shared/odd.py": "",
    }
    found = users((PurePosixPath(path), ast.parse(source)) for path, source in made_up.items())
    assert found == {"shared.books": {"scoring"}, "shared.money": {"ingest", "scoring"}, "shared.odd": {"ingest"}}
