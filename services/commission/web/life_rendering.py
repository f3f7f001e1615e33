"""Runs, exports, adjustments and disputes as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from services.commission.domain.balances import Balance
from services.commission.domain.batches import Export
from services.commission.domain.claims import Adjustment, Dispute
from services.commission.domain.paylines import RunLine
from services.commission.domain.runs import Event, Run
from services.commission.domain.settling import Settled
from services.commission.handlers.reviewing import Standing
from services.commission.handlers.verifying import Verdict
from services.commission.store.runs import PayeeOfRun
from services.commission.web.rendering import derived, exception, money

_ROOT = "/commission/v1"


def run(one: Run) -> dict[str, Any]:
    """Return the header of a run."""
    same = ("id", "number", "state", "engine", "operator", "calculated_at", "as_of", "inputs", "outputs", "payees")
    return {
        **{name: getattr(one, name) for name in same},
        "period": one.period.id,
        "kind": one.period.kind,
        "plans": {str(version): author for version, author in one.plans.items()},
        "makers": sorted(one.makers),
        "ledger": {str(partition): seen for partition, seen in sorted(one.ledger.items())},
        "documents": dict(one.documents),
        "totals": totals(one.totals),
        "events": one.events,
    }


def totals(found: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return amounts by currency."""
    return [money(minor, currency) for currency, minor in sorted(found.items())]


def standing(one: Standing) -> dict[str, Any]:
    """Return where a period is."""
    return {
        "period": one.period.id,
        "state": one.state,
        "stale": one.stale,
        "run": one.run and run(one.run),
        "runs": [run(each) for each in one.runs],
    }


def line(one: RunLine) -> dict[str, Any]:
    """Return a line of a payout."""
    same = ("id", "rep", "kind", "code", "origin_period", "earned_in", "plan", "version", "component", "team")
    more = ("origin_run", "origin_line", "reference", "reason")
    why = {"credits": list(one.credits), "count": one.more, "documents": list(one.documents)}
    return {
        **money(one.amount, one.currency),
        **{name: getattr(one, name) for name in (*same, *more)},
        "old": None if one.old is None else money(one.old, one.currency),
        "new": None if one.new is None else money(one.new, one.currency),
        "why": why if one.more or one.documents else None,
    }


def balance(one: Balance) -> dict[str, Any]:
    """Return a balance over a period."""
    account = one.account
    return {
        "rep": account.rep,
        "kind": account.kind,
        "about": account.about,
        "opening": money(one.opening, account.currency),
        "movements": {name: money(amount, account.currency) for name, amount in one.movements.items()},
        "closing": money(one.closing, account.currency),
    }


def statement(found: Run, content: str, one: Settled) -> dict[str, Any]:
    """Return what a payee is paid in a run, with the derivation."""
    return {
        "run": found.id,
        "period": found.period.id,
        "state": found.state,
        "rep": {"id": one.rep, "name": one.name},
        "content": content,
        "totals": totals(one.totals),
        "pay": [line(each) for each in one.lines],
        "balances": [balance(each) for each in one.balances],
        "notes": [exception(each) for each in one.notes],
        "statement": one.statement and derived(one.statement),
    }


def payouts(found: Run, payees: Iterable[PayeeOfRun], lines: Iterable[RunLine]) -> dict[str, Any]:
    """Return what everybody is paid in a run, with control totals."""
    own: dict[str, list[RunLine]] = {}
    for each in lines:
        own.setdefault(each.rep, []).append(each)
    rows = [_payout(found, payee, own.get(payee.rep, [])) for payee in payees]
    return {"run": run(found), "control": _control(found, rows), "payouts": rows}


def _payout(found: Run, payee: PayeeOfRun, lines: list[RunLine]) -> dict[str, Any]:
    sums: dict[str, int] = {}
    for each in lines:
        sums[each.currency] = sums.get(each.currency, 0) + each.amount
    return {
        "rep": {"id": payee.rep, "name": payee.name},
        "totals": totals(sums),
        "pay": [line(each) for each in lines],
        "statement": f"{_ROOT}/runs/{quote(found.id)}/statements/{quote(payee.rep)}",
    }


def _control(found: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    control = []
    for currency, amount in sorted(found.totals.items()):
        minors = [one["minor"] for row in rows for one in row["totals"] if one["currency"] == currency]
        control.append({**money(amount, currency), "payees": len(minors), "paid": sum(minor != 0 for minor in minors)})
    return control


def verdict(one: Verdict) -> dict[str, Any]:
    """Return what came of computing a run again."""
    return {
        "run": one.run.id,
        "same": one.same,
        "engine": one.engine,
        "calculated_by": one.run.engine,
        "payees": one.payees,
        "differences": list(one.differences),
    }


def event(one: Event) -> dict[str, Any]:
    """Return an entry of the audit trail."""
    return asdict(one)


def export(one: Export) -> dict[str, Any]:
    """Return an export with where its files are."""
    same = ("id", "run", "state", "format", "counters", "actor", "at")
    return {
        **{name: getattr(one, name) for name in same},
        "lines": len(one.lines),
        "sums": [
            {**money(each.amount, currency), "lines": each.lines, "payees": each.payees}
            for currency, each in one.sums.items()
        ],
        "files": [
            {
                "name": file.name,
                "content_type": file.content_type,
                "sha256": file.content,
                "size": file.size,
                "href": f"{_ROOT}/exports/{quote(one.id)}/files/{quote(file.name)}",
            }
            for file in one.files
        ],
    }


def adjustment(one: Adjustment) -> dict[str, Any]:
    """Return an adjustment made by hand."""
    same = ("number", "rep", "reason", "reference", "origin", "author", "at", "dispute", "paid_in")
    said = {name: getattr(one, name) for name in same}
    return {**money(one.amount, one.currency), **said, "period": one.period.id}


def dispute(one: Dispute) -> dict[str, Any]:
    """Return a dispute with its entries."""
    same = ("number", "run", "line", "rep", "state")
    said = {name: getattr(one, name) for name in same}
    return {**said, "entries": [asdict(entry) for entry in one.entries]}
