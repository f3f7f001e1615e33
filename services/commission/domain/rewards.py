"""Non-monetary rewards: how far they are, who takes part, what they cost. They are never among the money lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.commission.domain.derivation import Step
from services.commission.domain.findings import Finding
from services.commission.domain.groups import Member, members, once
from services.commission.domain.measuring import measure
from services.commission.domain.payee import Payee, Unmeasured
from services.commission.domain.quantities import RATIO, Quantity
from services.commission.domain.segments import Segment
from shared.contracts.plan import ATTAINMENT, INDIVIDUAL, LINEAR, TEAM, Component, Curve, Plan
from shared.contracts.reward import MEMBERS_AT_END, Reward

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Progress:
    """A reward of a plan for a rep, a team or the organisation (`team` and `rep` None).

    `reached` and `needed` are in the reward's own unit; `problem` says why nothing could be measured. `who` takes part,
    by rep id and name; `cost` is in minor units of the plan's currency, VAT included, for all of them.
    """

    plan: Plan
    reward: Reward
    rep: str | None
    team: str | None
    reached: Quantity
    needed: Quantity
    who: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...] = ()
    problem: Finding | None = None

    @property
    def part(self) -> Fraction:
        """How much of the way is done; 1 and more: it is won."""
        return max(self.reached.value, ZERO) / self.needed.value

    @property
    def won(self) -> bool:
        """Tell whether the reward is won."""
        return self.problem is None and self.reached.value >= self.needed.value

    @property
    def cost(self) -> int:
        """What it costs for everybody who takes part."""
        return self.reward.cost * len(self.who)


def rewards_of(payee: Payee, plan: Plan, own: Sequence[Segment]) -> Iterator[Progress]:
    """Yield how far the plan's rewards are for the payee: once, or for each team that the payee was in."""
    for reward in plan.rewards:
        teams = list(dict.fromkeys(part.team for part in own)) if reward.scope == TEAM else [None]
        yield from (_progress(payee, plan, reward, team) for team in teams)


def different(progress: Iterable[Progress]) -> tuple[Progress, ...]:
    """Return each reward once: that of a group is in the statements of all its members."""
    found: dict[tuple[str, str, str | None, str | None], Progress] = {}
    for one in progress:
        found.setdefault((one.plan.id, one.reward.id, one.rep, one.team), one)
    return tuple(found.values())


def _progress(payee: Payee, plan: Plan, reward: Reward, team: str | None) -> Progress:
    made_up = Component(reward.id, {}, reward.scope, reward.metric, None, None, Curve(LINEAR, reward.over, None))
    found = measure(payee, plan, made_up, team)
    alone = reward.scope == INDIVIDUAL
    key = ("who", plan.id, str(id(plan)), reward.id, team or "")
    everybody = () if alone else once(payee, key, lambda: tuple(_who(payee, plan, reward, team)))
    who = ((payee.rep.id, payee.rep.name),) if alone else everybody
    unit, label = (RATIO, {}) if reward.over == ATTAINMENT else _unit(payee, reward)
    reached = Quantity(ZERO, unit, label)
    if not isinstance(found, Unmeasured):
        reached = found.amount if reward.over != ATTAINMENT else Quantity(found.attainment or ZERO, RATIO)
    return Progress(
        plan=plan,
        reward=reward,
        rep=payee.rep.id if alone else None,
        team=team,
        reached=reached,
        needed=Quantity(reward.at_least, unit, label),
        who=who,
        steps=found.steps,
        problem=found.problem if isinstance(found, Unmeasured) else None,
    )


def _unit(payee: Payee, reward: Reward) -> tuple[str, dict[str, str]]:
    metric = payee.league.metrics.get(reward.metric)
    return (metric.unit, dict(metric.label)) if metric else (reward.metric, {})


def _who(payee: Payee, plan: Plan, reward: Reward, team: str | None) -> Iterator[tuple[str, str]]:
    for member in members(payee, team, plan):
        if reward.who != MEMBERS_AT_END or _at_end(payee, member):
            yield member.rep.id, member.rep.name


def _at_end(payee: Payee, member: Member) -> bool:
    return any(part.last == payee.period.last for part in member.parts)
