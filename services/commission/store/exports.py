"""Exports and their files in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, insert, select, update

from services.commission.domain.batches import Export, FileOfExport, Sum, UnknownExport
from services.commission.store.run_tables import export_files, export_lines, exports


class Exports:
    """The exports of one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn

    def add(self, one: Export) -> None:
        """Write an export with its lines and files."""
        same = ("id", "run", "number", "counters", "state", "format", "actor", "at")
        row = {name: getattr(one, name) for name in same}
        sums = {currency: asdict(each) for currency, each in one.sums.items()}
        self._conn.execute(insert(exports), {**row, "lines": len(one.lines), "sums": sums})
        lines = [{"export": one.id, "line": line, "amount": amount} for line, amount in one.lines.items()]
        files = [{"export": one.id, **asdict(file)} for file in one.files]
        for table, rows in ((export_lines, lines), (export_files, files)):
            if rows:
                self._conn.execute(insert(table), rows)

    def move(self, export: str, state: str) -> None:
        """Write the state of an export."""
        self._conn.execute(update(exports).where(exports.c.id == export).values(state=state))

    def of_run(self, run: str) -> list[Export]:
        """Return the exports of a run, oldest first."""
        query = select(exports).where(exports.c.run == run).order_by(exports.c.number)
        return [self._export(row) for row in self._conn.execute(query).all()]

    def get(self, export: str) -> Export:
        """Return an export; UnknownExport when there is none."""
        row = self._conn.execute(select(exports).where(exports.c.id == export)).one_or_none()
        if row is None:
            raise UnknownExport(f"there is no export {export!r}")
        return self._export(row)

    def _export(self, row: Any) -> Export:
        lines = select(export_lines.c.line, export_lines.c.amount).where(export_lines.c.export == row.id)
        same = ("id", "run", "number", "counters", "state", "format", "actor", "at")
        return Export(
            **{name: getattr(row, name) for name in same},
            lines={each.line: each.amount for each in self._conn.execute(lines.order_by(export_lines.c.line))},
            sums={currency: Sum(**each) for currency, each in row.sums.items()},
            files=tuple(self._files(row.id)),
        )

    def _files(self, export: str) -> Sequence[FileOfExport]:
        query = select(export_files).where(export_files.c.export == export).order_by(export_files.c.name)
        names = ("name", "content_type", "content", "size")
        return [FileOfExport(*(getattr(row, name) for name in names)) for row in self._conn.execute(query)]
