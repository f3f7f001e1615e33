"""What the front door answers, and what may stand in a query; for documentation and to read queries."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.ingest.domain.directory import REASONS
from services.ingest.domain.results import STATUSES
from shared.contracts.times import to_text


class Utc(fields.DateTime):
    """An instant, written in UTC with Z."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else to_text(value)


class ItemError(Schema):
    """One field that cannot be used."""

    field = fields.String(metadata={"description": "JSON pointer into the item, such as /deal/amount"})
    value = fields.Raw(metadata={"description": "what stood there"})
    expected = fields.String()


class ItemResult(Schema):
    """What became of one item of the request."""

    index = fields.Integer(metadata={"description": "its place in the request, from 0"})
    id = fields.String(allow_none=True, metadata={"description": "the sender's id; null when it could not be read"})
    status = fields.String(validate=validate.OneOf(STATUSES))
    inbox = fields.Integer(metadata={"description": "number of the kept payload: GET /ingest/v1/inbox/<number>"})
    activity = fields.String(metadata={"description": "id of the activity everywhere else"})
    reason = fields.String(validate=validate.OneOf(list(REASONS)), metadata={"description": "why it is parked"})
    reference = fields.String(metadata={"description": "the name that nobody knows"})
    note = fields.String(metadata={"description": "for example that a duplicate has other content"})
    errors = fields.List(fields.Nested(ItemError))


class Receipt(Schema):
    """What became of each item; everything but the invalid ones is stored when this is answered."""

    results = fields.List(fields.Nested(ItemResult))
    accepted = fields.Integer()
    duplicate = fields.Integer()
    parked = fields.Integer()
    ignored = fields.Integer(metadata={"description": "left out by the mapping of a connection of this name"})
    invalid = fields.Integer()


class Version(Schema):
    """One version of a document."""

    kind = fields.String()
    version = fields.Integer()
    effective_from = fields.Date()
    author = fields.String()
    recorded_at = Utc()


class Document(Version):
    """One version of a document with its body."""

    body = fields.Dict()


class Warned(Schema):
    """A name in one document that another one does not have."""

    document = fields.String()
    pointer = fields.String()
    message = fields.String()


class DocumentKept(Version):
    """A version as it is kept now, and what it changed."""

    diff = fields.List(fields.String())
    warnings = fields.List(fields.Nested(Warned))


class Versions(Schema):
    """All versions of a document, oldest first."""

    versions = fields.List(fields.Nested(Version))


class Difference(Schema):
    """What changed between two versions, in sentences."""

    older = fields.Integer(data_key="from", metadata={"description": "0: before the first one"})
    newer = fields.Integer(data_key="to")
    diff = fields.List(fields.String())


class Received(Schema):
    """A payload as it was received (secrets masked), and what became of it."""

    inbox = fields.Integer()
    connection = fields.String()
    id = fields.String()
    source = fields.String()
    received_at = Utc()
    again = fields.Integer(metadata={"description": "how often the same came again"})
    ignored = fields.String(allow_none=True, metadata={"description": "why it has no activities"})
    payload = fields.Raw()
    activities = fields.List(fields.Dict())


class ReadAgain(Schema):
    """What a payload gave when it was read again."""

    added = fields.Integer(metadata={"description": "activities that were not there yet"})
    ignored = fields.String(allow_none=True, metadata={"description": "why there is none"})
    unreadable = fields.Boolean(metadata={"description": "it still cannot be read; nothing has changed"})


class Parked(Schema):
    """What is parked: how many for each reason and name, and the items themselves."""

    counts = fields.List(fields.Dict())
    items = fields.List(fields.Dict())
    next = fields.Integer(allow_none=True, metadata={"description": "`after` of the next page; null: there is none"})


class Released(Schema):
    """How many were released, and how many are parked still."""

    released = fields.Integer()
    parked = fields.Integer()


class PutQuery(Schema):
    """When a document begins."""

    effective_from = fields.Date(metadata={"description": "calendar day; may be left out for roster and targets"})


class WhichQuery(Schema):
    """Which version; without either the latest."""

    version = fields.Integer(validate=validate.Range(1, 2**31))
    at = fields.Date(metadata={"description": "the version in force on this calendar day"})


class DiffQuery(Schema):
    """Which two versions; by default the latest and the one before it."""

    older = fields.Integer(data_key="from", validate=validate.Range(0, 2**31))
    newer = fields.Integer(data_key="to", validate=validate.Range(1, 2**31))


class ParkedQuery(Schema):
    """Which parked activities."""

    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**62))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class ReleaseOrder(Schema):
    """Which parked activities to look at again; without any field all of them."""

    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    reference = fields.String(validate=validate.Length(1, 500))
    as_they_are = fields.Boolean(
        load_default=False,
        metadata={
            "description": "let unknown stages and currencies and backdated work through, never work without a rep"
        },
    )
