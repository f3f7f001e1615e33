"""The engines of one machine, and the settings by which the services find them."""

import stat
import subprocess
import time
from pathlib import Path

import redis
from redis import Redis

from deploy import engines


def test_the_environment_leads_nowhere_else(tmp_path: Path) -> None:
    foreign = {
        "PATH": "/bin",
        "SAMENSPEL_BUS_URL_FILE": "/elsewhere",
        "SCORING_DATABASE_URL_FILE": "/elsewhere",
        "COMMISSION_DATABASE_URL": "postgresql://elsewhere/x",
        "GUNICORN_CMD_ARGS": "--bind 0.0.0.0:1",
    }
    made = engines.settings(tmp_path, engines.Redis(6000, "pw"), "open", foreign)
    assert not [name for name, value in made.items() if "elsewhere" in value or name == "GUNICORN_CMD_ARGS"]
    assert made["PATH"] == "/bin"
    assert made["SAMENSPEL_BUS_URL"] == made["SAMENSPEL_REDIS_URL"] == "redis://:pw@127.0.0.1:6000/0"
    assert made["INGEST_DATABASE_URL"] == f"sqlite:///{tmp_path}/ingest.db"


def test_the_log_level_may_be_chosen(tmp_path: Path) -> None:
    made = engines.settings(tmp_path, engines.Redis(1, ""), "open", {"SAMENSPEL_LOG_LEVEL": "debug"})
    assert made["SAMENSPEL_LOG_LEVEL"] == "debug"


def test_what_opens_a_crm_reaches_the_processes_and_nothing_else_of_ours_does(tmp_path: Path) -> None:
    foreign = {"SAMENSPEL_SECRET_HUBSPOT": "geheim", "SAMENSPEL_SECRETS_DIR": "/elsewhere"}
    made = engines.settings(tmp_path, engines.Redis(1, ""), "open", foreign)
    assert (made["SAMENSPEL_SECRET_HUBSPOT"], made["SAMENSPEL_SECRETS_DIR"]) == ("geheim", f"{tmp_path}/secrets")


def refused(url: str) -> bool:
    try:
        Redis.from_url(url).ping()
    except (redis.AuthenticationError, redis.ResponseError):
        return True
    return False


def ready(url: str) -> Redis:
    client = Redis.from_url(url)
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return client


def test_redis_wants_a_password_and_keeps_its_data_over_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "a folder with blanks"
    folder.mkdir()
    for restart in (False, True):
        where, program = engines.prepare_redis(folder)
        with subprocess.Popen(program.command, stdout=subprocess.DEVNULL) as process:
            client = ready(where.url)
            if restart:
                assert client.get("kept") == b"yes"
            client.set("kept", "yes")
            client.config_set("appendfsync", "always")
            client.set("and", "this")
            assert refused(f"redis://127.0.0.1:{where.port}/0")
            process.kill()


def test_the_configuration_with_the_password_is_for_the_owner_only(tmp_path: Path) -> None:
    where, program = engines.prepare_redis(tmp_path)
    configuration = Path(program.command[1])
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o600
    assert where.password in configuration.read_text()
    assert where.password not in " ".join(program.command)
