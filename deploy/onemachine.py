"""All four services in one web process, for one machine: the first part of the path says whose request it is.

gunicorn --config deploy/gunicorn.conf.py --bind 127.0.0.1:8000 'deploy.onemachine:create_app()'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from deploy.startpage import create_start_page
from services.commission.web import create_app as commission
from services.ingest.web import create_app as ingest
from services.leaderboard.web import create_app as leaderboard
from services.scoring.web import create_app as scoring


class Dispatcher:
    """Hand each request to the application of its first path segment; paths stay whole."""

    def __init__(self, applications: Mapping[str, WSGIApplication], otherwise: WSGIApplication) -> None:
        """Know who answers for which segment, and who for all the rest."""
        self._applications, self._otherwise = dict(applications), otherwise

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        segment = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        return self._applications.get(segment, self._otherwise)(environ, start_response)


def create_app() -> Dispatcher:
    """Build the four applications from the environment, and the start page for `/`."""
    screens = leaderboard()
    applications = {
        "ingest": ingest(),
        "scoring": scoring(),
        "leaderboard": screens,
        "tv": screens,
        "commission": commission(),
    }
    return Dispatcher(applications, create_start_page())
