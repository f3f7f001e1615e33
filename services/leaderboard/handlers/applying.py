"""What a batch of records does: documents are kept, lines are applied, what cannot be read is set aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.leaderboard.domain.increments import read_credit, runs
from services.leaderboard.handlers import celebrating
from services.leaderboard.handlers.celebrating import celebrate_lines
from services.leaderboard.store import Applied, Put
from shared import logs
from shared.bus import Outgoing, Record
from shared.contracts import league, request, wire
from shared.contracts.credit import Credit
from shared.contracts.league import BadDocument, LeagueDocument
from shared.contracts.request import Request
from shared.dead_letters import dead_letter
from shared.topics import TOPICS

TOPICS_READ = ("credits", "league")
ASK_AGAIN = timedelta(minutes=5)
"""After so long without line 1 the request is repeated: it may have been lost with the broker's data."""

log = logs.get(__name__)
Publish = Callable[[Sequence[Outgoing]], None]


class Store(celebrating.Store, Protocol):
    """What the handlers need of the standings."""

    def apply(self, run: Sequence[Credit], now: datetime) -> Applied:
        """Add consecutive lines."""
        ...

    def put(self, document: LeagueDocument, now: datetime) -> Put:
        """Keep a document."""
        ...

    def note_asked(self, what: Sequence[str], now: datetime) -> None:
        """Remember what was asked for."""
        ...

    def is_blank(self) -> bool:
        """Tell whether there is nothing at all."""
        ...


def handle(records: Sequence[Record], store: Store, publish: Publish, now: datetime) -> Counter[str]:
    """Apply a batch of records; repeating it changes nothing. Return how many lines met which outcome.

    Raises SequenceGap when lines are missing, SumTooLarge when a sum could not stay exact.
    """
    aside = list(_keep_documents(records, store, now))
    lines: dict[int, list[Credit]] = {}
    for record in records:
        if record.topic == "credits":
            try:
                lines.setdefault(record.partition, []).extend(_credits(record))
            except wire.Unreadable as error:
                aside.append(dead_letter(record, error))
    if aside:
        publish(aside)
    outcomes: Counter[str] = Counter()
    for found in lines.values():
        applied: list[Credit] = []
        for run in runs(found):
            outcome = store.apply(run, now)
            outcomes[outcome] += len(run)
            applied += run if outcome == Applied.APPLIED else ()
        celebrate_lines(applied, store, now)
    if Applied.EMPTY in outcomes:
        ask(store, publish, now)
    return outcomes


def ask(store: Store, publish: Publish, now: datetime) -> None:
    """Ask for what the standings lack to be published again: once, and again while it does not come.

    Published before it is noted: a crash in between asks twice, which is harmless.
    """
    lacking = _lacking(store)
    asked = store.progress().asked if lacking else {}
    due = [what for what in lacking if what not in asked or now - asked[what] >= ASK_AGAIN]
    if due:
        log.warning("asks_again", what=due)
        publish(requests(due, now))
        store.note_asked(due, now)


def everything() -> list[str]:
    """Return all that the standings are made of: the documents and each partition of the ledger."""
    return ["league", *(str(partition) for partition in range(TOPICS["credits"].partitions))]


def requests(what: Sequence[str], now: datetime) -> list[Outgoing]:
    """Return the records that ask for `league` and for these partitions of `credits`."""
    partitions = tuple(int(each) for each in what if each != "league")
    asked = [Request("league", None, "leaderboard", now)] if "league" in what else []
    asked += [Request("credits", partitions, "leaderboard", now)] if partitions else []
    return [Outgoing("requests", each.topic, wire.encode("requests", [request.to_wire(each)])[0]) for each in asked]


def _lacking(store: Store) -> list[str]:
    if store.is_blank():
        return everything()
    progress = store.progress()
    if not progress.goal:
        return []
    if store.documents().roster is None:
        return ["league"]  # lines need its time zone, so it was lost here or is on its way; the lines come after it
    if not progress.seen:
        return everything()[1:]  # also the partitions that no line has come from since
    return [str(partition) for partition in sorted(progress.goal) if partition not in progress.seen]


def _keep_documents(records: Sequence[Record], store: Store, now: datetime) -> Iterator[Outgoing]:
    for record in records:
        if record.topic == "league":
            try:
                for document in wire.decode("league", record.value, league.from_wire):
                    outcome = store.put(document, now)
                    log.info("document", kind=document.kind, version=document.version, outcome=outcome)
            except (wire.Unreadable, BadDocument) as error:
                yield dead_letter(record, error)


def _credits(record: Record) -> list[Credit]:
    return wire.decode("credits", record.value, lambda line: read_credit(line, record.partition))
