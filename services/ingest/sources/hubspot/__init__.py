"""HubSpot: webhooks of the CRM, classic (`deal.propertyChange`) and generic (`object.propertyChange`).

Verified by HubSpot's signature. An array or a bare object of events; each tells one thing about one object, so what an
event lacks (the owner, the amount, everything of a call) is wanted from the API.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, json_of
from services.ingest.sources.fields import Unreadable, can_be_kept, digest_of, id_of, instant_of_ms, name_of
from services.ingest.sources.hubspot import deals
from services.ingest.sources.hubspot.deals import Happening
from services.ingest.sources.hubspot.signatures import verify
from services.ingest.sources.retracting import counts_again, of_meeting, taken_back

__all__ = ["NAME", "read", "verify"]

NAME = "hubspot"

OBJECTS: Mapping[str, str] = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-5": "ticket",
    "0-27": "task",
    "0-46": "note",
    "0-47": "meeting",
    "0-48": "call",
    "0-49": "email",
}
"""What the generic events call by number (HubSpot's list of object type ids)."""

WORK: Mapping[str, frozenset[str]] = {
    "call": frozenset({"hs_call_status", "hs_call_duration", "hs_call_direction", "hs_call_disposition"}),
    "meeting": frozenset({"hs_meeting_outcome", "hs_meeting_start_time"}),
    "task": frozenset({"hs_task_status"}),
    "email": frozenset({"hs_email_status", "hs_email_direction"}),
}
"""Objects that are work done, and the properties whose change is a reason to look at them again."""

_OF_ALL_WORK = frozenset({"hubspot_owner_id", "hs_timestamp"})
_KEY = "portalId subscriptionType eventType objectTypeId objectId".split()
_KEY += "fromObjectId toObjectId associationType associationRemoved".split()
_KEY += "primaryObjectId mergedObjectIds newObjectId propertyName propertyValue occurredAt".split()

_NO_API = (
    "the {}'s owner and details, which HubSpot sends to nobody: give the connection an `api`, then read this again"
)

Reading = tuple[tuple[Claim, ...], str | None]
"""What was read of an event about a deal: claims, or why it needs none."""


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the events of a delivery; raises Malformed when it is no JSON."""
    body = json_of(delivery.body)
    return [read_event(event, connection) for event in (body if isinstance(body, list) else [body])]


def read_event(event: Any, connection: Connection) -> Sent:
    """Read one event: claims, wants, or the reason why there are none."""
    if not isinstance(event, dict) or not can_be_kept(event):
        return Sent(None, event, problems=(Unreadable("", event, "an event as a flat object").problem,))
    try:
        return _read(event, connection)
    except Unreadable as error:
        return Sent(_whole(event), event, problems=(error.problem,), wants=_withheld(event))


def transport_key(event: Mapping[str, Any]) -> str:
    """Return what is the same for every delivery of the same event, and for no other.

    `eventId` is not: HubSpot promises neither that it is unique nor that a repetition keeps it.
    """
    return digest_of([event.get(name) for name in _KEY])


def _read(event: Mapping[str, Any], connection: Connection) -> Sent:
    thing, what = _subject(event)
    portal = name_of(event.get("portalId"))
    if connection.account and portal != connection.account:
        return _ignored(event, f"it was sent by account {portal}, this connection is of {connection.account}")
    if what == "associationChange":
        return _ignored(event, "what a record is associated with changes nothing that is counted")
    if thing == "deal":
        return _deal(event, what, connection)
    if thing in WORK:
        return _work(event, thing, what, connection)
    return _ignored(event, f"{thing[:100]} events carry no work and no deal")


def _subject(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind of object and what happened to it, such as deal and propertyChange."""
    said = event.get("subscriptionType", event.get("eventType"))
    thing, dot, what = said.partition(".") if isinstance(said, str) else ("", "", "")
    if not dot:
        raise Unreadable("/subscriptionType", said, "what happened, such as deal.propertyChange")
    if thing != "object":
        return thing, what
    number = id_of(event.get("objectTypeId"), "/objectTypeId") if what != "associationChange" else ""
    return OBJECTS.get(number, f"object {number}"), what


def _deal(event: Mapping[str, Any], what: str, connection: Connection) -> Sent:
    reader = _DEALS.get(what)
    if reader is None:
        return _ignored(event, f"deal.{what[:100]} says nothing that is counted")
    about = "objectId" if what != "merge" else "newObjectId" if event.get("newObjectId") else "primaryObjectId"
    happening = Happening(
        connection,
        id_of(event.get(about), f"/{about}"),
        instant_of_ms(event.get("occurredAt"), "/occurredAt"),
        _actor(event),
    )
    claims, ignored = reader(happening, event)
    gone = what in {"deletion", "privacyDeletion"}
    wants = (Want("deal", happening.deal),) if claims and not gone else ()
    return Sent(transport_key(event), event, claims, ignored=ignored, wants=wants)


def _changed(happening: Happening, event: Mapping[str, Any]) -> Reading:
    name = str(event.get("propertyName"))
    if name not in deals.PROPERTIES:
        return (), deals.UNUSED.get(name, f"the property {name[:100]} is not used")
    if "propertyValue" not in event:
        raise Unreadable("/propertyValue", None, f"the new value of {name}")
    return deals.changed(happening, name, event["propertyValue"]), None


def _merged(happening: Happening, event: Mapping[str, Any]) -> Reading:
    losing = event.get("mergedObjectIds")
    if not isinstance(losing, list) or not losing:
        raise Unreadable("/mergedObjectIds", losing, "the ids of the deals that were merged")
    ids = [id_of(each, "/mergedObjectIds") for each in (event.get("primaryObjectId", losing[0]), *losing)]
    return deals.merged(happening, [each for each in dict.fromkeys(ids) if each != happening.deal]), None


_DEALS: Mapping[str, Callable[[Happening, Mapping[str, Any]], Reading]] = {
    "creation": lambda happening, _: (deals.created(happening), None),
    "propertyChange": _changed,
    "deletion": lambda happening, _: (deals.deleted(happening), None),
    "privacyDeletion": lambda happening, _: (deals.deleted(happening), None),
    "restore": lambda happening, _: (deals.restored(happening), None),
    "merge": _merged,
}


def _withheld(event: Mapping[str, Any]) -> tuple[Want, ...]:
    deal = name_of(event.get("objectId")) if event.get("propertyValue") == deals.REDACTED else None
    return (Want("deal", deal),) if deal else ()


def _work(event: Mapping[str, Any], thing: str, what: str, connection: Connection) -> Sent:
    """Want a call, meeting, task or e-mail: an event tells that there is one, not whose it is or how it went."""
    name = str(event.get("propertyName"))[:100]
    if what == "propertyChange" and name not in WORK[thing] | _OF_ALL_WORK:
        return _ignored(event, f"the property {name} says nothing about work done")
    wanted = Want(thing, id_of(event.get("objectId"), "/objectId"))
    if what in _CAME_AND_WENT:
        at = instant_of_ms(event.get("occurredAt"), "/occurredAt")
        record = f"{thing}:{wanted.id}"
        works = of_meeting(record, connection) if thing == "meeting" else [record]
        again = (wanted,) if what == "restore" and connection.api else ()
        return Sent(transport_key(event), event, _CAME_AND_WENT[what](works, at, _actor(event)), wants=again)
    if what not in {"creation", "propertyChange"}:
        return _ignored(event, f"a {thing} was merged; what it counted for stands until a person decides")
    lacks = Unreadable("/objectId", wanted.id, _NO_API.format(thing)).problem
    return Sent(transport_key(event), event, problems=() if connection.api else (lacks,), wants=(wanted,))


_CAME_AND_WENT: Mapping[str, Callable[..., tuple[Claim, ...]]] = {
    "deletion": taken_back,
    "privacyDeletion": taken_back,
    "restore": counts_again,
}


def _actor(event: Mapping[str, Any]) -> str | None:
    """Return who did it: `userId:<user>`, or the kind of source with the app's id. Never the owner."""
    source, kind = name_of(event.get("sourceId")), name_of(event.get("changeSource"))
    if source and not source.startswith("userId:") and kind:
        return f"{kind}:{source}"
    return source or kind


def _ignored(event: Mapping[str, Any], why: str) -> Sent:
    return Sent(transport_key(event), event, ignored=why)


def _whole(event: Mapping[str, Any]) -> str:
    """Return a key for an event whose parts are not to be trusted: all of it but the count of attempts."""
    return digest_of({name: value for name, value in event.items() if name != "attemptNumber"})
