"""What stands in a stretch of time that no board is of, and who leads a contest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from typing import Protocol

from services.leaderboard.domain.boards import REPS, TEAMS, Board, Entry
from services.leaderboard.domain.slides.contest import looked_at
from services.leaderboard.domain.slides.scene import Scene
from services.leaderboard.domain.stretch import Stretch, last_moments
from shared.contracts.contest_places import Place, Tally, ranked
from shared.contracts.contests import EARLIER, Contest


class Store(Protocol):
    """What the handlers need of the standings."""

    def sum_of(self, boards: Sequence[Board]) -> dict[str, int]:
        """Return what the members have on these boards together."""
        ...

    def entries(self, metric: str, days: Sequence[date]) -> list[list[Entry]]:
        """Return what stands on each of the days, piece by piece of work."""
        ...


def sums(stretch: Stretch, metric: str, scope: str, store: Store) -> dict[str, int]:
    """Return what each member of a scope has in a stretch of time."""
    whole = store.sum_of([Board(metric, period.id, scope) for period in stretch.periods])
    entries = store.entries(metric, stretch.days) if stretch.days else []
    return stretch.sums(whole, chain.from_iterable(entries), scope)


def places(contest: Contest, scene: Scene, store: Store) -> list[Place]:
    """Return everybody's place in a contest, by the roster that was known at its start; raises NothingToShow."""
    days = scene.league.competing(contest)
    scope = TEAMS if contest.scope == TEAMS else REPS
    own, *past = looked_at(contest, scene)
    amounts = sums(own, contest.metric, scope, store)
    before = [sums(each, contest.metric, scope, store) for each in past]
    owners = amounts.keys() | {owner for found in before for owner in found}
    tallies = {
        owner: Tally(amounts.get(owner, 0), tuple(found.get(owner, 0) for found in before), None) for owner in owners
    }
    metric = scene.league.metrics[contest.metric]
    found = ranked(contest, tallies, days, metric)
    tied = _tied(found) if contest.tie == EARLIER else []
    if not tied:
        return found
    reached = _reached(own, tied, contest, scope, store)
    held = {owner: replace(tally, reached=reached.get(owner)) for owner, tally in tallies.items()}
    return ranked(contest, held, days, metric)


def _tied(found: Sequence[Place]) -> list[str]:
    """Return who has the same score as somebody else, and something at all."""
    scores = Counter(place.score for place in found)
    return [place.id for place in found if place.score is not None and place.amount and scores[place.score] > 1]


def _reached(own: Stretch, owners: Sequence[str], contest: Contest, scope: str, store: Store) -> Mapping[str, datetime]:
    """Return when these owners got the last thing that stands in the contest."""
    days = [*own.days, *(day for period in own.periods for day in period.days())]
    found: dict[str, datetime] = {}
    for day in sorted(days, reverse=True):
        missing = [owner for owner in owners if owner not in found]
        if not missing:
            break
        [entries] = store.entries(contest.metric, [day])
        found |= last_moments(missing, own.inside(entries), scope)
    return found
