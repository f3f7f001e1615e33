"""What was expected of a rep or a team: the target, as much of it as the time, the FTE and the ramp leave."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.commission.domain.derivation import Step, step
from services.commission.domain.league import League
from services.commission.domain.payee import Payee, Stretch
from services.commission.domain.proration import TARGET, Presence, Share, share_steps, total
from services.commission.domain.quantities import RATIO, Quantity
from services.commission.domain.segments import segments
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep
from shared.contracts.targets import Target
from shared.contracts.timing import LOWERED
from shared.periods import Period

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Expected:
    """A target in usual units (None: none was set for `period`), whose it is, and how it was made."""

    amount: Fraction | None
    whose: str
    period: str
    steps: tuple[Step, ...] = ()


def own_target(payee: Payee, metric: Metric) -> Expected:
    """Return the rep's target: of each stretch the part that is theirs, or what was set for their days in the team."""
    return _summed(payee, metric, payee.rep.name, [_own(payee, metric, each) for each in _stretches(payee)])


def team_target(payee: Payee, metric: Metric, team: str) -> Expected:
    """Return the team's target, lowered by what newcomers' targets are less where their plan says so."""
    name = payee.team_name(team)
    found = [_of_team(payee.league, metric, team, name, each.period) for each in _stretches(payee)]
    return _summed(payee, metric, name, found)


def organisation_target(payee: Payee, metric: Metric) -> Expected:
    """Return the organisation's target."""
    name = payee.league.roster.organisation.name
    return _summed(payee, metric, name, [_whole(payee.league, metric, name, one.period) for one in _stretches(payee)])


def _whole(league: League, metric: Metric, name: str, period: Period) -> Expected:
    typed = league.targets.of_organisation(metric.id, period)
    if typed is None:
        return Expected(None, name, period.id)
    said = step("team-target", _in(metric, Fraction(typed)), team=name, period=period.id)
    return Expected(Fraction(typed), name, period.id, (said,))


def _stretches(payee: Payee) -> tuple[Stretch, ...]:
    return payee.stretches or (Stretch(payee.period, ()),)


def _summed(payee: Payee, metric: Metric, whose: str, parts: Sequence[Expected]) -> Expected:
    missing = next((part for part in parts if part.amount is None), None)
    steps = tuple(one for part in parts for one in part.steps)
    if missing:
        return Expected(None, whose, missing.period, steps)
    amount = sum((part.amount or ZERO for part in parts), ZERO)
    if len(parts) > 1:
        steps += (step("target-to-date", _in(metric, amount), period=payee.period.id),)
    return Expected(amount, whose, payee.period.id, steps)


def _in(metric: Metric, value: Fraction) -> Quantity:
    return Quantity(value, metric.unit, metric.label)


def _own(payee: Payee, metric: Metric, stretch: Stretch) -> Expected:
    given = list(_given(payee, metric, stretch)) if payee.apart else []
    if given:
        return _of_days(payee, metric, stretch, given)
    typed = payee.league.targets.of_rep(payee.rep.id, metric.id, stretch.period)
    if typed is None:
        return Expected(None, payee.rep.name, stretch.period.id)
    target = _in(metric, Fraction(typed))
    said = step("own-target", target, team=payee.rep.name, period=stretch.period.id)
    part = total(stretch.shares) / stretch.of if stretch.shares else ONE
    if part == ONE:
        return Expected(target.value, payee.rep.name, stretch.period.id, (said,))
    scaled = _in(metric, target.value * part)
    why = share_steps(stretch.shares, payee.league)
    shared = step("part-of-target", scaled, target=target, share=Quantity(part, RATIO))
    return Expected(scaled.value, payee.rep.name, stretch.period.id, (said, *why, shared))


def _given(payee: Payee, metric: Metric, stretch: Stretch) -> Iterator[Target]:
    for share in stretch.shares:
        yield from payee.league.targets.inside(payee.rep.id, metric.id, share.segment.first, share.segment.last)


def _of_days(payee: Payee, metric: Metric, stretch: Stretch, given: Sequence[Target]) -> Expected:
    amounts = [(one.period, _in(metric, Fraction(one.amount))) for one in given]
    steps = tuple(
        step("own-target-of-days", amount, first=days.first.isoformat(), last=days.last.isoformat())
        for days, amount in amounts
    )
    return Expected(sum((amount.value for _, amount in amounts), ZERO), payee.rep.name, stretch.period.id, steps)


def _of_team(league: League, metric: Metric, team: str, name: str, period: Period) -> Expected:
    typed = league.targets.of_team(team, metric.id, period)
    if typed is None:
        return Expected(None, name, period.id)
    target = _in(metric, Fraction(typed))
    said = step("team-target", target, team=name, period=period.id)
    less = newcomers(league, period).get((team, metric.id), {})
    if not less:
        return Expected(target.value, name, period.id, (said,))
    lowered = _in(metric, max(target.value - sum(less.values(), ZERO), ZERO))
    who = (step("newcomer", _in(metric, part), rep=rep) for rep, part in sorted(less.items()))
    return Expected(lowered.value, name, period.id, (said, *who, step("team-target-lowered", lowered, target=target)))


Lowered = Mapping[tuple[str, str], Mapping[str, Fraction]]
"""By (team, metric): what each newcomer's target is less than the whole, by name, in usual units."""


def newcomers(league: League, period: Period) -> Lowered:
    """Return what newcomers' targets in the period are less, where their plan lowers the team's; worked out once."""
    key = ("newcomers", period.id)
    if key not in league.memo:
        league.memo[key] = _lowered(league, period)
    found: Lowered = league.memo[key]
    return found


def _lowered(league: League, period: Period) -> Lowered:
    found: dict[tuple[str, str], dict[str, Fraction]] = {}
    for rep in league.roster.reps.values() if _any_lowers(league) else ():
        for share in _ramped_shares(league, rep, period):
            for metric in league.metrics:
                typed = league.targets.of_rep(rep.id, metric, period)
                if typed:
                    of_team = found.setdefault((share.segment.team, metric), {})
                    of_team[rep.name] = of_team.get(rep.name, ZERO) + Fraction(typed) * share.present * (
                        ONE - share.ramp
                    )
    return found


def _any_lowers(league: League) -> bool:
    ramps = (plan.time.ramp for version in league.plans for plan in version.plans.plans)
    return any(ramp is not None and ramp.team_target == LOWERED for ramp in ramps)


def _ramped_shares(league: League, rep: Rep, period: Period) -> Iterator[Share]:
    """Yield each ramped share of the rep's target where the plan lowers the team's with it."""
    parts = segments(rep, period, league)
    for part in parts:
        ramp = part.plan.time.ramp if part.plan else None
        if part.plan and ramp and ramp.team_target == LOWERED:
            shares = Presence(rep, part.plan, period, parts, league).shares([part], TARGET)
            yield from (share for share in shares if share.ramp != ONE)
