"""What a person's own page shows beside the lines: totals of all time, days, and what was won."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from services.scoring.domain.rhythm import FIRST, RHYTHM
from services.scoring.store.days import Days
from services.scoring.store.tables import ledger
from shared.sql import reading


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize that stands: `rule` is its name with what was reached behind a ~, `line` the first line of it."""

    rule: str
    at: datetime
    amounts: Mapping[str, int]
    line: str


class Own:
    """Answers what somebody's own page asks of the ledger."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def totals(self, rep: str) -> dict[str, int]:
        """Return what stands of a rep over all time, by metric."""
        query = sa.select(ledger.c.metric, sa.func.sum(ledger.c.amount)).where(ledger.c.rep == rep)
        with reading(self._engine) as conn:
            return {metric: int(total) for metric, total in conn.execute(query.group_by(ledger.c.metric))}

    def days(self, rep: str) -> dict[str, dict[date, int]]:
        """Return what stands of a rep by metric and day, as far as a playbook looks at days."""
        with reading(self._engine) as conn:
            return Days(conn).of(rep)

    def prizes(self, rep: str, most: int) -> list[Prize]:
        """Return the prizes of a rep that stand, the latest first."""
        key = [ledger.c[name] for name in ("rule", "at", "partition", "metric")]
        columns: list[Any] = [*key, sa.func.sum(ledger.c.amount), sa.func.min(ledger.c.seq)]
        derived = ledger.c.subject.startswith(RHYTHM) | ledger.c.subject.startswith(FIRST)
        query = sa.select(*columns).where(ledger.c.rep == rep, derived)
        query = query.group_by(*key, ledger.c.subject).having(sa.func.sum(ledger.c.amount) != 0)
        found: dict[tuple[str, datetime, int], tuple[dict[str, int], list[int]]] = defaultdict(lambda: ({}, []))
        with reading(self._engine) as conn:
            for rule, at, partition, metric, amount, seq in conn.execute(query):
                amounts, lines = found[rule, at, partition]
                amounts[metric] = amounts.get(metric, 0) + int(amount)
                lines.append(seq)
        prizes = [
            Prize(rule, at, found[rule, at, partition][0], f"{partition}-{min(found[rule, at, partition][1])}")
            for rule, at, partition in found
        ]
        return sorted(prizes, key=lambda prize: (prize.at, prize.rule), reverse=True)[:most]
