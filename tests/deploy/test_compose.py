"""The compose file: a container for every process of the design, each watched, none with a secret in it."""

import importlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import passwords
from shared.auth import read as read_tokens
from shared.settings import load
from shared.topics import TOPICS

ROOT = Path(__file__).parents[2]
SERVICES = ("ingest", "scoring", "leaderboard", "commission")
PROCESSES = [f"{service}-{part}" for service in SERVICES for part in ("web", "consumer")]
ASKER = "ingest-asker"
ENGINES = ["kafka", "postgres", "redis"]
STORES = {"leaderboard-web": ("redis", "postgres"), "leaderboard-consumer": ("redis",)}
SECRETS = {"leaderboard-web": ("redis_url", "leaderboard_database_url"), "leaderboard-consumer": ("redis_url",)}


@cache
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return parsed


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def test_every_process_of_the_design_has_a_container_and_there_is_no_other() -> None:
    assert sorted(compose()["services"]) == sorted([*PROCESSES, ASKER, *ENGINES, "gateway"])


def test_who_produces_or_consumes_a_topic_has_a_consumer_process() -> None:
    named = {name for topic in TOPICS.values() for name in (*topic.producer.split(", "), *topic.consumers)}
    assert {f"{name}-consumer" for name in named - {"every consumer"}} <= set(compose()["services"])


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_runs_its_own_service(name: str) -> None:
    service, _, part = name.partition("-")
    module = f"services.{service}.{part}"
    assert any(word.partition(":")[0] == module for word in container(name)["command"])


@pytest.mark.parametrize("name", [*PROCESSES, ASKER, *ENGINES, "gateway"])
def test_every_container_is_watched_and_comes_back(name: str) -> None:
    assert container(name)["healthcheck"]["test"]
    assert container(name)["restart"] == "unless-stopped"
    assert container(name)["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", [*PROCESSES, ASKER])
def test_a_process_has_no_more_rights_than_it_needs(name: str) -> None:
    made = container(name)
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in made
    assert made["networks"] == (["inside", "outside"] if name in {ASKER, "ingest-web"} else ["inside"])


def test_the_asker_knows_its_store_and_the_secrets_of_connections_and_neither_bus_nor_tokens() -> None:
    made = container(ASKER)
    assert made["command"] == ["python", "-m", "services.ingest.asker"]
    assert made["secrets"] == ["ingest_database_url"]
    assert made["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert not {"SAMENSPEL_BUS_URL", "SAMENSPEL_TOKENS_FILE"} & set(made["environment"])
    for name in (ASKER, "ingest-web"):
        assert container(name)["environment"]["SAMENSPEL_SECRETS_DIR"] == "/run/sources"
        assert "./deploy/secrets/sources:/run/sources:ro" in container(name)["volumes"]


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)[-1] == "samenspel"


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_gets_the_secrets_of_its_own_store_and_waits_for_it(name: str) -> None:
    service, _, part = name.partition("-")
    stores, secrets = STORES.get(name, ("postgres",)), SECRETS.get(name, (f"{service}_database_url",))
    assert container(name)["secrets"] == (["tokens", "session_key", *secrets] if part == "web" else [*secrets])
    assert {f"/run/secrets/{secret}" for secret in secrets} <= set(container(name)["environment"].values())
    engines = {*stores} if part == "web" else {*stores, "kafka"}
    assert container(name)["depends_on"] == {engine: {"condition": "service_healthy"} for engine in engines}


@pytest.mark.parametrize("name", PROCESSES)
def test_only_consumers_know_the_bus(name: str) -> None:
    assert ("SAMENSPEL_BUS_URL" in container(name)["environment"]) is name.endswith("-consumer")


@pytest.mark.parametrize("name", PROCESSES)
def test_the_settings_of_a_container_are_enough_for_its_process(name: str, tmp_path: Path) -> None:
    service, _, part = name.partition("-")
    settings = importlib.import_module(f"services.{service}.settings")
    build = settings.build if part == "web" else getattr(settings, "build_consumer", None) or settings.build_relay
    passwords.make(tmp_path)
    files = {secret: tmp_path / Path(made["file"]).name for secret, made in compose()["secrets"].items()}
    assert load(build, {name: here(value, files) for name, value in container(name)["environment"].items()})


def here(value: str, files: Mapping[str, Path]) -> str:
    """Return the value as it is inside the container, with the secret's file where it is on this machine."""
    if value.startswith("/run/secrets/"):
        return str(files[value.removeprefix("/run/secrets/")])
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value)


def test_only_the_gateway_can_be_reached_and_only_from_this_machine_unless_told() -> None:
    published = {name: made["ports"] for name, made in compose()["services"].items() if "ports" in made}
    assert published == {"gateway": ["${SAMENSPEL_BIND:-127.0.0.1}:${PORT:-8000}:8080"]}
    assert compose()["networks"]["inside"] == {"internal": True}


def test_web_and_consumer_of_a_service_share_the_folder_of_their_metrics() -> None:
    for service in SERVICES:
        folders = [container(f"{service}-{part}")["volumes"][0] for part in ("web", "consumer")]
        assert folders == [f"{service}-run:/run/samenspel"] * 2
    assert container(ASKER)["volumes"][0] == "ingest-run:/run/samenspel"


def test_what_must_not_be_lost_is_on_a_volume() -> None:
    for engine in ENGINES:
        assert container(engine)["volumes"][0].startswith(f"{engine}-data:")
    used = {volume.partition(":")[0] for made in compose()["services"].values() for volume in made.get("volumes", [])}
    assert {name for name in used if not name.startswith(".")} == set(compose()["volumes"])


def test_it_can_be_read_by_the_old_compose_too() -> None:
    assert not {"name", "include", "develop", "version"} & set(compose())


def values(part: Any) -> Iterator[str]:
    match part:
        case dict():
            for inner in part.values():
                yield from values(inner)
        case list():
            for inner in part:
                yield from values(inner)
        case str():
            yield part


def test_no_secret_stands_in_the_file() -> None:
    for made in compose()["services"].values():
        for name, value in made.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET(?!S_DIR)|TOKEN|DATABASE_URL|REDIS_URL", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/"), name
    assert not [value for value in values(compose()["services"]) if re.search(r"://[^/\s]*:[^/\s]*@", value)]


def test_every_secret_is_declared_and_used_and_made(tmp_path: Path) -> None:
    passwords.make(tmp_path)
    used = {secret for made in compose()["services"].values() for secret in made.get("secrets", [])}
    assert used == set(compose()["secrets"])
    for secret in compose()["secrets"].values():
        made = tmp_path / Path(secret["file"]).name
        assert made.read_text().strip(), made
        assert made.stat().st_mode & 0o777 == 0o644
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_secrets_that_are_there_are_kept(tmp_path: Path) -> None:
    passwords.make(tmp_path)
    (tmp_path / "ingest_database_url").write_text("postgresql+psycopg://elsewhere/ingest")
    before = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    passwords.make(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == before
    assert len(read_tokens(tmp_path / "tokens.json")) == len(list((tmp_path / "tokens").iterdir()))


def test_the_url_of_a_database_carries_the_password_of_its_owner(tmp_path: Path) -> None:
    passwords.make(tmp_path)
    for service in SERVICES:
        secret = (tmp_path / f"{service}_db_password").read_text()
        assert f"//{service}:{secret}@postgres:5432/{service}" in (tmp_path / f"{service}_database_url").read_text()


def test_git_never_takes_a_secret(tmp_path: Path) -> None:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git here")
    paths = [secret["file"] for secret in compose()["secrets"].values()] + ["deploy/secrets/tokens/manager"]
    ignored = subprocess.run(["git", "check-ignore", *paths], cwd=ROOT, capture_output=True, text=True, check=False)
    assert len(ignored.stdout.split()) == len(paths)


def test_the_image_never_takes_a_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored.index("deploy/secrets") > ignored.index("!deploy")


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    command = next((c for c in (["docker-compose"], ["docker", "compose"]) if works([*c, "version"])), None)
    if command is None:
        pytest.skip("no docker compose here")
    done = subprocess.run([*command, "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def works(command: list[str]) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True, check=False).returncode == 0
