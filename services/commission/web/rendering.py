"""Statements, payouts and plans as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from services.commission.domain import derivation, findings
from services.commission.domain.components import Line
from services.commission.domain.derivation import Step
from services.commission.domain.findings import Finding
from services.commission.domain.league import League, PlansVersion
from services.commission.domain.payroll import ControlTotal
from services.commission.domain.quantities import LANGUAGES, RATIO, Operand, Quantity, decimal, exact
from services.commission.domain.rewards import Progress, different
from services.commission.domain.segments import Segment
from services.commission.domain.statements import Statement
from services.commission.domain.words import plan_in_words
from services.commission.handlers import Payouts
from services.commission.store import Marks
from shared.contracts.plan import Plan
from shared.contracts.roster import Rep
from shared.money import to_major
from shared.periods import Period


def statement(one: Statement, league: League, marks: Marks) -> dict[str, Any]:
    """Return a statement with the derivation of each line."""
    return {
        **_books(one.period, league, marks),
        "rep": _payee(one.rep),
        **derived(one),
    }


def derived(one: Statement) -> dict[str, Any]:
    """Return what a statement says, whatever state of the books it is from."""
    return {
        "totals": _totals(one.totals),
        "segments": [_segment(part) for part in one.segments],
        "lines": [_line(line) for line in one.lines],
        "exceptions": [exception(found) for found in one.findings],
        "rewards": [_reward(progress) for progress in one.rewards],
    }


def payouts(found: Payouts, league: League, marks: Marks) -> dict[str, Any]:
    """Return everybody's payouts with the control totals."""
    return {
        **_books(found.period, league, marks),
        "control": [_control(total) for total in found.totals],
        "payouts": [_payout(one) for one in found.statements],
        "rewards": [_reward(one) for one in different(one for each in found.statements for one in each.rewards)],
    }


def plans(found: PlansVersion | None, seen: Sequence[Plan], league: League, day: date) -> dict[str, Any]:
    """Return plans of the version in force on a day, in words."""
    return {
        "on": day.isoformat(),
        "version": found.version if found else None,
        "effective_from": found.effective_from.isoformat() if found else None,
        "plans": [_plan_words(plan, found.version, league) for plan in seen] if found else [],
    }


def _books(period: Period, league: League, marks: Marks) -> dict[str, Any]:
    zone = league.roster.zone
    bounds = {"start": period.start(zone), "end": period.end(zone), "zone": zone.key}
    return {
        "period": {"id": period.id, "kind": period.kind, **bounds},
        "estimate": True,
        "closed_in": marks.closed.get(period.id),
        "as_of": marks.changed_at,
        "ledger": {str(partition): seen for partition, seen in marks.ledger.items()},
        "documents": dict(league.versions),
    }


def _payee(rep: Rep) -> dict[str, str]:
    return {"id": rep.id, "name": rep.name}


def money(minor: int, currency: str) -> dict[str, Any]:
    """Return an amount in usual and in minor units."""
    return {"currency": currency, "amount": to_major(minor, currency), "minor": minor}


def _totals(totals: Mapping[str, int]) -> list[dict[str, Any]]:
    return [money(minor, currency) for currency, minor in totals.items()]


def _control(total: ControlTotal) -> dict[str, Any]:
    return {**money(total.sum, total.currency), "payees": total.payees, "paid": total.paid}


def _segment(part: Segment) -> dict[str, Any]:
    return {
        "from": part.first.isoformat(),
        "to": part.last.isoformat(),
        "team": part.team,
        "fte": exact(part.fte),
        "plan": _plan(part.plan, part.version) if part.plan else None,
    }


def _plan(plan: Plan, version: int | None) -> dict[str, Any]:
    return {"id": plan.id, "version": version, "label": dict(plan.label)}


def _plan_words(plan: Plan, version: int, league: League) -> dict[str, Any]:
    return {
        **_plan(plan, version),
        "teams": plan.teams,
        "reps": plan.reps,
        "period": plan.period,
        "currency": plan.currency,
        "words": {language: plan_in_words(plan, league, language) for language in LANGUAGES},
    }


def _line(line: Line) -> dict[str, Any]:
    currency = line.plan.currency
    return {
        **money(line.amount, currency),
        "plan": _plan(line.plan, line.version),
        "component": line.component.id,
        "label": dict(line.component.label),
        "scope": line.component.scope,
        "team": line.team,
        "metric": line.component.metric,
        "unrounded": _quantity(Quantity(line.unrounded, currency)),
        "attainment": None if line.attainment is None else _quantity(Quantity(line.attainment, RATIO)),
        "result": line.result and _quantity(line.result),
        "target": line.target and _quantity(line.target),
        "carried": money(line.carried, currency),
        "origin": line.origin.id if line.origin else None,
        "derivation": [_step(step) for step in line.steps],
    }


def _reward(one: Progress) -> dict[str, Any]:
    reward, currency = one.reward, one.plan.currency
    return {
        "id": reward.id,
        "plan": one.plan.id,
        "label": dict(reward.label),
        "kind": reward.kind,
        "scope": reward.scope,
        "rep": one.rep,
        "team": one.team,
        "metric": reward.metric,
        "reached": _quantity(one.reached),
        "needed": _quantity(one.needed),
        "part": _quantity(Quantity(one.part, RATIO)),
        "won": one.won,
        "who": [{"id": rep, "name": name} for rep, name in one.who],
        "cost_per_head": money(reward.cost, currency),
        "cost": money(one.cost, currency),
        "location": reward.location,
        "tax": reward.tax,
        "approved_by": reward.approved_by,
        "derivation": [_step(step) for step in one.steps],
        "exception": exception(one.problem) if one.problem else None,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.name,
        "operands": {name: _operand(operand) for name, operand in step.operands.items()},
        "result": _quantity(step.result),
        "sentence": {language: derivation.sentence(step, language) for language in LANGUAGES},
        "why": step.source.credits if step.source else None,
    }


def _operand(operand: Operand) -> Any:
    return _quantity(operand) if isinstance(operand, Quantity) else operand


def _quantity(quantity: Quantity) -> dict[str, str]:
    value, fraction = decimal(quantity.value), exact(quantity.value)
    said = {"value": value, "unit": quantity.unit}
    return said if fraction == value else {**said, "exact": fraction}


def exception(found: Finding) -> dict[str, Any]:
    """Return what HR must look at."""
    return {
        "code": found.code,
        "component": found.component,
        "blocks": found.blocks,
        "sentence": {language: findings.sentence(found, language) for language in LANGUAGES},
    }


def _payout(one: Statement) -> dict[str, Any]:
    return {
        "rep": _payee(one.rep),
        "totals": _totals(one.totals),
        "lines": [_payout_line(line) for line in one.lines],
        "exceptions": [exception(found) for found in one.findings],
        "statement": f"/commission/v1/statements/{one.rep.id}?" + urlencode({"period": one.period.id}),
    }


def _payout_line(line: Line) -> dict[str, Any]:
    return {
        **money(line.amount, line.plan.currency),
        "plan": line.plan.id,
        "version": line.version,
        "component": line.component.id,
        "team": line.team,
    }


__all__ = ["derived", "exception", "money", "payouts", "plans", "statement"]
