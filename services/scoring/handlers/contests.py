"""Contests: which there are, and who leads."""

from dataclasses import dataclass
from datetime import datetime

from services.scoring.domain.league import Edition
from services.scoring.handlers.leagues import Leagues
from services.scoring.store import Asked, Reader
from shared.contracts.contest_places import Place, Tally, standings, stretches
from shared.contracts.contests import MOST_IMPROVED, TEAMS, Contest
from shared.contracts.playbook import Metric
from shared.errors import NotFound


class NoContest(NotFound):
    """There is no such contest, or it is not told yet."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Where a contest stands; `roster` is the version that was frozen at its start."""

    contest: Contest
    metric: Metric
    roster: int
    places: list[Place]


def listed(leagues: Leagues, *, hidden: bool) -> list[Contest]:
    """Return every contest as the latest playbook that names it has it, the next one to end first."""
    found = {contest.id: contest for edition in _editions(leagues) for contest in edition.playbook.contests}
    return sorted((c for c in found.values() if c.published or hidden), key=lambda c: (c.end, c.id))


def standing(name: str, leagues: Leagues, reader: Reader, *, hidden: bool) -> Standings:
    """Return where a contest stands; raises NoContest."""
    editions = [edition for edition in _editions(leagues) if name in edition.contests]
    contest = editions[-1].contests[name] if editions else None
    if contest is None or not (contest.published or hidden):
        raise NoContest(f"{name!r} is no contest")
    league = leagues.frozen(contest.start)
    if league.roster is None:
        raise NoContest("nobody competes before there is a roster")
    metric = editions[-1].playbook.metrics[contest.metric]
    places = standings(contest, _tallies(contest, reader), league.roster, metric)
    return Standings(contest, metric, league.roster_version, places)


def _editions(leagues: Leagues) -> list[Edition]:
    return sorted(leagues.now().editions, key=lambda edition: edition.version)


def _tallies(contest: Contest, reader: Reader) -> dict[str, Tally]:
    by = "team" if contest.scope == TEAMS else "rep"
    now = _asked(contest, (contest.start, contest.end))
    sums, reached = reader.totals(now, by), reader.last(now, by)
    past = stretches(contest) if contest.scoring == MOST_IMPROVED else []
    before = [reader.totals(_asked(contest, stretch), by) for stretch in past]
    owners = sums.keys() | {owner for found in before for owner in found}
    return {
        owner: Tally(sums.get(owner, 0), tuple(found.get(owner, 0) for found in before), reached.get(owner))
        for owner in owners
    }


def _asked(contest: Contest, stretch: tuple[datetime, datetime]) -> Asked:
    return Asked(*stretch, metric=contest.metric)
