"""Bring a personnel file into the roster: first as sentences, then as a new version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.ingest.domain.changes import changes
from services.ingest.domain.staffing import Person, merge
from services.ingest.handlers import documents
from services.ingest.handlers.documents import Draft, League
from shared.contracts.league import ROSTER
from shared.errors import FieldProblem, InvalidInput


class UnusableFile(InvalidInput):
    """Some lines of the file cannot be used, and nothing was changed."""


class Reading(Protocol):
    """What was read of a file."""

    people: dict[str, Person]
    notes: list[str]
    problems: list[FieldProblem]


@dataclass(frozen=True, slots=True)
class Import:
    """What a file changes (`changes`), what should be known about it, and the version it made; None: a dry run."""

    changes: list[str]
    notes: list[str]
    version: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """How a file is to be taken: the day of what has no day, whether new teams are made, whether it only tries."""

    author: str
    as_of: date
    new_teams: bool = False
    dry_run: bool = False


def bring_in(reading: Reading, order: Order, league: League, now: datetime) -> Import:
    """Merge a file into the present roster. Raises UnusableFile with every problem, InvalidDocument, NoSuchDocument."""
    present = documents.version(league, ROSTER, None, None)
    work = merge(present.body, list(reading.people.values()), order.as_of, new_teams=order.new_teams)
    refuse([*reading.problems, *work.problems])
    draft = Draft(ROSTER, order.author, work.body, order.as_of, after=present.version)
    body, _ = documents.check(draft, now)
    notes, said = [*reading.notes, *work.notes], changes(present.body, body)
    if order.dry_run or not said:
        return Import(said, notes, None if order.dry_run else present.version)
    outcome = documents.put(draft, league, now)
    return Import(said, notes, outcome.document.version)


def refuse(problems: Sequence[FieldProblem]) -> None:
    """Raise UnusableFile when there are problems."""
    if problems:
        raise UnusableFile(f"{len(problems)} problems in the file", problems)
