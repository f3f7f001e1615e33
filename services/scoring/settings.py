"""Settings of scoring's processes."""

from dataclasses import dataclass
from pathlib import Path

from shared.settings import Env, WebSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web process needs."""

    database_url: str
    web: WebSettings


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What the consumer and the operator's commands need."""

    database_url: str
    bus_url: str
    run_dir: Path
    log_level: str


def build(env: Env) -> Settings:
    """Read the web process's environment."""
    return Settings(database_url=env.database_url("SCORING_DATABASE_URL"), web=env.web())


def build_consumer(env: Env) -> ConsumerSettings:
    """Read the consumer's environment."""
    return ConsumerSettings(
        database_url=env.database_url("SCORING_DATABASE_URL"),
        bus_url=env.bus_url(),
        run_dir=env.run_dir(),
        log_level=env.log_level(),
    )
