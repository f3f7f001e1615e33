"""POST /ingest/v1/activities."""

from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
from flask import Response, request

from services.ingest.domain import results
from services.ingest.domain.arrivals import Origin
from services.ingest.domain.results import Result
from services.ingest.handlers.names import Names
from services.ingest.handlers.receiving import Inbox, receive
from services.ingest.schemas.activities import ActivitySchema
from services.ingest.schemas.answers import Receipt
from services.ingest.sources import Delivery, Source, api, cloudevents
from shared.errors import InvalidInput
from shared.metrics import Metrics
from shared.web import Blueprint, caller, requires

SOURCES: Sequence[Source] = (cloudevents, api)
"""The first that recognises a delivery reads it."""

_EVENT = {"type": "object", "description": "a CloudEvent 1.0 whose `data` is an activity"}
_ONE_OR_MANY = {"oneOf": [ActivitySchema, {"type": "array", "maxItems": 500, "items": ActivitySchema}]}
_BODIES = {
    "application/json": {"schema": _ONE_OR_MANY},
    "application/cloudevents+json": {"schema": _EVENT},
    "application/cloudevents-batch+json": {"schema": {"type": "array", "maxItems": 500, "items": _EVENT}},
}


class NothingKept(InvalidInput):
    """Nothing in the request could be used, and nothing of it was kept."""


def activities(inbox: Inbox, names: Names, metrics: Metrics, clock: Callable[[], datetime]) -> Blueprint:
    """Return the route that takes activities in."""
    blueprint = Blueprint("activities", __name__, url_prefix="/ingest/v1")
    became = metrics.counter("samenspel_ingest_items_total", "Items by what became of them.", ["status"])

    @blueprint.post("/activities")
    @requires("activities:write")
    @blueprint.doc(requestBody={"required": True, "content": _BODIES})
    @blueprint.response(202, Receipt)
    @blueprint.alt_response(400, response="BAD_REQUEST")
    @blueprint.alt_response(413, response="REQUEST_ENTITY_TOO_LARGE")
    @blueprint.alt_response(415, response="UNSUPPORTED_MEDIA_TYPE")
    @blueprint.alt_response(422, response="UNPROCESSABLE_ENTITY")
    def post() -> Response:
        """Take in one activity, an array of up to 500, or CloudEvents.

        Good items are kept beside bad ones. Answered once they are stored for good; sending the same again is harmless.
        """
        delivery = _delivery()
        source = next((each for each in SOURCES if each.recognises(delivery)), api)
        sent = source.read(delivery)
        told = receive(sent, Origin(caller().name, source.NAME), names.now(), inbox, clock())
        for status, count in results.counts(told).items():
            became.labels(status).inc(count)
        return _answer(told, many=delivery.body.lstrip()[:1] == b"[")

    return blueprint


def _delivery() -> Delivery:
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower().startswith("ce-")}
    return Delivery(request.headers.get("Content-Type", ""), headers, request.get_data())


def _answer(told: Sequence[Result], *, many: bool) -> Response:
    counts = results.counts(told)
    if told and counts[results.INVALID] == len(told):
        raise NothingKept(problems=results.problems(told, many=many))
    body = orjson.dumps({"results": [results.to_json(each) for each in told], **counts})
    return Response(body, 202, content_type="application/json")
