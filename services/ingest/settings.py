"""Settings of the front door."""

from dataclasses import dataclass
from pathlib import Path

from shared.settings import Env, WebSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web process and the command line need."""

    database_url: str
    web: WebSettings


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What the relay needs; it serves nobody, so it knows no tokens."""

    database_url: str
    bus_url: str
    run_dir: Path
    log_level: str


def build(env: Env) -> Settings:
    """Read the settings of the web process."""
    return Settings(database_url(env), env.web())


def build_relay(env: Env) -> RelaySettings:
    """Read the settings of the relay."""
    return RelaySettings(database_url(env), env.bus_url(), env.run_dir(), env.log_level())


def database_url(env: Env) -> str:
    """Read where the front door's SQL is."""
    return env.database_url("INGEST_DATABASE_URL")
