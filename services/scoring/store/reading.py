"""Reading: lines, sums and histories, for explanations and checks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Engine

from services.scoring.domain.rhythm import is_derived
from services.scoring.domain.windows import Allowed, Candidate, Place
from services.scoring.store.days import Days
from services.scoring.store.tables import (
    LINE,
    activities,
    as_credits,
    candidates,
    documents,
    heads,
    ledger,
    restatements,
    stale,
)
from services.scoring.store.windows import allowed_of, window_of_store
from shared.contracts import activity as activity_contract
from shared.contracts import league as league_contract
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from shared.contracts.rules import OVERLAY
from shared.sql import ping, reading
from shared.topics import TOPICS, partition_of

PARTITIONS = TOPICS["credits"].partitions
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Within:
    """Whose lines a question is kept to: those of one rep (None: of none), and those that count for these teams."""

    rep: str | None
    teams: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines: of a rep, a team, a metric (None: any), with `start` <= at < `end`, as far as they are `within`."""

    start: datetime
    end: datetime
    rep: str | None = None
    team: str | None = None
    metric: str | None = None
    within: Within | None = None


class Reader:
    """Answers questions about the ledger of one database; each question sees one moment."""

    def __init__(self, engine: Engine) -> None:
        """Know the database; connect on first use."""
        self._engine = engine

    def ping(self) -> None:
        """Return when the database answers."""
        ping(self._engine)

    def lines(self, asked: Asked, limit: int, after: Credit | None = None) -> list[Credit]:
        """Return lines, the latest first, those after line `after` when given."""
        query = sa.select(*LINE).where(*_where(asked))
        place = (ledger.c.at, ledger.c.partition, ledger.c.seq)
        if after:
            query = query.where(sa.tuple_(*place) < sa.tuple_(*_values(after)))
        query = query.order_by(*(column.desc() for column in place)).limit(limit)
        with self._connected() as conn:
            return as_credits(conn.execute(query))

    def sums(self, asked: Asked) -> dict[str, int]:
        """Return the sum of the lines per metric, in its smallest unit."""
        return dict(self._grouped(asked, ("metric",)))

    def totals(self, asked: Asked, by: str) -> dict[str, int]:
        """Return the sum of the lines per rep or team (`by`); a mentor's part on top counts in no team."""
        return dict(self._grouped(asked, (by,), without_overlays=by == "team" or asked.team is not None))

    def last(self, asked: Asked, by: str) -> dict[str, datetime]:
        """Return the moment of the last thing that stands of each rep or team (`by`)."""
        columns = [ledger.c[name] for name in ("subject", "rule", by, "at")]
        query = sa.select(*columns).where(*_where(asked)).group_by(*columns).having(sa.func.sum(ledger.c.amount) != 0)
        found: dict[str, datetime] = {}
        with self._connected() as conn:
            for _, rule, owner, at in conn.execute(query):
                if by != "team" or not rule.endswith(OVERLAY):
                    found[owner] = max(at, found.get(owner, at))
        return found

    def credit(self, partition: int, seq: int) -> Credit | None:
        """Return one line."""
        query = sa.select(*LINE).where(ledger.c.partition == partition, ledger.c.seq == seq)
        with self._connected() as conn:
            return next(iter(as_credits(conn.execute(query))), None)

    def subject(self, subject: str) -> tuple[list[Activity], list[Credit]]:
        """Return everything known of a subject: its activities, and its lines in the order written."""
        with self._connected() as conn:
            partition = self._partition(conn, subject)
            facts = sa.select(activities.c.wire).where(
                activities.c.partition == partition, activities.c.subject == subject
            )
            lines = sa.select(*LINE).where(ledger.c.partition == partition, ledger.c.subject == subject)
            return (
                [_activity(wire) for wire in conn.execute(facts).scalars()],
                as_credits(conn.execute(lines.order_by(ledger.c.seq))),
            )

    def allowed(self, subjects: Sequence[str]) -> dict[Place, Allowed]:
        """Return what the subjects' credits with limits count for, as it is kept."""
        with self._connected() as conn:
            return allowed_of(conn, subjects)

    def windows(self) -> Iterator[tuple[list[Candidate], dict[Place, Allowed]]]:
        """Yield every window: what asks to count in it, and what each counts for, as it is kept."""
        after = ""
        query = sa.select(candidates.c.window).distinct().order_by(candidates.c.window).limit(CHUNK)
        while True:
            with self._connected() as conn:
                names = list(conn.execute(query.where(candidates.c.window > after)).scalars())
                found = {name: window_of_store(conn, name) for name in names}
            yield from found.values()
            if not names:
                return
            after = names[-1]

    def known_when(self, line: Credit) -> list[Activity]:
        """Return the activities of a line's subject that were known when the line was written."""
        query = sa.select(activities.c.wire).where(
            activities.c.partition == line.partition,
            activities.c.subject == line.subject,
            activities.c.after_seq < line.seq,
        )
        with self._connected() as conn:
            return [_activity(wire) for wire in conn.execute(query).scalars()]

    def league_number(self) -> int:
        """Return how many document versions there are."""
        with self._connected() as conn:
            return conn.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()

    def documents(self) -> list[LeagueDocument]:
        """Return every document version."""
        with self._connected() as conn:
            rows = conn.execute(sa.select(documents.c.wire)).scalars()
            return [league_contract.from_wire(orjson.loads(row)) for row in rows]

    def mark(self) -> dict[int, int]:
        """Return how far the ledger is: the last line of each partition."""
        with self._connected() as conn:
            rows = conn.execute(sa.select(heads.c.partition, heads.c.seq)).all()
            return {row.partition: row.seq for row in rows}

    def progress(self) -> dict[str, int]:
        """Return how much there is to do: activities kept, lines, lines not handed on, what is to be computed again."""
        with self._connected() as conn:
            count = sa.select(sa.func.count())
            line_count, unpublished = conn.execute(
                sa.select(
                    sa.func.coalesce(sa.func.sum(heads.c.seq), 0),
                    sa.func.coalesce(sa.func.sum(heads.c.seq - heads.c.published_seq), 0),
                )
            ).one()
            return {
                "activities": conn.execute(count.select_from(activities)).scalar_one(),
                "lines": int(line_count),
                "unpublished": int(unpublished),
                "restating": conn.execute(count.select_from(restatements)).scalar_one(),
                "stale": conn.execute(count.select_from(stale)).scalar_one(),
            }

    def gaps(self) -> dict[int, tuple[int, int, int]]:
        """Return (head, highest line, number of lines) of each partition where the three differ."""
        counted = sa.select(ledger.c.partition, sa.func.max(ledger.c.seq), sa.func.count()).group_by(ledger.c.partition)
        with self._connected() as conn:
            seen = {partition: (highest, count) for (partition, highest, count) in conn.execute(counted)}
            rows = conn.execute(sa.select(heads.c.partition, heads.c.seq)).all()
        by_partition = {partition: (seq, *seen.get(partition, (0, 0))) for (partition, seq) in rows}
        by_partition |= {p: (0, *found) for p, found in seen.items() if p not in by_partition}
        return {p: found for p, found in by_partition.items() if len(set(found)) > 1}

    def subjects(self) -> Iterator[tuple[str, list[Activity], list[Credit]]]:
        """Yield every subject with its activities and its lines in the order written."""
        for partition in range(PARTITIONS):
            after = ""
            while chunk := self._chunk(partition, after):
                yield from chunk
                after = chunk[-1][0]

    def _chunk(self, partition: int, after: str) -> list[tuple[str, list[Activity], list[Credit]]]:
        """Return the partition's next subjects after `after`, a thousand at the most."""
        of_partition = (activities.c.partition == partition) & (activities.c.subject > after)
        query = sa.select(activities.c.subject).distinct().where(of_partition).order_by(activities.c.subject)
        with self._connected() as conn:
            names = list(conn.execute(query.limit(CHUNK)).scalars())
            facts: dict[str, list[Activity]] = {name: [] for name in names}
            lines: dict[str, list[Credit]] = {name: [] for name in names}
            last = names[-1] if names else after
            found = sa.select(activities.c.subject, activities.c.wire).where(of_partition, activities.c.subject <= last)
            for name, wire in conn.execute(found):
                facts[name].append(_activity(wire))
            written = sa.select(*LINE).where(
                ledger.c.partition == partition, ledger.c.subject > after, ledger.c.subject <= last
            )
            for line in as_credits(conn.execute(written.order_by(ledger.c.seq))):
                lines.get(line.subject, []).append(line)  # lines without an activity: see `orphans`
        return [(name, facts[name], lines[name]) for name in names]

    def orphans(self) -> list[str]:
        """Return the subjects that have lines and no activity."""
        known = (activities.c.partition == ledger.c.partition) & (activities.c.subject == ledger.c.subject)
        query = sa.select(ledger.c.subject).distinct().where(~sa.exists().where(known))
        with self._connected() as conn:
            return [name for name in conn.execute(query.order_by(ledger.c.subject)).scalars() if not is_derived(name)]

    @contextmanager
    def days(self) -> Iterator[Days]:
        """Open what stands day by day, for reading."""
        with self._connected() as conn:
            yield Days(conn)

    def activity(self, name: str) -> Activity | None:
        """Return one activity by its id."""
        with self._connected() as conn:
            wire = conn.execute(sa.select(activities.c.wire).where(activities.c.id == name)).scalar_one_or_none()
            return _activity(wire) if wire else None

    def _grouped(self, asked: Asked, names: tuple[str, ...], *, without_overlays: bool = False) -> list[Any]:
        columns = [ledger.c[name] for name in names]
        query = sa.select(*columns, sa.func.sum(ledger.c.amount)).where(*_where(asked)).group_by(*columns)
        if without_overlays:
            query = query.where(~ledger.c.rule.endswith(OVERLAY, autoescape=True))
        with self._connected() as conn:
            return [(*row[:-1], int(row[-1])) for row in conn.execute(query)]

    def _partition(self, conn: Connection, subject: str) -> int | None:
        kind, _, name = subject.partition(":")
        if kind == "deal" or is_derived(subject):
            return partition_of(name if kind == "deal" else subject, PARTITIONS)
        return conn.execute(sa.select(activities.c.partition).where(activities.c.id == name)).scalar_one_or_none()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with reading(self._engine) as conn:
            yield conn


def _where(asked: Asked) -> list[Any]:
    exact = [ledger.c[name] == getattr(asked, name) for name in ("rep", "team", "metric") if getattr(asked, name)]
    kept = [inside(asked.within)] if asked.within else []
    return [ledger.c.at >= asked.start, ledger.c.at < asked.end, *exact, *kept]


def inside(within: Within) -> ColumnElement[bool]:
    """Return what a line must be to be within: the rep's own, or one that counts for one of the teams."""
    return sa.or_(ledger.c.rep == within.rep if within.rep else sa.false(), ledger.c.team.in_(sorted(within.teams)))


def _values(line: Credit) -> tuple[Any, ...]:
    return (sa.literal(line.at, ledger.c.at.type), line.partition, line.seq)


def _activity(wire: bytes) -> Activity:
    return activity_contract.from_wire(orjson.loads(wire))
