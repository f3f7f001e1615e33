"""What a run is made of, gathered from one state of the books: the period's results, and shadows of closed periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.commission.domain.canonical import APART as NAMED
from services.commission.domain.canonical import Reader, Writer
from services.commission.domain.differences import Close, Shadow, frozen, roster_of, with_earned
from services.commission.domain.league import League, read_league
from services.commission.domain.results import Results
from services.commission.domain.runs import Run
from services.commission.domain.settling import APART, Inputs, Manual
from services.commission.handlers.answering import gather
from services.commission.store import Desk
from shared.contracts.credit import Credit
from shared.contracts.league import PLANS, PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.contracts.plan import ORIGINAL_RATE
from shared.periods import Period, of_day

NOWHERE = 32_000
"""The partition of supposed lines."""

State = tuple[str, frozenset[str]]
"""The addresses of the results and of the documents that a period was computed from."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs with what the header says of them: when the books last changed, and the versions of the documents."""

    inputs: Inputs
    league: League
    as_of: datetime | None
    documents: Mapping[str, int]


def gather_inputs(desk: Desk, period: Period, engine: str) -> Gathered:
    """Gather the inputs of a period from one state of the books; NoRoster without a roster."""
    marks, found = desk.page.marks(), desk.page.documents()
    league = read_league(found)
    documents = _used(found)
    closed = desk.runs.closed(period.kind)
    inputs = Inputs(
        period=period,
        engine=engine,
        documents=documents,
        ledger=marks.ledger,
        results=gather(desk.page, league, period),
        shadows=tuple(_shadows(desk, closed, documents, engine)),
        openings=desk.runs.closings(closed[-1].id if closed else None),
        manual=tuple(
            Manual(
                str(one.number), one.rep, one.currency, one.amount, one.reason, one.author, one.reference, one.origin
            )
            for one in desk.claims.unpaid(period)
        ),
    )
    return Gathered(inputs, league, marks.changed_at, dict(league.versions))


def _used(found: Iterable[LeagueDocument]) -> tuple[LeagueDocument, ...]:
    """Return the documents that decide: the latest roster and targets, every version of playbook and plans."""
    ordered = sorted(found, key=lambda one: (one.kind, one.version))
    latest = {one.kind: one for one in ordered}
    return tuple(one for one in ordered if one.kind in (PLAYBOOK, PLANS) or latest[one.kind] is one)


def _shadows(desk: Desk, closed: Sequence[Run], documents: Iterable[LeagueDocument], engine: str) -> Iterator[Shadow]:
    """Yield the closed periods for which something has changed since the last of them was closed."""
    present = [one for one in documents if one.kind in (ROSTER, TARGETS)]
    reader = Reader(desk.contents.read)
    touched = _touched(desk, reader, closed, present)
    seen = _seen(reader, closed) if touched else {}
    for run in touched:
        shadow = _Shadowing(desk, reader, closed[-1], engine).of(run, present)
        if _state(Writer(APART).form_of(shadow)) != seen[run.period.id]:
            yield shadow


def _touched(desk: Desk, reader: Reader, closed: Sequence[Run], present: Sequence[LeagueDocument]) -> Sequence[Run]:
    """Return the closed runs that a change may concern: all for a new document, else those not before a new credit."""
    if not closed:
        return ()
    writer, last = Writer(APART), closed[-1]
    known = {one[NAMED] for one in reader.form(last.inputs)["documents"]}
    if any(writer.form(one)[NAMED] not in known for one in present):
        return closed
    zone = read_league(present).roster.zone
    earliest = desk.claims.earliest_after(last.ledger)
    return [run for run in closed if earliest is not None and earliest < run.period.end(zone)]


def _seen(reader: Reader, closed: Iterable[Run]) -> Mapping[str, State]:
    """Return what each closed period was computed from when it was last looked at."""
    seen: dict[str, State] = {}
    for run in closed:
        form = reader.form(run.inputs)
        seen[run.period.id] = _state(form)
        for name in form.get("shadows", ()):
            shadow = reader.form(name[NAMED])
            seen[shadow["period"]["id"]] = _state(shadow)
    return seen


def _state(form: Mapping[str, Any]) -> State:
    """Return the addresses of the results and documents in inputs or a shadow."""
    return form["results"][NAMED], frozenset(one[NAMED] for one in form["documents"])


@dataclass(frozen=True, slots=True)
class _Shadowing:
    """Makes shadows; what came after the run that was closed `last` is new, `engine` is the present one."""

    desk: Desk
    reader: Reader
    last: Run
    engine: str

    def of(self, run: Run, present: Iterable[LeagueDocument]) -> Shadow:
        """Return a closed run's period as it would be computed today."""
        form = self.reader.form(run.inputs)
        then = tuple(self.reader.get(LeagueDocument, one[NAMED]) for one in form["documents"])
        now = frozen(then, present)
        league = read_league(now)
        results = gather(self.desk.page, league, run.period)
        closed = self.reader.get(Results, form["results"][NAMED])
        if _keeps_rates(league):
            results = with_earned(results, closed)
        zone, year = league.roster.zone, of_day(run.period.first, "year")
        return Shadow(
            period=run.period,
            run=run.id,
            documents=now,
            roster=roster_of(then),
            results=results,
            late=self.desk.claims.late(year.start(zone), run.period.end(zone), self.last.ledger),
            paid=self.desk.claims.paid(run.period),
            changed=tuple(self._changed(now)),
            close=Close(then, closed) if run.engine != self.engine else None,
        )

    def _changed(self, documents: Iterable[LeagueDocument]) -> Iterator[str]:
        for one in documents:
            before = self.last.documents.get(one.kind, 0)
            if one.kind in (ROSTER, TARGETS) and one.version != before:
                yield f"{one.kind} {before} → {one.version}"


def _keeps_rates(league: League) -> bool:
    """Tell whether any plan reverses at the original rate."""
    plans = (plan for version in league.plans for plan in version.plans.plans)
    return any(component.reversals == ORIGINAL_RATE for plan in plans for component in plan.components)


def supposed(number: int, **said: Any) -> Credit:
    """Return a line that is in no ledger: its partition is none of the ledger's."""
    nowhere = {"rule": "supposed", "activity": "", "inbox": 0, "playbook": 0, "roster": 0, "booked_at": said["at"]}
    return Credit(partition=NOWHERE, seq=number, **nowhere, **said)
