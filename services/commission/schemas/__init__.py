"""What callers may ask of the books, and what they get."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.contracts.documents import Day, PeriodField
from shared.contracts.plan import SCOPES

JSON, CSV, XLSX = "json", "csv", "xlsx"
PAYROLL, DETAIL = "payroll", "detail"
_PERIOD = {
    "description": "2026-11, 2026-W48, 2026-Q4 or 2026",
    "example": "2026-11",
    "pattern": "^[1-9][0-9]{3}(-(0[1-9]|1[0-2])|-W(0[1-9]|[1-4][0-9]|5[0-3])|-Q[1-4])?$",
}
_BY_LANGUAGE = {"description": "by language: nl, en"}


class StatementQuery(Schema):
    """Which period a statement is of."""

    period = PeriodField(required=True, metadata=_PERIOD)


class PayoutsQuery(StatementQuery):
    """Which period, and in which form; `format` goes before the Accept header."""

    format = fields.String(validate=validate.OneOf((JSON, CSV, XLSX)))
    variant = fields.String(
        load_default=PAYROLL,
        validate=validate.OneOf((PAYROLL, DETAIL)),
        metadata={
            "description": "of CSV and XLSX: a line for each payee who is paid, or for each component of each payee"
        },
    )


class PlansQuery(Schema):
    """The day the plans are in force on; without it, today."""

    on = Day(metadata={"format": "date"})


class Period(Schema):
    """A period, half-open; `zone` is where its days begin."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    start = fields.AwareDateTime(required=True)
    end = fields.AwareDateTime(required=True)
    zone = fields.String(required=True)


class Quantity(Schema):
    """A number with its unit (a currency, ratio: 1 is 100 %, times, days, fte, or what the metric counts).

    `value` is a decimal, rounded to twelve decimals where it does not end; `exact` then holds the fraction.
    """

    value = fields.String(required=True)
    unit = fields.String(required=True)
    exact = fields.String()


class Money(Schema):
    """Money: `amount` in usual units as exact text, `minor` the same in minor units."""

    currency = fields.String(required=True)
    amount = fields.String(required=True)
    minor = fields.Integer(required=True)


class Step(Schema):
    """One step of a derivation; `why` leads to the credits behind the number."""

    step = fields.String(required=True)
    operands = fields.Dict(keys=fields.String(), required=True)
    result = fields.Nested(Quantity, required=True)
    sentence = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata=_BY_LANGUAGE)
    why = fields.String(required=True, allow_none=True)


class PayException(Schema):
    """What HR must look at; `blocks`: something is not paid because of it."""

    code = fields.String(required=True)
    component = fields.String(required=True, allow_none=True)
    blocks = fields.Boolean(required=True)
    sentence = fields.Dict(keys=fields.String(), values=fields.String(), required=True, metadata=_BY_LANGUAGE)


class PlanReference(Schema):
    """A plan and the version of the plans document it stands in."""

    id = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Line(Money):
    """What one component pays: rounded once, from `unrounded`."""

    plan = fields.Nested(PlanReference, required=True)
    component = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    team = fields.String(required=True, allow_none=True)
    metric = fields.String(required=True)
    unrounded = fields.Nested(Quantity, required=True)
    attainment = fields.Nested(Quantity, required=True, allow_none=True)
    result = fields.Nested(Quantity, required=True, allow_none=True)
    target = fields.Nested(Quantity, required=True, allow_none=True)
    carried = fields.Nested(
        Money, required=True, metadata={"description": "what a cap keeps for later periods, no part of the amount"}
    )
    origin = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the earlier period in which it was earned, where it waited for something"},
    )
    derivation = fields.List(fields.Nested(Step), required=True)


class Segment(Schema):
    """A part of the period in one team under one plan; `to` is not included."""

    start = fields.String(required=True, data_key="from")
    end = fields.String(required=True, data_key="to")
    team = fields.String(required=True)
    fte = fields.String(required=True)
    plan = fields.Nested(PlanReference, required=True, allow_none=True)


class Payee(Schema):
    """The rep who is paid."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class Books(Schema):
    """Which state of the books an answer is from.

    `estimate`: it is computed now, and later credits change it. `closed_in` names the run that paid the period, where
    one did: what differs from that is adjusted in the open period.
    """

    period = fields.Nested(Period, required=True)
    estimate = fields.Boolean(required=True)
    closed_in = fields.String(required=True, allow_none=True)
    as_of = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "when the books last changed"}
    )
    ledger = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "number of the last credit counted, by ledger partition"},
    )
    documents = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "latest version held of each league document"},
    )


class Reward(Schema):
    """A non-monetary reward: how far it is, who takes part, what it costs with VAT; no part of any total.

    `part`: 1 and more is won. `tax`: loon, eindheffing or nihil.
    """

    id = fields.String(required=True)
    plan = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    kind = fields.String(required=True)
    scope = fields.String(required=True, validate=validate.OneOf(SCOPES))
    rep = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    metric = fields.String(required=True)
    reached = fields.Nested(Quantity, required=True)
    needed = fields.Nested(Quantity, required=True)
    part = fields.Nested(Quantity, required=True)
    won = fields.Boolean(required=True)
    who = fields.List(fields.Nested(Payee), required=True)
    cost_per_head = fields.Nested(Money, required=True)
    cost = fields.Nested(Money, required=True)
    location = fields.String(required=True)
    tax = fields.String(required=True)
    approved_by = fields.String(required=True)
    derivation = fields.List(fields.Nested(Step), required=True)
    exception = fields.Nested(PayException, required=True, allow_none=True)


class Statement(Books):
    """What one rep earned in one period, derived step by step."""

    rep = fields.Nested(Payee, required=True)
    totals = fields.List(fields.Nested(Money), required=True)
    segments = fields.List(fields.Nested(Segment), required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    exceptions = fields.List(fields.Nested(PayException), required=True)
    rewards = fields.List(fields.Nested(Reward), required=True)


class PayoutLine(Money):
    """One component of a payout."""

    plan = fields.String(required=True)
    version = fields.Integer(required=True)
    component = fields.String(required=True)
    team = fields.String(required=True, allow_none=True)


class Payout(Schema):
    """What one payee gets; who gets nothing is here as well."""

    rep = fields.Nested(Payee, required=True)
    totals = fields.List(fields.Nested(Money), required=True)
    lines = fields.List(fields.Nested(PayoutLine), required=True)
    exceptions = fields.List(fields.Nested(PayException), required=True)
    statement = fields.String(required=True, metadata={"description": "where the derivation is"})


class ControlTotal(Money):
    """What must be found again after an import: `payees` listed, `paid` those with an amount, and the sum."""

    payees = fields.Integer(required=True)
    paid = fields.Integer(required=True)


class Payouts(Books):
    """The payouts of everybody in a period."""

    control = fields.List(fields.Nested(ControlTotal), required=True)
    payouts = fields.List(fields.Nested(Payout), required=True)
    rewards = fields.List(fields.Nested(Reward), required=True)


class PlanWords(PlanReference):
    """A plan in words, beside who is in it."""

    teams = fields.List(fields.String(), required=True)
    reps = fields.List(fields.String(), required=True)
    period = fields.String(required=True)
    currency = fields.String(required=True)
    words = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True, metadata=_BY_LANGUAGE)


class Plans(Schema):
    """The plans in force on a day."""

    on = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    effective_from = fields.String(required=True, allow_none=True)
    plans = fields.List(fields.Nested(PlanWords), required=True)
