"""The web process of the front door: activities, league documents, inbox and parked activities over HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from services.ingest.handlers.names import Names
from services.ingest.settings import Settings, build
from services.ingest.store import Asking, Inbox, League, Parking, Secrets, Senders
from services.ingest.web.accounts import accounts
from services.ingest.web.activities import activities
from services.ingest.web.asking import asking
from services.ingest.web.hooks import hooks
from services.ingest.web.league import league_documents
from services.ingest.web.operations import operations
from services.ingest.web.people import people
from shared.metrics import Metrics
from shared.settings import exit_on_bad_settings, load
from shared.sql import migrate, open_engine, ping
from shared.web import create_service


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Flask:
    """Put the application together; without settings it reads the environment and exits with code 2 when that fails."""
    with exit_on_bad_settings():
        settings = settings or load(build)
        engine = open_engine(settings.database_url)
        migrate(engine, "services.ingest")
        league, metrics = League(engine), Metrics("ingest-web")
        names = Names(league)
        secrets = Secrets(settings.secrets.variables, settings.secrets.directory)
        sessions, signing_in = accounts(engine, names, secrets, settings.web.session_keys, clock)
        return create_service(
            "ingest",
            package="services.ingest",
            web=settings.web,
            blueprints=[
                activities(Inbox(engine), names, metrics, clock),
                league_documents(league, clock),
                operations(Inbox(engine), Parking(engine), names, clock),
                hooks(Inbox(engine), names, Senders(engine), secrets, metrics=metrics, clock=clock),
                asking(Asking(engine), names, clock),
                *people(engine, names, clock),
                *signing_in,
            ],
            checks={"database": lambda: ping(engine)},
            summary="The front door: activities and league documents come in here.",
            sessions=sessions,
            metrics=metrics,
            clock=clock,
        )
