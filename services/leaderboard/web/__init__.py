"""HTTP: the web process of the leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import flask
from flask import Flask, Response

from services.leaderboard import pages
from services.leaderboard.live import Hub, Limits, States
from services.leaderboard.settings import Settings, build
from services.leaderboard.store import UNREACHABLE, Standings
from services.leaderboard.web.boards import boards
from shared.errors import Unavailable
from shared.settings import exit_on_bad_settings, load
from shared.web import create_service, problems

Clock = Callable[[], datetime]


class StandingsUnavailable(Unavailable):
    """The standings cannot be reached at the moment."""


def create_app(settings: Settings | None = None, clock: Clock = lambda: datetime.now(UTC)) -> Flask:
    """Return the web process: boards, and the TV."""
    with exit_on_bad_settings():
        settings = settings or load(build)
        standings = Standings.open(settings.redis_url)
        app = create_service(
            "leaderboard",
            package="services.leaderboard",
            web=settings.web,
            blueprints=[boards(standings, clock), *_screens(standings, settings, clock)],
            prefixes=("tv",),
            checks={"standings": standings.ping},
            summary="Standings of teams and reps: by total, per FTE, by share of the target.",
            clock=clock,
        )
    for kind in UNREACHABLE:
        app.register_error_handler(kind, _unreachable)
    return app


def _screens(standings: Standings, settings: Settings, clock: Clock) -> Sequence[flask.Blueprint]:
    states = States(standings)
    limits = Limits(streams=settings.tv_streams, heartbeat=settings.tv_heartbeat)
    hub = Hub(standings.news, states.build, transient=UNREACHABLE, limits=limits, clock=clock)
    return pages.blueprints(hub, states, settings.tv_access)


def _unreachable(_error: Exception) -> Response:
    return problems.answer(problems.of_error(StandingsUnavailable()), "leaderboard")
