"""Change events (Change Data Capture), as CometD delivers them and as Pub/Sub API records that a bridge decoded.

CometD leaves out what did not change. A Pub/Sub record holds every field: there, null means not changed, and only the
header's lists tell what was emptied. Neither says what a field was before.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from services.ingest.sources.fields import Unreadable, id_of, instant_of_ms, name_of, object_in
from services.ingest.sources.salesforce import bitmaps
from services.ingest.sources.salesforce.facts import CREATE, DELETE, UNDELETE, UPDATE, Facts, plain
from services.ingest.sources.salesforce.ids import long_form

HEADER = bitmaps.HEADER
GAP, OVERFLOW = "GAP_", "GAP_OVERFLOW"
NO_RECORD = "000000000000000AAA"
MOST = 1000
"""Records in one event."""

_KINDS = (CREATE, UPDATE, DELETE, UNDELETE)
_BESIDE = {HEADER, "replayId", "schema", "schemaId", "event"}
"""What stands in a record and is no field of it."""

_AT = f"/{HEADER}"
_COMMITS, _STEPS = 2**43, 2**10
"""Commit numbers grow beyond what JSON keeps exact: their lower bits and the place in a transaction give the order."""


def header_of(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a change event's header, or an empty object when it is none."""
    return object_in(record.get(HEADER))


def is_gap(record: Mapping[str, Any]) -> bool:
    """Tell whether the event only says that something changed, and not what."""
    kind = str(header_of(record).get("changeType"))
    return kind.startswith(GAP) and kind.removeprefix(GAP) not in {DELETE, UNDELETE}


def entity_of(record: Mapping[str, Any]) -> str:
    """Return the kind of object that changed; Unreadable when it is not said."""
    return id_of(header_of(record).get("entityName"), f"{_AT}/entityName")


def record_ids(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of what changed, each once: one event tells the same change of several records.

    Unreadable when one is no id: `001*` stands for all of a kind, 000000000000000AAA for nobody knows which.
    """
    said = header_of(record).get("recordIds")
    listed = said if isinstance(said, list) else []
    names = tuple(dict.fromkeys(long_form(name, f"{_AT}/recordIds") for name in listed))
    if not 0 < len(names) <= MOST or NO_RECORD in names:
        raise Unreadable(f"{_AT}/recordIds", said, f"the ids of the records that changed, at most {MOST}")
    return names


def key_of(record: Mapping[str, Any], record_id: str) -> str:
    """Return what makes a change unique: a transaction is several events, and an event several records."""
    header = header_of(record)
    transaction = id_of(header.get("transactionKey"), f"{_AT}/transactionKey")
    return f"{transaction}:{id_of(header.get('sequenceNumber'), f'{_AT}/sequenceNumber')}:{record_id}"


def facts(record: Mapping[str, Any]) -> Iterator[Facts]:
    """Give what an event says of each of its records; raises Unreadable."""
    header = header_of(record)
    kind = str(header.get("changeType")).removeprefix(GAP)
    if kind not in _KINDS:
        raise Unreadable(f"{_AT}/changeType", header.get("changeType"), f"one of {', '.join(_KINDS)}, or a gap")
    entity, at = entity_of(record), instant_of_ms(header.get("commitTimestamp"), f"{_AT}/commitTimestamp")
    said = _said(record, kind)
    for record_id in record_ids(record):
        yield Facts(
            entity=entity,
            record=record_id,
            kind=kind,
            name=key_of(record, record_id),
            at=at,
            said=said[0],
            told=said[1],
            order=_order(header),
            actor=name_of(header.get("commitUser")),
        )


def _said(record: Mapping[str, Any], kind: str) -> tuple[Mapping[str, Any], bitmaps.Told]:
    """Return the fields that an event says (None: emptied), and what is known of which of them changed."""
    header = header_of(record)
    fields = {name: plain(value) for name, value in record.items() if name not in _BESIDE}
    values = {name: value for name, value in fields.items() if value is not None}
    if kind != UPDATE:
        return values, bitmaps.Told(frozenset(values))
    told = bitmaps.told(fields, _list(header, "changedFields"), _list(header, "nulledFields"))
    return {**values, **dict.fromkeys(told.nulled)}, told


def _list(header: Mapping[str, Any], name: str) -> list[Any]:
    value = header.get(name)
    return value if isinstance(value, list) else []


def _order(header: Mapping[str, Any]) -> int:
    """Return the order within an instant, which is often a whole second: by commit, then by place in it."""
    commit, step = header.get("commitNumber"), header.get("sequenceNumber")
    place = min(step, _STEPS - 1) if type(step) is int and step > 0 else 0
    return (commit % _COMMITS) * _STEPS + place if type(commit) is int and commit >= 0 else place
