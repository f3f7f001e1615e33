"""What every service's edge has in common.

    def create_app(settings: Settings | None = None) -> Flask:
        with exit_on_bad_settings():
            settings = settings or load(build)
            engine = open_engine(settings.database_url)
            migrate(engine, "services.ingest")
            return create_service(
                "ingest", package="services.ingest", web=settings.web, blueprints=[activities(store)],
                checks={"database": lambda: ping(engine)},
            )

Every route says who may call it, with `@requires("scope")` or `@public("why")`; one that says neither stops the start.
Pages for people are rendered inside one frame, see `shared.web.pages`.
Routes are written with their whole prefix: `Blueprint("activities", __name__, url_prefix="/ingest/v1")`.
"""

from shared.web.access import COOKIE, caller, limit_body, public, requires, sign_in, sign_out
from shared.web.blueprint import Blueprint
from shared.web.encoding import etagged, json_body
from shared.web.pages import page, see_other
from shared.web.service import create_service

__all__ = [
    "COOKIE",
    "Blueprint",
    "caller",
    "create_service",
    "etagged",
    "json_body",
    "limit_body",
    "page",
    "public",
    "requires",
    "see_other",
    "sign_in",
    "sign_out",
]
