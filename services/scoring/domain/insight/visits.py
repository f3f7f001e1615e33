"""The visits of a deal: stretches of time in which its stage, status, owner, team and amount stayed the same.

A pure function of the deal's history and the roster, so that the order in which things arrived leaves no trace. What
a deal was at a moment is the visit that holds that moment: nothing of a visit was known only later.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.scoring.domain.deals import OPEN, Turn, fold
from services.scoring.domain.league import League
from shared.contracts.activity import Activity
from shared.periods import midnight

_KEPT = ("pipeline", "stage", "amount", "currency")


class Visit(NamedTuple):
    """A deal from `since` up to and without `until` (None: still).

    `stage_since` is when it came into this stage, `created` when it was first heard of. `amount` is exact text in major
    units of `currency`.
    """

    deal: str
    number: int
    created: datetime
    stage_since: datetime
    since: datetime
    until: datetime | None
    status: str
    rep: str | None
    team: str | None
    pipeline: str | None
    stage: str | None
    amount: str | None
    currency: str | None


def visits(history: Sequence[Activity], league: League) -> list[Visit]:
    """Return the visits of the deal that a history is about, numbered from 1; none where it is about no deal."""
    facts = [fact for fact in history if fact.deal and fact.deal.set]
    if not facts or facts[0].deal is None:
        return []
    found = _stretches(facts[0].deal.id, fold(facts, league.status_of).turns)
    placed = [part for visit in found for part in _by_team(visit, league)]
    return [visit._replace(number=number) for number, visit in enumerate(placed, 1)]


def _stretches(deal: str, turns: Sequence[Turn]) -> Iterator[Visit]:
    """Yield a visit for each stretch between changes that matter; of several at one moment the last one counts."""
    current: Visit | None = None
    ends = [*(turn.at for turn in turns[1:]), None]
    for turn, end in zip(turns, ends, strict=True):
        if end == turn.at:
            continue
        following = _visit(deal, turn, current, turns[0].at)
        if current and _is_same(current, following):
            continue
        if current:
            yield current._replace(until=turn.at)
        current = following
    if current:
        yield current


def _visit(deal: str, turn: Turn, before: Visit | None, created: datetime) -> Visit:
    said = {name: turn.fields.get(name) for name in _KEPT}
    same = before and (before.pipeline, before.stage) == (said["pipeline"], said["stage"])
    stage_since = before.stage_since if before and same else turn.at
    return Visit(deal, 0, created, stage_since, turn.at, None, turn.status, turn.fields.get("owner"), None, **said)


def _is_same(one: Visit, other: Visit) -> bool:
    return one._replace(since=other.since) == other


def _by_team(visit: Visit, league: League) -> Iterator[Visit]:
    """Yield the visit cut where its owner moved to another team, each part with the team then; a closed deal stays."""
    known = league.roster.reps.get(visit.rep or "") if league.roster else None
    if known is None or league.roster is None:
        yield visit
        return
    ends = known.memberships if visit.status == OPEN else ()
    days = {day for member in ends for day in (member.start, member.end) if day}
    cuts = sorted(midnight(day, league.roster.zone) for day in days)
    inner = [cut for cut in cuts if visit.since < cut and (visit.until is None or cut < visit.until)]
    starts = [visit.since, *inner]
    for since, until in zip(starts, [*inner, visit.until], strict=True):
        yield visit._replace(since=since, until=until, team=league.team_of(known.id, since))
