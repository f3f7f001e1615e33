"""Rehearsals: what callers may send, and what they get."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.commission.schemas import Money
from services.commission.schemas.runs import PERIOD
from shared.contracts.documents import PeriodField


class RehearsalOrder(Schema):
    """A draft of the plans document, and the past periods that it is tried on; at most 24."""

    plans = fields.Dict(required=True, metadata={"description": "the body of a plans document"})
    first = PeriodField(required=True, data_key="from", metadata=PERIOD)
    last = PeriodField(required=True, data_key="to", metadata=PERIOD)


class Compared(Schema):
    """What the present plans pay, what the draft pays, and the difference."""

    now = fields.Nested(Money, required=True)
    draft = fields.Nested(Money, required=True)
    difference = fields.Nested(Money, required=True)


class Cost(Compared):
    """What one period costs."""

    period = fields.String(required=True)


class Change(Compared):
    """What somebody gets over all the periods."""

    rep = fields.String(required=True)
    name = fields.String(required=True)
    team = fields.String(required=True)


class Column(Schema):
    """How many gain (or lose) from above `low` to `high`, in minor units."""

    low = fields.Integer(required=True)
    high = fields.Integer(required=True)
    count = fields.Integer(required=True)


class InCurrency(Schema):
    """What came of it in one currency."""

    currency = fields.String(required=True)
    total = fields.Nested(Compared, required=True)
    gain = fields.Integer(required=True)
    lose = fields.Integer(required=True)
    same = fields.Integer(required=True)
    periods = fields.List(fields.Nested(Cost), required=True)
    payees = fields.List(fields.Nested(Change), required=True)
    distribution = fields.List(fields.Nested(Column), required=True)


class Rehearsal(Schema):
    """What a draft would have cost; `exceptions` counts what has to be looked at with it."""

    periods = fields.List(fields.String(), required=True)
    exceptions = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    currencies = fields.List(fields.Nested(InCurrency), required=True)
