"""Adjustments, disputes and what-if: what callers may send, and what they get."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.commission.domain import claims
from services.commission.schemas import Money
from services.commission.schemas import Statement as LiveStatement
from services.commission.schemas.runs import PERIOD, TEXT
from shared.contracts.documents import ID, Day, Exact, PeriodField

_NAME = validate.Length(1, 200)
_EXACT = {"type": "string", "pattern": "^-?[0-9]{1,12}([.][0-9]{1,4})?$", "example": "1234.50"}


class AdjustmentOrder(Schema):
    """Money by hand: what, for whom, in which period, and why."""

    period = PeriodField(required=True, metadata={**PERIOD, "description": "the open period that pays it"})
    rep = fields.String(required=True, validate=ID)
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)"))
    amount = Exact(required=True, metadata=_EXACT)
    reason = fields.String(required=True, validate=TEXT)
    reference = fields.String(load_default="", validate=validate.Length(0, 200))
    origin = PeriodField(
        load_default=None, allow_none=True, metadata={**PERIOD, "description": "the period it is about"}
    )


class Adjustment(Money):
    """An adjustment made by hand; `paid_in` is the closed run that paid it."""

    number = fields.Integer(required=True)
    period = fields.String(required=True)
    rep = fields.String(required=True)
    reason = fields.String(required=True)
    reference = fields.String(required=True)
    origin = fields.String(required=True)
    author = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    dispute = fields.Integer(required=True, allow_none=True)
    paid_in = fields.String(required=True, allow_none=True)


class Adjustments(Schema):
    """Adjustments made by hand, oldest first."""

    adjustments = fields.List(fields.Nested(Adjustment), required=True)


class AdjustmentsQuery(Schema):
    """Which adjustments."""

    period = PeriodField(load_default=None, metadata=PERIOD)
    rep = fields.String(load_default=None)


class DisputeOrder(Schema):
    """An objection to a line of a run."""

    run = fields.String(required=True, validate=_NAME)
    line = fields.String(required=True, validate=_NAME)
    text = fields.String(required=True, validate=TEXT)


class Grant(Schema):
    """What is granted, in which open period."""

    period = PeriodField(required=True, metadata=PERIOD)
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)"))
    amount = Exact(required=True, metadata=_EXACT)


class EntryOrder(Schema):
    """The next entry of a dispute; `grant` where it is approved, wholly or partly."""

    state = fields.String(required=True, validate=validate.OneOf(tuple(claims.FOLLOWS)))
    text = fields.String(required=True, validate=TEXT)
    grant = fields.Nested(Grant, load_default=None, allow_none=True)


class Entry(Schema):
    """One entry of a dispute."""

    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    state = fields.String(required=True)
    text = fields.String(required=True)
    adjustment = fields.Integer(required=True, allow_none=True)


class Dispute(Schema):
    """An objection to a line of a run, with everything that was said."""

    number = fields.Integer(required=True)
    run = fields.String(required=True)
    line = fields.String(required=True)
    rep = fields.String(required=True)
    state = fields.String(required=True)
    entries = fields.List(fields.Nested(Entry), required=True)


class Disputes(Schema):
    """Disputes, the latest first."""

    disputes = fields.List(fields.Nested(Dispute), required=True)


class DisputesQuery(Schema):
    """Which disputes."""

    run = fields.String(load_default=None)
    rep = fields.String(load_default=None)
    state = fields.String(load_default=None, validate=validate.OneOf(tuple(claims.FOLLOWS)))


class Deal(Schema):
    """A deal that may close: an amount of a metric in usual units, on a day of the period."""

    name = fields.String(load_default="", validate=validate.Length(0, 100))
    metric = fields.String(required=True, validate=ID)
    amount = Exact(required=True, metadata=_EXACT)
    on = Day(load_default=None, metadata={"format": "date", "description": "without it, today or the last day"})


class WhatIfOrder(Schema):
    """Ask what happens if these deals close in the period."""

    period = PeriodField(required=True, metadata=PERIOD)
    deals = fields.List(fields.Nested(Deal), required=True, validate=validate.Length(1, 50))


class WhatIf(LiveStatement):
    """The statement as it would be; `now` and `more` are the totals as they are, and what the deals add."""

    now = fields.List(fields.Nested(Money), required=True)
    more = fields.List(fields.Nested(Money), required=True)
