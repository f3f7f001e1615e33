"""The public sales-opportunities data as an office: a manager is a team, an agent a rep."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "crm-sales-opportunities"
PIPELINE = DATA / "sales_pipeline.csv"
MONTHS = [f"2017-{month:02d}" for month in range(3, 13)]

# The totals its README gives, taken with a spreadsheet: whole euros a team.
TEAM_REVENUE = {
    "melvin-marxen": 2_251_930,
    "summer-sewald": 1_964_750,
    "rocco-neubert": 1_960_545,
    "celia-rouche": 1_603_897,
    "cara-losch": 1_130_049,
    "dustin-brinkmann": 1_094_363,
}
DEALS_WON = 4_238
REPS_AT_ZERO = 5


def slug(name: str) -> str:
    """Turn a person's name into an id."""
    return name.lower().replace(" ", "-")


def _agents() -> Iterator[tuple[str, str]]:
    with (DATA / "sales_teams.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            yield row["sales_agent"], row["manager"]


def roster() -> dict[str, Any]:
    """Return the roster document made from the agents and their managers."""
    agents = list(_agents())
    teams = dict.fromkeys(manager for _, manager in agents)
    return {
        "organisation": {
            "name": "GTX",
            "timezone": "Europe/Amsterdam",
            "currency": "EUR",
            "language": "en",
        },
        "teams": [{"id": slug(manager), "name": manager} for manager in teams],
        "reps": [
            {
                "id": slug(agent),
                "name": agent,
                "identities": [agent],
                "memberships": [{"team": slug(manager), "from": "2016-01-01"}],
            }
            for agent, manager in agents
        ],
    }


def playbook() -> dict[str, Any]:
    """Return a playbook with points for reaching the pipeline and for winning."""
    labels = {"nl": "…", "en": "…"}
    stages = [
        {"id": "prospecting", "label": labels},
        {"id": "engaging", "label": labels},
        {"id": "won", "label": labels, "closes": "won"},
        {"id": "lost", "label": labels, "closes": "lost"},
    ]
    return {
        "pipelines": [{"id": "sales", "label": labels, "stages": stages}],
        "activities": [{"id": "call", "label": labels}],
        "metrics": [
            {"id": "points", "unit": "points", "label": labels},
            {"id": "revenue", "unit": "EUR", "label": labels},
            {"id": "deals", "unit": "deals", "label": labels},
        ],
        "rules": [
            {
                "id": "engaged",
                "on": {"deal": "entered", "stage": "engaging"},
                "credit": {"points": 5},
                "text": labels,
            },
            {
                "id": "won",
                "on": {"deal": "won"},
                "credit": {"deals": 1, "revenue": "deal.amount", "points": 50},
                "text": labels,
            },
        ],
    }


def targets() -> dict[str, Any]:
    """Return equal monthly revenue targets: 30,000 a rep, 150,000 a team."""
    agents = list(_agents())
    owners = [{"rep": slug(agent)} for agent, _ in agents]
    owners += [{"team": team} for team in TEAM_REVENUE]
    return {
        "targets": [
            {
                **owner,
                "metric": "revenue",
                "period": month,
                "amount": "30000" if "rep" in owner else "150000",
            }
            for month in MONTHS
            for owner in owners
        ]
    }


def plans() -> dict[str, Any]:
    """Return one plan for all: half on the own target, half on the team's, linear, capped at 200 %."""
    curve = {"kind": "linear", "cap": "2.0", "excess": "lost"}
    component = {"metric": "revenue", "weight": "0.5", "curve": curve}
    return {
        "plans": [
            {
                "id": "fifty-fifty",
                "label": {"nl": "Half om half", "en": "Fifty-fifty"},
                "who": {"teams": list(TEAM_REVENUE)},
                "period": "month",
                "currency": "EUR",
                "target_incentive": "1000.00",
                "prorate": ["days"],
                "prorate_what": ["incentive"],
                "days": "calendar",
                "leave": "counts",
                "factor": "exact",
                "transfers": "whole",
                "leavers": {"unpaid": "paid", "reversals_after": "recovered"},
                "late": {"adjust_within": "12 months", "then": "refused"},
                "combine": "add",
                "team_attainment": "sum_over_target",
                "rounding": {"of": "line", "mode": "half_up"},
                "components": [
                    {"id": "own", "scope": "individual", **component},
                    {"id": "team", "scope": "team", **component},
                ],
            }
        ]
    }


def rows() -> list[dict[str, str]]:
    """Return the opportunities as the file holds them."""
    with PIPELINE.open(newline="") as file:
        return list(csv.DictReader(file))


def won_by_team_and_month() -> Counter[tuple[str, str]]:
    """Sum won euros per (team, month) with nothing of the product: the independent figures."""
    team = {agent: slug(manager) for agent, manager in _agents()}
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows():
        if row["deal_stage"] == "Won":
            month, _, year = row["close_date"].split("/")
            sums[team[row["sales_agent"]], f"{year}-{int(month):02d}"] += int(row["close_value"])
    return sums
