"""What a batch of records does: documents are kept, lines are applied, what cannot be read is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from services.commission.domain.league import check
from services.commission.domain.ledger import read_credit
from services.commission.store import Applied
from shared import logs
from shared.bus import Outgoing, Record
from shared.contracts import league, request, wire
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from shared.contracts.request import Request
from shared.dead_letters import dead_letter
from shared.topics import TOPICS

TOPICS_READ = ("credits", "league")
ASK_AGAIN = timedelta(minutes=5)
"""After so long without the missing line the request is repeated: it may have been lost with the broker's data."""

log = logs.get(__name__)
T = TypeVar("T")
Publish = Callable[[Sequence[Outgoing]], None]


class Store(Protocol):
    """What the handlers need of the books."""

    def apply(self, batch: Mapping[int, Sequence[Credit]], now: datetime) -> Applied:
        """Write the new lines of each partition."""
        ...

    def keep(self, found: Iterable[LeagueDocument], now: datetime) -> int:
        """Keep document versions that are not there yet."""
        ...

    def asked(self) -> Mapping[int, datetime]:
        """Return the partitions whose lines were asked for, and when."""
        ...

    def note_asked(self, partitions: Iterable[int], now: datetime) -> None:
        """Remember that these partitions were asked for."""
        ...

    def is_blank(self) -> bool:
        """Tell whether there is nothing at all."""
        ...


def handle(records: Sequence[Record], store: Store, publish: Publish, now: datetime) -> int:
    """Write a batch of records into the books and return how many lines were new; repeating it changes nothing.

    Raises SequenceGap when lines are missing.
    """
    aside: list[Outgoing] = []
    documents = list(_read(records, "league", _document, aside))
    lines: dict[int, list[Credit]] = {}
    for line in _read(records, "credits", read_credit, aside):
        lines.setdefault(line.partition, []).append(line)
    if aside:
        publish(aside)
    if documents:
        store.keep(documents, now)
    if not lines:
        return 0
    applied = store.apply(lines, now)
    _ask(applied.waiting, store, publish, now)
    return applied.count


def ask_when_blank(store: Store, publish: Publish, now: datetime) -> bool:
    """Ask for everything when the books are blank: new, or lost while the bus remembers that all was read."""
    if not store.is_blank():
        return False
    ask_again(range(TOPICS["credits"].partitions), store, publish, now)
    return True


def ask_again(partitions: Sequence[int], store: Store, publish: Publish, now: datetime) -> None:
    """Ask for the documents, and for the lines of these partitions from 1.

    Published before it is noted: a crash in between asks twice, which is harmless.
    """
    publish([_request("league", None, now), _request("credits", partitions, now)])
    store.note_asked(partitions, now)
    log.warning("asked_again", partitions=list(partitions))


def _ask(waiting: Sequence[int], store: Store, publish: Publish, now: datetime) -> None:
    """Ask once for lines that were passed over, and again while they do not come."""
    asked = store.asked() if waiting else {}
    due = [partition for partition in waiting if partition not in asked or now - asked[partition] >= ASK_AGAIN]
    if due:
        ask_again(due, store, publish, now)


def _read(
    records: Iterable[Record], topic: str, read: Callable[[Mapping[str, Any], int], T], aside: list[Outgoing]
) -> Iterator[T]:
    """Yield what the topic's records hold; a record that can never be read goes to `aside`."""
    for record in (record for record in records if record.topic == topic):
        try:
            yield from wire.decode(topic, record.value, _reader(read, record.partition))
        except wire.Unreadable as error:
            aside.append(dead_letter(record, error))


def _reader(read: Callable[[Mapping[str, Any], int], T], partition: int) -> Callable[[Mapping[str, Any]], T]:
    return lambda form: read(form, partition)


def _document(wire_form: Mapping[str, Any], partition: int) -> LeagueDocument:
    document = league.from_wire(wire_form)
    check(document)
    log.info("document", kind=document.kind, version=document.version)
    return document


def _request(topic: str, partitions: Sequence[int] | None, now: datetime) -> Outgoing:
    asked = Request(topic, None if partitions is None else tuple(partitions), "commission", now)
    return Outgoing("requests", topic, wire.encode("requests", [request.to_wire(asked)])[0])
