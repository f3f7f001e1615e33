"""What is due of subjects, and the lines that make the ledger say so."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.scoring.domain.insight.visits import Visit, visits
from services.scoring.domain.league import League, whose_days
from services.scoring.domain.ledger import Entry, difference, number
from services.scoring.domain.rhythm import FIRST, RHYTHM, first, first_prize, first_subjects, is_derived, rhythm
from services.scoring.domain.rules import Due, Key, Verdict, judge
from services.scoring.domain.windows import Allowed, Place, allow, candidates, settle
from services.scoring.store import Days, Transaction, Windows, candidate_of
from shared import periods
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.rhythm import ORGANISATION
from shared.topics import TOPICS, partition_of

PARTITIONS = TOPICS["credits"].partitions
DEAL = "deal:"
"""Begins the subjects that are deals."""


class End(NamedTuple):
    """Where lines are written: a locked partition, the number of its last line, and the moment."""

    partition: int
    last: int
    now: datetime


def write(
    transaction: Transaction, end: End, changed: Mapping[str, list[Activity]], league: League, *, settled: bool = False
) -> None:
    """Append the difference for each changed subject, with the activities that changed it.

    `settled`: the windows that they count in have been worked out already.
    """
    partition, last, now = end
    # an activity that was not known before, is no part of a deal and takes nothing back is its own whole history
    lookup = [
        subject for subject, facts in changed.items() if not facts or facts[0].deal or any(f.retracts for f in facts)
    ]
    standing = transaction.standing(partition, lookup)
    due = _due_of_days(transaction.days, changed, league)
    own = {name: facts for name, facts in changed.items() if name not in due}
    histories = transaction.histories(partition, [name for name in lookup if name in own])
    verdicts = {name: judge(histories.get(name, facts), league) for name, facts in own.items()}
    transaction.visits.replace(partition, visits_of({n: histories.get(n, facts) for n, facts in own.items()}, league))
    allowed = count(transaction.windows, partition, verdicts, league, settled=settled)
    due |= {name: settle(name, verdict, allowed, league) for name, verdict in verdicts.items()}
    entries: dict[str, list[Entry]] = {
        subject: difference(due[subject], standing.get(subject, {}), facts[-1] if facts else None)
        for subject, facts in changed.items()
    }
    lines = list(number(entries, partition, last, league.roster_version, now))
    transaction.append(partition, lines)
    if league.rhythm:
        transaction.days.add(lines, league)
        transaction.days.stale(_placed(_derived_from(lines, league)))


def visits_of(histories: Mapping[str, Sequence[Activity]], league: League) -> dict[str, list[Visit]]:
    """Return the visits of the subjects that are deals, by the deal's id."""
    return {
        name.removeprefix(DEAL): visits(facts, league) for name, facts in histories.items() if name.startswith(DEAL)
    }


def derive_again(transaction: Transaction, before: League, after: League) -> None:
    """Have everything that days make together computed again, after a document that can change it."""
    whose = whose_days(before, after)
    if not (before.rhythm or after.rhythm) or after.roster is None or whose == frozenset():
        return
    if not before.rhythm or before.roster is None or before.roster.zone != after.roster.zone:
        transaction.days.rebuild(after)
    subjects = {RHYTHM + rep for rep in (after.roster.reps if whose is None else whose)}
    subjects |= set(transaction.days.derived()) if whose is None else set()
    for rep, metric, day in transaction.days.all():
        if whose is None or rep in whose:
            team = after.team_of(rep, periods.midnight(day, after.roster.zone)) or ""
            subjects |= set(first_subjects(rep, team, metric, day, after))
    transaction.days.stale(_placed(subjects))


def _due_of_days(days: Days, changed: Iterable[str], league: League) -> dict[str, Mapping[Key, Due]]:
    return {name: due_of_days(name, days, league) for name in changed if is_derived(name)}


def count(
    windows: Windows, partition: int, verdicts: Mapping[str, Verdict], league: League, *, settled: bool = False
) -> dict[Place, Allowed]:
    """Let what the subjects ask count in its windows; return what everything in those counts for.

    `settled`: their windows have been worked out, so that those who ask what they asked before have their answer.
    """
    if not league.limits:
        return {}
    asking = {subject: candidates(subject, verdict, league) for subject, verdict in verdicts.items()}
    kept = windows.unchanged(asking) if settled else {}
    allowed = {place: one for found in kept.values() for place, one in found.items()}
    touched = windows.replace(partition, {name: new for name, new in asking.items() if name not in kept})
    for rows in windows.asking(touched).values():
        worked_out = allow(map(candidate_of, rows), league)
        windows.settle(rows, worked_out, verdicts.keys())
        allowed |= worked_out
    return allowed


def _derived_from(lines: Iterable[Credit], league: League) -> set[str]:
    """Return the subjects of what days make together that these lines can change."""
    found: set[str] = set()
    for line in lines:
        if not is_derived(line.subject) and not line.overlay:
            found.add(RHYTHM + line.rep)
            found |= set(first_subjects(line.rep, line.team, line.metric, league.day(line.at), league))
    return found


def _placed(subjects: Iterable[str]) -> list[tuple[int, str]]:
    return [(partition_of(subject, PARTITIONS), subject) for subject in subjects]


def due_of_days(subject: str, days: Days, league: League) -> Mapping[Key, Due]:
    """Return what is due of a subject that is made from days."""
    if league.roster is None:
        return {}
    if subject.startswith(RHYTHM):
        rep = subject.removeprefix(RHYTHM)
        return rhythm(rep, days.of(rep), league)
    name, period_id, owner = subject.removeprefix(FIRST).split(":", 2)
    period = periods.parse(period_id)
    prize = first_prize(name, period.first, league)
    if prize is None:
        return {}
    bounds = period.start(league.roster.zone), period.end(league.roster.zone)
    whose = {} if prize.scope == ORGANISATION else {prize.scope: owner}
    return first(prize, period.first, days.standing(prize.metric, *bounds, whose), league)
