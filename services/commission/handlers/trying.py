"""Plans tried on results that were written down: no database, no bus, the same arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.commission.domain import derivation, findings
from services.commission.domain.balances import Account, Balance
from services.commission.domain.components import Line
from services.commission.domain.league import League, PlansVersion
from services.commission.domain.notebook import Notebook
from services.commission.domain.paylines import EARNED, RunLine
from services.commission.domain.quantities import exact
from services.commission.domain.rewards import Progress
from services.commission.domain.settling import Inputs, Settled, Settlement
from services.commission.domain.statements import Statement
from services.commission.handlers.reading import gather
from services.commission.handlers.written import entries_of, metrics_of, roster_of, targets_of
from services.commission.schemas.trial import read_trial
from shared.contracts.plans import parse_plans
from shared.contracts.roster import parse_roster
from shared.contracts.targets import parse_targets
from shared.money import to_major
from shared.periods import Period


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying gives: what everybody in the results is paid in each period, and the league made up for them."""

    league: League
    paid: tuple[tuple[Period, Settled], ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What everybody earned, period by period."""
        return tuple(one.statement for _, one in self.paid if one.statement)

    @property
    def totals(self) -> Mapping[str, int]:
        """What everybody is paid together, in minor units by currency."""
        sums: dict[str, int] = {}
        for _, one in self.paid:
            for currency, amount in one.totals.items():
                sums[currency] = sums.get(currency, 0) + amount
        return sums


@dataclass(frozen=True)
class _Settlement(Settlement):
    """A settlement whose documents were read before."""

    known: League

    @property
    def league(self) -> League:
        """The league made up for a trial."""
        return self.known


def tried(plans_body: Mapping[str, Any], results_body: Any, roster_body: Mapping[str, Any] | None = None) -> Trial:
    """Pay everybody in a results file by a plans document; BadDocument names what is wrong in either."""
    plans, said = parse_plans(plans_body, strict=True), read_trial(results_body)
    roster = parse_roster(roster_body or roster_of(said, plans), strict=True)
    league = League(
        roster=roster,
        targets=parse_targets({"targets": list(targets_of(said))}, strict=True),
        metrics=metrics_of(said, plans),
        plans=(PlansVersion(1, date.min, plans),),
        versions={},
    )
    ledger = Notebook(tuple(entries_of(said, roster)))
    settled = _settled(league, ledger, said["periods"])
    return Trial(league, tuple((period, one) for period, one in settled if one.rep in said["reps"]))


def _settled(league: League, ledger: Notebook, periods: list[Period]) -> Iterator[tuple[Period, Settled]]:
    """Settle one period after the other, each with the balances of the one before."""
    openings: dict[Account, int] = {}
    for period in periods:
        inputs = Inputs(period, "trial", (), {}, gather(ledger, league, period), openings=openings)
        found = list(_Settlement(inputs, league).all())
        openings = {each.account: each.closing for one in found for each in one.balances if each.closing}
        yield from ((period, one) for one in found)


def beside(one: Settled) -> Iterator[RunLine]:
    """Yield what is paid or taken back beside the earnings: draws, debts, what caps kept."""
    return (line for line in one.lines if line.kind != EARNED)


def in_full(trial: Trial, language: str) -> dict[str, Any]:
    """Return a trial as JSON: amounts in usual units as exact text, steps as sentences."""
    return {
        "totals": {currency: to_major(minor, currency) for currency, minor in trial.totals.items()},
        "payees": [_payee(period, one, language) for period, one in trial.paid],
    }


def _payee(period: Period, settled: Settled, language: str) -> dict[str, Any]:
    one = settled.statement
    return {
        "period": period.id,
        "rep": settled.rep,
        "totals": {currency: to_major(minor, currency) for currency, minor in settled.totals.items()},
        "lines": [_line(line, language) for line in one.lines] if one else [],
        "beside": [{"kind": line.kind, "amount": to_major(line.amount, line.currency)} for line in beside(settled)],
        "balances": [_balance(balance) for balance in settled.balances],
        "exceptions": [
            {"code": found.code, "component": found.component, "says": findings.sentence(found, language)}
            for found in (*(one.findings if one else ()), *settled.notes)
        ],
        "rewards": [_reward(progress) for progress in one.rewards] if one else [],
    }


def _balance(balance: Balance) -> dict[str, str]:
    account = balance.account
    opening, closing = (to_major(minor, account.currency) for minor in (balance.opening, balance.closing))
    return {"kind": account.kind, "about": account.about, "opening": opening, "closing": closing}


def _reward(one: Progress) -> dict[str, Any]:
    return {
        "id": one.reward.id,
        "team": one.team,
        "part": exact(one.part),
        "won": one.won,
        "who": [rep for rep, _ in one.who],
        "cost": to_major(one.cost, one.plan.currency),
        "tax": one.reward.tax,
    }


def _line(line: Line, language: str) -> dict[str, Any]:
    currency = line.plan.currency
    return {
        "plan": line.plan.id,
        "component": line.component.id,
        "team": line.team,
        "amount": to_major(line.amount, currency),
        "currency": currency,
        "unrounded": exact(line.unrounded),
        "attainment": None if line.attainment is None else exact(line.attainment),
        "result": line.result and exact(line.result.value),
        "target": line.target and exact(line.target.value),
        "carried": to_major(line.carried, currency),
        "derivation": [derivation.sentence(step, language) for step in line.steps],
    }
