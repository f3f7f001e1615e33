"""Results that were written down for a trial, turned into a roster, targets, metrics and credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from services.commission.domain.notebook import Entry
from shared.contracts.plan import Plans
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep, Roster
from shared.errors import Conflict
from shared.periods import Period, parse

DECIMALS = 9
"""Results may be as fine as this; the ledger's own metrics are coarser."""


class TooFine(Conflict):
    """A result has more decimals than can be counted."""


def roster_of(said: Mapping[str, Any], plans: Plans) -> dict[str, Any]:
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


def targets_of(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the targets: those that stand with their owner hold in each of the periods."""
    for kind in ("rep", "team"):
        for owner, one in said[f"{kind}s"].items():
            yield from ({kind: owner, **about} for about in _of_owner(one, said["periods"]))
    yield from ({"organisation": True, **about} for about in _of_owner(said["organisation"], said["periods"]))
    yield from said["targets"]


def _of_owner(one: Mapping[str, Any], periods: Sequence[Period]) -> Iterator[dict[str, Any]]:
    for period in periods:
        yield from ({"metric": metric, "period": period.id, "amount": said} for metric, said in one["targets"].items())


def metrics_of(said: Mapping[str, Any], plans: Plans) -> Mapping[str, Metric]:
    """Return every metric that is named anywhere; one whose unit was not said counts in itself."""
    named: dict[str, Mapping[str, Any]] = {metric: {"unit": metric} for metric in _named(said, plans)}
    named.update(said["metrics"])
    return {name: Metric(name, one["unit"], DECIMALS, one.get("label", {})) for name, one in named.items()}


def _named(said: Mapping[str, Any], plans: Plans) -> Iterator[str]:
    for owner in (*said["reps"].values(), *said["teams"].values(), said["organisation"]):
        yield from (*owner["targets"], *owner["results"])
        yield from (metric for sums in owner.get("by_period", {}).values() for metric in sums)
        yield from (deal["metric"] for deal in owner.get("deals", ()) if deal["metric"])
    yield from (credit["metric"] for credit in said["credits"])
    for plan in plans.plans:
        yield from (modifier.metric for modifier in plan.modifiers)
        yield from (reward.metric for reward in plan.rewards)
        yield from (component.metric for component in plan.components)
        for component in plan.components:
            yield from (gate.metric for gate in component.gates if gate.metric)
            yield from (component.holdback.until,) if component.holdback else ()


def entries_of(said: Mapping[str, Any], roster: Roster) -> Iterator[Entry]:
    """Yield everything that is credited."""
    number = count(1)
    each = [*_own(said, roster, number), *_credited(said, roster, number)]
    yield from each
    for period in said["periods"]:
        yield from _of_colleagues(said, roster, period, each)


def _own(said: Mapping[str, Any], roster: Roster, number: Iterator[int]) -> Iterator[Entry]:
    """Yield the results and deals that stand with the reps; undated ones on the rep's first day in the period."""
    for rep, one in said["reps"].items():
        sums = {said["periods"][0].id: one["results"], **one["by_period"]}
        for name, results in sums.items():
            day, team = _first_day(roster.reps.get(rep), parse(name))
            for metric, amount in results.items():
                yield Entry(rep, team, metric, _smallest(amount), _noon(roster, day), f"result-{next(number)}")
        day, team = _first_day(roster.reps.get(rep), said["periods"][0])
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


def _of_colleagues(said: Mapping[str, Any], roster: Roster, period: Period, each: Sequence[Entry]) -> Iterator[Entry]:
    """Yield what teams, and the organisation, have beside what the reps in the file brought in."""
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
