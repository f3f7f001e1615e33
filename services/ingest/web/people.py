"""The routes and pages of those who look after the front door."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import flask

from services.ingest.handlers.names import Names
from services.ingest.handlers.quality import Judge
from services.ingest.pages.inbox import inbox_pages
from services.ingest.pages.parked import parked_pages
from services.ingest.pages.quality import quality_pages
from services.ingest.store import League, Parking
from services.ingest.store.quality import Quality
from services.ingest.store.search import Search
from services.ingest.web.inbox import inbox_search
from services.ingest.web.quality import quality_routes
from services.ingest.web.staffing import roster_import


def people(engine: Any, names: Names, clock: Callable[[], datetime]) -> Sequence[flask.Blueprint]:
    """Return the blueprints of search, parked and quality, as JSON and as pages."""
    search, parking, quality = Search(engine), Parking(engine), Quality(engine)
    judge = Judge(quality, League(engine), names)
    return [
        inbox_search(search, names),
        quality_routes(judge, names, clock),
        roster_import(League(engine), names, clock),
        inbox_pages(search, names, quality),
        parked_pages(parking, names, clock),
        quality_pages(judge, names, clock),
    ]
