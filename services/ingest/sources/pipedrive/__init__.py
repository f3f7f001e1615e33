"""Pipedrive: webhooks of versions 1 and 2.

Verified by HTTP Basic, the only thing Pipedrive offers: a secret of the connection is the text `user:password`. A
payload carries the whole object: each is a full word about a deal, and the latest one stands, whatever came first.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, Unverified, basic, json_of, matches_any
from services.ingest.sources.fields import (
    Unreadable,
    amount_of,
    can_be_kept,
    currency_of,
    digest_of,
    id_of,
    instant_of_text,
    line_of,
    ms_of,
    name_of,
    object_in,
)
from services.ingest.sources.pipedrive import changes
from services.ingest.sources.pipedrive.changes import CHANGED, DELETED, MERGED, Change
from services.ingest.sources.retracting import counts_again, taken_back
from shared.contracts.activity import DEAL, STATUSES, DealChange

NAME = "pipedrive"

_CLOSINGS: Mapping[str, str] = {"won": "won_time", "lost": "lost_time"}
_DURATION = re.compile(r"([0-9]{1,3}):([0-5][0-9])(:[0-5][0-9])?")


def verify(delivery: Delivery, connection: Connection, _now: datetime) -> None:
    """Return when user and password are those of the connection; else raise Unverified."""
    if not matches_any(basic(delivery), [secret for secret in connection.secrets if secret]):
        raise Unverified("user and password (HTTP Basic) are not those of this connection")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the one change of a delivery; raises Malformed when it is no JSON."""
    body = json_of(delivery.body)
    if not isinstance(body, dict) or not can_be_kept(body):
        problem = Unreadable("", body, "an object with `data` or `current`, `previous` and `meta`").problem
        return [Sent(None, body, problems=(problem,))]
    try:
        change = changes.read(body)
        return [_read(change, body, connection)]
    except Unreadable as error:
        # the count of attempts is left out: each repetition is the same
        meta = {name: value for name, value in object_in(body.get("meta")).items() if name != "attempt"}
        whole = {name: value for name, value in body.items() if name != "retry"}
        return [Sent(digest_of({**whole, "meta": meta}), body, problems=(error.problem,))]


def _read(change: Change, raw: Mapping[str, Any], connection: Connection) -> Sent:
    if connection.account and change.company != connection.account:
        why = f"it was sent by company {change.company}, this connection is of {connection.account}"
        return Sent(change.key, raw, ignored=why)
    if change.entity == "deal":
        return Sent(change.key, raw, _deal(change, connection), wants=_lacking(change, connection))
    if change.entity == "activity":
        return _activity(change, raw, connection)
    return Sent(change.key, raw, ignored=f"{change.entity} events carry no work and no deal")


def _deal(change: Change, connection: Connection) -> tuple[Claim, ...]:
    """Claim what a deal is now; one that was merged into another is deleted, as Pipedrive itself does."""
    if change.action == DELETED:
        merged = {"merged_into": change.merged_to} if change.merged_to else None
        return (_claim(change, connection, change.id, {"status": "deleted"}, merged),)
    if not change.now:
        raise Unreadable(f"/{change.part}", None, "the deal as it is now")
    now = _snapshot(change, connection)
    other = name_of(change.before.get("id")) if change.action == MERGED else None
    if other and other != change.id:
        return now, _claim(change, connection, other, {"status": "deleted"}, {"merged_into": change.id})
    return (now, *_closing(change, now, connection))


def _snapshot(change: Change, connection: Connection) -> Claim:
    said: dict[str, str | None] = {}
    for name, field in (("stage_id", "stage"), ("pipeline_id", "pipeline")):
        if name in change.now:
            value = change.now[name]
            said[field] = None if value is None else id_of(value, change.pointer(name))
    if "title" in change.now:
        said["name"] = line_of(change.now["title"])
    claim = _claim(change, connection, change.id, {**said, **_money(change, connection), **_status(change)})
    return _owned(claim, change, connection, ("owner_id", "user_id"))


def _money(change: Change, connection: Connection) -> dict[str, str | None]:
    """Return amount and currency; one that Pipedrive does not name is that of the connection, or is not said."""
    if "value" not in change.now:
        return {}
    currency = currency_of(change.now.get("currency"), change.pointer("currency")) or connection.currency
    amount = amount_of(change.now["value"], change.pointer("value"))
    return {"amount": amount} | ({"currency": currency} if currency else {})


def _status(change: Change) -> dict[str, str | None]:
    status = change.now.get("status")
    if change.now.get("deleted") is True or change.now.get("is_deleted") is True:
        return {"status": "deleted"}
    if status is None:
        return {}
    if status not in STATUSES:
        raise Unreadable(change.pointer("status"), status, f"one of {', '.join(STATUSES)}")
    return {"status": status}


def _closing(change: Change, now: Claim, connection: Connection) -> tuple[Claim, ...]:
    """Claim that a deal was won or lost when Pipedrive says it was: a deal imported today may be of last year.

    The time is part of the id: however often the deal is edited afterwards, that is said once.
    """
    status = (now.deal.set if now.deal else {}).get("status") or ""
    name = _CLOSINGS.get(status, "")
    if not change.now.get(name):
        return ()
    at = instant_of_text(change.now[name], change.pointer(name))
    deal = DealChange(connection.deal(change.id), {"status": status})
    closed = Claim(f"deal:{change.id}:{status}:{ms_of(at)}", DEAL, at, actor=change.actor, deal=deal)
    return (closed,) if at < change.at else ()


def _lacking(change: Change, connection: Connection) -> tuple[Want, ...]:
    """Want a deal whose amount came without a currency."""
    lacks = change.now.get("value") is not None and not (change.now.get("currency") or connection.currency)
    return (Want("deal", change.id),) if lacks else ()


def _activity(change: Change, raw: Mapping[str, Any], connection: Connection) -> Sent:
    """Read an activity: it counts at the moment at which it is marked as done, and no longer when it is not any more.

    Done once more after that, it counts again: the claim of the work itself is known by then.
    """
    was_done = _is_done(change.before.get("done"))
    if change.action == DELETED or (was_done and not _is_done(change.now.get("done"))):
        return Sent(change.key, raw, taken_back([f"activity:{change.id}"], change.at, change.actor))
    if not _is_done(change.now.get("done")):
        return Sent(change.key, raw, ignored="it is planned, not done yet")
    if change.action == CHANGED and ("done" not in change.before or was_done):
        return Sent(change.key, raw, ignored="it was marked as done before")
    works = [f"activity:{change.id}"] if change.action == CHANGED else []
    again = counts_again(works, change.at, change.actor)
    return Sent(change.key, raw, (_work(change, connection), *again))


def _work(change: Change, connection: Connection) -> Claim:
    """Claim the work under the account's own name for its type; an edit of it, or of its type, counts no second time.

    Pipedrive's duration is what stands on the activity, planned or logged, in minutes.
    """
    done = change.now.get("marked_as_done_time")
    deal = name_of(change.now.get("deal_id"))
    seconds = _seconds(change.now.get("duration"))
    claim = Claim(
        id=f"activity:{change.id}",
        type=id_of(change.now.get("type"), change.pointer("type")),
        occurred_at=instant_of_text(done, change.pointer("marked_as_done_time")) if done else change.at,
        actor=change.actor,
        deal=DealChange(connection.deal(deal), {}) if deal else None,
        data={"duration_s": seconds} if seconds else None,
    )
    return _owned(claim, change, connection, ("owner_id", "assigned_to_user_id", "user_id"))


def _owned(claim: Claim, change: Change, connection: Connection, names: tuple[str, ...]) -> Claim:
    """Give the claim its owner: a user's id, alone or in an object (version 1). The actor is never the owner."""
    name = next((each for each in names if each in change.now), None)
    if name is None:
        return claim
    value = change.now[name]
    ident = value.get("id") if isinstance(value, dict) else value
    owner = None if ident is None else connection.owner(id_of(ident, change.pointer(name)))
    return replace(claim, owner=owner, owner_said=True)


def _claim(
    change: Change,
    connection: Connection,
    deal: str,
    said: Mapping[str, str | None],
    data: Mapping[str, str | None] | None = None,
) -> Claim:
    about = DealChange(connection.deal(deal), said)
    name = f"{change.key}:{deal}" if deal != change.id else change.key
    return Claim(name, DEAL, change.at, actor=change.actor, deal=about, data=data)


def _is_done(value: Any) -> bool:
    return value is True or value == 1


def _seconds(said: Any) -> int | None:
    """Return a length written as 01:30 (hours and minutes), alone or in an object (version 2)."""
    text = object_in(said).get("value") if isinstance(said, dict) else said
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    return int(match[1]) * 3600 + int(match[2]) * 60 if match else None
