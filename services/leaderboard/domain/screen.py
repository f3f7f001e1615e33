"""What a screen shows: standings and league at one moment, as the JSON that is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from services.leaderboard.domain.boards import (
    TEAMS,
    TOTAL,
    Board,
    Freshness,
    Row,
    Win,
    period_named,
)
from services.leaderboard.domain.league import League
from services.leaderboard.domain.pace import Workdays, quiet, workdays
from services.leaderboard.domain.palette import color, letter
from shared import periods
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text
from shared.money import round_half_up
from shared.periods import Period

MAIN_METRIC = "revenue"
WINS = "deals"
"""The metric that counts wins."""
MAIN_PERIOD = "this-month"
TEAMS_SHOWN = 8
WINS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class View:
    """What a screen asks to see. `metric` None: the league's main one; `period` is an id or a name (`this-month`)."""

    metric: str | None = None
    period: str = MAIN_PERIOD
    by: str = TOTAL


@dataclass(frozen=True, slots=True)
class Asked:
    """What a view comes to in this league at this moment; `today` is the organisation's calendar day.

    On `holidays` nobody is expected to work.
    """

    metric: Metric
    period: Period
    by: str
    today: Period
    holidays: frozenset[date] = frozenset()

    @property
    def board(self) -> Board:
        """The teams in the period."""
        return Board(self.metric.id, self.period.id, TEAMS, self.by)

    @property
    def is_running(self) -> bool:
        """Tell whether today is in the period."""
        return self.period.first <= self.today.first < self.period.last

    @property
    def workdays(self) -> Workdays:
        """The period's working days, seen from today."""
        return workdays(self.period, self.today.first, self.holidays)

    def day(self, metric: str) -> Board:
        """Return the teams today."""
        return Board(metric, self.today.id)


@dataclass(frozen=True, slots=True)
class Notice:
    """Why there are no standings to show: `key` is no_league, no_teams, unknown_metric or bad_period."""

    key: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standings say: rows of the period, what each team got today, its wins today, the latest wins."""

    version: int
    freshness: Freshness
    rows: Sequence[Row] = ()
    today: Mapping[str, int] = field(default_factory=dict)
    wins_today: Mapping[str, int] = field(default_factory=dict)
    wins: Sequence[Win] = ()


def resolve(view: View, league: League, now: datetime) -> Asked | Notice:
    """Return what the view comes to, or why it comes to nothing."""
    if league.roster is None or not league.metrics:
        return Notice("no_league")
    if view.metric and view.metric not in league.metrics:
        return Notice("unknown_metric", f"{view.metric}: {', '.join(league.metrics)}")
    try:
        period = period_named(view.period, now, league.zone)
    except ValueError:
        return Notice("bad_period", view.period)
    main = MAIN_METRIC if MAIN_METRIC in league.metrics else next(iter(league.metrics))
    today = periods.of(now, "day", league.zone)
    return Asked(league.metrics[view.metric or main], period, view.by, today, league.holidays)


def state(asked: Asked | Notice, league: League, facts: Facts, now: datetime) -> dict[str, Any]:
    """Return everything that a screen draws. Amounts are in the metric's smallest unit, instants in UTC."""
    if isinstance(asked, Asked) and not facts.rows:
        asked = Notice("no_teams")
    shown = {
        "v": facts.version,
        "organisation": _organisation(league),
        "freshness": _freshness(facts.freshness, league, now),
    }
    if isinstance(asked, Notice):
        return {**shown, "notice": {"key": asked.key, "detail": asked.detail}}
    return {
        **shown,
        "notice": None,
        "metric": _metric(asked.metric),
        "by": asked.by,
        "period": _period(asked, league),
        "teams": teams(asked, league, facts)[:TEAMS_SHOWN],
        "teams_total": len(facts.rows),
        "shared_goal": shared_goal(asked, facts.rows),
        "wins": [_win(win, league, facts.rows) for win in facts.wins],
    }


def teams(asked: Asked, league: League, facts: Facts) -> list[dict[str, Any]]:
    """Return the teams, best first, each with its progress, its rank when the day began and its gain today."""
    places = _places(league, facts.rows)
    before = ranks_at_day_start(asked, league, facts)
    return [
        {
            "id": row.id,
            "name": league.name(asked.board, row.id),
            "letter": letter(places[row.id]),
            "color": color(places[row.id]),
            "rank": row.rank,
            "prev_rank": before.get(row.id),
            **_progress(row, asked),
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


def shared_goal(asked: Asked, rows: Sequence[Row]) -> dict[str, Any] | None:
    """Return what the teams have together of their targets together; None unless each has a target."""
    targets = [row.target for row in rows if row.target]
    if len(targets) < max(len(rows), 1):
        return None
    amount, goal = sum(row.amount for row in rows), sum(targets)
    return {
        "amount": amount,
        "goal": goal,
        "percent": _percent(Fraction(amount, goal)),
    }


def _progress(row: Row, asked: Asked) -> dict[str, Any]:
    return {
        "amount": row.amount,
        "per_fte": None if row.per_fte is None else round_half_up(Fraction(row.per_fte)),
        "goal": row.target,
        "percent": None if row.attainment is None else _percent(Fraction(row.attainment)),
        "pace": asked.workdays.pace(row.amount, row.target),
    }


def _today(team: str, asked: Asked, facts: Facts) -> dict[str, int] | None:
    if not asked.is_running:
        return None
    return {"amount": facts.today.get(team, 0), "wins": facts.wins_today.get(team, 0)}


def _percent(share: Fraction) -> float:
    """Return a share as percent with one decimal, which is exact enough for a bar."""
    return round_half_up(share * 1000) / 10


def _places(league: League, rows: Sequence[Row]) -> dict[str, int]:
    """Return each team's place on the roster; teams it no longer has come after, by id."""
    known = list(league.roster.teams) if league.roster else []
    gone = sorted(row.id for row in rows if row.id not in known)
    return {team: place for place, team in enumerate([*known, *gone])}


def _organisation(league: League) -> dict[str, str] | None:
    if league.roster is None:
        return None
    known = league.roster.organisation
    return {"name": known.name, "language": known.language, "zone": known.timezone}


def _metric(metric: Metric) -> dict[str, Any]:
    unit = {"unit": metric.unit, "money": metric.is_money, "decimals": metric.decimals}
    return {"id": metric.id, **unit, "label": dict(metric.label)}


def _period(asked: Asked, league: League) -> dict[str, Any]:
    period, days = asked.period, asked.workdays
    return {
        "id": period.id,
        "kind": period.kind,
        "first": period.first.isoformat(),
        "ends_at": to_text(period.end(league.zone)),
        "state": "open" if asked.is_running else "ended" if period.last <= asked.today.first else "ahead",
        "workdays": {"begun": days.begun, "total": days.total},
        "expected_percent": None if days.expected is None else _percent(days.expected),
    }


def _win(win: Win, league: League, rows: Sequence[Row]) -> dict[str, Any]:
    """Describe a win: the team, and the rep only where the roster lets the name be shown."""
    rep = league.roster.reps.get(win.rep) if league.roster else None
    place = _places(league, rows).get(win.team)
    return {
        "id": win.credit,
        "at": to_text(win.at),
        "team": league.name(Board(WINS, "", TEAMS), win.team),
        "letter": None if place is None else letter(place),
        "color": None if place is None else color(place),
        "rep": rep.display_name if rep and rep.on_tv else None,
    }


def _freshness(freshness: Freshness, league: League, now: datetime) -> dict[str, Any]:
    last = freshness.last_booked_at
    silence = quiet(last, now, league.zone, league.holidays)
    return {
        "last_booked_at": to_text(last) if last else None,
        "quiet": dict(zip(("from", "until"), map(to_text, silence), strict=True)) if silence else None,
        "rebuilding": freshness.rebuilding,
    }
