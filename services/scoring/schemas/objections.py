"""Objections: what callers send and get."""

from marshmallow import Schema, fields, validate

from services.scoring.domain.objections import ACCEPTED, ANSWERED, DECLINED, STATES
from services.scoring.schemas import ID

_TEXT = validate.Length(1, 2000)
STATE = validate.OneOf(tuple(dict.fromkeys(STATES.values())))


class NewObjection(Schema):
    """An objection to a line of the ledger."""

    line = fields.String(required=True, validate=ID, metadata={"description": "such as 3-1042"})
    text = fields.String(required=True, validate=_TEXT, metadata={"description": "what is wrong with it"})


class NewStep(Schema):
    """What somebody says to an objection; an acceptance also says by how much the line is corrected."""

    kind = fields.String(required=True, validate=validate.OneOf((ANSWERED, ACCEPTED, DECLINED)))
    text = fields.String(required=True, validate=_TEXT, metadata={"description": "the answer, or the reason"})
    amount = fields.String(
        validate=validate.Length(1, 30),
        metadata={"description": "of an acceptance: exact, in usual units, such as 15 or -12.50"},
    )
    metric = fields.String(validate=ID, metadata={"description": "of an acceptance; the line's own when left out"})


class ObjectionsQuery(Schema):
    """Which objections."""

    rep = fields.String(validate=ID)
    line = fields.String(validate=ID)
    state = fields.String(validate=STATE)


class StepView(Schema):
    """One step of an objection's trail."""

    at = fields.String(required=True)
    by = fields.String(required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True)
    correction = fields.Dict(required=True, allow_none=True)


class ObjectionView(Schema):
    """An objection with its trail; `hand_in` is the correction that is to be handed in while it is accepted."""

    id = fields.String(required=True)
    line = fields.String(required=True)
    rep = fields.String(required=True)
    state = fields.String(required=True, validate=STATE)
    trail = fields.List(fields.Nested(StepView), required=True)
    hand_in = fields.Dict(required=True, allow_none=True)
    why = fields.String(required=True)


class Objections(Schema):
    """Objections, the last one first."""

    objections = fields.List(fields.Nested(ObjectionView), required=True)
