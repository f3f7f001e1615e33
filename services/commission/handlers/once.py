"""Requests that may be sent twice: the second time they do nothing and are answered as the first time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.commission.domain.runs import Run
from services.commission.store import Desk


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for a change, when and why; `key` names the request (None: sent twice, it is done twice).

    `fingerprint` says what is asked for, so that a key is not used for two different things. `seen` is the tag of the
    run as the caller knows it (None: it does not matter).
    """

    actor: str
    now: datetime
    reason: str | None = None
    key: str | None = None
    fingerprint: str = ""
    seen: str | None = None


def once(desk: Desk, request: Request, work: Callable[[], Run]) -> Run:
    """Do the work, or return its run as it stands now when the request was answered before; KeyUsed for another."""
    return desk.runs.get(done_once(desk, request, lambda: work().id))


def done_once(desk: Desk, request: Request, work: Callable[[], str]) -> str:
    """Do the work and return the name of what it made, or that name when the request was answered before."""
    known = answered(desk, request)
    if known is not None:
        return known
    made = work()
    if request.key is None:
        return made
    desk.trail.keep_receipt(request.actor, request.key, request.fingerprint, {"made": made}, request.now)
    return made


def answered(desk: Desk, request: Request) -> str | None:
    """Return the name of what the same request made before; None: it is new. KeyUsed for another under its key."""
    known = request.key and desk.trail.receipt(request.actor, request.key, request.fingerprint)
    return str(known["made"]) if known else None
