"""Open stretches of deals: from when a deal is open in a team until it is decided, or leaves the team."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

OPEN, WON, LOST = "open", "won", "lost"
EVER = 10**7
"""A day that never comes."""


class Spell(NamedTuple):
    """A visit in whole days (ordinals); `until` is EVER while it lasts. `value` is in smallest units of the metric."""

    deal: str
    stage_since: int
    since: int
    until: int
    status: str
    rep: str
    stage: tuple[str, str]  # pipeline, stage
    value: int | None


class Stay(NamedTuple):
    """Time in one stage, of the rep who brought the deal there: until it was left (EVER: still there)."""

    stage: tuple[str, str]
    since: int
    until: int
    rep: str


class Episode(NamedTuple):
    """A deal while it was open: `end` is the day on which it was decided or left (EVER: open), `outcome` how.

    The outcome is WON, LOST (also: deleted) or OPEN (still open, or it left the team). `value` is what it was won for.
    """

    deal: str
    begin: int
    end: int
    outcome: str
    value: int | None
    stays: tuple[Stay, ...]
    spells: Sequence[Spell]

    def spell(self, origin: int) -> Spell | None:
        """Return what the deal was when the day `origin` began; None when it was not open then."""
        if not self.begin < origin <= self.end:
            return None
        last = self.spells[-1]
        return last if last.since < origin else next(each for each in reversed(self.spells) if each.since < origin)


def episodes(spells: Iterable[Spell]) -> list[Episode]:
    """Return the episodes of deals; the spells of one deal stand together and in order."""
    return [one for _, of_deal in groupby(spells, key=lambda each: each.deal) for one in _episodes(list(of_deal))]


def _episodes(spells: Sequence[Spell]) -> Iterator[Episode]:
    """Yield one for each run of open spells that follow each other without a gap."""
    run: list[Spell] = []
    for spell in spells:
        joined = bool(run) and run[-1].until == spell.since
        if run and not (joined and spell.status == OPEN):
            yield _episode(run, spell if joined else None)
            run = []
        if spell.status == OPEN:
            run.append(spell)
    if run:
        yield _episode(run, None)


def _episode(run: Sequence[Spell], closing: Spell | None) -> Episode:
    outcome = OPEN if closing is None else WON if closing.status == WON else LOST
    value = None if closing is None else closing.value
    return Episode(run[0].deal, run[0].since, run[-1].until, outcome, value, tuple(_stays(run)), run)


def _stays(run: Sequence[Spell]) -> Iterator[Stay]:
    first = run[0]
    for spell, following in zip(run, [*run[1:], None], strict=True):
        if following is None or (following.stage, following.stage_since) != (first.stage, first.stage_since):
            yield Stay(first.stage, first.since, spell.until, first.rep)
            first = following or spell
