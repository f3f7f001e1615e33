"""A curve: how a result turns into pay, as data."""

from dataclasses import dataclass
from fractions import Fraction

LINEAR, MARGINAL, WHOLE, EXCESS = "linear", "marginal", "whole", "excess"
INTERPOLATED, STEPS = "interpolated", "steps"
ATTAINMENT, AMOUNT = "attainment", "amount"
MULTIPLE, MONEY = "multiple", "money"
UPPER, LOWER = "upper", "lower"
FLAT, SLOPE = "flat", "slope"
FROM_ZERO, FROM_THRESHOLD, FROM_VALUE = "from_zero", "from_threshold", "from_value"
LOST, CARRIED = "lost", "carried"

CURVES = (LINEAR, MARGINAL, WHOLE, EXCESS, INTERPOLATED, STEPS)
TIERED = (MARGINAL, WHOLE, EXCESS)
POINTED = (INTERPOLATED, STEPS)
THENS = (FROM_ZERO, FROM_THRESHOLD, FROM_VALUE)


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` on up to the next tier's start, a unit counts `rate` times, or is paid `rate` in money."""

    start: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Point:
    """At the result `at` the curve pays `pays`: in between it runs straight (interpolated) or level (steps)."""

    at: Fraction
    pays: Fraction


@dataclass(frozen=True, slots=True)
class Threshold:
    """Below `at` nothing is paid.

    From there on, by `then`: from_zero the whole result, from_threshold only what lies above it, from_value
    `pays` at the threshold itself and the curve on what lies above it.
    """

    at: Fraction
    then: str
    pays: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Limit:
    """The most or the least that is paid: `money` of the plan's currency (usual units), else a multiple of 100 %."""

    value: Fraction
    money: bool


@dataclass(frozen=True, slots=True)
class DealCap:
    """The most that one deal pays (money), or the most of it that `counts` (the metric's usual unit)."""

    value: Fraction
    counts: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: another `metric` of a `scope` chooses which one holds, by the `starts` it reached.

    Below the first start nothing is paid. `boundary` is the side that a result exactly on a start belongs to.
    """

    scope: str
    metric: str
    over: str
    starts: tuple[Fraction, ...]
    boundary: str


@dataclass(frozen=True, slots=True)
class Curve:
    """How a result turns into pay.

    `over` names the axis: attainment (1 is 100 %) or the metric's amount in usual units (euros, deals).
    `kind`: linear pays the result itself; marginal pays each tier's rate on the slice inside it; whole pays
    the reached tier's rate on everything; excess is marginal with nothing below its first tier; interpolated runs
    straight between points, `beyond` the last one flat or on along the last slope; steps pays what the last
    point reached pays. `rates` tells what tiers and points are in: multiples, or money of the plan's currency.
    `boundary` is the side that a result exactly on a tier's, step's or threshold's start belongs to. `cap` is the
    most it pays (None: no limit) and `excess` what becomes of the rest; `floor` is the least. With `columns` it is a
    table: `variants` hold the tiers or points of each column.
    """

    kind: str
    over: str
    cap: Limit | None
    tiers: tuple[Tier, ...] = ()
    points: tuple[Point, ...] = ()
    beyond: str | None = None
    rates: str = MULTIPLE
    boundary: str = UPPER
    threshold: Threshold | None = None
    floor: Limit | None = None
    excess: str = LOST
    deal_cap: DealCap | None = None
    columns: Columns | None = None
    variants: tuple["Curve", ...] = ()

    @property
    def plain(self) -> bool:
        """Tell whether every unit pays the same, whatever the result: then the order and grouping of deals is free."""
        limits = (self.cap, self.threshold, self.floor, self.deal_cap)
        return self.kind == LINEAR and all(limit is None for limit in limits)
