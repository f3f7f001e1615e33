"""Totals of a period for finance."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.commission.schemas import CSV, JSON, XLSX, Money, StatementQuery


class TotalsQuery(StatementQuery):
    """Which period, and in which form."""

    format = fields.String(load_default=JSON, validate=validate.OneOf((JSON, CSV, XLSX)))


class RunPayoutsQuery(Schema):
    """In which form the payouts of a run are wanted; as a file there is a line for each line of it."""

    format = fields.String(load_default=JSON, validate=validate.OneOf((JSON, CSV, XLSX)))


class Total(Money):
    """The lines of a team, plan, kind of line and component; in `control` of a currency, with nothing else named."""

    team = fields.String(required=True)
    plan = fields.String(required=True)
    kind = fields.String(required=True)
    component = fields.String(required=True)
    payees = fields.Integer(required=True)
    lines = fields.Integer(required=True)


class Totals(Schema):
    """What a period costs; `run` None: an estimate."""

    period = fields.String(required=True)
    run = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    totals = fields.List(fields.Nested(Total), required=True)
    control = fields.List(fields.Nested(Total), required=True)
