"""Objections: opened on a line, answered, accepted or declined; what is accepted is corrected at the front door."""

import secrets
from datetime import datetime
from decimal import Decimal, InvalidOperation

from services.scoring.domain.objections import ACCEPTED, Objection, Step, check, correction
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import line_of
from services.scoring.store import Reader, Within
from services.scoring.store.objections import ObjectionBook
from shared.contracts.credit import Credit
from shared.errors import FieldProblem, InvalidInput, NotFound


class NoObjection(NotFound):
    """There is no such objection."""


class NoAmount(InvalidInput):
    """An acceptance says by how much the line is corrected, in the metric's usual units."""


class Desk:
    """Where objections are handled."""

    def __init__(self, book: ObjectionBook, reader: Reader, leagues: Leagues) -> None:
        """Know the objections, the ledger and the league."""
        self._book, self._reader, self._leagues = book, reader, leagues

    def open(self, line: str, text: str, by: str, now: datetime) -> Objection:
        """Open an objection to a line, under a name that no other has; raises NoLine."""
        found = line_of(self._reader, line)
        with self._book.writing() as objections:
            return objections.open(secrets.token_hex(8), found, by, text, now)

    def step(
        self, name: str, step: Step, scopes: frozenset[str], amount: str | None = None, metric: str | None = None
    ) -> Objection:
        """Take a step; an acceptance needs the amount.

        Raises NoObjection, Decided, MayNotDecide, OwnObjection, NoAmount.
        """
        with self._book.writing() as objections:
            found = objections.one(name, lock=True)
            if found is None:
                raise NoObjection(f"{name!r} is no objection")
            check(found, step.kind, step.by, scopes)
            if step.kind == ACCEPTED:
                line = line_of(self._reader, found.line)
                counted = metric or line.metric
                body = correction(found, line, self._amount(amount, counted, line), counted, step.text)
                step = Step(step.at, step.by, step.kind, step.text, body)
            return objections.add(found, step)

    def one(self, name: str) -> Objection:
        """Return an objection; raises NoObjection."""
        with self._book.reading() as objections:
            found = objections.one(name)
        if found is None:
            raise NoObjection(f"{name!r} is no objection")
        return found

    def of_line(self, line: str) -> list[Objection]:
        """Return the objections to a line; raises NoLine."""
        found = line_of(self._reader, line)
        with self._book.reading() as objections:
            return objections.of_line(found)

    def latest(self, rep: str | None = None, state: str | None = None, within: Within | None = None) -> list[Objection]:
        """Return the latest objections, the last one first."""
        with self._book.reading() as objections:
            return [each for each in objections.latest(rep, within) if state in (None, each.state)]

    def _amount(self, said: str | None, name: str, line: Credit) -> str:
        """Return an amount that the metric can count, as it was said."""
        edition = self._leagues.now().edition(line.at)
        metric = edition.playbook.metrics.get(name) if edition else None
        if metric is None:
            raise NoAmount(problems=[FieldProblem("/metric", name, "a metric of the playbook in force then")])
        try:
            number = Decimal(said or "")
        except InvalidOperation:
            number = Decimal(0)
        if not number or not number.is_finite() or number.scaleb(metric.decimals) % 1:
            expected = f"an exact amount other than 0 with at most {metric.decimals} decimals, as {name} has"
            raise NoAmount(problems=[FieldProblem("/amount", said, expected)])
        return format(number, "f")
