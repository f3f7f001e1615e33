"""Signals: fixed rules that hold a person against the own past or the rest of the team, with their evidence.

No rule is learned, none has a consequence of its own. The words of each kind stand in the pages' catalogues as
`signal.<kind>` and `signal.<kind>.rule`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from math import sqrt
from statistics import fmean
from typing import NamedTuple

from services.scoring.domain.insight.evidence import (
    ATTENTION,
    COUNT,
    DAYS,
    GOOD,
    OF_ALL,
    OWN,
    TEAM,
    Evidence,
    Rate,
    Signal,
)
from services.scoring.domain.insight.rates import Z99, lower
from services.scoring.domain.insight.stages import Cohort, Stage, sticks

DOWN, UP, LOW, HIGH = "conversion-down", "conversion-up", "conversion-low", "conversion-high"
STICKS, STUCK, WORK_DOWN, QUIET, BEST, BEHIND = "sticks", "stuck", "work-down", "quiet", "best", "behind"
KINDS: Mapping[str, str] = {
    DOWN: ATTENTION,
    UP: GOOD,
    LOW: ATTENTION,
    HIGH: GOOD,
    STICKS: ATTENTION,
    STUCK: ATTENTION,
    WORK_DOWN: ATTENTION,
    QUIET: ATTENTION,
    BEST: GOOD,
    BEHIND: ATTENTION,
}
"""The tone of each kind."""

LEAST_STUCK = 3
LEAST_WORK, LEAST_ACTIVE, QUIET_DAYS = 20, 10, 5
LEAST_BETTER, LEAST_WORSE, PART_FROM = 3, 4, 0.25


@dataclass(frozen=True, slots=True)
class Seen:
    """What rules look at, of one person. `now` are the passages of the last WINDOW days, `own` those of before.

    `work` is by kind of activity (now, in the period before up to the same point); `past` what own earlier periods had
    at the same point, the latest one last. `active` counts the activities of four weeks, `silent` the working days
    since the last one, without leave. `still` is how many open deals stand still, of the person and of the rest of the
    team.
    """

    rep: str
    period: str
    today: date
    now: Mapping[Stage, Cohort]
    own: Mapping[Stage, Cohort]
    team: Mapping[Stage, Cohort]
    still: Rate
    still_team: Rate
    work: Mapping[str, tuple[int, int]]
    active: int
    silent: int
    amount: int
    past: Sequence[int]
    part: float
    since: date  # the period's first day
    window: date  # the first day of the last WINDOW days


class Found(NamedTuple):
    """What a rule found."""

    kind: str
    subject: str | None
    evidence: Evidence
    since: date


def signals(seen: Seen) -> tuple[Signal, ...]:
    """Return what the rules find, what asks for attention first."""
    found = [*_conversions(seen), *_times(seen), *_work(seen), *_amounts(seen)]
    ordered = sorted(found, key=lambda each: (KINDS[each.kind] == GOOD, each.kind, each.subject or ""))
    return tuple(
        Signal(_id(seen, each), each.kind, KINDS[each.kind], seen.rep, each.subject, each.evidence, each.since)
        for each in ordered
    )


def _id(seen: Seen, found: Found) -> str:
    said = "|".join((found.kind, seen.rep, found.subject or "", seen.period))
    return sha256(said.encode()).hexdigest()[:16]


def _conversions(seen: Seen) -> Iterator[Found]:
    """Yield stages past which clearly fewer or more deals go than before, or than those of the rest of the team."""
    for stage, cohort in seen.now.items():
        for others, against, down, up in ((seen.own, OWN, DOWN, UP), (seen.team, TEAM, LOW, HIGH)):
            mine, base = cohort.rate, others.get(stage, Cohort()).rate
            kind = down if lower(mine, base) else up if lower(base, mine) else None
            if kind:
                yield Found(kind, stage[1], _of_rates(mine, base, against), seen.window)


def _of_rates(mine: Rate, base: Rate, against: str) -> Evidence:
    return Evidence(mine.rate or 0.0, base.rate or 0.0, mine.n, mine.k, base.n, base.k, OF_ALL, against)


def _times(seen: Seen) -> Iterator[Found]:
    """Yield stages where deals stay longer than the rest of the team's, and that more of them stand still now."""
    for stage, cohort in seen.now.items():
        base = seen.team.get(stage, Cohort())
        usual, mine = base.usual_days, cohort.usual_days
        if usual is not None and mine is not None and sticks(cohort, base):
            evidence = Evidence(mine, usual, cohort.entered, None, base.entered, None, DAYS, TEAM)
            yield Found(STICKS, stage[1], evidence, seen.window)
    if seen.still.k >= LEAST_STUCK and lower(seen.still_team, seen.still):
        yield Found(STUCK, None, _of_rates(seen.still, seen.still_team, TEAM), seen.today)


def _work(seen: Seen) -> Iterator[Found]:
    """Yield kinds of work that were halved, beyond chance (two Poisson counts), and that nothing came in at all."""
    for kind, (now, before) in seen.work.items():
        halved = before >= LEAST_WORK and now < before / 2
        if halved and (before - now) / sqrt(before + now) > Z99:
            yield Found(WORK_DOWN, kind, Evidence(now, before, now, None, before, None, COUNT, OWN), seen.since)
    if seen.silent >= QUIET_DAYS and seen.active >= LEAST_ACTIVE:
        evidence = Evidence(0, seen.active / 4, seen.silent, None, seen.active, None, COUNT, OWN)
        yield Found(QUIET, None, evidence, seen.today)


def _amounts(seen: Seen) -> Iterator[Found]:
    """Yield that the period is ahead of all own earlier ones at the same point, or at less than half of each."""
    if seen.part < PART_FROM or not seen.past:
        return
    usual = fmean(seen.past)
    evidence = Evidence(seen.amount / usual if usual else 0.0, 1.0, 1, None, len(seen.past), None, OF_ALL, OWN)
    if len(seen.past) >= LEAST_BETTER and seen.amount > max(seen.past) and min(seen.past) > 0:
        yield Found(BEST, None, evidence, seen.since)
    if len(seen.past) >= LEAST_WORSE and seen.amount < min(seen.past) / 2:
        yield Found(BEHIND, None, evidence, seen.since)
