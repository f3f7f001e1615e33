"""Take in a league document: check it, keep it as a version, say what it changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import orjson

from services.ingest.domain.access import ACCESS
from services.ingest.domain.changes import changes
from services.ingest.domain.connections import SOURCES
from services.ingest.domain.crosschecks import Warned, crosschecks
from services.ingest.domain.masking import MASK, is_secret
from services.ingest.schemas.access import parse_access
from services.ingest.schemas.activities import ABSENT, echo
from services.ingest.schemas.connections import parse_sources
from shared.contracts import wire
from shared.contracts.contests import frozen_problems
from shared.contracts.league import KINDS, PLANS, PLAYBOOK, ROSTER, TARGETS, BadDocument, LeagueDocument, in_force
from shared.contracts.plans import parse_plans
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import parse_roster
from shared.contracts.targets import parse_targets
from shared.errors import FieldProblem, InvalidInput, NotFound

PARSERS: Mapping[str, Callable[..., object]] = {
    ROSTER: parse_roster,
    PLAYBOOK: parse_playbook,
    TARGETS: parse_targets,
    PLANS: parse_plans,
    SOURCES: parse_sources,
    ACCESS: parse_access,
}
DOCUMENTS = (*KINDS, SOURCES, ACCESS)
DATED_INSIDE = frozenset({ROSTER, TARGETS, SOURCES, ACCESS})
"""Their latest version is the truth for all time, so the day it begins may be left out."""

LARGEST = wire.MAX_BYTES - 1000
"""Bytes of a body as JSON; the rest of a record is its envelope."""

_EFFECTIVE_FROM = "effective_from"


class InvalidDocument(InvalidInput):
    """The document was read, and some of it cannot be used; nothing of it was kept."""


class NoSuchDocument(NotFound):
    """There is no such document or version."""


class League(Protocol):
    """Where document versions are kept."""

    def add(
        self, kind: str, effective_from: date, author: str, body: Mapping[str, Any], at: datetime, *, after: int | None
    ) -> tuple[LeagueDocument, LeagueDocument | None]:
        """Append a version and return it with the one before; an identical one is the latest itself, twice."""
        ...

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        ...

    def get(self, kind: str, version: int) -> LeagueDocument | None:
        """Return one version."""
        ...

    def versions(self, kind: str) -> list[LeagueDocument]:
        """Return every version of a kind, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as its author sent it; `effective_from` may stand beside the body or in it.

    `after` is the version the author saw (0: none, None: whichever).
    """

    kind: str
    author: str
    body: Any
    effective_from: date | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document as it is kept now; `created` is False when the latest version was identical."""

    document: LeagueDocument
    created: bool
    changes: list[str]
    warnings: list[Warned]


def put(draft: Draft, league: League, now: datetime) -> Outcome:
    """Keep a document as a new version. Raises InvalidDocument with every problem, Outdated, NoSuchDocument."""
    refuse_unknown_kind(draft.kind)
    body, effective_from = check(draft, now)
    _refuse_changing_contests(draft.kind, body, league.latest(draft.kind), now, effective_from)
    new, before = league.add(draft.kind, effective_from, draft.author, body, now, after=draft.after)
    created = new is not before
    latest = {kind: document.body for kind in DOCUMENTS if (document := league.latest(kind))}
    warnings = crosschecks(draft.kind, {**latest, draft.kind: body})
    return Outcome(new, created, changes(before.body if before else None, body) if created else [], warnings)


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what the author is told of an outcome."""
    document = outcome.document
    warnings = [{"document": each.kind, "pointer": each.pointer, "message": each.message} for each in outcome.warnings]
    return {
        "kind": document.kind,
        "version": document.version,
        "effective_from": document.effective_from,
        "author": document.author,
        "recorded_at": document.recorded_at,
        "diff": outcome.changes,
        "warnings": warnings,
    }


def check(draft: Draft, now: datetime) -> tuple[dict[str, Any], date]:
    """Return the body and the day it begins; raises InvalidDocument with every problem."""
    if not isinstance(draft.body, dict):
        raise InvalidDocument(problems=[FieldProblem("", echo(draft.body), f"the {draft.kind} as an object")])
    body = {name: value for name, value in draft.body.items() if name != _EFFECTIVE_FROM}
    problems = list(_problems(draft.kind, body))
    effective_from = _effective_from(draft, now)
    if isinstance(effective_from, FieldProblem):
        problems.append(effective_from)
    if problems or isinstance(effective_from, FieldProblem):
        raise InvalidDocument(f"{len(problems)} problems in the {draft.kind}", problems)
    return body, effective_from


def _refuse_changing_contests(
    kind: str, body: Mapping[str, Any], before: LeagueDocument | None, now: datetime, effective_from: date
) -> None:
    """Raise InvalidDocument when a new playbook changes a contest that runs."""
    if kind != PLAYBOOK or before is None:
        return
    found = list(frozen_problems(before.body, body, now, effective_from))
    if found:
        problems = [FieldProblem(each.pointer, None, each.message) for each in found]
        raise InvalidDocument("a contest that runs keeps its rules", problems)


def version(league: League, kind: str, number: int | None, day: date | None) -> LeagueDocument:
    """Return one version, the one in force on a day, or the latest. Raises NoSuchDocument."""
    refuse_unknown_kind(kind)
    if number is not None:
        found = league.get(kind, number)
    else:
        found = league.latest(kind) if day is None else in_force(league.versions(kind), day)
    if found is None:
        which = f"version {number}" if number is not None else f"version in force on {day}" if day else "version yet"
        raise NoSuchDocument(f"the {kind} has no {which}")
    return found


def compare(league: League, kind: str, older: int | None, newer: int | None) -> tuple[int, int, list[str]]:
    """Return two version numbers and what changed between them; by default the latest and the one before it."""
    new = version(league, kind, newer, None)
    number = new.version - 1 if older is None else older
    old = version(league, kind, number, None) if number else None
    return number, new.version, changes(old.body if old else None, new.body)


def refuse_unknown_kind(kind: str) -> None:
    """Raise NoSuchDocument for a kind that does not exist."""
    if kind not in DOCUMENTS:
        raise NoSuchDocument(f"there is no document {kind!r}; there are {', '.join(DOCUMENTS)}")


def _problems(kind: str, body: Mapping[str, Any]) -> Iterator[FieldProblem]:
    try:
        PARSERS[kind](body, strict=True)
        size = len(orjson.dumps(body))
        if size > LARGEST:
            yield FieldProblem("", f"({size:,} bytes)", f"at most {LARGEST:,} bytes as JSON: it travels in one record")
    except BadDocument as error:
        yield from (FieldProblem(p.pointer, _shown(body, p.pointer), p.message) for p in error.problems)
    except TypeError as error:  # nested or numbered beyond what JSON can carry on
        yield FieldProblem("", echo(body), f"a document that can be written as JSON: {error}")


def _effective_from(draft: Draft, now: datetime) -> date | FieldProblem:
    inside = draft.body.get(_EFFECTIVE_FROM)
    expected = "the calendar day it begins, such as 2026-11-01"
    try:
        written = None if inside is None else date.fromisoformat(inside)
    except (TypeError, ValueError):
        return FieldProblem(f"/{_EFFECTIVE_FROM}", echo(inside), expected)
    if written and draft.effective_from and written != draft.effective_from:
        return FieldProblem(f"/{_EFFECTIVE_FROM}", inside, f"the same day as beside it: {draft.effective_from}")
    found = draft.effective_from or written or (now.date() if draft.kind in DATED_INSIDE else None)
    return found or FieldProblem(f"/{_EFFECTIVE_FROM}", ABSENT, f"{expected}; it may also stand in the query")


def _shown(body: Any, pointer: str) -> Any:
    """Return what stands at a pointer, fit to be shown: a secret that somebody wrote down is not repeated."""
    found = _at(body, pointer)
    return MASK if found is not ABSENT and is_secret(pointer) else echo(found)


def _at(body: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        match body:
            case dict() if step in body:
                body = body[step]
            case list() if step.isdecimal() and int(step) < len(body):
                body = body[int(step)]
            case _:
                return ABSENT
    return body
