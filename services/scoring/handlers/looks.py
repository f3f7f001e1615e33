"""What is read for insight at one moment, of a team or of a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.scoring.domain.insight.clock import in_day, span_of
from services.scoring.domain.insight.episodes import Episode
from services.scoring.domain.insight.forecast import Case
from services.scoring.domain.insight.known import Earned, Income, Sums
from services.scoring.domain.insight.people import Flow
from services.scoring.domain.insight.shapes import Clock
from services.scoring.handlers.scene import HISTORY, VISITED, Made, Scene
from services.scoring.store.insight import Look, Marked, Revisions
from shared.periods import Period, midnight

FOUR_WEEKS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Deals:
    """What is made of deals, by deal, as they stood at the revisions of their visits."""

    revisions: Revisions
    by_id: Mapping[str, Made]


@dataclass(frozen=True)
class Record:
    """What somebody earned, and the deals they had."""

    scene: Scene
    earned: Sequence[Earned]
    deals: Deals

    @cached_property
    def episodes(self) -> Sequence[Episode]:
        """The open stretches of the deals."""
        return [each for made in self.deals.by_id.values() for each in made.episodes]

    @cached_property
    def sums(self) -> Sums:
        """What stands by day, as it is known now."""
        return Income(self.earned).now()

    @cached_property
    def by_rep(self) -> Mapping[str, Sums]:
        """What stands of each rep by day."""
        found: dict[str, list[Earned]] = defaultdict(list)
        for each in self.earned:
            found[each.rep].append(each)
        return {rep: Income(each).now() for rep, each in found.items()}

    @cached_property
    def flow(self) -> Flow:
        """The deals as they went through the stages."""
        passed = [each for made in self.deals.by_id.values() for each in made.passages]
        return Flow(self.scene.today.toordinal(), self.episodes, passed)

    @cached_property
    def case(self) -> Case:
        """What is forecast from."""
        deals = self.episodes if self.scene.earns else ()
        return Case(Income(self.earned), deals, self.scene.work, self.scene.metric.is_money)

    def between(self, period: Period) -> int:
        """Return what was earned in a period."""
        span = span_of(period)
        return self.sums.between(span.first, span.last)


def record_of(
    scene: Scene, look: Look, *, team: str | None = None, rep: str | None = None, before: Deals | None = None
) -> Record:
    """Read what a team or a rep earned, and their deals, up to the end of today; `before` are deals as last read."""
    whose = {name: said for name, said in (("team", team), ("rep", rep)) if said is not None}
    until = midnight(scene.today + timedelta(days=1), scene.zone)
    lines = look.lines(scene.metric.id, until - HISTORY, until, whose)
    return Record(scene, scene.earned(lines), _deals(scene, look, until, whose, before))


def _deals(scene: Scene, look: Look, until: datetime, whose: Mapping[str, str], before: Deals | None) -> Deals:
    """Return the deals; of those that were read before, only what changed since is read again."""
    changed = look.changed(before.revisions) if before else None
    made = scene.made(look.visits(until - VISITED, until, whose, changed))
    if before and changed is not None:
        again = set(changed)
        made |= {deal: old for deal, old in before.by_id.items() if deal not in again}
    return Deals(look.revisions(), dict(sorted(made.items())))


@dataclass(frozen=True, slots=True)
class Work:
    """The work of people: counts by (rep, kind) now, in the period before up to the same point, and in four weeks."""

    now: Mapping[tuple[str, str], int]
    before: Mapping[tuple[str, str], int]
    lately: Mapping[tuple[str, str], int]
    last: Mapping[str, datetime]
    marks: Mapping[str, Marked]

    def of(self, counts: Mapping[tuple[str, str], int], rep: str | None = None) -> dict[str, int]:
        """Return counts by kind, of somebody or of all."""
        found: dict[str, int] = defaultdict(int)
        for (who, kind), count in counts.items():
            if rep in (None, who):
                found[kind] += count
        return found


def work_of(scene: Scene, look: Look, reps: Sequence[str], period: Period, clock: Clock) -> Work:
    """Read the work of people in a period."""
    before, zone = period.previous(), scene.zone
    end = min(period.end(zone), scene.now)
    same = in_day(*scene.work.point(span_of(before), clock.elapsed or 0.0), zone)
    return Work(
        look.work(reps, period.start(zone), end),
        look.work(reps, before.start(zone), same),
        look.work(reps, scene.now - FOUR_WEEKS, scene.now),
        look.last_activity(reps, scene.now),
        look.marks(),
    )
