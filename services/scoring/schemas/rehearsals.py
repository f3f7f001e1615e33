"""Rehearsals: what callers ask and get."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema


class RehearsalAsked(Schema):
    """A playbook over days that have been: a `draft` (the body of a document), or a `version` (none: the latest)."""

    first = fields.Date(required=True, data_key="from", metadata={"description": "the first day"})
    last = fields.Date(required=True, data_key="to", metadata={"description": "the first day that is not rehearsed"})
    draft = fields.Dict(keys=fields.String())
    version = fields.Integer(strict=True, validate=validate.Range(1, 2**31))

    @validates_schema
    def one_playbook(self, data: dict[str, object], **_: object) -> None:
        """Refuse a draft and a version at the same time."""
        if "draft" in data and "version" in data:
            raise ValidationError("give a draft or a version, not both", "version")


class ChangeView(Schema):
    """A sum in the ledger (`now`) and under the draft, in 10^-`decimals` of `unit`, with its rank in the metric."""

    team = fields.String()
    rep = fields.String()
    rule = fields.String()
    metric = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    decimals = fields.Integer(required=True, allow_none=True)
    now = fields.Integer(required=True)
    draft = fields.Integer(required=True)
    difference = fields.Integer(required=True)
    rank_now = fields.Integer(required=True)
    rank_draft = fields.Integer(required=True)


class RehearsalView(Schema):
    """What days would hold under a draft, beside what the ledger holds of them; nothing of it is kept."""

    first = fields.String(required=True, data_key="from")
    last = fields.String(required=True, data_key="to")
    zone = fields.String(required=True)
    looked_from = fields.String(
        required=True, metadata={"description": "limits count from the beginning of their period: from this day on"}
    )
    playbook = fields.Integer(required=True, allow_none=True, metadata={"description": "null for a draft"})
    activities = fields.Integer(required=True)
    subjects = fields.Integer(required=True)
    teams = fields.List(fields.Nested(ChangeView), required=True)
    reps = fields.List(fields.Nested(ChangeView), required=True)
    rules = fields.List(fields.Nested(ChangeView), required=True)
    rep_rules = fields.List(fields.Nested(ChangeView), required=True)
