"""A period at a glance: everybody's payout with what has to be looked at, from its run or as an estimate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.commission.domain.canonical import Reader
from services.commission.domain.claims import ANSWERED, ESCALATED, OPEN
from services.commission.domain.findings import Finding
from services.commission.domain.league import League
from services.commission.domain.overview import Amounts, Entry, Look, added, amounts_of, entry, look_of
from services.commission.domain.paylines import RunLine
from services.commission.domain.rewards import Progress, different
from services.commission.domain.runs import Run
from services.commission.handlers.answering import Leagues, payouts_of
from services.commission.handlers.stating import run_of
from services.commission.store import Desk
from shared.periods import Period

RUNS_KEPT = 2
"""Runs whose looks are kept in memory: a run never changes, and reading the parts of a large one takes a while."""

_DISPUTED = (OPEN, ANSWERED, ESCALATED)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everybody's payout of a period; `run` None: an estimate. `rewards` are no money, and only in an estimate."""

    period: Period
    league: League
    as_of: datetime | None
    run: Run | None
    entries: tuple[Entry, ...]
    rewards: tuple[Progress, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        """All payouts added up, in minor units by currency."""
        return added(one.amounts.totals for one in self.entries)

    @property
    def previous(self) -> Mapping[str, int]:
        """All payouts of the period before that are known, added up."""
        return added(one.previous or {} for one in self.entries)


class Overviews:
    """Draws up overviews; what the parts of a run say beside the amounts is read once."""

    def __init__(self, leagues: Leagues) -> None:
        """Start with nothing read."""
        self._leagues = leagues
        self._looks: dict[str, Mapping[str, Look]] = {}

    def of(self, desk: Desk, period: Period) -> Overview:
        """Return the overview of a period; NoRoster without a roster."""
        marks, run = desk.page.marks(), run_of(desk, period)
        league = self._leagues.of(desk.page, marks)
        before = _before(desk, period)
        if run is None:
            found = payouts_of(desk.page, league, period).statements
            estimated = tuple(
                entry(
                    *(one.rep.id, one.rep.name, look_of(one)),
                    plans=(line.plan.id for line in one.lines),
                    amounts=Amounts(one.totals, {}),
                    previous=before.get(one.rep.id, {}) if before else None,
                )
                for one in found
            )
            rewards = different(each for one in found for each in one.rewards)
            return Overview(period, league, marks.changed_at, None, estimated, rewards)
        return Overview(period, league, run.as_of, run, tuple(self._of_run(desk, run, before)))

    def _of_run(self, desk: Desk, run: Run, before: Mapping[str, Mapping[str, int]]) -> Iterable[Entry]:
        looks, own = self._looks_of(desk, run), _by_rep(desk.runs.lines(run.id))
        disputed = {one.rep for one in desk.claims.disputes(run=run.id) if one.state in _DISPUTED}
        for payee in desk.runs.payees(run.id):
            lines = own.get(payee.rep, [])
            yield entry(
                *(payee.rep, payee.name, looks[payee.rep]),
                plans=(line.plan for line in lines),
                amounts=amounts_of(lines),
                previous=before.get(payee.rep, {}) if before else None,
                disputed=payee.rep in disputed,
            )

    def _looks_of(self, desk: Desk, run: Run) -> Mapping[str, Look]:
        held = self._looks.get(run.id)
        if held is None:
            reader, payees = Reader(desk.contents.read), desk.runs.payees(run.id)
            bodies = desk.contents.many([one.content for one in payees])
            held = {one.rep: _look(reader, json.loads(bodies[one.content])) for one in payees}
            kept = list(self._looks.items())[-(RUNS_KEPT - 1) :]
            self._looks = {**dict(kept), run.id: held}  # one assignment: another thread sees the old or the new
        return held


def _before(desk: Desk, period: Period) -> Mapping[str, Mapping[str, int]]:
    """Return what everybody was paid in the period before, where that has a run."""
    run = run_of(desk, period.previous())
    return {rep: amounts_of(own).totals for rep, own in _by_rep(desk.runs.lines(run.id)).items()} if run else {}


def _by_rep(lines: Iterable[RunLine]) -> Mapping[str, Sequence[RunLine]]:
    found: dict[str, list[RunLine]] = {}
    for line in lines:
        found.setdefault(line.rep, []).append(line)
    return found


def _look(reader: Reader, form: Mapping[str, Any]) -> Look:
    """Read what a payee's part says beside the amounts, without reading all of it."""
    said = form.get("statement") or {}
    teams = dict.fromkeys(part["team"] for part in said.get("segments", ()))
    found = [*said.get("findings", ()), *form.get("notes", ())]
    return Look(tuple(teams), tuple(reader.value(Finding, one) for one in found))
