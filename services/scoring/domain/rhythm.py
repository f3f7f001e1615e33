"""What a rep's days make together: streaks, personal bests, milestones; and who was the first of a period.

Pure functions of what stands, day by day: so a late or a reversed event moves the prize to where it belongs.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.scoring.domain.league import Edition, League
from services.scoring.domain.rules import Due, Key
from shared.contracts.rhythm import ORGANISATION, TEAM, Best, First, Milestone, Streak
from shared.periods import is_working_day, midnight, of_day

RHYTHM, FIRST = "rhythm:", "first:"
"""Begin the subjects of what is derived from other lines; such lines are never looked at themselves."""

_DAY = timedelta(days=1)
Days = Mapping[str, Mapping[date, int]]
"""What stands of a rep by metric and day, smallest units; days with nothing are left out."""


class Award(NamedTuple):
    """A prize that was won on a day, under a name that is the prize's id, with what was reached behind a ~.

    It is made of what stands from the day `since` on; `beaten` is the best before that it went beyond.
    """

    name: str
    prize: Streak | First | Best | Milestone
    day: date
    since: date
    beaten: int | None = None


class Standing(NamedTuple):
    """A credit that stands, as far as the question who was first needs it."""

    at: datetime
    rep: str
    team: str
    activity: str


def is_derived(subject: str) -> bool:
    """Tell whether a subject is made from other lines."""
    return subject.startswith((RHYTHM, FIRST))


def rhythm(rep: str, days: Days, league: League) -> dict[Key, Due]:
    """Return what the rep's days earn: each award under the edition in force on its day."""
    due: dict[Key, Due] = {}
    for edition, award in awards(rep, days, league):
        due |= dict(_given(rep, award, edition, league))
    return due


def awards(rep: str, days: Days, league: League) -> Iterator[tuple[Edition, Award]]:
    """Yield what the rep's days win, each under the edition in force on its day."""
    for edition in league.editions:
        for award in _awards(rep, days, edition, league):
            if league.edition_on(award.day) is edition:
                yield edition, award


def _awards(rep: str, days: Days, edition: Edition, league: League) -> Iterator[Award]:
    said, metrics = edition.playbook.rhythm, edition.playbook.metrics
    for streak in said.streaks:
        least = metrics[streak.metric].smallest(streak.at_least)
        yield from _streaks(streak, least, days.get(streak.metric, {}), lambda day: is_day_of_streak(rep, day, league))
    for best in said.bests:
        yield from _bests(best, days.get(best.metric, {}))
    for milestone in said.milestones:
        marks = {str(mark): metrics[milestone.metric].smallest(mark) for mark in milestone.at}
        yield from _milestones(milestone, marks, days.get(milestone.metric, {}))


def is_day_of_streak(rep: str, day: date, league: League) -> bool:
    """Tell whether a day counts in a streak: a working day, no holiday, no day of leave."""
    if league.roster is None or not is_working_day(day, league.roster.organisation.holidays):
        return False
    known = league.roster.reps.get(rep)
    return not any(a.start <= day < a.end and a.part == 1 for a in (known.absences if known else ()))


def _streaks(streak: Streak, least: int, sums: Mapping[date, int], counts: Callable[[date], bool]) -> Iterator[Award]:
    run, since = 0, date.min
    for day in _all_days(sums):
        if not counts(day):
            continue
        run = run + 1 if sums.get(day, 0) >= least else 0
        since = day if run == 1 else since
        if run and run % streak.length == 0 and (streak.again or run == streak.length):
            yield Award(f"{streak.id}~{run}", streak, day, since)


def _all_days(sums: Mapping[date, int]) -> Iterator[date]:
    """Yield every day from the first to the last with something."""
    if sums:
        first, last = min(sums), max(sums)
        yield from (first + n * _DAY for n in range((last - first).days + 1))


def _bests(best: Best, sums: Mapping[date, int]) -> Iterator[Award]:
    """Yield for each period that beats all before it the day on which it did."""
    periods: dict[str, list[date]] = defaultdict(list)
    for day in sorted(sums):
        periods[of_day(day, best.every).id].append(day)
    most = count = 0
    for days in periods.values():
        total, beaten = 0, False
        for day in days:
            total += sums[day]
            if total > most and count >= best.after and not beaten:
                beaten = True
                yield Award(f"{best.id}~{of_day(day, best.every).id}", best, day, days[0], most)
        most, count = max(most, total), count + (total > 0)


def _milestones(milestone: Milestone, marks: Mapping[str, int], sums: Mapping[date, int]) -> Iterator[Award]:
    total, reached, first_day = 0, set[str](), min(sums, default=date.min)
    for day in sorted(sums):
        total += sums[day]
        for name, mark in marks.items():
            if total >= mark and name not in reached:
                reached.add(name)
                yield Award(f"{milestone.id}~{name}", milestone, day, first_day)


def first_subjects(rep: str, team: str, metric: str, day: date, league: League) -> Iterator[str]:
    """Yield the subjects of the firsts that a line of this rep, team, metric and day can change."""
    for prize in league.firsts:
        if prize.metric == metric:
            owner = "" if prize.scope == ORGANISATION else team if prize.scope == TEAM else rep
            yield f"{FIRST}{prize.id}:{of_day(day, prize.every).id}:{owner}"


def first_prize(name: str, day: date, league: League) -> First | None:
    """Return the prize for the first of a period, as it is in force on the period's first day."""
    edition = league.edition_on(day)
    return next((one for one in edition.playbook.rhythm.firsts if one.id == name), None) if edition else None


def first(prize: First, day: date, standing: Iterable[Standing], league: League) -> dict[Key, Due]:
    """Return what the first of a period earns; `day` is its first day, `standing` is what stands of it."""
    edition = league.edition_on(day)
    winner = min(standing, key=lambda one: (one.at, one.activity), default=None)
    if edition is None or winner is None:
        return {}
    won_on = league.day(winner.at)
    won = Award(prize.id, prize, won_on, won_on)
    return dict(_given(winner.rep, won, edition, league, activity=winner.activity))


def _given(
    rep: str, award: Award, edition: Edition, league: League, activity: str | None = None
) -> Iterator[tuple[Key, Due]]:
    """Yield the credits of an award; they count from the beginning of its day."""
    if league.roster is None:
        return
    at = midnight(award.day, league.roster.zone)
    team = league.team_of(rep, at)
    if team is None:
        return
    for metric, amount in award.prize.credit.items():
        key = Key(award.name, metric, rep, team, at)
        smallest = edition.playbook.metrics[metric].smallest(amount)
        yield key, Due(smallest, activity or f"{RHYTHM}{rep}:{award.day}", 0, edition.version)
