"""What insight says, as plain values: pages and JSON render these.

Amounts are whole smallest units of the metric that was asked for (euros: cents); shares and rates are floats, 1 is
100 %. People, teams, stages and activities stand by id: the roster and the playbook have their names. `None` means
that it cannot be known; what is `lacking` then says why, in codes of LACKS.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.scoring.domain.insight.evidence import FunnelStep, Member, Mentor, Mix, OpenDeal, Past, Rate, Signal

SET, SPREAD, SUMMED = "set", "spread", "summed"
"""Where a goal comes from: said for exactly this period; a longer one's spread over working days; shorter ones' sum."""

CURVE, DEALS, COMBINED = "curve", "deals", "combined"
"""How a forecast is made: from how earlier periods filled; from open deals; from both."""

LACKS = {
    "goal": {"nl": "er is geen doel ingesteld", "en": "no goal is set"},
    "early": {"nl": "de periode is nog te kort bezig", "en": "too little of the period has passed"},
    "over": {"nl": "de periode is voorbij", "en": "the period is over"},
    "history": {"nl": "er is nog te weinig verleden", "en": "there is too little history"},
    "deals": {"nl": "er zijn nog te weinig afgeronde deals", "en": "too few deals were decided"},
    "metric": {"nl": "deals leveren dit niet op", "en": "deals do not earn this"},
    "workdays": {"nl": "er zijn geen werkdagen", "en": "there are no working days"},
    "origins": {"nl": "er is nog te weinig om op terug te kijken", "en": "there is too little to look back on"},
}
"""Why something is not shown."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a period is: working days without holidays; `elapsed` is the part of its working time that is over."""

    period: str
    kind: str
    first: date
    last: date  # the first day after it
    days_total: int
    days_left: int  # today included, as far as it is not over
    elapsed: float | None  # None: a period without working days


@dataclass(frozen=True, slots=True)
class Goal:
    """A result against its goal. Pace is amount / (goal * elapsed): 1 is on schedule."""

    clock: Clock
    metric: str
    amount: int
    goal: int | None
    source: str | None  # SET, SPREAD or SUMMED
    share: float | None
    expected: int | None  # what an even spread of the goal asks by now
    pace: float | None
    needed: int | None  # what is still to be earned; 0: reached
    needed_per_day: int | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How forecasts of earlier periods turned out, each made with what was known at its moment only.

    `coverage` is the part of outcomes within the range, which is meant to be 0.8; errors are mean absolute errors as a
    part of the outcomes' mean.
    """

    origins: int  # how many forecasts were looked back on
    periods: int  # of how many periods
    covered: int
    coverage: float
    error: float
    run_rate_error: float
    bias: float  # mean of (forecast - outcome) / mean outcome: above 0 is too high
    width: float  # mean width of the range as a part of the outcomes' mean


@dataclass(frozen=True, slots=True)
class Part:
    """One way of forecasting, as it went into the whole; `n` is what it rests on (periods or days; deals)."""

    method: str  # CURVE or DEALS
    low: int
    mid: int
    high: int
    weight: float
    n: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the period will end at: four in five times between `low` and `high`; hidden while something is lacking."""

    shown: bool
    lacking: tuple[str, ...]
    method: str | None  # CURVE, DEALS or COMBINED
    low: int | None
    mid: int | None
    high: int | None
    run_rate: int | None
    parts: tuple[Part, ...]
    reaches_goal: float | None  # the chance that the goal is reached, 0 to 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """Open deals against what is still needed: ratio = open / needed; None when nothing is needed or no goal is set."""

    open: int
    deals: int
    without_amount: int  # deals whose amount nobody said: not in `open`
    weighted: int | None  # what may be expected of them before the period ends
    needed: int | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A day of the chart, sums since the period's beginning; `previous` is the period before at the same working time.

    `actual` ends today, `low`, `mid` and `high` begin today.
    """

    day: date
    actual: int | None
    expected: int | None
    previous: int | None
    low: int | None
    mid: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Goals that history makes realistic: `realistic` is what half of the past reached, `ambitious` a quarter of it.

    `basis` are the own past periods that it rests on, `trend` the part by which it is above their median.
    """

    lacking: tuple[str, ...]
    period: str  # the next period, or the present one while it has no goal
    realistic: int | None
    ambitious: int | None
    realistic_per_day: int | None
    ambitious_per_day: int | None
    realistic_per_fte: int | None  # in the whole period
    ambitious_per_fte: int | None
    fte: float
    days: int
    basis: tuple[tuple[str, int], ...]
    trend: float | None
    seasonal: bool


@dataclass(frozen=True, slots=True)
class TeamNumbers:
    """A team's numbers, as a move would leave them or has them now."""

    fte: float
    members: int
    amount: int
    goal: int | None
    share: float | None
    forecast: int | None
    open: int
    per_fte: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a move on a day would do to both teams' numbers of the period; what was credited stays where it was."""

    rep: str
    day: date
    source: str
    target: str
    source_before: TeamNumbers
    source_after: TeamNumbers
    target_before: TeamNumbers
    target_after: TeamNumbers
    moves: int  # the part of the forecast that goes along
    open_deals: int


@dataclass(frozen=True, slots=True)
class TeamInsight:
    """Everything about a team in a period and a metric."""

    team: str
    metric: str
    as_of: datetime
    goals: tuple[Goal, ...]  # day, week, month, quarter, year that hold today
    goal: Goal  # of the period that was asked for
    forecast: Forecast
    accuracy: Accuracy | None
    coverage: Coverage
    series: tuple[Point, ...]
    suggestion: Suggestion
    past: tuple[Past, ...]
    funnel: tuple[FunnelStep, ...]
    stuck: tuple[OpenDeal, ...]
    mix: tuple[Mix, ...]
    members: tuple[Member, ...]
    signals: tuple[Signal, ...]
    mentors: tuple[Mentor, ...]


@dataclass(frozen=True, slots=True)
class RepInsight:
    """Everything about a person in a period and a metric; `funnel` is held against the rest of the team."""

    rep: str
    team: str | None
    metric: str
    as_of: datetime
    goals: tuple[Goal, ...]
    goal: Goal
    series: tuple[Point, ...]
    past: tuple[Past, ...]
    win: Rate
    team_win: Rate
    funnel: tuple[FunnelStep, ...]
    stuck: tuple[OpenDeal, ...]
    mix: tuple[Mix, ...]
    signals: tuple[Signal, ...]
    mentors: tuple[Mentor, ...]  # suggested for this person


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team among the others; per FTE of the period so far, so that teams of unequal size compare."""

    team: str
    members: int
    fte: float
    goal: Goal
    per_fte: int | None
    forecast: Forecast
    signals: int
