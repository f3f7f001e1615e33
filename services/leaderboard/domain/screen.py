"""What a screen shows: standings and league at one moment, as the JSON that is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from services.leaderboard.domain.boards import ATTAINMENT, PER_FTE, TEAMS, TOTAL, Board, Freshness, Row, Win
from services.leaderboard.domain.league import League
from services.leaderboard.domain.palette import color, letter
from shared import periods
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text
from shared.money import round_half_up
from shared.periods import Period

LANGUAGES = ("nl", "en")
THEMES = ("dark", "light")
WINS = "deals"
"""The metric that counts wins."""
MAIN_METRIC = "revenue"
WINS_SHOWN = 6
SLIDES = (("standings", 40), ("goal", 15), ("today", 20))
"""What a screen shows in turn, and for how many seconds."""


@dataclass(frozen=True, slots=True)
class View:
    """What a screen asks to see. `metric` None: the league's main one; `period` is a kind or an id."""

    language: str = "nl"
    metric: str | None = None
    period: str = "month"
    by: str = TOTAL
    theme: str = "dark"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a view comes to in this league at this moment; `today` is the organisation's calendar day."""

    metric: Metric
    period: Period
    by: str
    today: Period

    @property
    def board(self) -> Board:
        """The teams in the period."""
        return Board(self.metric.id, self.period.id, TEAMS, self.by)

    @property
    def is_running(self) -> bool:
        """Tell whether today is in the period."""
        return self.period.first <= self.today.first < self.period.last

    def day(self, metric: str) -> Board:
        """Return the teams today."""
        return Board(metric, self.today.id)


@dataclass(frozen=True, slots=True)
class Notice:
    """Why there are no standings to show: `key` is one of no_league, unknown_metric, bad_period."""

    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standings say: rows of the period, what each team got today, its wins today, the latest wins."""

    version: int
    rows: Sequence[Row] = ()
    today: Mapping[str, int] = field(default_factory=dict)
    wins_today: Mapping[str, int] = field(default_factory=dict)
    wins: Sequence[Win] = ()
    freshness: Freshness = Freshness(None, None, rebuilding=False)


def resolve(view: View, league: League, now: datetime) -> Asked | Notice:
    """Return what the view comes to, or why it comes to nothing."""
    if league.roster is None or not league.metrics:
        return Notice("no_league")
    if view.metric and view.metric not in league.metrics:
        return Notice("unknown_metric", f"{view.metric}: {', '.join(league.metrics)}")
    main = MAIN_METRIC if MAIN_METRIC in league.metrics else next(iter(league.metrics))
    today = periods.of(now, "day", league.zone)
    try:
        named = view.period in periods.KINDS
        period = periods.of(now, view.period, league.zone) if named else periods.parse(view.period)
    except ValueError:
        return Notice("bad_period", view.period)
    return Asked(league.metrics[view.metric or main], period, view.by, today)


def state(view: View, asked: Asked | Notice, league: League, facts: Facts, now: datetime) -> dict[str, Any]:
    """Return everything that a screen draws. Amounts are in the metric's smallest unit, instants in UTC."""
    shown: dict[str, Any] = {
        "v": facts.version,
        "as_of": to_text(now),
        "screen": _screen(view, league),
        "organisation": league.roster.organisation.name if league.roster else None,
        "freshness": _freshness(facts.freshness),
        "notice": None,
    }
    if isinstance(asked, Notice):
        return {**shown, "notice": {"key": asked.key, "detail": asked.detail}}
    return {
        **shown,
        "metric": _metric(asked.metric, view.language),
        "by": asked.by,
        "period": _period(asked, league),
        "teams": teams(view, asked, league, facts),
        "shared_goal": shared_goal(asked, facts.rows),
        "ticker": [_win(win, league) for win in facts.wins],
    }


def teams(view: View, asked: Asked, league: League, facts: Facts) -> list[dict[str, Any]]:
    """Return the teams, best first, each with its progress, its rank when the day began and its gain today."""
    places = _places(league, facts.rows)
    before = ranks_at_day_start(asked, league, facts)
    share = expected_share(asked.period, asked.today.first)
    return [
        {
            "id": row.id,
            "name": league.name(asked.board, row.id),
            "letter": letter(places[row.id]),
            "color": color(view.theme, places[row.id]),
            "rank": row.rank,
            "prev_rank": before.get(row.id),
            **_progress(row, share),
            "today": _today(row.id, asked, facts),
        }
        for row in facts.rows
    ]


def ranks_at_day_start(asked: Asked, league: League, facts: Facts) -> dict[str, int]:
    """Return each team's rank without what it got today; empty when the period is over or began today.

    Ties share a rank (1, 2, 2, 4). What was taken back today from an earlier day counts as never given.
    """
    divisors = league.denominators(asked.board)
    start = {row.id: row.amount - facts.today.get(row.id, 0) for row in facts.rows}
    if not asked.is_running or not any(start.values()):
        return {}
    other = Fraction(1) if asked.by == TOTAL else None
    values = {team: amount / by for team, amount in start.items() if (by := divisors.get(team, other))}
    return {team: 1 + sum(better > value for better in values.values()) for team, value in values.items()}


def workdays(period: Period, today: date) -> tuple[int, int]:
    """Return how many working days (Monday to Friday) have come, today included, and how many there are."""
    days = [day for day in period.days() if day.weekday() < 5]
    return sum(day <= today for day in days), len(days)


def expected_share(period: Period, today: date) -> Fraction | None:
    """Return the share of the target expected by the end of today; None in a period without working days."""
    done, total = workdays(period, today)
    return Fraction(done, total) if total else None


def shared_goal(asked: Asked, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Return what the teams have together of their targets together; None unless each has a target."""
    targets = [row.target for row in rows if row.target]
    if len(targets) < max(len(rows), 1):
        return None
    value, goal = sum(row.amount for row in rows), sum(targets)
    left = days_left(asked.period, asked.today.first)
    return {
        "value": value,
        "goal": goal,
        "percent": _percent(Fraction(value, goal)),
        "expected": _expected(goal, expected_share(asked.period, asked.today.first)),
        "per_workday": round_half_up(Fraction(goal - value, left)) if left and value < goal else None,
    }


def days_left(period: Period, today: date) -> int:
    """Return how many working days are still to be worked, today included."""
    return sum(day >= today and day.weekday() < 5 for day in period.days())


def _progress(row: Row, share: Fraction | None) -> dict[str, Any]:
    expected = _expected(row.target, share)
    return {
        "amount": row.amount,
        "per_fte": None if row.per_fte is None else round_half_up(Fraction(row.per_fte)),
        "fte": None if row.fte is None else float(row.fte),
        "goal": row.target,
        "percent": None if row.attainment is None else _percent(Fraction(row.attainment)),
        "expected": expected,
        "ahead": None if expected is None else row.amount - expected,
    }


def _today(team: str, asked: Asked, facts: Facts) -> dict[str, int] | None:
    if not asked.is_running:
        return None
    return {"amount": facts.today.get(team, 0), "wins": facts.wins_today.get(team, 0)}


def _expected(target: int | None, share: Fraction | None) -> int | None:
    return round_half_up(target * share) if target and share is not None else None


def _percent(share: Fraction) -> float:
    return round_half_up(share * 1000) / 10


def _places(league: League, rows: Sequence[Row]) -> dict[str, int]:
    """Return each team's place on the roster; teams it no longer has come after, by id."""
    known = list(league.roster.teams) if league.roster else []
    gone = sorted(row.id for row in rows if row.id not in known)
    return {team: place for place, team in enumerate([*known, *gone])}


def _screen(view: View, league: League) -> dict[str, Any]:
    slides = [{"type": name, "seconds": seconds} for name, seconds in SLIDES]
    return {"locale": view.language, "tz": league.zone.key, "theme": view.theme, "slides": slides}


def _metric(metric: Metric, language: str) -> dict[str, Any]:
    label = metric.label.get(language) or metric.id
    return {"id": metric.id, "unit": metric.unit, "money": metric.is_money, "decimals": metric.decimals, "label": label}


def _period(asked: Asked, league: League) -> dict[str, Any]:
    period, today = asked.period, asked.today.first
    done, total = workdays(period, today)
    stand = "open" if asked.is_running else "ended" if period.last <= today else "ahead"
    return {
        "id": period.id,
        "kind": period.kind,
        "first": period.first.isoformat(),
        "starts_at": to_text(period.start(league.zone)),
        "ends_at": to_text(period.end(league.zone)),
        "state": stand,
        "workdays": {"done": done, "total": total, "left": days_left(period, today)},
    }


def _win(win: Win, league: League) -> dict[str, Any]:
    rep = league.roster.reps.get(win.rep) if league.roster else None
    name = rep.display_name if rep and rep.on_tv else None
    return {"id": win.credit, "at": to_text(win.at), "team_id": win.team, "rep": name}


def _freshness(freshness: Freshness) -> dict[str, Any]:
    last = freshness.last_booked_at
    return {"last_event_at": to_text(last) if last else None, "rebuilding": freshness.rebuilding}
