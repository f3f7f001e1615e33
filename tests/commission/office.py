"""A small office to pay: one rep `sanne`, teams noord and zuid, metrics revenue (EUR), deals and points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.commission.domain.league import League, read_league
from services.commission.domain.results import Results, Span
from services.commission.domain.statements import Statement, statement
from shared import periods
from shared.contracts.league import LeagueDocument
from shared.money import exponent, is_currency

METRICS = [
    {"id": "revenue", "unit": "EUR", "label": {"nl": "omzet", "en": "revenue"}},
    {"id": "deals", "unit": "deals", "label": {"nl": "deals", "en": "deals"}},
    {"id": "points", "unit": "points", "label": {"nl": "punten", "en": "points"}},
    {"id": "dollars", "unit": "USD", "label": {"nl": "dollars", "en": "dollars"}},
]
DECIMALS = {str(m["id"]): exponent(str(m["unit"])) if is_currency(str(m["unit"])) else 0 for m in METRICS}
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
LINEAR = {"kind": "linear", "cap": "none"}
BY_DAYS = {
    "prorate": ["days"],
    "prorate_what": ["incentive"],
    "days": "calendar",
    "leave": "counts",
    "factor": "exact",
    "transfers": "whole",
}
LEAVING = {
    "leavers": {"unpaid": "paid", "reversals_after": "recovered"},
    "late": {"adjust_within": "12 months", "then": "refused"},
}
WHOLE_YEAR = [{"team": "noord", "from": "2026-01-01"}]


def component(name: str = "own", scope: str = "individual", **more: Any) -> dict[str, Any]:
    """Return a component; by default the whole target incentive, linear over attainment of revenue."""
    basis = {} if "rate" in more else {"weight": "1", "curve": LINEAR}
    return {"id": name, "scope": scope, "metric": "revenue", **basis, **more}


def plan(*components: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a monthly plan of noord and zuid in euros; a target incentive of 1,000 where a weight needs one."""
    weighted = {"target_incentive": "1000"} if any("weight" in one for one in components) else {}
    rounding = {"of": "line", "mode": "half_up"}
    said = {"combine": "add", "team_attainment": "sum_over_target", "rounding": rounding, **BY_DAYS, **LEAVING}
    who = {"teams": ["noord", "zuid"]}
    return {
        "id": "sales", "who": who, "period": "month", "currency": "EUR", **weighted, **said,
        "components": list(components), **more,
    }  # fmt: skip


def targets(**amounts: str) -> list[dict[str, Any]]:
    """Return targets for November 2026: `sanne="10000"`, `noord="50000"`; `sanne_deals="5"` for another metric."""
    listed = []
    for name, amount in amounts.items():
        owner, _, metric = name.partition("_")
        kind = "rep" if owner == "sanne" else "team"
        listed.append({kind: owner, "metric": metric or "revenue", "period": "2026-11", "amount": amount})
    return listed


def document(
    kind: str, body: Mapping[str, Any], version: int = 1, effective_from: str = "2026-01-01"
) -> LeagueDocument:
    """Return one version of a document."""
    return LeagueDocument(kind, version, date.fromisoformat(effective_from), "hr", RECORDED, body)


def roster_body(
    memberships: Sequence[Mapping[str, Any]] = WHOLE_YEAR, more: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return a roster with sanne and whoever else is given."""
    organisation = {"name": "Verkoop BV", "timezone": "Europe/Amsterdam", "currency": "EUR"}
    teams = [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}]
    sanne = {"id": "sanne", "name": "Sanne de Vries", "memberships": list(memberships)}
    return {"organisation": organisation, "teams": teams, "reps": [sanne, *more]}


def playbook_body() -> dict[str, Any]:
    """Return a playbook that only names metrics."""
    return {"pipelines": [], "activities": [], "metrics": METRICS, "rules": []}


@dataclass
class Office:
    """Everything a statement of sanne depends on; amounts in usual units."""

    plans: Sequence[Mapping[str, Any]]
    targets: Sequence[Mapping[str, Any]] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[tuple[str, str], str] = field(default_factory=dict)
    in_days: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    memberships: Sequence[Mapping[str, Any]] = field(default_factory=lambda: WHOLE_YEAR)
    later_plans: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def league(self) -> League:
        """Return the documents, read."""
        later = self.later_plans.items()
        return read_league(
            [
                document("roster", roster_body(self.memberships)),
                document("playbook", playbook_body()),
                document("targets", {"targets": list(self.targets)}),
                document("plans", {"plans": list(self.plans)}),
                *(document("plans", {"plans": list(p)}, n, day) for n, (day, p) in enumerate(later, start=2)),
            ]
        )

    def results(self) -> Results:
        """Return the results, in smallest units."""
        spans = {
            (Span("sanne", date.fromisoformat(first), date.fromisoformat(last)), metric): smallest(metric, amount)
            for (first, last, metric), amount in self.in_days.items()
        }
        return Results(
            reps={("sanne", metric): smallest(metric, amount) for metric, amount in self.own.items()},
            teams={key: smallest(key[1], amount) for key, amount in self.teams.items()},
            spans=spans,
        )

    def statement(self, period: str = "2026-11") -> Statement:
        """Return sanne's statement."""
        league = self.league()
        return statement(league.roster.reps["sanne"], periods.parse(period), league, self.results())


def smallest(metric: str, amount: str) -> int:
    """Return an amount in usual units as smallest units."""
    return int(Decimal(amount).scaleb(DECIMALS[metric]))
