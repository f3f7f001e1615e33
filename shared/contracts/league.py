"""League documents: what configures the chain, in versions; the envelope they travel in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.times import from_text, to_text

ROSTER, PLAYBOOK, TARGETS, PLANS = "roster", "playbook", "targets", "plans"
KINDS = (ROSTER, PLAYBOOK, TARGETS, PLANS)


@dataclass(frozen=True, slots=True)
class LeagueDocument:
    """One version of one document; `effective_from` is a calendar day of the organisation.

    Roster and targets hold their dates inside: their latest version is the truth for all time.
    Of playbook and plans the version in force at a moment counts (see `in_force`).
    """

    kind: str
    version: int
    effective_from: date
    author: str
    recorded_at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where (JSON pointer), what, and what to do."""

    pointer: str
    message: str


class BadDocument(ValueError):
    """The document cannot be used; `problems` names every reason at once."""

    def __init__(self, kind: str, problems: Iterable[Problem]) -> None:
        """Carry every problem."""
        self.kind = kind
        self.problems = tuple(problems)
        lines = "; ".join(f"{p.pointer or '/'}: {p.message}" for p in self.problems)
        super().__init__(f"{kind}: {lines}")


def in_force(versions: Iterable[LeagueDocument], day: date) -> LeagueDocument | None:
    """Return the version in force on `day`; None when none has begun.

    That is the latest start that is not after the day, and of equal starts the highest version.
    """
    begun = (v for v in versions if v.effective_from <= day)
    return max(begun, key=lambda v: (v.effective_from, v.version), default=None)


def to_wire(document: LeagueDocument) -> dict[str, Any]:
    """Give the JSON-ready form of a document version."""
    return {
        "kind": document.kind,
        "version": document.version,
        "effective_from": document.effective_from.isoformat(),
        "author": document.author,
        "recorded_at": to_text(document.recorded_at),
        "body": document.body,
    }


def from_wire(wire: Mapping[str, Any]) -> LeagueDocument:
    """Read a document version; KeyError, TypeError or ValueError when it is malformed."""
    return LeagueDocument(
        kind=wire["kind"],
        version=wire["version"],
        effective_from=date.fromisoformat(wire["effective_from"]),
        author=wire["author"],
        recorded_at=from_text(wire["recorded_at"]),
        body=wire["body"],
    )
