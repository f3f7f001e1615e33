"""Settings of the front door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.settings import Env, WebSettings

VARIABLES = "SAMENSPEL_SECRET_"
"""How the variables begin that documents may refer to; no document can read any other."""


@dataclass(frozen=True, slots=True)
class SecretsSettings:
    """Where the secrets of connections are: variables of their own prefix, and a directory of files."""

    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web process and the command line need."""

    database_url: str
    web: WebSettings
    secrets: SecretsSettings = field(default_factory=SecretsSettings)


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What the relay needs; it serves nobody, so it knows no tokens.

    `keep_payloads_days` is how long the texts of payloads are kept; 0: for ever.
    """

    database_url: str
    bus_url: str
    run_dir: Path
    log_level: str
    keep_payloads_days: int = 0


@dataclass(frozen=True, slots=True)
class AskerSettings:
    """What the asker needs; it knows neither bus nor tokens, but the secrets that open CRMs' APIs."""

    database_url: str
    run_dir: Path
    log_level: str
    secrets: SecretsSettings


def build(env: Env) -> Settings:
    """Read the settings of the web process."""
    return Settings(database_url(env), env.web(), secrets(env))


def secrets(env: Env) -> SecretsSettings:
    """Read where the secrets of connections are."""
    return SecretsSettings(env.beginning_with(VARIABLES), env.optional_path("SAMENSPEL_SECRETS_DIR"))


def build_relay(env: Env) -> RelaySettings:
    """Read the settings of the relay."""
    days = env.integer("INGEST_KEEP_PAYLOADS_DAYS", 0, high=36_500)
    return RelaySettings(database_url(env), env.bus_url(), env.run_dir(), env.log_level(), days)


def build_asker(env: Env) -> AskerSettings:
    """Read the settings of the asker."""
    return AskerSettings(database_url(env), env.run_dir(), env.log_level(), secrets(env))


def database_url(env: Env) -> str:
    """Read where the front door's SQL is."""
    return env.database_url("INGEST_DATABASE_URL")
