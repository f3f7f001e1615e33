"""What a run is made of, gathered from one state of the books: the period's results, and shadows of closed periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.commission.domain.canonical import APART as NAMED
from services.commission.domain.canonical import Reader, Writer
from services.commission.domain.differences import Shadow, frozen, roster_of, with_earned
from services.commission.domain.league import League, read_league
from services.commission.domain.results import Results
from services.commission.domain.runs import Run
from services.commission.domain.settling import APART, Inputs, Manual
from services.commission.handlers.answering import gather
from services.commission.store import Desk
from shared.contracts.credit import Credit
from shared.contracts.league import PLANS, PLAYBOOK, ROSTER, TARGETS, LeagueDocument
from shared.contracts.plan import ORIGINAL_RATE
from shared.periods import Period

NOWHERE = 32_000
"""The partition of supposed lines."""


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
        shadows=tuple(_shadows(desk, closed, documents)),
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


def _shadows(desk: Desk, closed: Iterable[Run], documents: Iterable[LeagueDocument]) -> Iterator[Shadow]:
    """Yield the closed periods for which something has changed since it was last looked at."""
    present = [one for one in documents if one.kind in (ROSTER, TARGETS)]
    reader, seen = Reader(desk.contents.read), {}
    runs = list(closed)
    for run in runs:
        form = reader.form(run.inputs)
        seen[run.period.id] = _state(form)
        for name in form.get("shadows", ()):
            shadow = reader.form(name[NAMED])
            seen[shadow["period"]["id"]] = _state(shadow)
    for run in runs:
        shadow = _shadow(desk, reader, run, present)
        if _state(Writer(APART).form_of(shadow)) != seen[run.period.id]:
            yield shadow


def _state(form: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """Return the addresses of the results and documents in inputs or a shadow."""
    return form["results"][NAMED], frozenset(one[NAMED] for one in form["documents"])


def _shadow(desk: Desk, reader: Reader, run: Run, present: Iterable[LeagueDocument]) -> Shadow:
    form = reader.form(run.inputs)
    then = tuple(reader.get(LeagueDocument, one[NAMED]) for one in form["documents"])
    now = frozen(then, present)
    league = read_league(now)
    zone = league.roster.zone
    versions = {one.kind: one.version for one in now if one.kind in (ROSTER, TARGETS)}
    results = gather(desk.page, league, run.period)
    if _keeps_rates(league):
        results = with_earned(results, reader.get(Results, form["results"][NAMED]))
    return Shadow(
        period=run.period,
        run=run.id,
        documents=now,
        roster=roster_of(then),
        results=results,
        late=desk.claims.late(run.period.start(zone), run.period.end(zone), run.ledger),
        paid=desk.claims.paid(run.period),
        changed=tuple(
            f"{kind} {run.documents.get(kind, 0)} → {version}"
            for kind, version in sorted(versions.items())
            if run.documents.get(kind, 0) != version
        ),
    )


def _keeps_rates(league: League) -> bool:
    """Tell whether any plan reverses at the original rate."""
    plans = (plan for version in league.plans for plan in version.plans.plans)
    return any(component.reversals == ORIGINAL_RATE for plan in plans for component in plan.components)


def supposed(number: int, **said: Any) -> Credit:
    """Return a line that is in no ledger: its partition is none of the ledger's."""
    nowhere = {"rule": "supposed", "activity": "", "inbox": 0, "playbook": 0, "roster": 0, "booked_at": said["at"]}
    return Credit(partition=NOWHERE, seq=number, **nowhere, **said)
