"""What callers may ask of the ledger, and what they get."""

from marshmallow import Schema, fields, validate

LARGEST_PAGE = 500
ID = validate.Length(1, 200)


class CreditsQuery(Schema):
    """Which lines: of a rep, a team, a metric, in a period (2026-11-24, 2026-W48, 2026-11, 2026-Q4, 2026)."""

    rep = fields.String(validate=ID)
    team = fields.String(validate=ID)
    metric = fields.String(validate=ID)
    period = fields.String(required=True)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, LARGEST_PAGE))
    after = fields.String(
        validate=validate.Regexp(r"^\d{1,4}-\d{1,18}$(?!\n)", error="is no line: write 3-1042"),
        metadata={"description": "the last line of the page before"},
    )


class TotalsQuery(Schema):
    """Which sums: of a metric in a period, by rep or by team."""

    metric = fields.String(required=True, validate=ID)
    period = fields.String(required=True)
    by = fields.String(load_default="team", validate=validate.OneOf(("team", "rep")))


class Period(Schema):
    """A period, half-open; `zone` is where its days begin."""

    id = fields.String(required=True)
    start = fields.String(required=True)
    end = fields.String(required=True)
    zone = fields.String(required=True)


class Line(Schema):
    """One line of the ledger; `amount` is in 10^-`decimals` of `unit`."""

    id = fields.String(required=True)
    subject = fields.String(required=True)
    rep = fields.String(required=True)
    team = fields.String(required=True)
    metric = fields.String(required=True)
    amount = fields.Integer(required=True)
    unit = fields.String(required=True, allow_none=True)
    decimals = fields.Integer(required=True, allow_none=True)
    at = fields.String(required=True)
    booked_at = fields.String(required=True)
    reason = fields.String(required=True)
    sentence = fields.Dict(keys=fields.String(), values=fields.String())
    playbook = fields.Integer(required=True)
    roster = fields.Integer(required=True)
    why = fields.String(required=True)


class Sum(Schema):
    """The sum of a metric over all lines asked for, also those on other pages."""

    metric = fields.String(required=True)
    amount = fields.Integer(required=True)
    unit = fields.String(required=True, allow_none=True)
    decimals = fields.Integer(required=True, allow_none=True)


class Credits(Schema):
    """A page of lines, the latest first; `next` leads to the page after it."""

    period = fields.Nested(Period, required=True)
    totals = fields.List(fields.Nested(Sum), required=True)
    credits = fields.List(fields.Nested(Line), required=True)
    next = fields.String(required=True, allow_none=True)


class Explanation(Line):
    """Why a line stands: its rule, its activity down to the raw payload, what mattered, how the lines add up."""

    rule = fields.Dict(required=True)
    activity = fields.Dict(required=True, allow_none=True)
    payload = fields.String(required=True, allow_none=True)
    inputs = fields.List(fields.Dict(), required=True)
    limit = fields.Dict(required=True, allow_none=True)
    lines = fields.List(fields.Dict(), required=True)


class Subject(Schema):
    """Everything known of a deal or activity; `settled`: its lines add up to what is due."""

    subject = fields.String(required=True)
    activities = fields.List(fields.Dict(), required=True)
    deal = fields.Dict(required=True, allow_none=True)
    credits = fields.List(fields.Nested(Line), required=True)
    missing = fields.List(fields.Dict(), required=True)
    limited = fields.List(fields.Dict(), required=True)
    made_of = fields.List(fields.Dict(), metadata={"description": "of prizes: what won each line"})
    settled = fields.Boolean(required=True)


class Total(Schema):
    """The sum of one rep or team."""

    id = fields.String(required=True)
    amount = fields.Integer(required=True)
    why = fields.String(required=True)


class Totals(Schema):
    """Sums of a metric in a period, and their sum."""

    period = fields.Nested(Period, required=True)
    metric = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    decimals = fields.Integer(required=True, allow_none=True)
    by = fields.String(required=True)
    totals = fields.List(fields.Nested(Total), required=True)
    total = fields.Integer(required=True)
    mark = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    progress = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
