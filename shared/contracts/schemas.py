"""The wire forms as marshmallow schemas: for documentation, and to hold the fast readers against."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from shared.contracts.activity import DEAL_FIELDS, STATUSES, Activity, DealChange
from shared.contracts.credit import EARNED, REVALUED, REVERSED, Credit


class Instant(fields.Field[datetime]):
    """An instant with its zone, RFC 3339; written in UTC with Z."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("is no RFC 3339 instant: write 2026-11-24T13:52:00Z") from error
        if at.tzinfo is None:
            raise ValidationError("carries no time zone: end it with Z or an offset such as +01:00")
        return at.astimezone(UTC)


class _Tolerant(Schema):
    class Meta:
        unknown = EXCLUDE


class DealChangeSchema(_Tolerant):
    """What an activity says of one deal."""

    id = fields.String(required=True)
    set = fields.Dict(
        keys=fields.String(validate=validate.OneOf(DEAL_FIELDS)),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": f"only what was said; status is one of {', '.join(STATUSES)}"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> DealChange:
        """Build the dataclass."""
        return DealChange(**data)


class ActivitySchema(_Tolerant):
    """One normalised fact from outside."""

    id = fields.String(required=True)
    source = fields.String(required=True)
    type = fields.String(required=True)
    occurred_at = Instant(required=True)
    rep = fields.String(required=True, allow_none=True)
    inbox = fields.Integer(required=True, strict=True)
    deal = fields.Nested(DealChangeSchema, load_default=None, allow_none=True)
    data = fields.Dict(keys=fields.String(), load_default=dict)
    actor = fields.String(load_default=None, allow_none=True)
    sequence = fields.Integer(load_default=0, strict=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Activity:
        """Build the dataclass."""
        return Activity(**data)


class CreditSchema(_Tolerant):
    """One line of the ledger; its partition is that of the record it travels in."""

    seq = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    subject = fields.String(required=True)
    rule = fields.String(required=True)
    metric = fields.String(required=True)
    rep = fields.String(required=True)
    team = fields.String(required=True)
    amount = fields.Integer(required=True, strict=True)
    at = Instant(required=True)
    booked_at = Instant(required=True)
    activity = fields.String(required=True)
    inbox = fields.Integer(required=True, strict=True)
    playbook = fields.Integer(required=True, strict=True)
    roster = fields.Integer(required=True, strict=True)
    reason = fields.String(load_default=EARNED, validate=validate.OneOf((EARNED, REVERSED, REVALUED)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Credit:
        """Build the dataclass; partition 0 stands for: not yet told."""
        return Credit(partition=0, **data)
