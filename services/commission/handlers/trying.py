"""Plans tried on results that were written down: no database, no bus, the same arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from services.commission.domain import derivation, findings
from services.commission.domain.components import Line
from services.commission.domain.league import League, PlansVersion
from services.commission.domain.notebook import Entry, Notebook
from services.commission.domain.quantities import exact
from services.commission.domain.rewards import Progress
from services.commission.domain.statements import Statement, statement
from services.commission.handlers.reading import gather
from services.commission.schemas.trial import read_trial
from shared.contracts.plan import Plans
from shared.contracts.plans import parse_plans
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep, Roster, parse_roster
from shared.contracts.targets import parse_targets
from shared.errors import Conflict
from shared.money import to_major
from shared.periods import Period

DECIMALS = 9
"""Results may be as fine as this; the ledger's own metrics are coarser."""


class TooFine(Conflict):
    """A result has more decimals than can be counted."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What trying gives: the statement of everybody in the results, and the league that was made up for them."""

    period: Period
    league: League
    statements: tuple[Statement, ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """What everybody is paid together, in minor units by currency."""
        sums: dict[str, int] = {}
        for one in self.statements:
            for currency, amount in one.totals.items():
                sums[currency] = sums.get(currency, 0) + amount
        return sums


def tried(plans_body: Mapping[str, Any], results_body: Any, roster_body: Mapping[str, Any] | None = None) -> Trial:
    """Pay everybody in a results file by a plans document; BadDocument names what is wrong in either."""
    plans, said = parse_plans(plans_body, strict=True), read_trial(results_body)
    roster = parse_roster(roster_body or _roster(said, plans), strict=True)
    league = League(
        roster=roster,
        targets=parse_targets({"targets": list(_targets(said))}, strict=True),
        metrics=_metrics(said, plans),
        plans=(PlansVersion(1, date.min, plans),),
        versions={},
    )
    entries = Notebook(tuple(_entries(said, roster)))
    paid = [roster.reps[rep] for rep in said["reps"] if rep in roster.reps]
    period: Period = said["period"]
    results = gather(entries, league, period)
    return Trial(period, league, tuple(statement(rep, period, league, results) for rep in paid))


def in_full(trial: Trial, language: str) -> dict[str, Any]:
    """Return a trial as JSON: amounts in usual units as exact text, steps as sentences."""
    return {
        "period": trial.period.id,
        "totals": {currency: to_major(minor, currency) for currency, minor in trial.totals.items()},
        "payees": [_payee(one, language) for one in trial.statements],
    }


def _payee(one: Statement, language: str) -> dict[str, Any]:
    return {
        "rep": one.rep.id,
        "totals": {currency: to_major(minor, currency) for currency, minor in one.totals.items()},
        "lines": [_line(line, language) for line in one.lines],
        "exceptions": [
            {"code": found.code, "component": found.component, "says": findings.sentence(found, language)}
            for found in one.findings
        ],
        "rewards": [_reward(progress) for progress in one.rewards],
    }


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


def _roster(said: Mapping[str, Any], plans: Plans) -> dict[str, Any]:
    """Make a roster up: who names no team is in the first that a plan names."""
    usual = next((team for plan in plans.plans for team in plan.teams), "team")
    organisation = said["organisation"]
    about = {name: organisation[name] for name in ("name", "timezone", "holidays")}
    currency = organisation["currency"] or next((plan.currency for plan in plans.plans), "EUR")
    reps = [_rep(rep, one, usual) for rep, one in said["reps"].items()]
    teams = dict.fromkeys([*said["teams"], *(member["team"] for rep in reps for member in rep["memberships"])])
    named = [{"id": team, "name": (said["teams"].get(team) or {}).get("name") or team[:40]} for team in teams]
    return {"organisation": {**about, "currency": currency}, "teams": named, "reps": reps}


def _rep(rep: str, one: Mapping[str, Any], usual: str) -> dict[str, Any]:
    last = {"to": one["last"]} if one["last"] else {}
    whole = [{"team": one["team"] or usual, "from": one["first"], "fte": one["fte"], **last}]
    more = {name: one[name] for name in ("mentors", "absences", "start", "end") if one[name]}
    return {"id": rep, "name": one["name"] or rep, "memberships": one["memberships"] or whole, **more}


def _targets(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    period = said["period"].id
    for kind in ("rep", "team"):
        for owner, one in said[f"{kind}s"].items():
            yield from ({kind: owner, **about} for about in _of_owner(one, period))
    yield from ({"organisation": True, **about} for about in _of_owner(said["organisation"], period))
    yield from said["targets"]


def _of_owner(one: Mapping[str, Any], period: str) -> Iterator[dict[str, Any]]:
    for metric, amount in one["targets"].items():
        yield {"metric": metric, "period": period, "amount": amount}


def _metrics(said: Mapping[str, Any], plans: Plans) -> Mapping[str, Metric]:
    """Return every metric that is named anywhere; one whose unit was not said counts in itself."""
    named: dict[str, Mapping[str, Any]] = {metric: {"unit": metric} for metric in _named(said, plans)}
    named.update(said["metrics"])
    return {name: Metric(name, one["unit"], DECIMALS, one.get("label", {})) for name, one in named.items()}


def _named(said: Mapping[str, Any], plans: Plans) -> Iterator[str]:
    for owner in (*said["reps"].values(), *said["teams"].values(), said["organisation"]):
        yield from (*owner["targets"], *owner["results"])
        yield from (deal["metric"] for deal in owner.get("deals", ()) if deal["metric"])
    yield from (credit["metric"] for credit in said["credits"])
    for plan in plans.plans:
        yield from (modifier.metric for modifier in plan.modifiers)
        yield from (reward.metric for reward in plan.rewards)
        yield from (component.metric for component in plan.components)
        for component in plan.components:
            yield from (gate.metric for gate in component.gates if gate.metric)
            yield from (component.holdback.until,) if component.holdback else ()


def _entries(said: Mapping[str, Any], roster: Roster) -> Iterator[Entry]:
    number = count(1)
    each = [*_own(said, roster, number), *_credited(said, roster, number)]
    yield from each
    yield from _of_colleagues(said, roster, each)


def _own(said: Mapping[str, Any], roster: Roster, number: Iterator[int]) -> Iterator[Entry]:
    """Yield the results and deals that stand with the reps; undated ones on the rep's first day in the period."""
    for rep, one in said["reps"].items():
        day, team = _first_day(roster.reps.get(rep), said["period"])
        for metric, amount in one["results"].items():
            yield Entry(rep, team, metric, _smallest(amount), _noon(roster, day), f"result-{next(number)}")
        for deal in one["deals"]:
            on = deal["on"] or day
            of = _team_on(roster, rep, on) or team
            metric = deal["metric"] or _only_metric(said, one)
            yield Entry(rep, of, metric, _smallest(deal["amount"]), _noon(roster, on), deal["deal"], _back(deal))


def _only_metric(said: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """Return the metric of a deal that names none: the first that has a target or a unit."""
    return next(iter([*one["targets"], *said["metrics"]]), "revenue")


def _credited(said: Mapping[str, Any], roster: Roster, number: Iterator[int]) -> Iterator[Entry]:
    for one in said["credits"]:
        team = one["team"] or _team_on(roster, one["rep"], one["on"]) or ""
        deal = one["deal"] or f"credit-{next(number)}"
        at = _noon(roster, one["on"])
        yield Entry(one["rep"], team, one["metric"], _smallest(one["amount"]), at, deal, _back(one))


def _of_colleagues(said: Mapping[str, Any], roster: Roster, each: Sequence[Entry]) -> Iterator[Entry]:
    """Yield what teams, and the organisation, have beside what the reps in the file brought in."""
    period: Period = said["period"]
    at, inside = _noon(roster, period.first), [one for one in each if _in(one, period, roster)]
    for team, owner in said["teams"].items():
        for metric, amount in owner["results"].items():
            own = sum(one.amount for one in inside if (one.team, one.metric) == (team, metric))
            inside.append(Entry("", team, metric, _smallest(amount) - own, at, f"colleagues-{team}"))
            yield inside[-1]
    for metric, amount in said["organisation"]["results"].items():
        own = sum(one.amount for one in inside if one.metric == metric)
        yield Entry("", "", metric, _smallest(amount) - own, at, "others")


def _in(one: Entry, period: Period, roster: Roster) -> bool:
    return period.contains(one.at, roster.zone)


def _first_day(rep: Rep | None, period: Period) -> tuple[date, str]:
    members = rep.memberships if rep else ()
    found = ((max(member.start, period.first), member) for member in sorted(members, key=lambda one: one.start))
    inside = [(day, one.team) for day, one in found if day < period.last and one.covers(day)]
    return inside[0] if inside else (period.first, "")


def _team_on(roster: Roster, rep: str, day: date) -> str | None:
    member = roster.membership(rep, day)
    return member.team if member else None


def _back(one: Mapping[str, Any]) -> int | None:
    return None if one["earned"] is None else _smallest(one["earned"])


def _smallest(amount: Decimal) -> int:
    scaled = amount.scaleb(DECIMALS)
    if scaled != scaled.to_integral_value():
        raise TooFine(f"{amount} has more than {DECIMALS} decimals")
    return int(scaled)


def _noon(roster: Roster, day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=roster.zone).astimezone(UTC)
