"""Settings of the commission's processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.settings import Env, WebSettings

_DATABASE = "COMMISSION_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web process needs."""

    database_url: str
    web: WebSettings


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What the consumer needs."""

    database_url: str
    bus_url: str
    run_dir: Path
    log_level: str


def build(env: Env) -> Settings:
    """Read the web process's environment."""
    return Settings(database_url=env.database_url(_DATABASE), web=env.web())


def build_consumer(env: Env) -> ConsumerSettings:
    """Read the consumer's environment."""
    return ConsumerSettings(
        database_url=env.database_url(_DATABASE),
        bus_url=env.bus_url(),
        run_dir=env.run_dir(),
        log_level=env.log_level(),
    )


def database(env: Env) -> str:
    """Read where the books are: all that an operator's command needs that does not use the bus."""
    return env.database_url(_DATABASE)


def bus(env: Env) -> str:
    """Read where the bus is."""
    return env.bus_url()
