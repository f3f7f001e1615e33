"""What a playbook is made of: pipelines with stages, metrics with units, rules that give credits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from shared.contracts.contests import Contest
from shared.contracts.limits import NO_LIMITS, Cap, Limits
from shared.contracts.rhythm import NO_RHYTHM, Rhythm
from shared.money import is_currency, round_half_up

ACTIVITY, ENTERED, WON, LOST, AMENDED = "activity", "entered", "won", "lost", "amended"
"""What can set a rule off: work done, a deal in a stage for the first time, won, lost, or with another amount."""

DATA_TYPES = ("whole", "number", "text", "yes_no")
"""What a field of an activity's data can be declared as."""

OWNER = "owner"
"""The role of whoever did the work or owns the deal."""

OVERLAY = "~mentor"
"""Ends the rule of a line that goes to a mentor on top: it counts for the mentor, in no team's sum."""

CORRECTED = "~correction"
"""The rule of lines that a person's correction made; no playbook has it, and nothing limits or multiplies it."""

DEAL_AMOUNT = "deal.amount"

Label = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """What is counted. `unit` is a currency code or a word; the smallest unit is 10^-`decimals` of it."""

    id: str
    unit: str
    decimals: int
    label: Label

    @property
    def is_money(self) -> bool:
        """Tell whether the metric counts money."""
        return is_currency(self.unit)

    def smallest(self, amount: Decimal | Fraction) -> int:
        """Turn an amount in usual units into whole smallest units, halves away from zero."""
        return round_half_up(Fraction(amount) * 10**self.decimals)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a pipeline; `closes` (won, lost) says that a deal in it is no longer open."""

    id: str
    label: Label
    closes: str | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An ordered list of stages."""

    id: str
    label: Label
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """What sets a rule off: `kind` (ACTIVITY, ENTERED, WON, LOST, AMENDED); `name` is the activity type or stage."""

    kind: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """How much of a metric: `fixed` usual units, else `give` for every `each` of `per`.

    `per` is the deal's amount, or a number that the activity carries (data.duration_s). Of the deal's amount, `each` is
    in the organisation's currency; for a metric that is money the two are a ratio, and the amount is turned into the
    metric's currency. The rate is exact, the line is rounded once.
    """

    metric: str
    fixed: Decimal | None = None
    each: Decimal = Decimal(1)
    give: Decimal = Decimal(1)
    per: str = DEAL_AMOUNT


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a rule's credit for a role: `owner`, or the rep that the activity or deal names in data.<role>."""

    role: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """Give `grants` when `trigger` happens and `when` (a CEL condition, None: always) holds.

    `shares` divide it (they sum to 1; none: all to the owner), `limits` hold it down, `mentor` is the part that the
    rep's mentor gets on top of it. `example` says in words what it comes to; `during` names the contest, or the
    series of contests, that it is part of and counts in only.
    """

    id: str
    trigger: Trigger
    when: str | None
    grants: tuple[Grant, ...]
    text: Label
    shares: tuple[Share, ...] = ()
    mentor: Fraction | None = None
    limits: Limits = NO_LIMITS
    example: Label | None = None
    during: str | None = None


@dataclass(frozen=True, slots=True)
class Playbook:
    """The sales process as data.

    `rates` is the price of one unit of a currency in the organisation's; `caps` are those that rules share, `rhythm` is
    what days make together; `data` declares the fields of an activity by type, where it does.
    """

    pipelines: Mapping[str, Pipeline]
    activities: Mapping[str, Label]
    metrics: Mapping[str, Metric]
    rates: Mapping[str, Decimal]
    rules: tuple[Rule, ...]
    caps: tuple[Cap, ...] = ()
    rhythm: Rhythm = NO_RHYTHM
    contests: tuple[Contest, ...] = ()
    data: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def closes(self, pipeline: str | None, stage: str) -> str | None:
        """Return the status that a stage implies: won, lost or open; None when no pipeline knows the stage.

        Without a pipeline the stage counts when every pipeline that has it agrees.
        """
        own = self.pipelines.get(pipeline) if pipeline else None
        known = [own] if own else self.pipelines.values()
        said = {s.closes or "open" for p in known for s in p.stages if s.id == stage}
        return said.pop() if len(said) == 1 else None
