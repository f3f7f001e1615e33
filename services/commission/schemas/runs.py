"""Runs, their outcome and their audit trail: what callers may send, and what they get."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.commission.domain.paylines import KINDS
from services.commission.domain.runs import REVIEWING, STATES
from services.commission.schemas import (
    ControlTotal,
    Line,
    Money,
    Payee,
    PayException,
    Reward,
    Segment,
)
from shared.contracts.documents import PeriodField

PERIOD = {
    "description": "2026-11, 2026-W48, 2026-Q4 or 2026",
    "example": "2026-11",
    "pattern": "^[1-9][0-9]{3}(-(0[1-9]|1[0-2])|-W(0[1-9]|[1-4][0-9]|5[0-3])|-Q[1-4])?$",
}
TEXT = validate.Length(1, 2000)


class RunQuery(Schema):
    """Runs of one period; without it, the latest of all."""

    period = PeriodField(load_default=None, metadata=PERIOD)


class TrailQuery(RunQuery):
    """Which part of the audit trail."""

    run = fields.String(load_default=None)


class CalculateOrder(Schema):
    """Which period to calculate."""

    period = PeriodField(required=True, metadata=PERIOD)


class StepOrder(Schema):
    """What to do with a run, and why."""

    action = fields.String(required=True, validate=validate.OneOf(REVIEWING))
    reason = fields.String(load_default=None, allow_none=True, validate=TEXT)


class Run(Schema):
    """The header of a run: what it was made of, and where it stands."""

    id = fields.String(required=True)
    period = fields.String(required=True)
    kind = fields.String(required=True)
    number = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    engine = fields.String(required=True)
    operator = fields.String(required=True, metadata={"description": "who calculated it"})
    calculated_at = fields.AwareDateTime(required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True)
    plans = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True,
        metadata={"description": "the authors of the versions of the plans document in it"},
    )  # fmt: skip
    makers = fields.List(fields.String(), required=True, metadata={"description": "who cannot approve it"})
    ledger = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    documents = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    inputs = fields.String(required=True, metadata={"description": "SHA-256"})
    outputs = fields.String(required=True, metadata={"description": "SHA-256"})
    payees = fields.Integer(required=True)
    totals = fields.List(fields.Nested(Money), required=True)
    events = fields.Integer(required=True)


class Runs(Schema):
    """Runs, the latest first."""

    runs = fields.List(fields.Nested(Run), required=True)


class Standing(Schema):
    """Where a period is; `stale`: credits, documents or money by hand have come since its run was calculated."""

    period = fields.String(required=True)
    state = fields.String(required=True)
    stale = fields.Boolean(required=True)
    run = fields.Nested(Run, required=True, allow_none=True)
    runs = fields.List(fields.Nested(Run), required=True)


class Why(Schema):
    """What came late: credits (the first of `count`) and documents."""

    credits = fields.List(fields.String(), required=True)
    count = fields.Integer(required=True)
    documents = fields.List(fields.String(), required=True)


class RunLine(Money):
    """One line of a payout; an adjustment says what it corrects, from `old` to `new`; in a statement also why."""

    id = fields.String(required=True)
    rep = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(KINDS)))
    code = fields.String(required=True)
    origin_period = fields.String(required=True)
    earned_in = fields.String(required=True, allow_none=True)
    plan = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True, allow_none=True)
    component = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    origin_run = fields.String(required=True, allow_none=True)
    origin_line = fields.String(required=True, allow_none=True)
    old = fields.Nested(Money, required=True, allow_none=True)
    new = fields.Nested(Money, required=True, allow_none=True)
    why = fields.Nested(Why, required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class Balance(Schema):
    """A balance over a period: opening, movements, closing; what is carried over."""

    rep = fields.String(required=True)
    kind = fields.String(required=True)
    about = fields.String(required=True)
    opening = fields.Nested(Money, required=True)
    movements = fields.Dict(keys=fields.String(), values=fields.Nested(Money), required=True)
    closing = fields.Nested(Money, required=True)


class Balances(Schema):
    """The balances of a run; `run` None: nothing was calculated yet."""

    run = fields.String(required=True, allow_none=True)
    balances = fields.List(fields.Nested(Balance), required=True)


class BalancesQuery(Schema):
    """Whose balances, in which run; without a run, in the last closed one of the kind of period."""

    rep = fields.String(load_default=None)
    run = fields.String(load_default=None)
    kind = fields.String(load_default="month", validate=validate.OneOf(("week", "month", "quarter", "year")))


class Derived(Schema):
    """What a payee earned in the period, derived step by step."""

    totals = fields.List(fields.Nested(Money), required=True)
    segments = fields.List(fields.Nested(Segment), required=True)
    lines = fields.List(fields.Nested(Line), required=True)
    exceptions = fields.List(fields.Nested(PayException), required=True)
    rewards = fields.List(fields.Nested(Reward), required=True)


class RunStatement(Schema):
    """What one payee is paid in a run, as it was calculated and never changes."""

    run = fields.String(required=True)
    period = fields.String(required=True)
    state = fields.String(required=True)
    rep = fields.Nested(Payee, required=True)
    content = fields.String(required=True, metadata={"description": "SHA-256 of all of it"})
    totals = fields.List(fields.Nested(Money), required=True)
    pay = fields.List(fields.Nested(RunLine), required=True, metadata={"description": "the lines that are paid"})
    balances = fields.List(fields.Nested(Balance), required=True)
    notes = fields.List(fields.Nested(PayException), required=True)
    statement = fields.Nested(Derived, required=True, allow_none=True)


class RunPayout(Schema):
    """What one payee is paid in a run."""

    rep = fields.Nested(Payee, required=True)
    totals = fields.List(fields.Nested(Money), required=True)
    pay = fields.List(fields.Nested(RunLine), required=True)
    statement = fields.String(required=True, metadata={"description": "where the derivation is"})


class RunPayouts(Schema):
    """What everybody is paid in a run, with control totals."""

    run = fields.Nested(Run, required=True)
    control = fields.List(fields.Nested(ControlTotal), required=True)
    payouts = fields.List(fields.Nested(RunPayout), required=True)


class Verdict(Schema):
    """A run computed again from its stored inputs: `same` when every byte is as it was."""

    run = fields.String(required=True)
    same = fields.Boolean(required=True)
    engine = fields.String(required=True, metadata={"description": "the present one"})
    calculated_by = fields.String(required=True, metadata={"description": "the run's own engine"})
    payees = fields.Integer(required=True)
    differences = fields.List(fields.String(), required=True)


class Event(Schema):
    """One entry of the audit trail."""

    number = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    action = fields.String(required=True)
    period = fields.String(required=True)
    run = fields.String(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    about = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Trail(Schema):
    """The audit trail, oldest first."""

    events = fields.List(fields.Nested(Event), required=True)
