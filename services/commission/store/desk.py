"""Everything that is decided about runs, in one transaction: the tables side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from services.commission.store.books import write_lines
from services.commission.store.claims import Claims
from services.commission.store.contents import Contents
from services.commission.store.exports import Exports
from services.commission.store.page import Page
from services.commission.store.runs import Runs
from services.commission.store.trail import Trail
from shared import sql
from shared.contracts.credit import Credit
from shared.errors import Conflict


class Overtaken(Conflict):
    """Somebody else was just ahead of this: look again."""


class Desk:
    """The tables of one transaction; `page` reads the books in the same state."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn
        self.page = Page(conn)
        self.runs, self.contents = Runs(conn), Contents(conn)
        self.claims, self.exports, self.trail = Claims(conn), Exports(conn), Trail(conn)

    @contextmanager
    def supposing(self, lines: Sequence[Credit]) -> Iterator[None]:
        """Let `page` see these lines among the credits, as long as this lasts; they are taken back after."""
        with self._conn.begin_nested() as inner:
            write_lines(self._conn, lines)
            yield
            inner.rollback()


class Desks:
    """Opens desks on the books of one organisation."""

    def __init__(self, engine: Engine) -> None:
        """Work on `engine`; nothing is connected yet."""
        self._engine = engine

    @contextmanager
    def reading(self) -> Iterator[Desk]:
        """Open a desk on one state of everything, that cannot write."""
        with sql.reading(self._engine) as conn:
            yield Desk(conn)

    @contextmanager
    def trying(self) -> Iterator[Desk]:
        """Open a desk on one state of everything whose work is never kept."""
        with self._engine.connect() as connection:
            level = {} if self._engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
            conn = connection.execution_options(**level)
            with conn.begin() as transaction:
                yield Desk(conn)
                transaction.rollback()

    @contextmanager
    def writing(self) -> Iterator[Desk]:
        """Open a desk whose work is kept as a whole or not at all; Overtaken where another's work excludes it."""
        try:
            with sql.writing(self._engine) as conn:
                yield Desk(conn)
        except IntegrityError as error:
            raise Overtaken(str(error.orig).splitlines()[0]) from error

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Keep contents by themselves: large runs hand them over in parts."""
        with sql.writing(self._engine) as conn:
            Contents(conn).keep(contents)
