"""Contests: what callers get."""

from marshmallow import Schema, fields, validate

from shared.contracts.contests import EARLIER, REPS, SCORINGS, SHARE_RANK, TEAMS


class ContestView(Schema):
    """A contest: when, in what, how it is scored."""

    id = fields.String(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    start = fields.String(required=True, data_key="from", attribute="from")
    end = fields.String(required=True, data_key="to", attribute="to")
    state = fields.String(required=True, validate=validate.OneOf(("before", "running", "over")))
    metric = fields.String(required=True)
    scope = fields.String(required=True, validate=validate.OneOf((TEAMS, REPS)))
    scoring = fields.String(required=True, validate=validate.OneOf(SCORINGS))
    tie = fields.String(required=True, validate=validate.OneOf((SHARE_RANK, EARLIER)))
    prize = fields.Dict(keys=fields.String(), values=fields.String(), required=True, allow_none=True)
    published = fields.Boolean(required=True)
    standings = fields.String(required=True)


class Contests(Schema):
    """All contests that are told."""

    contests = fields.List(fields.Nested(ContestView), required=True)


class ContestPlace(Schema):
    """A place: `score` is what the contest ranks by (usual units, per FTE-day, or a part of the target)."""

    rank = fields.Integer(required=True, allow_none=True)
    id = fields.String(required=True)
    score = fields.String(required=True, allow_none=True)
    amount = fields.Integer(required=True)
    fte_days = fields.String(required=True)
    reached = fields.String(required=True, allow_none=True)


class ContestStandings(ContestView):
    """Where a contest stands; `roster` is the version that was frozen at its start."""

    unit = fields.String(required=True)
    decimals = fields.Integer(required=True)
    roster = fields.Integer(required=True)
    places = fields.List(fields.Nested(ContestPlace), required=True)
