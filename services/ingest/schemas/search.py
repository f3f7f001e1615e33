"""What may be asked of the inbox and of the data's quality, and what they answer."""

from datetime import date, datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.ingest.domain.directory import REASONS
from services.ingest.domain.search import STATUSES
from services.ingest.schemas.answers import Utc

PLAIN = validate.ContainsNoneOf("\0", error="no database keeps the character NUL")
NAME = validate.And(validate.Length(1, 500), PLAIN)
FIRST_YEAR, LAST_YEAR = 1970, 9000
NUMBER = validate.Range(0, 2**62)


class When(fields.Field[date | datetime]):
    """A calendar day of the organisation, or an instant with its zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date | datetime:
        text = str(value).strip()
        try:
            found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError as error:
            raise ValidationError("write a day (2026-11-24) or an instant (2026-11-24T14:00:00+01:00)") from error
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValidationError(f"a year from {FIRST_YEAR} to {LAST_YEAR}")
        if not isinstance(found, datetime):
            return found
        if found.tzinfo is None:
            raise ValidationError("an instant needs its zone: 2026-11-24T14:00:00+01:00")
        return found


class InboxQuery(Schema):
    """Which payloads; every part narrows down."""

    deal = fields.String(validate=NAME)
    rep = fields.String(validate=NAME, metadata={"description": "a rep id, an identity, or a name nobody knows"})
    id = fields.String(
        validate=NAME, metadata={"description": "an inbox number, the sender's id, or that of an activity"}
    )
    connection = fields.String(validate=NAME)
    status = fields.String(validate=validate.OneOf(STATUSES))
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    since = When(data_key="from", metadata={"description": "arrived from this day or instant on"})
    until = When(data_key="to", metadata={"description": "arrived until the end of this day, or before this instant"})
    before = fields.Integer(validate=NUMBER, metadata={"description": "`older` of a page"})
    after = fields.Integer(validate=NUMBER, metadata={"description": "`newer` of a page"})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class TraceAnswer(Schema):
    """One activity of a payload."""

    id = fields.String()
    type = fields.String(allow_none=True)
    occurred_at = fields.String(allow_none=True)
    deal = fields.String(allow_none=True)
    rep = fields.String(allow_none=True)
    status = fields.String()
    reason = fields.String()
    reference = fields.String()
    remedy = fields.String()
    published_at = Utc(allow_none=True)
    credits = fields.String(metadata={"description": "where the lines are that it led to"})


class PayloadAnswer(Schema):
    """One payload and what became of it; without its text, see /ingest/v1/inbox/<number>."""

    inbox = fields.Integer()
    connection = fields.String()
    id = fields.String()
    source = fields.String()
    received_at = Utc()
    status = fields.String(validate=validate.OneOf(STATUSES))
    ignored = fields.String(allow_none=True, metadata={"description": "why it needs no activity"})
    again = fields.Integer(metadata={"description": "how often the same came again"})
    pruned_at = Utc(allow_none=True)
    activities = fields.List(fields.Nested(TraceAnswer))


class InboxAnswer(Schema):
    """A page of payloads, newest first."""

    items = fields.List(fields.Nested(PayloadAnswer))
    newer = fields.Integer(allow_none=True, metadata={"description": "`after` of the next newer page"})
    older = fields.Integer(allow_none=True, metadata={"description": "`before` of the next older page"})


class ParkedPageQuery(Schema):
    """Which parked activities a page shows, and what was just released."""

    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    after = fields.Integer(validate=NUMBER)
    released = fields.Integer(validate=NUMBER)
    still = fields.Integer(validate=NUMBER)


class ReleaseForm(Schema):
    """Which parked activities to look at again: one by its number, those of a reason or name, or all."""

    number = fields.Integer(validate=NUMBER)
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    reference = fields.String(validate=NAME)
    as_they_are = fields.Boolean(load_default=False)
