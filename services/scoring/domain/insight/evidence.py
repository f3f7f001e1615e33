"""What is seen of people and of their deals, as plain values; see `shapes` for how amounts and shares stand here."""

from dataclasses import dataclass
from datetime import date, datetime

GOOD, ATTENTION = "good", "attention"
"""The tone of a signal."""

NEW, DONE = "new", "done"
"""Whether somebody marked a signal as dealt with."""

OWN, TEAM = "own", "team"
"""What a signal is held against: the person's own past, the rest of the team."""

OF_ALL, DAYS, COUNT = "share", "days", "count"
"""What the figures of a signal are."""


@dataclass(frozen=True, slots=True)
class Rate:
    """k of n, with the interval in which the true rate lies 95 times in 100 (Wilson); hidden below n = 10."""

    n: int
    k: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A stage of a cohort: of the deals that entered it in a stretch of time, how many went further.

    `moved` counts those that are decided: further or gone; `open` are still there. `baseline` is the same of the time
    before (of a team) or of the rest of the team (of a rep). `median_days` is the time until they left, those who are
    still there counted as at least so long (Kaplan-Meier); None: not half of them left.
    """

    pipeline: str
    stage: str
    entered: int
    open: int
    moved: Rate
    baseline: Rate
    median_days: float | None
    baseline_days: float | None
    sticks: bool  # clearly longer here than the baseline


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal that has stood in its stage for longer than three quarters of its like did."""

    deal: str
    rep: str
    stage: str
    since: datetime
    days: int
    usual_days: float
    amount: int | None


@dataclass(frozen=True, slots=True)
class Mix:
    """How much of one kind of work, now and in the period before up to the same point, with its part of all work."""

    activity: str
    now: int
    before: int
    share_now: float
    share_before: float
    team_share: float  # of the team's work now


@dataclass(frozen=True, slots=True)
class Past:
    """An own earlier period: what it had at the same point, and what it ended at."""

    period: str
    at_point: int
    final: int


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the members' table: the person now, against the own past at the same point."""

    rep: str
    fte: float
    amount: int
    goal: int | None
    share: float | None
    before: int | None  # the own previous period at the same point
    open_deals: int
    win: Rate  # won of decided deals in the last 12 months
    last_activity: datetime | None
    signals: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a signal rests on: k of n now against k of n of a baseline; or values (days, counts) that are no rate."""

    now: float
    baseline: float
    n: int
    k: int | None
    baseline_n: int
    baseline_k: int | None
    unit: str  # OF_ALL, DAYS or COUNT
    against: str  # OWN or TEAM


@dataclass(frozen=True, slots=True)
class Signal:
    """A fixed rule that found something, with its evidence; for the manager and that person, and of no consequence.

    `kind` is of signals.KINDS: it has the words. `subject` is the stage, activity or deal it is about.
    """

    id: str  # the same while it is about the same thing in the same period: a mark on it stays
    kind: str
    tone: str  # GOOD or ATTENTION
    rep: str
    subject: str | None
    evidence: Evidence
    since: date
    state: str = NEW
    done_by: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mentor:
    """Who could guide whom: strong in the stage where the other one is weak, and not already guiding two."""

    rep: str
    mentor: str
    stage: str
    rep_rate: Rate
    mentor_rate: Rate
    guides: int  # whom the mentor guides already
