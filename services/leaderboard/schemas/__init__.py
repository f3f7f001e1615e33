"""What callers may ask of the boards, and what they get."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from services.leaderboard.domain.boards import MEASURES, TOTAL
from services.leaderboard.domain.slides.asked import RACE, View, read_slide

LARGEST_PAGE = 500
FARTHEST_PLACE = 10_000_000


class Ranked(Schema):
    """Which measure a board is ranked by."""

    by = fields.String(load_default=TOTAL, validate=validate.OneOf(MEASURES))


class PageQuery(Ranked):
    """Which page of a board; `start` counts places from 0."""

    start = fields.Integer(load_default=0, validate=validate.Range(0, FARTHEST_PLACE))
    count = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))


class AroundQuery(Ranked):
    """How many rows before and after a member."""

    n = fields.Integer(load_default=3, validate=validate.Range(0, LARGEST_PAGE // 2))


class Metric(Schema):
    """A metric: amounts are whole numbers of 10^-decimals of the unit."""

    id = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    decimals = fields.Integer(required=True)
    label = fields.Dict(keys=fields.String(), values=fields.String())


class Period(Schema):
    """A period, half-open; `zone` is where its days begin."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    start = fields.AwareDateTime(required=True)
    end = fields.AwareDateTime(required=True)
    zone = fields.String(required=True)


class Freshness(Schema):
    """How current the standings are; `rebuilding`: they are still being made again from the ledger."""

    last_booked_at = fields.AwareDateTime(required=True, allow_none=True)
    rebuilding = fields.Boolean(required=True)


class Row(Schema):
    """One standing. `rank` null: cannot be compared. `why` leads to the lines that make the amount.

    A seller gets colleagues without `id`, `why` and figures of the person, and without `name` unless the TV shows them.

    `amount`, `target` and `per_fte` are in the metric's smallest unit; `attainment` 1 is the whole target.
    """

    rank = fields.Integer(required=True, allow_none=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    amount = fields.Integer(required=True)
    fte = fields.Decimal(required=True, allow_none=True, as_string=True)
    per_fte = fields.Decimal(required=True, allow_none=True, as_string=True)
    target = fields.Integer(required=True, allow_none=True)
    attainment = fields.Decimal(required=True, allow_none=True, as_string=True)
    why = fields.String(required=True)


class NextRow(Row):
    """The next standing, and how far away it is in what the board is ranked by."""

    distance = fields.Decimal(required=True, allow_none=True, as_string=True)


class Standing(Schema):
    """What every answer says of the board it is from."""

    metric = fields.Nested(Metric, required=True)
    scope = fields.String(required=True)
    by = fields.String(required=True)
    period = fields.Nested(Period, required=True)
    version = fields.Integer(required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True, metadata={"description": "when it last changed"})
    freshness = fields.Nested(Freshness, required=True)
    total = fields.Integer(required=True, metadata={"description": "members on the board"})
    start = fields.Integer(required=True, metadata={"description": "place of the first row, from 0"})
    rows = fields.List(fields.Nested(Row), required=True)


class Around(Standing):
    """The rows around a member, and the next standings above and below, ties left out."""

    member = fields.String(required=True)
    above = fields.Nested(NextRow, required=True, allow_none=True)
    below = fields.Nested(NextRow, required=True, allow_none=True)


class Catalogue(Schema):
    """Which boards there are: any metric, in any of its periods, over any scope, by any measure."""

    metrics = fields.List(fields.Nested(Metric), required=True)
    scopes = fields.List(fields.String(), required=True)
    by = fields.List(fields.String(), required=True)
    periods = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "periods that hold credits, by metric, newest first"},
    )
    version = fields.Integer(required=True)


class ScreenQuery(Schema):
    """What is asked to be seen without a playlist: nothing, which is the usual slides, or one race of the teams.

    Without `metric`: the league's main one. `period`: 2026-11, `this-month`, `today`.
    `last_id` is where a broken stream ended; every stream begins with the whole state, so it is only accepted.
    """

    by = fields.String(validate=validate.OneOf(MEASURES))
    metric = fields.String(validate=validate.Length(1, 64))
    period = fields.String(validate=validate.Length(1, 20))
    last_id = fields.String(validate=validate.Length(max=32))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> View:
        """Build the view."""
        asked: dict[str, Any] = {name: data[name] for name in ("metric", "period", "by") if name in data}
        return View((read_slide({"type": RACE, **asked}),)) if asked else View()
