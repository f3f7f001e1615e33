"""POST /ingest/v1/activities."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import orjson
from flask import Response, request

from services.ingest.domain import results
from services.ingest.domain.arrivals import Origin
from services.ingest.domain.results import Result
from services.ingest.domain.signing import signed
from services.ingest.handlers.gathering import Gathering
from services.ingest.handlers.names import Names
from services.ingest.handlers.receiving import Inbox, Post, receive_all
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


MOST_AT_ONCE = 1000
"""Activities that are stored in one transaction; requests that come at the same time share one."""


class NothingKept(InvalidInput):
    """Nothing in the request could be used, and nothing of it was kept."""


def activities(inbox: Inbox, names: Names, metrics: Metrics, clock: Callable[[], datetime]) -> Blueprint:
    """Return the route that takes activities in."""
    blueprint = Blueprint("activities", __name__, url_prefix="/ingest/v1")
    gathering = Gathering(lambda posts: receive_all(posts, names.now(), inbox, clock()), _size, MOST_AT_ONCE)
    became = metrics.counter("samenspel_ingest_items_total", "Items by what became of them.", ["status"])
    counters = {status: became.labels(status) for status in results.STATUSES}

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

        Good items are kept beside bad ones; corrections are signed with the caller's name. Answered once they are
        stored for good; sending the same again is harmless.
        """
        delivery = _delivery()
        source = next((each for each in SOURCES if each.recognises(delivery)), api)
        sent = signed(source.read(delivery), caller().name, caller().scopes)
        told = gathering.do((sent, Origin(caller().name, source.NAME)))
        counts = results.counts(told)
        for status, count in counts.items():
            if count:
                counters[status].inc(count)
        return _answer(told, counts, many=delivery.body.lstrip()[:1] == b"[")

    return blueprint


def _size(post: Post) -> int:
    return len(post[0])


def _delivery() -> Delivery:
    binary = "ce-specversion" in request.headers  # of a CloudEvent; no other sender's headers say anything here
    named = ((name.lower(), value) for name, value in request.headers.items()) if binary else ()
    headers = {name: value for name, value in named if name.startswith("ce-")}
    return Delivery(request.headers.get("Content-Type", ""), headers, request.get_data())


def _answer(told: Sequence[Result], counts: Mapping[str, int], *, many: bool) -> Response:
    if told and counts[results.INVALID] == len(told):
        raise NothingKept(problems=results.problems(told, many=many))
    body = orjson.dumps({"results": [results.to_json(each) for each in told], **counts})
    return Response(body, 202, content_type="application/json")
