"""Judge the data of a time: how late it came, what a person should look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from services.ingest.domain import quality
from services.ingest.domain.quality import Fact, Flag, Implied, Lateness, Review
from services.ingest.handlers.names import Names
from services.ingest.handlers.searching import zone_of
from shared.contracts.league import PLAYBOOK, LeagueDocument
from shared.contracts.playbook import parse_playbook
from shared.errors import NotFound

AT_MOST = 200_000
"""Activities that are judged at once, the newest of the time; a report says when there were more."""

KEPT = timedelta(seconds=30)


class NoSuchFlag(NotFound):
    """There is no such flag in this time."""


class Facts(Protocol):
    """Where activities and reviews are."""

    def facts(self, since: datetime, until: datetime, limit: int) -> list[Fact]:
        """Return the newest activities that arrived in a time, at most `limit`."""
        ...

    def histories(self, deals: Sequence[str]) -> Mapping[str, list[Fact]]:
        """Return every fact of these deals, whenever it came."""
        ...

    def parked(self) -> Mapping[str, int]:
        """Return how many activities of each connection are parked."""
        ...

    def reviews(self, flags: Sequence[str]) -> Mapping[str, Review]:
        """Return what people noted about these flags."""
        ...

    def mark(self, flag: str, review: Review) -> None:
        """Remember that somebody has looked at a flag."""
        ...


class Documents(Protocol):
    """Where document versions are."""

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """How late the work of one connection or rep arrived, and how many flags stand at it."""

    name: str
    lateness: Lateness | None
    flags: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the data that arrived from `since` up to and without `until`; `cut`: there was more of it."""

    since: datetime
    until: datetime
    made_at: datetime
    whole: Row
    connections: tuple[Row, ...]
    reps: tuple[Row, ...]
    flags: tuple[Flag, ...]
    cut: bool


class Judge:
    """Judge the data; what was found is kept for KEPT, since many look at the same page."""

    def __init__(self, facts: Facts, documents: Documents, names: Names) -> None:
        """Read from these."""
        self._facts, self._documents, self._names = facts, documents, names
        self._kept: dict[tuple[datetime, datetime], Report] = {}

    def report(self, since: datetime, until: datetime, now: datetime) -> Report:
        """Return what was found in the data that arrived in a time."""
        kept = self._kept.get((since, until))
        if kept and now - kept.made_at < KEPT:
            return kept
        found = self._judge(since, until, now)
        self._kept = {(since, until): found}
        return found

    def reviews(self, report: Report) -> Mapping[str, Review]:
        """Return what people noted about the flags of a report, by flag."""
        return self._facts.reviews([flag.id for flag in report.flags])

    def seen(self, flag: str, by: str, note: str, at: datetime) -> None:
        """Remember that somebody has looked at a flag. Raises NoSuchFlag for what cannot be one."""
        if flag.partition(":")[0] not in quality.KINDS:
            raise NoSuchFlag
        self._facts.mark(flag, Review(by, at, note))

    def _judge(self, since: datetime, until: datetime, now: datetime) -> Report:
        facts = self._facts.facts(since, until, AT_MOST)
        flags = tuple(self._flags(facts, now))
        parked = self._facts.parked()
        of_reps = _counted(flag.rep for flag in flags)
        connections = quality.by_connection(facts)
        reps = quality.by_rep(facts)
        return Report(
            since,
            until,
            now,
            Row("", quality.lateness(facts), len(flags), sum(parked.values())),
            tuple(
                Row(name, quality.lateness(connections.get(name, ())), parked=parked.get(name, 0))
                for name in sorted(connections.keys() | parked.keys())
            ),
            tuple(Row(name, quality.lateness(reps[name]), of_reps.get(name, 0)) for name in sorted(reps)),
            flags,
            len(facts) == AT_MOST,
        )

    def _flags(self, facts: Sequence[Fact], now: datetime) -> list[Flag]:
        zone: tzinfo = zone_of(self._names.now().roster)
        implied = self._implied()
        touched = sorted({fact.deal for fact in facts if fact.deal})
        histories = self._facts.histories(touched)
        deals = [quality.fold(deal, history, implied) for deal, history in histories.items() if history]
        live = [fact for fact in facts if not fact.imported]
        found = [
            *quality.short_calls(facts, zone),
            *quality.late_logging(live, zone),
            *quality.deal_flags(deals, now),
        ]
        order = {kind: place for place, kind in enumerate(quality.KINDS)}
        return sorted(found, key=lambda flag: (order[flag.kind], -flag.at.timestamp(), flag.id))

    def _implied(self) -> Implied:
        document = self._documents.latest(PLAYBOOK)
        if document is None:
            return lambda _pipeline, _stage: None
        return parse_playbook(document.body).closes


def _counted(names: Iterable[str | None]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        if name:
            counts[name] = counts.get(name, 0) + 1
    return counts
