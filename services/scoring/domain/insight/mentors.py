"""Who could guide whom: strong in the stage where the other one is weak."""

from collections.abc import Iterator, Mapping, Sequence

from services.scoring.domain.insight.evidence import Mentor, Rate
from services.scoring.domain.insight.rates import Z95, lower
from services.scoring.domain.insight.stages import Cohort, Stage

MOST_GUIDED = 2
"""Who guides so many already is not suggested."""

Cohorts = Mapping[str, Mapping[Stage, Cohort]]
"""Cohorts by rep and stage."""


def mentors(by_rep: Cohorts, rest: Cohorts, guided: Mapping[str, Sequence[str]]) -> tuple[Mentor, ...]:
    """Return a mentor for whom one is known, for the stage where that person is weakest.

    Weak is a rate clearly below that of the rest of the team (`rest`, by rep), strong one clearly above the weak one's,
    both 95 times in 100. `guided` tells by mentor whom they guide already.
    """
    return tuple(found for rep in sorted(by_rep) for found in _for(rep, by_rep, rest[rep], guided))


def _for(
    rep: str, by_rep: Cohorts, rest: Mapping[Stage, Cohort], guided: Mapping[str, Sequence[str]]
) -> Iterator[Mentor]:
    weak = [
        (gap, stage, cohort.rate)
        for stage, cohort in by_rep[rep].items()
        if (gap := _gap(cohort.rate, rest.get(stage, Cohort()).rate)) is not None
    ]
    for _, stage, mine in sorted(weak, key=lambda each: (-each[0], each[1])):
        strong = [
            (-(other.rate or 0), name, other)
            for name, other in ((each, cohorts.get(stage, Cohort()).rate) for each, cohorts in by_rep.items())
            if name != rep and _may_guide(name, rep, guided) and lower(mine, other, Z95)
        ]
        if strong:
            _, name, best = min(strong, key=lambda each: each[:2])
            yield Mentor(rep, name, stage[1], mine, best, len(guided.get(name, ())))
            return


def _gap(mine: Rate, others: Rate) -> float | None:
    return others.rate - mine.rate if mine.rate is not None and others.rate and lower(mine, others, Z95) else None


def _may_guide(mentor: str, rep: str, guided: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether somebody has room for one more, does not guide this person yet, and is not guided by them."""
    of_mentor = guided.get(mentor, ())
    return len(of_mentor) < MOST_GUIDED and rep not in of_mentor and mentor not in guided.get(rep, ())
