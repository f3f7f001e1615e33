"""The schema of a plan's curve, and what is wrong or open in one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from shared.contracts.curve import (
    AMOUNT,
    ATTAINMENT,
    CARRIED,
    CURVES,
    EXCESS,
    FLAT,
    FROM_THRESHOLD,
    FROM_VALUE,
    FROM_ZERO,
    INTERPOLATED,
    LINEAR,
    LOST,
    LOWER,
    MONEY,
    MULTIPLE,
    SLOPE,
    STEPS,
    THENS,
    TIERED,
    UPPER,
    WHOLE,
    Columns,
    Curve,
    DealCap,
    Limit,
    Point,
    Threshold,
    Tier,
)
from shared.contracts.documents import ID, Part
from shared.contracts.plan_fields import NONE, Cells, Found, Measured, Ratio, asked, refuse
from shared.contracts.plan_questions import (
    ASK_BEYOND,
    ASK_BOUNDARY,
    ASK_CAP,
    ASK_COLUMNS,
    ASK_DEAL_CAP,
    ASK_EXCESS,
    ASK_KIND,
    ASK_OVER,
    ASK_POINTS,
    ASK_RATES,
    ASK_STARTS,
    ASK_STEPS,
    ASK_THEN,
    ASK_TIERS,
    ASK_VALUE,
)

_AMOUNT, _MULTIPLE = "amount", "multiple"
MEASURED = ("individual", "team", "organisation")
"""Whose result may choose the column of a table."""
_PAYS, _COUNTS = "pays", "counts"


class _Tier(Part):
    start = Ratio(data_key="from", **asked("where does the tier begin?"))
    end = Ratio(load_default=None, data_key="to")
    rate = Cells(**asked("what does a unit inside the tier count?"))


class _Point(Part):
    at = Ratio(**asked("at which result does the point stand?"))
    pays = Cells(**asked("what is paid there?"))


class _Columns(Part):
    scope = fields.String(validate=validate.OneOf(MEASURED, error=ASK_COLUMNS), **asked(ASK_COLUMNS))
    metric = fields.String(validate=ID, **asked(ASK_COLUMNS))
    over = fields.String(validate=validate.OneOf((ATTAINMENT, AMOUNT), error=ASK_OVER), **asked(ASK_OVER))
    starts = fields.List(Ratio(), data_key="from", **asked(ASK_STARTS))
    boundary = fields.String(validate=validate.OneOf((UPPER, LOWER), error=ASK_BOUNDARY), **asked(ASK_BOUNDARY))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask for columns that ascend."""
        starts = data["starts"]
        if not starts or any(after <= before for before, after in pairwise(starts)):
            refuse(iter([(["from"], ASK_STARTS)]))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Columns:
        """Build the dataclass."""
        return Columns(**{**data, "starts": tuple(data["starts"])})


class _Threshold(Part):
    at = Ratio(**asked("below which result is nothing paid?"))
    then = fields.String(validate=validate.OneOf(THENS, error=ASK_THEN), **asked(ASK_THEN))
    pays = Ratio(load_default=None)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask what is paid at the threshold, only where that is not the curve's own word."""
        if (data["then"] == FROM_VALUE) == (data["pays"] is None):
            extra = "belongs to then: from_value only" if data["pays"] is not None else ASK_VALUE
            refuse(iter([(["pays"], extra)]))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Threshold:
        """Build the dataclass."""
        return Threshold(data["at"], data["then"], data["pays"] or Fraction(0))


class CurveSchema(Part):
    """A curve; what its numbers mean is settled by the component that it belongs to."""

    kind = fields.String(validate=validate.OneOf(CURVES, error=ASK_KIND), **asked(ASK_KIND))
    over = fields.String(load_default=None, validate=validate.OneOf((ATTAINMENT, AMOUNT), error=ASK_OVER))
    rates = fields.String(load_default=None, validate=validate.OneOf((MULTIPLE, MONEY), error=ASK_RATES))
    boundary = fields.String(load_default=None, validate=validate.OneOf((UPPER, LOWER), error=ASK_BOUNDARY))
    tiers = fields.List(fields.Nested(_Tier), load_default=list)
    points = fields.List(fields.Nested(_Point), load_default=list)
    steps = fields.List(fields.Nested(_Point), load_default=list)
    beyond = fields.String(load_default=None, validate=validate.OneOf((FLAT, SLOPE), error=ASK_BEYOND))
    threshold = fields.Nested(_Threshold, load_default=None)
    cap = Measured((_MULTIPLE, _AMOUNT), ASK_CAP)
    floor = Measured((_MULTIPLE, _AMOUNT), ASK_CAP)
    excess = fields.String(load_default=None, validate=validate.OneOf((LOST, CARRIED), error=ASK_EXCESS))
    columns = fields.Nested(_Columns, load_default=None)
    deal_cap = Measured((_PAYS, _COUNTS), ASK_DEAL_CAP, bare=False)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the parts of the curve against its kind."""
        refuse(curve_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> "OpenCurve":
        """Hand the curve on with the choices that its component has to settle."""
        return OpenCurve(data)


class OpenCurve:
    """A curve whose axis, rates and limits wait for what its component is paid by."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Keep what was said."""
        self.kind: str = data["kind"]
        self.over: str | None = data["over"]
        self.rates: str | None = data["rates"]
        self.cap, self.floor, self.deal_cap = data["cap"], data["floor"], data["deal_cap"]
        self.threshold: Threshold | None = data["threshold"]
        self.columns: Columns | None = data["columns"]
        self._data = data

    @property
    def plain(self) -> bool:
        """Tell whether every unit pays the same, whatever the result."""
        limits = (self._data["threshold"], self.cap, self.floor, self.deal_cap)
        return self.kind == LINEAR and all(limit in (None, NONE) for limit in limits)

    def settle(self, *, over: str, money: bool) -> Curve:
        """Build the curve over the axis `over`; a limit that names no unit is in `money` or a multiple."""
        data = self._data
        columns = self.columns
        curve = Curve(
            kind=self.kind,
            over=over,
            cap=_limit(self.cap, money=money),
            tiers=_tiers(data, 0),
            points=_points(data, 0),
            beyond=data["beyond"],
            rates=data["rates"] or MULTIPLE,
            boundary=data["boundary"] or UPPER,
            threshold=data["threshold"],
            floor=_limit(self.floor, money=money),
            excess=data["excess"] or LOST,
            deal_cap=None if self.deal_cap in (None, NONE) else DealCap(self.deal_cap[1], self.deal_cap[0] == _COUNTS),
        )
        if columns is None:
            return curve
        every = range(len(columns.starts))
        variants = tuple(replace(curve, tiers=_tiers(data, n), points=_points(data, n)) for n in every)
        return replace(curve, columns=columns, variants=variants)


def _tiers(data: Mapping[str, Any], column: int) -> tuple[Tier, ...]:
    return tuple(Tier(tier["start"], tier["rate"][column]) for tier in data["tiers"])


def _points(data: Mapping[str, Any], column: int) -> tuple[Point, ...]:
    return tuple(Point(point["at"], point["pays"][column]) for point in data["points"] or data["steps"])


def _limit(said: Any, *, money: bool) -> Limit | None:
    if said is None or said == NONE:
        return None
    return Limit(said[1], said[0] == _AMOUNT) if isinstance(said, tuple) else Limit(said, money)


def curve_problems(curve: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open in a curve, as it was read."""
    kind = curve["kind"]
    if kind in TIERED:
        yield from _tier_problems(kind, curve["tiers"])
    elif curve["tiers"]:
        yield ["tiers"], f"{kind} has no tiers: are they meant as marginal or as whole?"
    yield from _limit_problems(curve)
    if kind == INTERPOLATED:
        yield from _point_problems(curve["points"], curve["threshold"])
    elif curve["points"]:
        yield ["points"], f"{kind} has no points: is interpolated meant?"
    if kind == STEPS:
        yield from _step_problems(curve["steps"])
    elif curve["steps"]:
        yield ["steps"], f"{kind} has no steps: write kind: steps"
    if kind == INTERPOLATED and curve["beyond"] is None:
        yield ["beyond"], ASK_BEYOND
    if kind != INTERPOLATED and curve["beyond"] is not None:
        yield ["beyond"], f"{kind} has no last point: leave beyond out"
    yield from _boundary_problems(curve)
    yield from _table_problems(curve)


def _table_problems(curve: Mapping[str, Any]) -> Found:
    width = len(curve["columns"].starts) if curve["columns"] else 1
    if curve["columns"] and curve["kind"] == LINEAR:
        yield ["columns"], "linear has no cells: write tiers, points or steps"
    for name, cell in (("tiers", "rate"), ("points", "pays"), ("steps", "pays")):
        for i, row in enumerate(curve[name]):
            if len(row[cell]) != width:
                yield [name, i, cell], f"has {len(row[cell])} numbers for {width} columns: one for each"


def _limit_problems(curve: Mapping[str, Any]) -> Found:
    cap, excess = curve["cap"], curve["excess"]
    if cap is None:
        yield ["cap"], ASK_CAP
    elif cap == NONE and excess is not None:
        yield ["excess"], "nothing is above a cap that is not there: leave excess out"
    elif cap != NONE and excess is None:
        yield ["excess"], ASK_EXCESS


def _boundary_problems(curve: Mapping[str, Any]) -> Found:
    kind, threshold = curve["kind"], curve["threshold"]
    jumps = kind in (WHOLE, STEPS) or (threshold is not None and threshold.then != FROM_THRESHOLD)
    if jumps and curve["boundary"] is None:
        yield ["boundary"], ASK_BOUNDARY
    if not jumps and curve["boundary"] is not None:
        yield ["boundary"], f"{kind} does not jump, so that both sides pay the same: leave boundary out"
    if threshold is not None and kind == INTERPOLATED and threshold.then != FROM_ZERO:
        yield ["threshold", "then"], "points say themselves what is paid from the threshold on: write from_zero"
    if threshold is not None and kind in (EXCESS, STEPS):
        yield ["threshold"], f"{kind} begins where its first part begins: leave the threshold out"


def _tier_problems(kind: str, tiers: Sequence[Mapping[str, Any]]) -> Found:
    if not tiers:
        yield ["tiers"], ASK_TIERS
        return
    if kind == EXCESS and tiers[0]["start"] == 0:
        yield ["tiers", 0, "from"], "is 0: above what does excess pay? (or write marginal)"
    if kind != EXCESS and tiers[0]["start"] != 0:
        yield ["tiers", 0, "from"], "the first tier begins at 0: what is paid below it? (rate 0 for nothing)"
    for i, (tier, after) in enumerate(pairwise(tiers)):
        if after["start"] <= tier["start"]:
            yield ["tiers", i + 1, "from"], "is not above the tier before: tiers ascend"
        elif tier["end"] not in (None, after["start"]):
            yield ["tiers", i, "to"], "is not where the next tier begins: which rate holds in between?"
    if tiers[-1]["end"] is not None:
        yield ["tiers", len(tiers) - 1, "to"], "the last tier is open-ended: leave to out, and use cap for a limit"


def _point_problems(points: Sequence[Mapping[str, Any]], threshold: Threshold | None) -> Found:
    if len(points) < 2:
        yield ["points"], ASK_POINTS
        return
    if points[0]["at"] != 0 and (threshold is None or points[0]["at"] > threshold.at):
        yield ["points", 0, "at"], "the first point stands at 0: what is paid there?"
    yield from _ascending("points", points)


def _step_problems(steps: Sequence[Mapping[str, Any]]) -> Found:
    if not steps:
        yield ["steps"], ASK_STEPS
    yield from _ascending("steps", steps)


def _ascending(name: str, points: Sequence[Mapping[str, Any]]) -> Found:
    for i, (point, after) in enumerate(pairwise(points)):
        if after["at"] <= point["at"]:
            yield [name, i + 1, "at"], f"is not beyond the one before: {name} ascend"
