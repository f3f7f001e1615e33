"""The leaderboard's web process on another day: its clock starts at `office.START` and goes on from there."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic

from flask import Flask

from services.leaderboard import web
from tests.browser.office import START


def create_app() -> Flask:
    """Return the application of the environment's settings."""
    began = monotonic()

    def clock() -> datetime:
        return START + timedelta(seconds=monotonic() - began)

    return web.create_app(clock=clock)
