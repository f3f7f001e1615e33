"""What became of each thing that was sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.claims import Claim
from shared.errors import FieldProblem

ACCEPTED, DUPLICATE, PARKED, IGNORED, INVALID = "accepted", "duplicate", "parked", "ignored", "invalid"
STATUSES = (ACCEPTED, DUPLICATE, PARKED, IGNORED, INVALID)
UNREADABLE = "unreadable"
OUTCOMES = (ACCEPTED, DUPLICATE, PARKED, IGNORED, UNREADABLE)
"""What becomes of what a verified sender's own call brought; none of it is refused."""


@dataclass(frozen=True, slots=True)
class Want:
    """What a payload lacks and the CRM's API may tell: the kind of object (deal, call, meeting, task, …) and its id."""

    object: str
    id: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that was sent: `raw` as it came (JSON-ready), and what it claims or why it claims nothing.

    `id` is the sender's, as far as it could be read: the same again, from the same connection, is a duplicate. Ids of
    claims are unique within the connection too; the id of work is its business key, such as `call:8812`. `problems`
    make it invalid (API) or unreadable (hook); `ignored` tells in a sentence why it needs no claim.
    """

    id: str | None
    raw: Any
    claims: tuple[Claim, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    ignored: str | None = None
    wants: tuple[Want, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the thing at place `index` of the request; `note` says what a person should know about it."""

    index: int
    id: str | None
    status: str
    inbox: int | None = None
    activity: str | None = None
    reason: str | None = None
    reference: str | None = None
    note: str | None = None
    errors: tuple[FieldProblem, ...] = ()


def to_json(result: Result) -> dict[str, Any]:
    """Give the JSON-ready form of a result; empty parts are left out."""
    form: dict[str, Any] = {"index": result.index, "id": result.id, "status": result.status}
    for name in ("inbox", "activity", "reason", "reference", "note"):
        value = getattr(result, name)
        if value is not None:
            form[name] = value
    if result.errors:
        form["errors"] = [{"field": e.pointer, "value": e.value, "expected": e.expected} for e in result.errors]
    return form


def counts(results: Sequence[Result]) -> Mapping[str, int]:
    """Count the results by status; every status is there."""
    seen = Counter(result.status for result in results)
    return {status: seen[status] for status in STATUSES}


def problems(results: Sequence[Result], *, many: bool) -> list[FieldProblem]:
    """List what is wrong with every result, by JSON pointer into the request's body."""
    return [
        FieldProblem(f"/{result.index}{error.pointer}" if many else error.pointer, error.value, error.expected)
        for result in results
        for error in result.errors
    ]
