"""How a row of a table becomes activities, as data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts.times import to_text

Row = Mapping[str, str]

TEXT, MOMENT, AMOUNT, NUMBER = "text", "moment", "amount", "number"
KINDS = (TEXT, MOMENT, AMOUNT, NUMBER)

_PLACE = re.compile(r"\{([^{}]+)\}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How dates and amounts are written in the table; `time_of_day` and `zone` complete a date that has none."""

    date_format: str
    time_of_day: time
    zone: ZoneInfo
    decimal: str
    thousands: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a value comes from: text with {columns} in it, then a table of values, then its kind.

    A value that is not in `values` is refused, or kept when `keep_others`.
    """

    text: str
    kind: str = TEXT
    values: Mapping[str, str] = field(default_factory=dict)
    keep_others: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(_PLACE.findall(self.text))


@dataclass(frozen=True, slots=True)
class Template:
    """One activity that a row may give; `when` names the rows: for each column its values. Keys are JSON pointers."""

    when: Mapping[str, frozenset[str]]
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How a table becomes activities; `skip` names the rows that give none, each with its reason."""

    connection: str
    dialect: Dialect
    templates: tuple[Template, ...]
    skip: tuple[tuple[Mapping[str, frozenset[str]], str], ...] = ()
    encoding: str = "utf-8-sig"
    delimiter: str = ","

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        of_cells = (name for template in self.templates for cell in template.cells.values() for name in cell.columns)
        of_rules = (name for when in (*(t.when for t in self.templates), *(w for w, _ in self.skip)) for name in when)
        return frozenset((*of_cells, *of_rules))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row, or an activity of it, cannot be used."""

    column: str
    value: str
    expected: str


class _Unusable(ValueError):
    """A cell cannot be read: (column, value, expected)."""


class _Undated(ValueError):
    """The column with the moment is empty: (column)."""


@dataclass(frozen=True, slots=True)
class Given:
    """An activity that a row gives, in the form of POST /ingest/v1/activities, and what made it."""

    item: dict[str, Any]
    template: Template


@dataclass(frozen=True, slots=True)
class RowRead:
    """What a row gives: activities, problems, and for what is left out the reason."""

    given: tuple[Given, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    left_out: tuple[str, ...] = ()


def read_row(mapping: TableMapping, row: Row, undated: date | None = None) -> RowRead:
    """Turn a row into activities; `undated` is the day taken where the column with the moment is empty."""
    reasons = [reason for when, reason in mapping.skip if _applies(when, row)]
    if reasons:
        return RowRead(left_out=(reasons[0],))
    given: list[Given] = []
    problems: list[RowProblem] = []
    left_out: list[str] = []
    for template in mapping.templates:
        if not _applies(template.when, row):
            continue
        try:
            given.append(Given(_item(template, row, mapping.dialect, undated), template))
        except _Unusable as error:
            problems.append(RowProblem(*error.args))
        except _Undated as error:
            left_out.append(f"{error.args[0]} is empty")
    if not (given or problems or left_out):
        problems.append(_uncovered(mapping, row))
    return RowRead(tuple(given), tuple(problems), tuple(left_out))


def problem_of(given: Given, row: Row, pointer: str, value: Any, expected: str) -> RowProblem:
    """Tell a refusal of the front door in the words of the table."""
    cell = given.template.cells.get(pointer)
    columns = cell.columns if cell else ()
    if not columns:
        return RowProblem(pointer, str(value), expected)
    return RowProblem(" + ".join(columns), " + ".join(row[name] for name in columns), expected)


def _applies(when: Mapping[str, frozenset[str]], row: Row) -> bool:
    return all(row[column] in values for column, values in when.items())


def _uncovered(mapping: TableMapping, row: Row) -> RowProblem:
    column = next((name for template in mapping.templates for name in template.when), "")
    known = sorted({value for template in mapping.templates for value in template.when.get(column, ())})
    return RowProblem(column, row.get(column, ""), f"a value that the mapping covers: {', '.join(known)}")


def _item(template: Template, row: Row, dialect: Dialect, undated: date | None) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for pointer, cell in template.cells.items():
        value = _value(cell, row, dialect, undated)
        if value is not None:
            *parents, name = pointer.split("/")[1:]
            place = item
            for parent in parents:
                place = place.setdefault(parent, {})
            place[name] = value
    return item


def _value(cell: Cell, row: Row, dialect: Dialect, undated: date | None) -> Any:
    text = _PLACE.sub(lambda match: row[match[1]], cell.text).strip()
    column = " + ".join(cell.columns)
    if cell.columns and not any(row[name] for name in cell.columns):
        if cell.kind != MOMENT:
            return None
        if undated is None:
            raise _Undated(column)
        return _moment(datetime.combine(undated, dialect.time_of_day), dialect)
    if cell.values and text not in cell.values and not cell.keep_others:
        raise _Unusable(column, text, f"one of {', '.join(cell.values)}")
    return _converted(cell.kind, cell.values.get(text, text), column, dialect)


def _converted(kind: str, text: str, column: str, dialect: Dialect) -> Any:
    if kind == MOMENT:
        return _moment(_parsed(text, column, dialect), dialect)
    if kind in {AMOUNT, NUMBER}:
        plain = text.replace(dialect.thousands, "") if dialect.thousands else text
        plain = plain.replace(dialect.decimal, ".")
        return _number(plain, column, text) if kind == NUMBER else plain
    return text


def _parsed(text: str, column: str, dialect: Dialect) -> datetime:
    try:
        at = datetime.strptime(text, dialect.date_format)  # noqa: DTZ007  the zone is added where there is none
    except ValueError as error:
        example = datetime(2026, 11, 24, 14, 52, tzinfo=UTC).strftime(dialect.date_format)
        raise _Unusable(column, text, f"a date written like {example}") from error
    return at if "%H" in dialect.date_format else datetime.combine(at.date(), dialect.time_of_day, at.tzinfo)


def _moment(at: datetime, dialect: Dialect) -> str:
    return to_text(at if at.tzinfo else at.replace(tzinfo=dialect.zone))


def _number(plain: str, column: str, text: str) -> int | float:
    if not _NUMBER.fullmatch(plain):
        raise _Unusable(column, text, "a number")
    return float(plain) if "." in plain else int(plain)


def trimmed(row: Mapping[str, str | None], columns: Sequence[str]) -> Row:
    """Return the row with every column, without blanks around the values."""
    return {name: (row.get(name) or "").strip() for name in columns}


def pointers(content: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give (JSON pointer, content) for the leaves of an activity; an object with `text` or `column` is a leaf."""
    for name, inner in content.items():
        if isinstance(inner, Mapping) and not inner.keys() & {"text", "column"}:
            yield from pointers(inner, f"{prefix}/{name}")
        else:
            yield f"{prefix}/{name}", inner
