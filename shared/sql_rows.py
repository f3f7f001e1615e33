"""Many rows in few statements: SQLAlchemy says once how a row is inserted, and is not asked again for each of them.

Its own way builds every statement of many rows anew and looks at every value several times, which for the rows of a
full batch of activities takes longer than the database does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

MOST_VALUES = 30_000
"""Values in one statement; SQLite takes 32,766 (its default), PostgreSQL 65,535."""

_VALUES = re.compile(
    r"^(?P<head>INSERT INTO .*? VALUES )(?P<row>\(.*?\))(?P<tail>(?: ON CONFLICT .*)?(?: RETURNING .*)?)$"
)
_NAMED = re.compile(r"%\(\w+\)s")


def _same_again(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember the last value: rows that come together came at the same moment."""
    last: list[Any] = [None, process(None)]

    def remembering(value: Any) -> Any:
        if value is not last[0]:
            last[:] = value, process(value)
        return last[1]

    return remembering


def _one(name: str) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    return lambda row: (row[name],)


Processor = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Form:
    """How rows of the same columns are inserted: the statement around them, one row of it, and what values become."""

    head: str
    row: str
    tail: str
    binds: tuple[tuple[str, Processor], ...]
    results: tuple[Processor, ...]

    def insert(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
        """Insert rows, and yield what the statement returns."""
        at_once = max(1, MOST_VALUES // len(self.binds))
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            statement = f"{self.head}{', '.join([self.row] * len(some))}{self.tail}"
            found = conn.exec_driver_sql(statement, tuple(self._values(some)))
            if self.results:
                yield from (self._read(row) for row in found)

    def _values(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the values row by row; where a type has its own form in the database, in that form."""
        every: list[Any] = []
        pick = itemgetter(*(name for name, _ in self.binds)) if len(self.binds) > 1 else _one(self.binds[0][0])
        special = [(place, _same_again(process)) for place, (_, process) in enumerate(self.binds) if process]
        for row in rows:
            values = pick(row)
            if special:
                changed = list(values)
                for place, process in special:
                    changed[place] = process(changed[place])
                values = changed
            every.extend(values)
        return every

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(process(value) if process else value for value, process in zip(row, self.results, strict=True))


def insert_statement(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class Shape:
    """What an INSERT is about: its columns, the key (of rows `where`) that may be there already, what it returns."""

    columns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    where: ColumnElement[bool] | None = None
    returning: tuple[str, ...] = ()


@lru_cache(maxsize=200)
def form(dialect: Dialect, table: Table, shape: Shape) -> Form:
    """Return how rows of this shape are inserted."""
    statement = insert_statement(dialect.name, table).values(dict.fromkeys(shape.columns))
    if shape.unless:
        statement = statement.on_conflict_do_nothing(index_elements=list(shape.unless), index_where=shape.where)
    back = [table.c[name] for name in shape.returning]
    compiled = (statement.returning(*back) if back else statement).compile(
        dialect=dialect, column_keys=list(shape.columns)
    )
    found = _VALUES.match(" ".join(str(compiled).split()))
    assert found is not None  # noqa: S101  every INSERT of ours has this form: tests/shared/test_sql.py
    order = list(compiled.positiontup or ()) or re.findall(r"%\((\w+)\)s", found["row"])
    binds = tuple((name, _bind(table.c[name], dialect)) for name in order)
    results = tuple(_result(column, dialect) for column in back)
    return Form(found["head"], _NAMED.sub("%s", found["row"]), found["tail"], binds, results)


def _bind(column: Column[Any], dialect: Dialect) -> Processor:
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _result(column: Column[Any], dialect: Dialect) -> Processor:
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


def numbered_by(table: Table) -> tuple[str, ...]:
    """Return the name of the column by which the database numbers the rows of a table itself; empty without one."""
    column = table.autoincrement_column
    return (column.name,) if column is not None else ()


def insert_numbered(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: tuple[str, ...]
) -> dict[tuple[Any, ...], tuple[int]]:
    """Insert, on SQLite, the rows whose key is not there yet, and return their numbers by key.

    Its only writer knows the next number. Asking for each row's number back would let go of the interpreter's lock for
    each of them, and with many threads at work every one of those is a wait.
    """
    (number,) = numbered_by(table)
    last = conn.exec_driver_sql(f"SELECT coalesce(max({number}), 0) FROM {table.name}").scalar_one()  # noqa: S608  names of ours
    given = [{**row, number: last + place} for place, row in enumerate(rows, 1)]
    shape = Shape((*rows[0], number), key)
    list(form(conn.dialect, table, shape).insert(conn, given))
    there = f"SELECT json_group_array({number}) FROM {table.name} WHERE {number} > {last}"  # noqa: S608  names of ours
    kept = set(json.loads(conn.exec_driver_sql(there).scalar_one()))
    return {tuple(row[name] for name in key): (row[number],) for row in given if row[number] in kept}
