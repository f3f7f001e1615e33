"""A non-monetary reward: a prize beside the pay, as data. It never has a place among the money lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

KINDS = ("outing", "dinner", "gift", "voucher", "time_off", "training", "other")
ALL_MEMBERS, MEMBERS_AT_END = "all_members", "members_at_end"
WORKPLACE, ELSEWHERE = "workplace", "elsewhere"
LOON, EINDHEFFING, NIHIL = "loon", "eindheffing", "nihil"
TAXES = (LOON, EINDHEFFING, NIHIL)
"""How payroll taxes it: as wage, in the employer's free space (werkkostenregeling), or not (nil valuation)."""


@dataclass(frozen=True, slots=True)
class Reward:
    """What is won when the `metric` of the `scope` reaches `at_least`, over attainment or over amount.

    `cost` is for each head, VAT included, in minor units of the plan's currency. `who` takes part in a group's
    reward: everybody who was a member in the period, or only the members on its last day.
    """

    id: str
    label: Mapping[str, str]
    kind: str
    scope: str
    metric: str
    over: str
    at_least: Fraction
    cost: int
    location: str
    tax: str
    approved_by: str
    who: str
