"""Who leads a contest, by each way of scoring, with a roster that is frozen at its start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

from shared.contracts.contests import EARLIER, MOST_IMPROVED, OF_TARGET, PER_FTE_DAY, SHRUNK_MEAN, TEAMS, Contest
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep, Roster
from shared.periods import is_working_day

LOOK_BACK = 4
"""Stretches before the contest whose median most_improved is held against."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a team or rep has: `amount` (smallest units) in the contest, in each stretch before it, and since when.

    Who has nothing has it since no moment, whatever came and went: `ranked` asks for none.
    """

    amount: int
    before: tuple[int, ...]
    reached: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a contest. `score` is what it ranks by, None where that cannot be known (no target, no days)."""

    rank: int | None
    id: str
    score: Fraction | None
    amount: int
    fte_days: Fraction
    reached: datetime | None


def stretches(contest: Contest) -> list[tuple[datetime, datetime]]:
    """Return the stretches of the same length just before the contest, the last one first."""
    length = contest.end - contest.start
    return [(contest.start - (n + 1) * length, contest.start - n * length) for n in range(LOOK_BACK)]


def entrants(contest: Contest, roster: Roster) -> list[str]:
    """Return who competes: the eligible teams or reps who were on the roster during the contest."""
    first, last = _days_of(contest, roster)
    there = {rep.id: {m.team for m in rep.memberships if m.touches(first, last + _DAY)} for rep in roster.reps.values()}
    if contest.scope == TEAMS:
        filled = {team for teams in there.values() for team in teams}
        return [team for team in roster.teams if team in filled and (not contest.eligible or team in contest.eligible)]
    return [rep for rep, teams in there.items() if teams and (not contest.eligible or rep in contest.eligible)]


def fte_days(contest: Contest, owner: str, roster: Roster) -> Fraction:
    """Return the FTE-days of a team or rep in the contest: working days by membership, leave taken off.

    A contest without a working day counts calendar days.
    """
    first, last = _days_of(contest, roster)
    every = [first + n * _DAY for n in range((last - first).days + 1)]
    days = [day for day in every if is_working_day(day, roster.organisation.holidays)] or every
    reps = roster.reps.values() if contest.scope == TEAMS else [roster.reps[owner]] if owner in roster.reps else []
    team = owner if contest.scope == TEAMS else None
    return sum((_present(rep, team, day) for rep in reps for day in days), Fraction(0))


def _present(rep: Rep, team: str | None, day: date) -> Fraction:
    member = next((m for m in rep.memberships if m.covers(day) and team in (None, m.team)), None)
    away = sum((a.part for a in rep.absences if a.start <= day < a.end), Decimal(0))
    return Fraction(member.fte) * (1 - Fraction(min(away, Decimal(1)))) if member else Fraction(0)


def _days_of(contest: Contest, roster: Roster) -> tuple[date, date]:
    """Return the first and the last day that the contest touches, in the organisation's zone."""
    last = (contest.end - timedelta(microseconds=1)).astimezone(roster.zone).date()
    return contest.start.astimezone(roster.zone).date(), last


def standings(contest: Contest, tallies: Mapping[str, Tally], roster: Roster, metric: Metric) -> list[Place]:
    """Return everybody's place, the best first, by a roster: see `ranked`."""
    return ranked(contest, tallies, competing(contest, roster), metric)


def competing(contest: Contest, roster: Roster) -> dict[str, Fraction]:
    """Return who competes, with their FTE-days."""
    return {owner: fte_days(contest, owner, roster) for owner in entrants(contest, roster)}


def ranked(contest: Contest, tallies: Mapping[str, Tally], days: Mapping[str, Fraction], metric: Metric) -> list[Place]:
    """Return everybody's place, the best first; who has no score comes last, without a rank.

    `days` are those who compete with their FTE-days. Scores are in usual units of the metric: in all, per FTE-day, or
    as a part of the target (1 is 100 %).
    """
    held = {owner: _held(tallies.get(owner)) for owner in days}
    scores = _scores(contest, held, days, metric)
    ordered = sorted(held, key=lambda owner: _order(contest, scores[owner], held[owner], owner))
    return list(_ranked(contest, ordered, scores, held, days))


def _held(tally: Tally | None) -> Tally:
    found = tally or Tally(0, (), None)
    return found if found.amount else replace(found, reached=None)


def _order(contest: Contest, score: Fraction | None, tally: Tally, owner: str) -> tuple[bool, Fraction, float, str]:
    when = tally.reached.timestamp() if contest.tie == EARLIER and tally.reached else 0.0
    return score is None, -(score or Fraction(0)), when, owner


def _ranked(
    contest: Contest,
    ordered: Sequence[str],
    scores: Mapping[str, Fraction | None],
    held: Mapping[str, Tally],
    days: Mapping[str, Fraction],
) -> Iterator[Place]:
    rank = 0
    for number, owner in enumerate(ordered, 1):
        score, tally = scores[owner], held[owner]
        before = ordered[number - 2] if number > 1 else None
        equal = before is not None and scores[before] == score
        if not (equal and (contest.tie != EARLIER or held[before or owner].reached == tally.reached)):
            rank = number
        yield Place(None if score is None else rank, owner, score, tally.amount, days[owner], tally.reached)


def _scores(
    contest: Contest, held: Mapping[str, Tally], days: Mapping[str, Fraction], metric: Metric
) -> dict[str, Fraction | None]:
    usual = {owner: Fraction(tally.amount, 10**metric.decimals) for owner, tally in held.items()}
    if contest.scoring == OF_TARGET:
        goals = {owner: contest.targets.get(owner) for owner in held}
        return {owner: usual[owner] / Fraction(goal) if goal else None for owner, goal in goals.items()}
    if contest.scoring == PER_FTE_DAY:
        return {owner: _divided(usual[owner], days[owner]) for owner in held}
    if contest.scoring == SHRUNK_MEAN:
        return _shrunk(usual, days)
    if contest.scoring == MOST_IMPROVED:
        return {owner: _improved(usual[owner], held[owner], days[owner], metric) for owner in held}
    return dict(usual)


def _divided(amount: Fraction, days: Fraction) -> Fraction | None:
    return amount / days if days else None


def _shrunk(amounts: Mapping[str, Fraction], days: Mapping[str, Fraction]) -> dict[str, Fraction | None]:
    """Return (T + m·g) / (n + m): g the mean of all per FTE-day, m the median of the FTE-days.

    Shrinkage towards the grand mean, as empirical Bayes estimators do it (Efron and Morris, 1977): small teams neither
    win nor lose by chance alone.
    """
    whole = sum(days.values(), Fraction(0))
    if not whole:
        return dict.fromkeys(amounts)
    mean, prior = sum(amounts.values(), Fraction(0)) / whole, Fraction(median(days.values()))
    return {
        owner: (amount + prior * mean) / (days[owner] + prior) if days[owner] else None
        for owner, amount in amounts.items()
    }


def _improved(amount: Fraction, tally: Tally, days: Fraction, metric: Metric) -> Fraction | None:
    """Return how much more per FTE-day than the own median of the stretches before; None without any before."""
    past = [Fraction(each, 10**metric.decimals) for each in tally.before]
    if not days or not any(past):
        return None
    return (amount - Fraction(median(past))) / days
