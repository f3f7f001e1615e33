"""/ingest/v1/hooks/<connection>: where CRMs send by themselves; /ingest/v1/connections: how they are doing."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import orjson
from flask import Response, request

from services.ingest.domain.connections import Connection
from services.ingest.handlers import hooking
from services.ingest.handlers.connections import statuses
from services.ingest.handlers.names import Names
from services.ingest.handlers.refusals import Refusals
from services.ingest.handlers.taking import Inbox
from services.ingest.schemas.hooks import ConnectionStatuses, Taken
from services.ingest.sources import Delivery, cloudevents
from services.ingest.store import Secrets, Senders
from shared.errors import SamenspelError
from shared.metrics import Metrics
from shared.web import Blueprint, limit_body, public, requires
from shared.web.limits import Limiter

F = TypeVar("F", bound=Callable[..., Any])

LARGEST = 1_000_000
REFUSED_PER_SECOND = 10
"""Of requests that cannot be verified; more of them are answered 429. It takes nothing from the real sender."""

_BODY = {
    "schema": {},
    "description": "what the connection's kind of sender sends: JSON, XML or CloudEvents; verified over the raw bytes",
}
_RATE = re.compile(r"[0-9]{1,9}")


@dataclass(slots=True)
class Gate:
    """Who may pass how often: each connection by its own rate, and those who are refused by one for all of them."""

    steady: Callable[[], float] = time.monotonic
    _limiters: dict[tuple[str, float], Limiter] = field(default_factory=dict)
    _refused: Limiter = field(default_factory=lambda: Limiter(REFUSED_PER_SECOND))

    def admit(self, connection: Connection) -> None:
        """Count a request of a verified sender; raises RateLimited."""
        key = (connection.name, connection.per_second)
        self._limiters.setdefault(key, Limiter(connection.per_second)).take(connection.name, self.steady())

    def refuse(self, connection: Connection) -> None:
        """Count a request of an unverified sender; raises RateLimited."""
        self._refused.take(connection.name, self.steady())


def hooks(
    inbox: Inbox, names: Names, senders: Senders, secrets: Secrets, *, metrics: Metrics, clock: Callable[[], datetime]
) -> Blueprint:
    """Return the routes of connections."""
    blueprint = Blueprint("hooks", __name__, url_prefix="/ingest/v1")
    became = metrics.counter("samenspel_ingest_taken_total", "What connections sent.", ["connection", "status"])
    refused = metrics.counter("samenspel_ingest_refused_total", "Unverified senders.", ["connection"])
    unready = metrics.counter("samenspel_ingest_unready_total", "Answered 503: no secret is there.", ["connection"])
    refusals, gate = Refusals(senders), Gate()

    @blueprint.post("/hooks/<connection>")
    @_without_automatic_options
    @public("the sender is verified by its own signature or secret")
    @limit_body(LARGEST)
    @blueprint.doc(requestBody={"required": True, "content": {"*/*": _BODY}})
    @blueprint.response(202, Taken)
    @blueprint.alt_response(200, description="Kept; the acknowledgement of a sender that is particular about it")
    @blueprint.alt_response(401, response="UNAUTHORIZED")
    @blueprint.alt_response(404, response="NOT_FOUND")
    @blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
    @blueprint.alt_response(429, response="TOO_MANY_REQUESTS")
    @blueprint.alt_response(503, response="SERVICE_UNAVAILABLE")
    def post(connection: str) -> Response:
        """Take in what a CRM sends: verify the sender over the raw bytes, read, keep.

        What a verified sender sends is always kept and answered 2xx, also when nothing here can read it yet.
        """
        known, now = names.now(), clock()
        found = hooking.connection_of(connection, known)
        delivery = _delivery(found)
        try:
            hooking.verify(delivery, hooking.ready(found, secrets), refusals, now)
        except hooking.NotReady:
            unready.labels(found.name).inc()
            raise
        except SamenspelError:
            refused.labels(found.name).inc()
            gate.refuse(found)
            raise
        gate.admit(found)
        counts, reply = hooking.accept(delivery, found, known, inbox, now)
        for status, count in counts.items():
            became.labels(found.name, status).inc(count)
        if reply:
            return Response(reply.body, reply.status, content_type=reply.content_type)
        return Response(orjson.dumps(counts), 202, content_type="application/json")

    @blueprint.route("/hooks/<connection>", methods=["OPTIONS"])
    @public("a sender asks whether it may begin; the answer gives nothing away and authenticates nobody")
    @blueprint.response(204, description="`WebHook-Allowed-Origin` is there when the sender may begin")
    @blueprint.alt_response(404, response="NOT_FOUND")
    def ask(connection: str) -> Response:
        """Answer a CloudEvents sender that asks for consent (HTTP 1.1 Web Hooks for Event Delivery, section 4)."""
        found = hooking.connection_of(connection, names.now())
        return Response(status=204, headers={"Allow": "POST, OPTIONS", **_consent(found)})

    @blueprint.get("/connections")
    @requires("operator")
    @blueprint.response(200, ConnectionStatuses)
    def connections() -> dict[str, Any]:
        """Tell of each connection what came, what became of it, and whether its senders can be verified."""
        return {"connections": list(statuses(names.now(), senders, secrets))}

    return blueprint


def _without_automatic_options(view: F) -> F:
    """Keep Flask from answering OPTIONS of this route: there it is a question of its own."""
    setattr(view, "provide_automatic_options", False)  # noqa: B010  Flask reads it from there
    return view


def _delivery(connection: Connection) -> Delivery:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Delivery(request.headers.get("Content-Type", ""), headers, request.get_data(), "POST", _url(connection))


def _url(connection: Connection) -> str:
    """Return the address as the sender called it: proxies may have changed scheme and host, never the rest."""
    query = request.query_string.decode("latin-1")
    return f"{connection.public_url or request.host_url.rstrip('/')}{request.path}{'?' if query else ''}{query}"


def _consent(connection: Connection) -> Mapping[str, str]:
    """Return the headers of consent: none for whoever is not in the document, or asks for none."""
    origin = request.headers.get("WebHook-Request-Origin", "").strip()
    if connection.kind != cloudevents.NAME or not cloudevents.consents(origin, connection):
        return {}
    asked = request.headers.get("WebHook-Request-Rate", "").strip()
    most = max(1, int(connection.per_second * 60))
    rate = {"WebHook-Allowed-Rate": str(min(max(1, int(asked)), most) if _RATE.fullmatch(asked) else most)}
    return {"WebHook-Allowed-Origin": origin, **(rate if asked else {})}
