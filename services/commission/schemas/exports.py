"""Exports: what callers may send, and what they get."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.commission.domain import batches
from services.commission.schemas import Money
from services.commission.schemas.runs import TEXT


class ExportOrder(Schema):
    """In which form a run is exported."""

    format = fields.String(
        required=True,
        metadata={"description": "json: the lines for programs; payroll: a file for each employer's payroll package"},
    )
    periods = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "for payroll: the payroll period that is open at each employer, such as 2026-12"},
    )


class CancelOrder(Schema):
    """Why an export is taken back, and whether payroll has taken it in (then opposite lines are made)."""

    reason = fields.String(required=True, validate=TEXT)
    imported = fields.Boolean(required=True)
    periods = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        load_default=dict,
        metadata={"description": "for payroll: the payroll period that is open at each employer, for opposite lines"},
    )


class ExportSum(Money):
    """What must be found again after an import."""

    lines = fields.Integer(required=True)
    payees = fields.Integer(required=True)


class ExportFile(Schema):
    """A file of an export."""

    name = fields.String(required=True)
    content_type = fields.String(required=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    href = fields.String(required=True)


class Export(Schema):
    """One handing over to payroll."""

    id = fields.String(required=True)
    run = fields.String(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf((batches.MADE, batches.CONFIRMED, batches.VOID, batches.COUNTERED)),
    )
    format = fields.String(required=True)
    counters = fields.String(required=True, allow_none=True)
    actor = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    lines = fields.Integer(required=True)
    sums = fields.List(fields.Nested(ExportSum), required=True)
    files = fields.List(fields.Nested(ExportFile), required=True)


class Exports(Schema):
    """The exports of a run, oldest first."""

    exports = fields.List(fields.Nested(Export), required=True)
