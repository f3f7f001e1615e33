"""CRMs' own APIs, asked for what their payloads lack: a file per kind of CRM writes requests and reads answers.

Nothing here sends anything; services/ingest/asker does. What an answer tells becomes Sent as from any hook, each claim
with the time at which the CRM says that it became so: then the order of answers and notifications leaves no trace.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Protocol, cast

import orjson

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.schemas.activities import read as read_claims
from services.ingest.sources.fields import Unreadable, amount_of
from shared.contracts.activity import DEAL
from shared.errors import FieldProblem

KINDS: Mapping[str, str] = {
    "hubspot": "services.ingest.sources.hubspot_api",
    "pipedrive": "services.ingest.sources.pipedrive_api",
    "salesforce": "services.ingest.sources.salesforce_api",
    "dynamics": "services.ingest.sources.dynamics_api",
    "zoho": "services.ingest.sources.zoho_api",
}
"""The kinds of connection whose API can be asked."""

OWNER = "owner"
"""The kind of object that stands for a person; its answer is an e-mail address."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request below the address of the connection's API; a body (JSON-ready) makes it a POST."""

    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in small letters. `status` 0 is no answer, and `trouble` says why."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer tells: things to take in, e-mail addresses by owner id, and ids that the CRM does not have."""

    sent: tuple[Sent, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


class Api(Protocol):
    """What a file of KINDS offers."""

    NAME: str
    OBJECTS: Mapping[str, int]
    """The kinds of objects that can be asked about, and how many of a kind in one request."""

    def headers(self, token: str) -> Mapping[str, str]:
        """Return the headers that show who asks."""
        ...

    def request(self, kind: str, ids: list[str], connection: Connection) -> Request:
        """Return the request about objects of a kind."""
        ...

    def meaning(self, answer: Answer) -> str:
        """Return what the answer means: one of the words of domain.asking."""
        ...

    def read(self, kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
        """Read an answer to `request`; raises ValueError when it is not of the documented form."""
        ...


def api_of(kind: str) -> Api | None:
    """Return what can ask a kind of CRM, or None where nothing can."""
    module = KINDS.get(kind)
    return cast("Api", import_module(module)) if module else None


def parsed(answer: Answer) -> dict[str, Any]:
    """Parse an answer that is an object; ValueError when it is not."""
    body = orjson.loads(answer.body)
    if not isinstance(body, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004  whatever it is, it is not what was documented
    return body


def told(name: str, raw: Any, items: Iterable[Mapping[str, Any]]) -> Sent:
    """Return one thing to take in, with the activities (in the words of the front door) that were read from it."""
    listed = [{key: value for key, value in item.items() if value is not None or key == "owner"} for item in items]
    read = read_claims([item if item["type"] == DEAL else {**item, **_STAND_IN} for item in listed])
    problems = [each for claim in read if isinstance(claim, list) for each in claim]
    if problems:
        return Sent(name, raw, problems=tuple(problems))
    claims = (claim for claim in read if isinstance(claim, Claim))
    return Sent(name, raw, tuple(_own(claim, item) for claim, item in zip(claims, listed, strict=True)))


_STAND_IN = {"type": "work", "owner": "somebody"}
"""A CRM's own word for a type, and work with nobody's name, are found wanting later, by the mapping as it is then."""


def _own(claim: Claim, item: Mapping[str, Any]) -> Claim:
    if item["type"] == DEAL:
        return claim
    return replace(claim, type=item["type"], owner=item.get("owner"), owner_said=bool(item.get("owner")))


def deal(crm_id: str, raw: Any, moments: Iterable[tuple[Any, Mapping[str, Any]]], connection: Connection) -> Sent:
    """Return one thing to take in: what a record says of a deal, each part with the moment since when it is so.

    A moment is RFC 3339 text; what has none is not told. The record as it is known at its last moment is one payload.
    """
    by_moment: dict[str, dict[str, Any]] = {}
    for at, said in moments:
        if at:
            by_moment.setdefault(str(at), {}).update(said)
    items = [_change(crm_id, at, said, connection) for at, said in sorted(by_moment.items()) if said]
    name = f"api:deal:{crm_id}@{max(by_moment, default='')}"
    return told(name, raw, items) if items else untold(name, raw, "the record says nothing that is counted")


def _change(crm_id: str, at: str, said: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    owner = {"owner": said["owner"]} if "owner" in said else {}
    change = {name: value for name, value in said.items() if name != "owner"}
    if change.get("amount") is not None and connection.currency:
        change["currency"] = change.get("currency") or connection.currency
    about = {"id": connection.deal(crm_id), **change}
    return {"id": f"api:deal:{crm_id}@{at}", "type": DEAL, "occurred_at": at, "deal": about, **owner}


def work(name: str, kind: str, at: Any, owner: str | None, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return work done, in the words of the front door; `name` is its business key, data without a value go."""
    kept = {key: value for key, value in (data or {}).items() if value is not None}
    return {"id": name, "type": kind, "occurred_at": at, "owner": owner, "data": kept or None}


def untold(name: str, raw: Any, why: str) -> Sent:
    """Return one thing to take in that needs no activity."""
    return Sent(name, raw, ignored=why)


def misread(name: str, raw: Any, pointer: str, value: Any, expected: str) -> Sent:
    """Return one thing to take in that cannot be used, with what is wrong with it."""
    return Sent(name, raw, problems=(FieldProblem(pointer, value, expected),))


def money(value: Any) -> str | None:
    """Return an amount as plain decimal text, None when there is none; what is no amount stays, to be shown as such."""
    try:
        return amount_of(value, "/amount")
    except Unreadable:
        return str(value)


def seconds(milliseconds: Any) -> int | None:
    """Return whole seconds of a number of milliseconds, however it is written; None when it is none."""
    text = str(milliseconds)
    return int(text) // 1000 if text.isdecimal() and len(text) < 13 else None


def picked(record: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return those fields of a record that are used here: the rest of it is nobody's business."""
    return {name: record[name] for name in names if name in record}
