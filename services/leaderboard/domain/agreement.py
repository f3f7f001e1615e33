"""Do the boards agree with each other? Every line stands on fifteen of them, so their sums must match."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from services.leaderboard.domain.boards import IN_TEAM, OVERLAYS, REPS, TEAMS, Board, kept_until
from shared import periods
from shared.periods import Period

Totals = Mapping[str, int]

PARTS: Mapping[str, str] = {"year": "quarter", "quarter": "month", "month": "day", "week": "day"}
"""Of which smaller periods a period is the exact sum."""


def scopes(metric: str, period: str, teams: Iterable[str]) -> list[Board]:
    """Return the boards of one metric and period: teams, what stands apart from them, reps, the reps of each team."""
    of_each = (IN_TEAM + team for team in sorted(teams))
    return [Board(metric, period, scope) for scope in (TEAMS, OVERLAYS, REPS, *of_each)]


def within_period(totals: Mapping[str, Totals]) -> Iterator[str]:
    """Yield a sentence for every sum that differs; `totals` by scope, of one metric, period and moment.

    A team's total, with what its mentors got on top, is the sum of its reps' in that team; a rep's is the sum over the
    teams.
    """
    inside = {scope.removeprefix(IN_TEAM): board for scope, board in totals.items() if scope.startswith(IN_TEAM)}
    of_teams, apart = totals.get(TEAMS, {}), totals.get(OVERLAYS, {})
    for team in sorted({*of_teams, *apart, *inside}):
        parts = sum(inside.get(team, {}).values()) - apart.get(team, 0)
        yield from _differs(f"team {team}", of_teams.get(team, 0), parts)
    for rep in sorted({*totals.get(REPS, {}), *(rep for board in inside.values() for rep in board)}):
        parts = sum(board.get(rep, 0) for board in inside.values())
        yield from _differs(f"rep {rep}", totals.get(REPS, {}).get(rep, 0), parts)


def parts_of(period: Period, zone: ZoneInfo, now: datetime) -> list[Period]:
    """Return the smaller periods that add up to this one; none when some of their boards are gone by `now`."""
    kind = PARTS.get(period.kind)
    parts = list(dict.fromkeys(periods.of_day(day, kind) for day in period.days())) if kind else []
    ends = [kept_until(part, zone) for part in parts]
    return parts if all(end is None or end > now for end in ends) else []


def between_periods(whole: Totals, parts: Iterable[Totals]) -> Iterator[str]:
    """Yield a sentence for every team whose total is not the sum of the smaller periods."""
    added: dict[str, int] = {}
    for part in parts:
        for team, amount in part.items():
            added[team] = added.get(team, 0) + amount
    for team in sorted({*whole, *added}):
        yield from _differs(f"team {team} over its smaller periods", whole.get(team, 0), added.get(team, 0))


def _differs(what: str, found: int, expected: int) -> Iterator[str]:
    if found != expected:
        yield f"{what}: {found} stands there, its parts add up to {expected}"
