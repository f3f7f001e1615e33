"""The payroll document in its versions; the latest is the truth, its dates are inside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Column, Engine, Table, Text, insert, select

from services.commission.store.tables import metadata
from shared import sql
from shared.errors import Outdated

payroll = Table(
    "payroll",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("author", Text, nullable=False),
    Column("recorded_at", sql.Instant, nullable=False),
    Column("body", JSON, nullable=False),
)


class PayrollVersion(NamedTuple):
    """One version of the document."""

    version: int
    author: str
    recorded_at: datetime
    body: Mapping[str, Any]


class PayrollDocuments:
    """The versions of one organisation's payroll document."""

    def __init__(self, engine: Engine) -> None:
        """Work on `engine`; nothing is connected yet."""
        self._engine = engine

    def latest(self) -> PayrollVersion | None:
        """Return the version that holds; None when there is none yet."""
        with sql.reading(self._engine) as conn:
            row = conn.execute(select(payroll).order_by(payroll.c.version.desc()).limit(1)).one_or_none()
        return PayrollVersion(*row) if row else None

    def put(self, body: Mapping[str, Any], author: str, at: datetime, seen: int | None) -> PayrollVersion:
        """Keep a new version, or return the latest when it says the same.

        Outdated when the author has not seen the latest (`seen`; None: whichever).
        """
        with sql.writing(self._engine) as conn:
            row = conn.execute(select(payroll).order_by(payroll.c.version.desc()).limit(1)).one_or_none()
            held = PayrollVersion(*row) if row else None
            last = held.version if held else 0
            if seen is not None and seen != last:
                raise Outdated(f"version {last} was put meanwhile: look at it first")
            if held and held.body == body:
                return held
            made = PayrollVersion(last + 1, author, at, body)
            conn.execute(insert(payroll).values(made._asdict()))
        return made
