"""HTTP: the web process of the leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import flask
from flask import Flask, Response

from services.leaderboard import pages
from services.leaderboard.live import Hub, Limits, States
from services.leaderboard.live.desk import Desk
from services.leaderboard.live.party import Party
from services.leaderboard.settings import Settings, build
from services.leaderboard.store import UNREACHABLE, Standings
from services.leaderboard.store.decided import Decided
from services.leaderboard.web.boards import boards
from services.leaderboard.web.pairings import pairings
from services.leaderboard.web.playlists import messages, playlists
from services.leaderboard.web.profile import profile
from services.leaderboard.web.screens import screens
from shared.errors import Unavailable
from shared.settings import exit_on_bad_settings, load
from shared.web import create_service, problems

Clock = Callable[[], datetime]


class StandingsUnavailable(Unavailable):
    """The standings cannot be reached at the moment."""


def create_app(settings: Settings | None = None, clock: Clock = lambda: datetime.now(UTC)) -> Flask:
    """Return the web process: boards, screens and what they play, and the TV."""
    with exit_on_bad_settings():
        settings = settings or load(build)
        standings, decided = Standings.open(settings.redis_url), Decided.open(settings.database_url)
        desk = _desk(standings, decided, clock)
        app = create_service(
            "leaderboard",
            package="services.leaderboard",
            web=settings.web,
            blueprints=[
                boards(standings, decided.profiles.all, clock),
                *_office(desk),
                *_tv(standings, desk, settings),
            ],
            prefixes=("tv",),
            checks={"standings": standings.ping, "database": decided.ping},
            summary="Standings of teams and reps: by total, per FTE, by share of the target; the office's screens.",
            clock=clock,
        )
    for kind in UNREACHABLE:
        app.register_error_handler(kind, _unreachable)
    return app


def _desk(standings: Standings, decided: Decided, clock: Clock) -> Desk:
    return Desk(
        *(decided.screens, decided.pairings, decided.playlists, decided.profiles),
        league=standings.documents,
        news=standings.news,
        transient=UNREACHABLE,
        clock=clock,
    )


def _office(desk: Desk) -> Sequence[flask.Blueprint]:
    app = pages.app_version()
    interface = [pairings(desk, app), screens(desk, app), playlists(desk), messages(desk), profile(desk)]
    return [*interface, *pages.office(desk, app)]


def _tv(standings: Standings, desk: Desk, settings: Settings) -> Sequence[flask.Blueprint]:
    states = States(standings, desk.profiles.all)
    limits = Limits(streams=settings.tv_streams, heartbeat=settings.tv_heartbeat)
    news = Party(standings.news, states, desk.clock)
    hub = Hub(
        *(news, states.build),
        seats=desk.seats,
        forget=states.forget,
        transient=UNREACHABLE,
        limits=limits,
        clock=desk.clock,
    )
    return pages.blueprints(hub, states, desk, settings.tv_access)


def _unreachable(_error: Exception) -> Response:
    return problems.answer(problems.of_error(StandingsUnavailable()), "leaderboard")
