"""Work done in Close: calls, meetings, e-mails and tasks. Each counts by its own id, however often it is edited."""

from collections.abc import Callable, Mapping, Sequence

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.sources.close.events import Event, owned
from services.ingest.sources.fields import line_of, seconds_of
from services.ingest.sources.retracting import counts_again, of_meeting, taken_back

_DIRECTIONS: Mapping[str, str] = {
    "outbound": "outbound",
    "outgoing": "outbound",
    "inbound": "inbound",
    "incoming": "inbound",
}
_HELD, _CANCELLED = ("meeting", "held"), ("meeting-cancelled", "cancelled")
_MEETINGS: Mapping[str, tuple[str, str]] = {
    "completed": _HELD,
    "canceled": _CANCELLED,
    "declined-by-lead": _CANCELLED,
    "declined-by-org": _CANCELLED,
    "scheduled": ("meeting-booked", "booked"),
}
"""What the status of a meeting, or else what happened to it, makes of it: type, and end of its business key."""


def call(event: Event, connection: Connection) -> Sequence[Claim] | str:
    """Claim a call once it is completed, answered or not: its outcome and length say which."""
    if "completed" not in (event.action, event.now.get("status")):
        return "a call counts once it is completed"
    claim = event.claim(
        f"call:{event.object}",
        "call",
        duration_s=seconds_of(event.now.get("duration")),
        direction=_DIRECTIONS.get(str(event.now.get("direction"))),
        counterparty=line_of(event.now.get("remote_phone"), 100) or line_of(event.now.get("phone"), 100),
        outcome=line_of(event.now.get("disposition"), 100),
    )
    return [owned(claim, event, "user_id", connection)]


def meeting(event: Event, connection: Connection) -> Sequence[Claim] | str:
    """Claim a meeting that was booked, held or called off; Close takes it for held when its time has passed."""
    status = str(event.now.get("status"))
    found = _MEETINGS.get(status) or _MEETINGS.get(event.action)
    if found is None:
        return "a meeting counts when it is booked, held or called off, not when it is edited"
    kind, end = found
    outcome = status if status.startswith("declined") else None
    return [owned(event.claim(f"meeting:{event.object}:{end}", kind, outcome=outcome), event, "user_id", connection)]


def email(event: Event, connection: Connection) -> Sequence[Claim] | str:
    """Claim an e-mail that was sent."""
    incoming = _DIRECTIONS.get(str(event.now.get("direction"))) == "inbound"
    if incoming or "sent" not in (event.action, event.now.get("status")):
        return "only an e-mail that was sent out is work done"
    return [owned(event.claim(f"email:{event.object}", "email"), event, "user_id", connection)]


def task(event: Event, connection: Connection) -> Sequence[Claim] | str:
    """Claim a task of the person it was given to, when it is ticked off.

    Ticked off once more, it counts again: the claim of the work itself is known by then.
    """
    works = [f"task:{event.object}"]
    ticked = event.now.get("is_complete") is True and event.before.get("is_complete") is False
    unticked = event.now.get("is_complete") is False and event.before.get("is_complete") is True
    if unticked:
        return taken_back(works, event.at, event.actor)
    if event.action != "completed" and not ticked:
        return "a task counts when it is ticked off"
    done = owned(event.claim(works[0], "task"), event, "assigned_to", connection)
    return done, *counts_again(works, event.at, event.actor)


def deleted(event: Event, connection: Connection) -> tuple[Claim, ...]:
    """Take back what a deleted call, meeting, e-mail or task counted for."""
    record = f"{_RECORDS[event.type]}:{event.object}"
    works = of_meeting(record, connection) if event.type == "activity.meeting" else [record]
    return taken_back(works, event.at, event.actor)


_RECORDS: Mapping[str, str] = {
    "activity.call": "call",
    "activity.meeting": "meeting",
    "activity.email": "email",
    "task.lead": "task",
}
"""The beginnings of business keys, by the kind of object."""

READERS: Mapping[str, Callable[[Event, Connection], Sequence[Claim] | str]] = {
    "activity.call": call,
    "activity.meeting": meeting,
    "activity.email": email,
    "task.lead": task,
}
"""Kinds of objects that are work: each gives the claims, or why there is none."""
