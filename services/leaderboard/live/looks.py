"""What each type of slide reads of the standings, and then shows. What several slides of a view need is read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from services.leaderboard.domain.boards import REPS, Board, Entry, Freshness, Moment, Page, Row, Win
from services.leaderboard.domain.league import League, row
from services.leaderboard.domain.people import person
from services.leaderboard.domain.slides import asked as types
from services.leaderboard.domain.slides import contest, feed, goal, race, top
from services.leaderboard.domain.slides.asked import Slide
from services.leaderboard.domain.slides.scene import WON, Asked, NothingToShow, Scene, resolve
from services.leaderboard.domain.stretch import stretch
from services.leaderboard.handlers import looking

MOST_TEAMS, MOST_REPS, MOMENTS_LOOKED_AT = 100, 500, 50


class Standings(Protocol):
    """What is needed of the standings."""

    def version(self) -> int:
        """Return a number that grows with every change."""
        ...

    def documents(self) -> League:
        """Return the league."""
        ...

    def board(self, board: Board, start: int = 0, count: int = 50) -> Page:
        """Return rows of a board."""
        ...

    def totals(self, boards: Sequence[Board]) -> list[dict[str, int]]:
        """Return the totals of boards."""
        ...

    def amounts(self, asked: Sequence[tuple[Board, str]]) -> list[int]:
        """Return the amounts of members on boards."""
        ...

    def sum_of(self, boards: Sequence[Board]) -> dict[str, int]:
        """Return what the members have on these boards together."""
        ...

    def entries(self, metric: str, days: Sequence[date]) -> list[list[Entry]]:
        """Return what stands on each of the days, piece by piece of work."""
        ...

    def latest_wins(self, n: int = 50) -> Sequence[Win]:
        """Return the deals won last."""
        ...

    def worth(self, metric: str, wins: Sequence[Win]) -> list[int | None]:
        """Return what each win brought in a metric."""
        ...

    def latest_moments(self, n: int = 50) -> Sequence[Moment]:
        """Return the moments of late."""
        ...

    def freshness(self) -> Freshness:
        """Return how current the standings are."""
        ...


@dataclass
class Memory:
    """What was read already, for whichever team."""

    teams: dict[Board, race.Standing] = field(default_factory=dict)
    wins: list[tuple[Win, int | None]] | None = None


class Look:
    """One look at the standings, for the slides of one view."""

    def __init__(self, standings: Standings, scene: Scene, memory: Memory | None = None) -> None:
        """Read nothing yet; what is in `memory` is not read again."""
        self.standings, self.scene = standings, scene
        self._memory = memory or Memory()

    def teams(self, asked: Asked) -> race.Standing:
        """Return where the teams stand, and what they got today."""
        if asked.board not in self._memory.teams:
            rows = self.standings.board(asked.board, 0, MOST_TEAMS).rows
            today, wins = self.standings.totals([asked.day(asked.metric.id), asked.day(WON)])
            self._memory.teams[asked.board] = race.Standing(rows, today, wins)
        return self._memory.teams[asked.board]

    def people(self, asked: Asked) -> Sequence[Row]:
        """Return where the reps stand: the best, and of an office that is larger everybody who may be named."""
        board, scene = asked.of(REPS), self.scene
        page = self.standings.board(board, 0, MOST_REPS)
        if page.total <= MOST_REPS or scene.league.roster is None:
            return page.rows
        known = {row.id for row in page.rows}
        named = (rep for rep in scene.league.roster.reps if person(rep, scene.league.roster, scene.profiles))
        missing = [rep for rep in named if rep not in known]
        amounts = self.standings.amounts([(board, rep) for rep in missing])
        more = [row(scene.league, board, None, rep, each) for rep, each in zip(missing, amounts, strict=True)]
        return [*page.rows, *more]

    def wins(self) -> list[tuple[Win, int | None]]:
        """Return the last deals won, with what each is worth."""
        if self._memory.wins is None:
            found = self.standings.latest_wins(feed.WINS_SHOWN)
            worth = self.standings.worth(self.scene.main_metric().id, found) if found else []
            self._memory.wins = list(zip(found, worth, strict=True))
        return self._memory.wins


def _race(slide: Slide, look: Look) -> dict[str, Any]:
    asked = resolve(slide, look.scene)
    return race.race(asked, look.scene, look.teams(asked))


def _duel(slide: Slide, look: Look) -> dict[str, Any]:
    asked = resolve(slide, look.scene)
    return race.duel(slide, asked, look.scene, look.teams(asked))


def _goal(slide: Slide, look: Look) -> dict[str, Any]:
    asked = resolve(slide, look.scene)
    return goal.goal(slide, asked, look.scene, look.teams(asked))


def _top(slide: Slide, look: Look) -> dict[str, Any]:
    asked = resolve(slide, look.scene)
    rows = look.people(asked) if slide.people else look.teams(asked).rows
    then = top.earlier(asked, look.scene)
    before: Mapping[str, int] = {}
    if then:
        zone = look.scene.league.zone
        part = stretch(then.period.start(zone), then.until, zone)
        before = looking.sums(part, asked.metric.id, top.scope(slide), look.standings)
    return top.top(slide, asked, look.scene, rows, before)


def _contest(slide: Slide, look: Look) -> dict[str, Any]:
    found = contest.choose(slide, look.scene)
    return contest.contest(slide, found, look.scene, looking.places(found, look.scene, look.standings))


def _wins(slide: Slide, look: Look) -> dict[str, Any]:
    [today] = look.standings.totals([Board(WON, look.scene.today.id)])
    return feed.wins(slide, look.scene, look.wins(), sum(today.values()))


def _moments(slide: Slide, look: Look) -> dict[str, Any]:
    happened = feed.known_moments(look.standings.latest_moments(MOMENTS_LOOKED_AT), look.scene)
    bests = [best for each in happened if (best := feed.record(each, look.scene))]
    records = dict(zip(bests, look.standings.amounts(bests), strict=True)) if bests else {}
    return feed.moments(slide, look.scene, happened, records)


def _message(slide: Slide, _look: Look) -> dict[str, Any]:
    return {"text": dict(slide.text)}


_SHOW: Mapping[str, Callable[[Slide, Look], dict[str, Any]]] = {
    types.RACE: _race,
    types.DUEL: _duel,
    types.CONTEST: _contest,
    types.GOAL: _goal,
    types.TOP: _top,
    types.WINS: _wins,
    types.MOMENTS: _moments,
    types.MESSAGE: _message,
}


def show(slide: Slide, look: Look) -> dict[str, Any]:
    """Return what a slide shows; raises NothingToShow, one of the store's UNREACHABLE."""
    if slide.type not in _SHOW:
        raise NothingToShow("failed", slide.type)
    return _SHOW[slide.type](slide, look)
