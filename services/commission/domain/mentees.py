"""Mentors: the days on which they guide a newcomer and are in the plan themselves."""

from collections.abc import Iterable, Iterator, Sequence

from services.commission.domain.league import League
from services.commission.domain.results import Span
from services.commission.domain.segments import Segment
from shared.contracts.roster import Mentor, Rep


def mentee_spans(mentor: Rep, own: Iterable[Segment], league: League) -> tuple[Span, ...]:
    """Return the days of the mentor's segments on which they guide somebody, by mentee and day."""
    pairs = _pairs(league).get(mentor.id, ())
    return tuple(span for part in own for mentee, pair in pairs for span in _common(mentee, pair, part))


def is_mentor(rep: Rep, league: League) -> bool:
    """Tell whether somebody is, was or will be guided by the rep."""
    return rep.id in _pairs(league)


def _common(mentee: str, pair: Mentor, part: Segment) -> Iterator[Span]:
    first = max(pair.start, part.first)
    last = part.last if pair.end is None else min(pair.end, part.last)
    if first < last:
        yield Span(mentee, first, last)


def _pairs(league: League) -> dict[str, Sequence[tuple[str, Mentor]]]:
    """Return the mentees of each mentor, with the days of each pair; worked out once."""
    key = ("mentees",)
    if key not in league.memo:
        found: dict[str, list[tuple[str, Mentor]]] = {}
        for mentee in sorted(league.roster.reps.values(), key=lambda rep: rep.id):
            for pair in mentee.mentors:
                found.setdefault(pair.rep, []).append((mentee.id, pair))
        league.memo[key] = found
    pairs: dict[str, Sequence[tuple[str, Mentor]]] = league.memo[key]
    return pairs
