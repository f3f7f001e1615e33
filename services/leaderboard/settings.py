"""Settings of the leaderboard's processes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.settings import Env, WebSettings

_DATABASE = "LEADERBOARD_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web process needs; `tv_access` is `screens` (a screen is paired or has a token) or `open`.

    `tv_streams` is how many screens one process serves, `tv_heartbeat` the seconds between signs of life on a silent
    stream.
    """

    redis_url: str
    web: WebSettings
    database_url: str
    tv_access: str = "screens"
    tv_streams: int = 1_500
    tv_heartbeat: int = 5


@dataclass(frozen=True, slots=True)
class ConsumerSettings:
    """What the consumer and the operator's commands need."""

    redis_url: str
    bus_url: str
    run_dir: Path
    log_level: str


def build(env: Env) -> Settings:
    """Read the web process's environment."""
    return Settings(
        redis_url=env.redis_url(),
        web=env.web(),
        database_url=env.database_url(_DATABASE),
        tv_access=env.text("SAMENSPEL_TV_ACCESS", "screens", choices=("screens", "open")),
        tv_streams=env.integer("SAMENSPEL_TV_STREAMS", 1_500, low=1, high=10_000),
        tv_heartbeat=env.integer("SAMENSPEL_TV_HEARTBEAT", 5, low=1, high=30),
    )


def build_consumer(env: Env) -> ConsumerSettings:
    """Read the consumer's environment."""
    return ConsumerSettings(
        redis_url=env.redis_url(), bus_url=env.bus_url(), run_dir=env.run_dir(), log_level=env.log_level()
    )


def build_database(env: Env) -> str:
    """Read where the decisions of people are: all that a command needs which concerns nothing else."""
    return env.database_url(_DATABASE)
