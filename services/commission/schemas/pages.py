"""What people ask of the pages, and what their forms say."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.commission.domain.claims import BY_PAYEE, FOLLOWS
from services.commission.domain.runs import REVIEWING
from services.commission.schemas.runs import TEXT
from shared.contracts.documents import Exact, PeriodField

KINDS = ("week", "month", "quarter", "year")


class StatementsPage(Schema):
    """Which period, and whose team."""

    period = PeriodField()
    team = fields.String()


class StatementPage(Schema):
    """Which period."""

    period = PeriodField()


class HrPage(Schema):
    """Which period, and which part of the list of payees."""

    period = PeriodField()
    start = fields.Integer(load_default=0, validate=validate.Range(0))


class ObjectForm(Schema):
    """An objection to a line of a run."""

    run = fields.String(required=True)
    line = fields.String(required=True)
    text = fields.String(required=True, validate=TEXT)


class StepForm(Schema):
    """A step with a run, and why."""

    action = fields.String(required=True, validate=validate.OneOf(REVIEWING))
    reason = fields.String(load_default=None, validate=TEXT)
    name = fields.String(load_default=None)


class ExportForm(Schema):
    """In which form a run is exported."""

    format = fields.String(required=True)


class TakeBackForm(Schema):
    """Why an export is taken back, and whether payroll has taken it in."""

    reason = fields.String(required=True, validate=TEXT)
    imported = fields.Boolean(load_default=False)


class EmptyForm(Schema):
    """A form that says nothing beside its address."""


class PayrollForm(Schema):
    """A payroll document as text."""

    document = fields.String(required=True, validate=validate.Length(1, 1_000_000))


class AnswerForm(Schema):
    """What is said about an objection; an amount grants it, in a period that is open."""

    state = fields.String(required=True, validate=validate.OneOf([one for one in FOLLOWS if one not in BY_PAYEE]))
    text = fields.String(required=True, validate=TEXT)
    amount = Exact(load_default=None)
    currency = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)"))
    period = PeriodField(load_default=None)


class RehearsalForm(Schema):
    """A draft of the plans, and the past periods that it is tried on."""

    plans = fields.String(required=True, validate=validate.Length(1, 1_000_000))
    first = PeriodField(required=True)
    last = PeriodField(required=True)
