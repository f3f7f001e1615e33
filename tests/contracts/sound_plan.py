"""A sound plan with a little of everything, to be spoilt in one place at a time."""

from __future__ import annotations

from typing import Any

TIERS = [{"from": "0", "rate": "1"}, {"from": "1", "rate": "1.5"}]
POINTS = [{"at": "0", "pays": "0"}, {"at": "1", "pays": "1"}]
STEPS = {"kind": "steps", "over": "amount", "boundary": "upper", "cap": "none", "steps": [{"at": "1", "pays": "1"}]}
MONEY = {"kind": "marginal", "over": "amount", "rates": "money", "tiers": TIERS, "cap": "none"}
PLAN: dict[str, Any] = {
    "id": "sales",
    "who": {"teams": ["noord"]},
    "period": "month",
    "currency": "EUR",
    "target_incentive": "1000",
    "prorate": [],
    "combine": "add",
    "team_attainment": "sum_over_target",
    "rounding": {"of": "line", "mode": "half_up"},
    "leavers": {"unpaid": "paid", "reversals_after": "recovered"},
    "late": {"adjust_within": "12 months", "then": "refused"},
    "cap": {"amount": "5000", "excess": "lost", "prorated": "no"},
    "floor": {"multiple": "0.1", "prorated": "no"},
    "components": [
        {
            "id": "own",
            "scope": "individual",
            "metric": "revenue",
            "weight": "1",
            "curve": {"kind": "linear", "cap": "2", "excess": "lost"},
            "gate": [{"component": "alone", "over": "amount", "at_least": "1", "otherwise": "nothing"}],
        },
        {
            "id": "alone",
            "scope": "individual",
            "metric": "revenue",
            "accumulate": "deal",
            "splits": "base",
            "reversals": "rerate",
            "curve": {**MONEY, "deal_cap": "none"},
        },
        {
            "id": "running",
            "scope": "individual",
            "metric": "revenue",
            "accumulate": "running",
            "resets": "period",
            "order": "time",
            "tier_of": "after",
            "reversals": "rerate",
            "curve": {**MONEY, "kind": "whole", "boundary": "upper", "deal_cap": "none"},
        },
        {
            "id": "pool",
            "scope": "team",
            "metric": "revenue",
            "pool": {"rate": "0.01", "shared_by": "equal", "pennies": "largest_remainder", "ties": "by_id"},
        },
        {"id": "mbo", "scope": "individual", "metric": "score", "amount": "100", "curve": STEPS},
        {
            "id": "threshold",
            "scope": "individual",
            "metric": "revenue",
            "rate": "0.01",
            "accumulate": "period",
            "curve": {
                "kind": "linear",
                "over": "amount",
                "boundary": "upper",
                "threshold": {"at": "5", "then": "from_value", "pays": "1"},
                "cap": "none",
            },
        },
    ],
    "modifiers": [
        {
            "id": "nps",
            "scope": "individual",
            "metric": "score",
            "applies_to": ["own"],
            "how": "multiply",
            "curve": {"kind": "linear", "over": "attainment", "cap": "none"},
        }
    ],
    "rewards": [
        {
            "id": "outing",
            "kind": "outing",
            "scope": "team",
            "metric": "revenue",
            "over": "attainment",
            "at_least": "1.1",
            "cost": "75",
            "location": "elsewhere",
            "tax": "eindheffing",
            "approved_by": "Els",
            "who": "all_members",
        }
    ],
}
