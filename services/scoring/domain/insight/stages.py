"""How deals get through the stages: a cohort of those that entered, how many went further, and how long it took."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.scoring.domain.insight.episodes import EVER, LOST, OPEN, WON, Episode
from services.scoring.domain.insight.evidence import FunnelStep, Rate
from services.scoring.domain.insight.rates import LEAST, Time, Times, interval, lasting, longer, rate

WINDOW, BASE = 182, 365
"""Days in which a cohort entered, and days before them that a team is held against."""

Stage = tuple[str, str]
FURTHER, GONE, THERE = "further", "gone", "there"


class Passage(NamedTuple):
    """A deal's first stay in a stage: who had it then, when it came, the time it stayed, and what became of it."""

    stage: Stage
    deal: str
    rep: str
    entered: int
    time: Time
    fate: str


def passages(episodes: Iterable[Episode], order: Mapping[Stage, int], today: int) -> list[Passage]:
    """Return the passages of deals through the stages that the playbook knows; `order` is a stage's place in it."""
    found: dict[tuple[str, Stage], Passage] = {}
    for each in episodes:
        after = [*(stay.stage for stay in each.stays[1:]), None]
        for stay, following in zip(each.stays, after, strict=True):
            fate = _fate(each, order.get(stay.stage, 0), None if following is None else order.get(following, 0))
            if stay.stage in order and fate:
                time = min(stay.until, today) - stay.since, fate != THERE
                found.setdefault(
                    (each.deal, stay.stage), Passage(stay.stage, each.deal, stay.rep, stay.since, time, fate)
                )
    return list(found.values())


def _fate(episode: Episode, here: int, following: int | None) -> str | None:
    """Return what became of a deal after a stage; None when it went to another team."""
    if following is not None:
        return FURTHER if following > here else GONE
    if episode.outcome == OPEN:
        return THERE if episode.end == EVER else None
    return {WON: FURTHER, LOST: GONE}[episode.outcome]


@dataclass(frozen=True)
class Cohort:
    """Passages through one stage, counted."""

    entered: int = 0
    further: int = 0
    gone: int = 0
    times: Times = field(default_factory=dict)

    def without(self, other: "Cohort") -> "Cohort":
        """Return the others of a cohort of which `other` is a part."""
        times = Counter(self.times)
        times.subtract(other.times)
        counts = self.entered - other.entered, self.further - other.further, self.gone - other.gone
        return Cohort(*counts, {time: n for time, n in times.items() if n})

    @property
    def rate(self) -> Rate:
        """How many of those that left went further."""
        return rate(self.further, self.further + self.gone)

    @property
    def usual_days(self) -> float | None:
        """The days until half of them had left; None with fewer than LEAST."""
        return lasting(self.times) if self.entered >= LEAST else None


def cohorts(through: Iterable[Passage]) -> dict[Stage, Cohort]:
    """Return the cohorts by stage."""
    found: dict[Stage, list[Passage]] = defaultdict(list)
    for one in through:
        found[one.stage].append(one)
    return {stage: _cohort(those) for stage, those in found.items()}


def _cohort(those: Sequence[Passage]) -> Cohort:
    fates = Counter(one.fate for one in those)
    return Cohort(len(those), fates[FURTHER], fates[GONE], Counter(one.time for one in those))


def funnel(now: Mapping[Stage, Cohort], base: Mapping[Stage, Cohort], order: Sequence[Stage]) -> tuple[FunnelStep, ...]:
    """Return a funnel beside its baseline, in the playbook's order; stages that nobody entered are left out."""
    nothing = Cohort()
    return tuple(
        _step(stage, now.get(stage, nothing), base.get(stage, nothing))
        for stage in order
        if stage in now or stage in base
    )


def _step(stage: Stage, now: Cohort, base: Cohort) -> FunnelStep:
    return FunnelStep(
        pipeline=stage[0],
        stage=stage[1],
        entered=now.entered,
        open=now.entered - now.further - now.gone,
        moved=now.rate,
        baseline=base.rate,
        median_days=now.usual_days,
        baseline_days=base.usual_days,
        sticks=sticks(now, base),
    )


def sticks(now: Cohort, base: Cohort) -> bool:
    """Tell whether deals clearly stay longer: most of them longer than half of the baseline's did (sign test, 95 %)."""
    usual = base.usual_days
    if usual is None or now.entered < LEAST:
        return False
    k, n = longer(now.times, usual)
    return n >= LEAST and interval(k, n)[0] > 1 / 2
