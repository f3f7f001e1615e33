"""Trying a draft of the plans on past periods; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.commission.domain.league import League, PlansVersion, read_league
from services.commission.domain.rehearsal import Pair, Rehearsal, rehearsal
from services.commission.domain.statements import statements
from services.commission.handlers.reading import gather
from services.commission.store import Page
from shared.contracts.league import BadDocument
from shared.contracts.plan import Plans
from shared.contracts.plans import parse_plans
from shared.errors import FieldProblem, InvalidInput
from shared.periods import Period

MOST_PERIODS = 24


def rehearse(page: Page, body: Any, first: Period, last: Period) -> Rehearsal:
    """Compare a draft with the present plans over the periods from `first` up to and including `last`.

    Both are computed from today's ledger, roster and targets. Raises NoRoster, or InvalidInput with everything that the
    draft leaves open.
    """
    draft = _read(body)
    wanted = list(_between(first, last))
    league = read_league(page.documents())
    then = replace(league, plans=(PlansVersion(0, date.min, draft),), memo={})
    return rehearsal(_pairs(page, league, then, wanted))


def _pairs(page: Page, league: League, then: League, periods: list[Period]) -> Iterator[Pair]:
    for period in periods:
        now, draft = (statements(period, one, gather(page, one, period)) for one in (league, then))
        yield period, now, draft


def _read(body: Any) -> Plans:
    if not isinstance(body, Mapping):
        raise InvalidInput("the draft is no plans document", [FieldProblem("/plans", None, "an object with `plans`")])
    try:
        return parse_plans(body, strict=True)
    except BadDocument as bad:
        problems = [FieldProblem(f"/plans{each.pointer}", None, each.message) for each in bad.problems]
        raise InvalidInput("the draft leaves something open or contradicts itself", problems) from bad


def _between(first: Period, last: Period) -> Iterator[Period]:
    if first.kind != last.kind or last.first < first.first:
        raise InvalidInput("these are no periods in a row", [FieldProblem("/to", last.id, f"as {first.id}, or later")])
    period = first
    for _ in range(MOST_PERIODS):
        yield period
        if period == last:
            return
        period = period.next()
    raise InvalidInput("these are too many periods", [FieldProblem("/to", last.id, f"at most {MOST_PERIODS} periods")])
