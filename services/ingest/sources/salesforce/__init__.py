"""Salesforce: change events and platform events that a bridge passes on as JSON, and outbound messages (SOAP).

Salesforce signs neither. Whoever sends JSON shows a secret of the connection. An outbound message has no header of the
customer's choice: it shows the secret in its address, and must name the organisation of the connection.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import (
    Delivery,
    Reply,
    Unverified,
    basic,
    bearer,
    in_query,
    json_of,
    matches_any,
)
from services.ingest.sources.fields import Unreadable, can_be_kept
from services.ingest.sources.salesforce import changes, platform, records, soap
from services.ingest.sources.salesforce.envelopes import opened
from services.ingest.sources.salesforce.ids import same

NAME = "salesforce"
IN_ADDRESS = "access_token"
"""Where an outbound message shows its secret: `…/hooks/<connection>?access_token=…`."""

_GAP = "the record itself: Salesforce only says that it changed"
_OVERFLOW = "single changes: more than 100,000 in one transaction came as this one; import the records again"


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when the sender shows a secret and, in an outbound message, names the organisation; else raise Unverified.

    Raises Malformed when a message that has to name its organisation is no XML.
    """
    outbound = soap.is_soap(delivery)
    shown = [bearer(delivery), basic(delivery)]
    if outbound or connection.query_token:
        shown.append(in_query(delivery, IN_ADDRESS))
    matches = [matches_any(each, connection.secrets) for each in shown]
    if not any(matches):
        raise Unverified("show one of the connection's secrets: Authorization: Bearer …")
    if outbound and not same(soap.organisation_of(soap.message_of(delivery.body)), connection.account):
        raise Unverified("an outbound message must name the organisation that is the connection's `account`")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the events or notifications of a request; raises Malformed."""
    if soap.is_soap(delivery):
        items: list[Any] = list(soap.items_of(soap.message_of(delivery.body)))
    else:
        body = json_of(delivery.body)
        items = body if isinstance(body, list) else [body]
    return [sent for item in items for sent in _read(item, connection)]


def reply(delivery: Delivery) -> Reply | None:
    """Acknowledge an outbound message; other senders get the usual receipt."""
    return soap.ACKNOWLEDGED if soap.is_soap(delivery) else None


def _read(item: Any, connection: Connection) -> Iterator[Sent]:
    """Read an event or a notification: one thing for each record of it."""
    if not can_be_kept(item):
        yield Sent(None, item, problems=(Unreadable("", item, "an event that is nested less deeply").problem,))
        return
    try:
        if isinstance(item, dict) and soap.is_notification(item):
            yield records.read(soap.facts(item), connection, item)
            return
        event = opened(item)
        if changes.header_of(event.record):
            yield from _change(event.record, connection, item)
        else:
            key = platform.key_of(event.record, event.replay, event.schema)
            yield platform.read(event.record, key, connection, item)
    except Unreadable as error:
        yield Sent(_name(item), item, problems=(error.problem,))


def _change(record: Mapping[str, Any], connection: Connection, raw: Any) -> Iterator[Sent]:
    entity = changes.entity_of(record)
    if entity not in records.WANTED:
        yield Sent(_name(raw), raw, ignored=f"{entity} records carry no work here")
        return
    if changes.is_gap(record):
        yield _gap(record, entity, connection, raw)
        return
    for facts in changes.facts(record):
        yield records.read(facts, connection, _only(raw, record, facts.record))


def _gap(record: Mapping[str, Any], entity: str, connection: Connection, raw: Any) -> Sent:
    """Read an event that only says that something changed."""
    kind = changes.header_of(record).get("changeType")
    if kind == changes.OVERFLOW:
        raise Unreadable(f"/{changes.HEADER}/changeType", kind, _OVERFLOW)
    wants = tuple(Want(records.WANTED[entity], name) for name in changes.record_ids(record))
    lacks = Unreadable(f"/{changes.HEADER}/changeType", kind, _GAP).problem
    return Sent(_name(raw), raw, problems=() if connection.api else (lacks,), wants=wants)


def _only(raw: Any, record: Mapping[str, Any], name: str) -> Any:
    """Return what is kept for one of an event's records: the event as it came, or as it would be for this one alone."""
    header = changes.header_of(record)
    return raw if len(header["recordIds"]) == 1 else {**record, changes.HEADER: {**header, "recordIds": [name]}}


def _name(item: Any) -> str | None:
    """Return what makes an item unique as far as it can be told: the same again must not be kept twice."""
    try:
        if isinstance(item, dict) and soap.is_notification(item):
            return soap.name_of_notification(item)
        event = opened(item)
        header = changes.header_of(event.record)
        if not header:
            return platform.key_of(event.record, event.replay, event.schema)
        listed = header.get("recordIds")
        return changes.key_of(event.record, str(listed[0] if isinstance(listed, list) and listed else ""))[:200]
    except Unreadable:
        return None
