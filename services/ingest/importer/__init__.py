"""Bring a table in through the front door: resumable, repeatable, and with every row accounted for."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from services.ingest.domain.mapping import Given, Row, RowProblem, TableMapping, problem_of, read_row, trimmed
from services.ingest.domain.results import INVALID
from services.ingest.importer.progress import Progress
from shared.errors import InvalidInput

BATCH = 500
LARGEST_BATCH_BYTES = 800_000

Deliver = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
"""Hands activities to the front door and returns the result of each, in the form of its answer."""


class UnusableTable(InvalidInput):
    """The table cannot be read with this mapping."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong in a line of the file."""

    line: int
    problem: RowProblem

    def __str__(self) -> str:
        found = self.problem
        return f"line {self.line}: {found.column} {found.value!r}: expected {found.expected}"


@dataclass(slots=True)
class Batch:
    """Rows on their way, with what they give; `end` counts the rows of the file up to the last one in it."""

    given: list[tuple[int, Row, Given]] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    size: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file and how to read it; `undated` is the day taken where the moment is empty."""

    path: Path
    mapping: TableMapping
    undated: date | None = None


def run(
    table: Table,
    deliver: Deliver,
    progress: Progress,
    tell: Callable[[LineProblem], None],
    moved: Callable[[int], None] = lambda _: None,
) -> Counter[str]:
    """Import what is not imported yet; `moved` hears the position in the file in bytes. Raises UnusableTable.

    Returns counts over this run and those it continues: `rows`, `bad`, each status, and `left out: <reason>`.
    """
    for batch in _batches(table, progress.rows, moved):
        results = deliver([given.item for _, _, given in batch.given]) if batch.given else []
        refused = list(_refused(batch, results))
        for problem in (*batch.problems, *refused):
            tell(problem)
        batch.counts.update(result["status"] for result in results)
        batch.counts["bad"] += len({problem.line for problem in (*batch.problems, *refused)})
        progress.save(batch.end, batch.counts)
    return progress.counts


def _batches(table: Table, done: int, moved: Callable[[int], None]) -> Iterator[Batch]:
    """Collect rows until the front door's limit; whole rows only, so that the progress can be told in rows."""
    batch = Batch()
    for number, line, row in _rows(table, moved):
        if number <= done:
            continue
        read = read_row(table.mapping, row, table.undated)
        size = sum(len(orjson.dumps(given.item)) + 1 for given in read.given)
        if batch.given and (len(batch.given) + len(read.given) > BATCH or batch.size + size > LARGEST_BATCH_BYTES):
            yield batch
            batch = Batch()
        batch.given += [(line, row, given) for given in read.given]
        batch.problems += [LineProblem(line, problem) for problem in read.problems]
        batch.counts.update(["rows", *(f"left out: {reason}" for reason in read.left_out)])
        batch.size, batch.end = batch.size + size, number
    if batch.end:
        yield batch


def _rows(table: Table, moved: Callable[[int], None]) -> Iterator[tuple[int, int, Row]]:
    """Give (number of the row, line of the file, row)."""
    mapping, columns = table.mapping, sorted(table.mapping.columns)
    with table.path.open("rb") as raw, io.TextIOWrapper(raw, mapping.encoding, newline="") as file:
        reader = csv.DictReader(file, delimiter=mapping.delimiter, strict=True)
        try:
            _refuse_missing(columns, reader.fieldnames or ())
            for number, row in enumerate(reader, 1):
                yield number, reader.line_num, trimmed(row, columns)
                moved(raw.tell())
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnusableTable(f"{table.path.name}, after line {reader.line_num}: {error}") from error


def _refuse_missing(columns: Sequence[str], found: Sequence[str]) -> None:
    missing = [name for name in columns if name not in found]
    if missing:
        raise UnusableTable(f"the mapping reads {', '.join(missing)}; the columns are: {', '.join(found) or '(none)'}")


def _refused(batch: Batch, results: Sequence[Mapping[str, Any]]) -> Iterator[LineProblem]:
    for (line, row, given), result in zip(batch.given, results, strict=True):
        if result["status"] == INVALID:
            for error in result["errors"]:
                problem = problem_of(given, row, error["field"], error["value"], error["expected"])
                yield LineProblem(line, problem)
