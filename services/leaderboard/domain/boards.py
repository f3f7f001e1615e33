"""Boards: what is ranked, and how one standing reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from shared import periods
from shared.periods import Period

TEAMS, REPS, IN_TEAM = "teams", "reps", "team:"
"""The scopes: all teams, all reps, and `team:<id>` for the reps of one team."""

OVERLAYS = "overlays"
"""What stands apart: by team, what its mentors got on top. It is in the sums of reps and in no team's; nobody asks."""

TOTAL, PER_FTE, ATTAINMENT = "total", "per_fte", "attainment"
MEASURES = (TOTAL, PER_FTE, ATTAINMENT)
"""What a board ranks by: the amount, the amount per FTE, the share of the target."""

NAMED_PERIODS = {f"this-{kind}": kind for kind in periods.KINDS} | {"today": "day"}
"""Names of the present periods → their kind."""

RETENTION: Mapping[str, timedelta | None] = {
    "day": timedelta(days=100),
    "week": timedelta(days=400),
    "month": timedelta(days=5 * 366),
    "quarter": None,
    "year": None,
}
"""How long after its end a period's boards are kept; None for ever. The ledger keeps everything."""


@dataclass(frozen=True, slots=True)
class Board:
    """One ranking: `metric` in the period `period_id` over `scope`, ordered `by` a measure."""

    metric: str
    period_id: str
    scope: str = TEAMS
    by: str = TOTAL

    @property
    def period(self) -> Period:
        """The period; ValueError when `period_id` is none."""
        return periods.parse(self.period_id)

    @property
    def team(self) -> str | None:
        """The team whose reps are ranked, when the scope is one team."""
        return self.scope.removeprefix(IN_TEAM) if self.scope.startswith(IN_TEAM) else None

    @property
    def name(self) -> str:
        """The name of its totals, the same for every measure: metric:period:scope."""
        return f"{self.metric}:{self.period_id}:{self.scope}"


@dataclass(frozen=True, slots=True)
class Row:
    """One member's standing. `rank` None: cannot be compared (no FTE, no target).

    `amount` and `target` are in the metric's smallest unit; `fte` is the member's over the period,
    4 decimals; `per_fte` is in the smallest unit, 2 decimals; `attainment` is a share (1 is the
    whole target), 4 decimals. Ranks are by the exact values.
    """

    rank: int | None
    id: str
    amount: int
    fte: Decimal | None = None
    per_fte: Decimal | None = None
    target: int | None = None
    attainment: Decimal | None = None

    def value(self, by: str) -> int | Decimal | None:
        """Return what the row is ranked by."""
        return {TOTAL: self.amount, PER_FTE: self.per_fte, ATTAINMENT: self.attainment}[by]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows `start`, `start + 1`, … of a board of `total` members, as of `version`."""

    rows: tuple[Row, ...]
    start: int
    total: int
    version: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A member, the next better and the next worse standing, and the distance to each.

    A distance is in the unit the board is ranked by and never negative; None at either end.
    """

    row: Row
    above: Row | None
    below: Row | None
    to_above: int | Decimal | None
    to_below: int | Decimal | None
    version: int


@dataclass(frozen=True, slots=True)
class Win:
    """A deal won: `at` is when it counts, `booked_at` when the line was written.

    `credit` is the line's id and the win's own name; `subject` is the deal, `rule` what gave the line.
    """

    at: datetime
    booked_at: datetime
    team: str
    rep: str
    metric: str
    amount: int
    subject: str
    credit: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that a rep's days made together: a streak, a best, a milestone, or the first of a period.

    `at` begins its day; `rule` is the prize's id, with what was reached behind a ~; `credit` is its own name.
    """

    at: datetime
    booked_at: datetime
    team: str
    rep: str
    subject: str
    credit: str
    rule: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one piece of work stands for on a day: a sum that is not zero; `team` empty: it counts for no team."""

    at: datetime
    team: str
    rep: str
    subject: str
    rule: str
    amount: int


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current the standings are: the newest line they hold, and when a change came in last."""

    last_booked_at: datetime | None
    applied_at: datetime | None
    rebuilding: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the ledger has been applied: last line per partition.

    `goal` holds the partitions being rebuilt, with the line they had reached; `asked` when `league` or a
    partition was asked to be published again.
    """

    seen: Mapping[int, int]
    goal: Mapping[int, int]
    asked: Mapping[str, datetime]


def period_named(text: str, now: datetime, zone: ZoneInfo) -> Period:
    """Return the period of an id (2026-11) or a name (`this-month`, `today`); ValueError for anything else."""
    return periods.of(now, NAMED_PERIODS[text], zone) if text in NAMED_PERIODS else periods.parse(text)


def kept_until(period: Period, zone: ZoneInfo) -> datetime | None:
    """Return the instant (UTC) from which the period's boards are gone; None: they stay."""
    keep = RETENTION[period.kind]
    return None if keep is None else period.end(zone) + keep


def rounded(value: Fraction, places: int) -> Decimal:
    """Return `value` with `places` decimals, halves away from zero, for people to read."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def shared_ranks(first: int, start: int, scores: Sequence[float]) -> list[int]:
    """Return the ranks of rows that begin at place `start` (0-based): ties share (1, 2, 2, 4).

    `first` is the rank of the first row, which may tie with rows before it.
    """
    ranks = [first] if scores else []
    for i in range(1, len(scores)):
        ranks.append(ranks[-1] if scores[i] == scores[i - 1] else start + i + 1)
    return ranks


def distance(better: Row | None, worse: Row | None, by: str) -> int | Decimal | None:
    """Return by how much `better` leads `worse`; None when either does not exist or compare."""
    values = [row.value(by) if row else None for row in (better, worse)]
    if values[0] is None or values[1] is None:
        return None
    return values[0] - values[1]
