"""What else decides on a component's pay: gates that have to be open, and modifiers that make it more or less."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from services.commission.domain.curves import Payoff, reaches
from services.commission.domain.derivation import Step, step
from services.commission.domain.jobs import ONE, ZERO, Job, Pay
from services.commission.domain.measuring import measure
from services.commission.domain.pay_words import AT_LEAST, NO_MORE_THAN
from services.commission.domain.payee import Measured, Unmeasured
from services.commission.domain.paying import axis_of
from services.commission.domain.payoffs import multiples
from services.commission.domain.quantities import LANGUAGES, RATIO, TIMES, Operand, Quantity, show
from shared.contracts.plan import (
    ADD,
    AT_MOST,
    ATTAINMENT,
    INDIVIDUAL,
    LINEAR,
    NOTHING,
    STEPS,
    Component,
    Curve,
    Gate,
    Modifier,
    Point,
    Tier,
)


def in_column(job: Job) -> tuple[Job, tuple[Step, ...]] | Unmeasured:
    """Return the job with the column of its table that another measure chooses, and how; without a table as it is."""
    curve = job.component.curve
    columns = curve.columns
    if columns is None:
        return job, ()
    found = _measured(job, columns.scope, columns.metric, Curve(LINEAR, columns.over, None))
    if isinstance(found, Unmeasured):
        return found
    level = axis_of(Curve(LINEAR, columns.over, None), found)
    side = Curve(STEPS, columns.over, None, boundary=columns.boundary)
    reached = [start for start in columns.starts if reaches(side, level.value, start)]
    told = (*found.steps, _column(job, found, level, reached))
    chosen = curve.variants[len(reached) - 1] if reached else _empty(curve)
    return replace(job, component=replace(job.component, curve=chosen)), told


def _column(job: Job, found: Measured, level: Quantity, reached: list[Fraction]) -> Step:
    metric: Operand = found.amount.label or found.amount.unit
    if not reached:
        return step("no-column", level, metric=metric)
    return step("column", level, metric=metric, start=replace(level, value=reached[-1]))


def _empty(curve: Curve) -> Curve:
    """Return a table's curve that pays nothing."""
    tiers = tuple(Tier(tier.start, ZERO) for tier in curve.tiers)
    points = tuple(Point(point.at, ZERO) for point in curve.points)
    return replace(curve, tiers=tiers, points=points, columns=None, variants=())


def gated(job: Job, measured: Measured, pay: Pay) -> Pay | Unmeasured:
    """Hold a pay against the component's gates, in their order."""
    for gate in job.component.gates:
        found = _looked_at(job, gate)
        if isinstance(found, Unmeasured):
            return found
        pay = _passed(job, gate, found, pay)
    return pay


def _passed(job: Job, gate: Gate, found: Measured, pay: Pay) -> Pay:
    reached = found.amount if gate.over != ATTAINMENT else Quantity(found.attainment or ZERO, RATIO)
    level = replace(reached, value=gate.level)
    word = AT_LEAST if gate.no_more_than is None else NO_MORE_THAN
    least = {language: f"{word[language]} {show(level, language)}" for language in LANGUAGES}
    about: dict[str, Operand] = {"what": _name(job, gate, found), "reached": reached, "least": least}
    if gate.met(reached.value):
        return pay.then(pay.value, step("gate-open", job.money(pay.value), **about))
    if gate.otherwise == NOTHING:
        return replace(pay.then(ZERO, step("gate-shut", job.money(ZERO), **about)), over=ZERO)
    if gate.otherwise == AT_MOST:
        most = gate.value * (pay.full or ZERO)
        value = min(pay.value, most)
        return pay.then(value, step("gate-at-most", job.money(value), most=job.money(most), **about))
    value = pay.value * gate.value
    times = Quantity(gate.value, TIMES)
    return pay.then(value, step("gate-times", job.money(value), amount=job.money(pay.value), times=times, **about))


def _name(job: Job, gate: Gate, found: Measured) -> Operand:
    if gate.component is None:
        return found.amount.label or found.amount.unit
    return _component(job, gate.component).label or gate.component


def _component(job: Job, name: str) -> Component:
    return next(each for each in job.plan.components if each.id == name)


def _looked_at(job: Job, gate: Gate) -> Measured | Unmeasured:
    if gate.component is not None:
        other = _component(job, gate.component)
        return measure(job.payee, job.plan, other, job.team_for(other.scope))
    return _measured(job, gate.scope or INDIVIDUAL, gate.metric or "", Curve(LINEAR, gate.over, None))


def _measured(job: Job, scope: str, metric: str, curve: Curve) -> Measured | Unmeasured:
    """Measure what no component pays for."""
    made_up = Component(job.component.id, {}, scope, metric, None, None, curve)
    return measure(job.payee, job.plan, made_up, job.team_for(scope))


def modified(job: Job, pay: Pay, ids: Collection[str]) -> Pay | Unmeasured:
    """Change a pay by the plan's modifiers that apply to one of these components: added ones first, then factors."""
    times, plus = ONE, ONE
    steps: list[Step] = []
    for modifier in job.plan.modifiers:
        if modifier.applies_to is not None and not set(ids) & set(modifier.applies_to):
            continue
        found = _measured(job, modifier.scope, modifier.metric, modifier.curve)
        if isinstance(found, Unmeasured):
            return found
        payoff, said = multiples(modifier.curve, axis_of(modifier.curve, found))
        steps += [*found.steps, *said, _told(modifier, payoff)]
        times, plus = (times, plus + payoff.pays) if modifier.how == ADD else (times * payoff.pays, plus)
    if not steps:
        return pay
    return _times(job, pay, plus * times, steps)


def _told(modifier: Modifier, payoff: Payoff) -> Step:
    name = "modifier-adds" if modifier.how == ADD else "modifier-times"
    return step(name, Quantity(payoff.pays, RATIO), name=modifier.label or modifier.id)


def _times(job: Job, pay: Pay, factor: Fraction, steps: list[Step]) -> Pay:
    value = pay.value * factor
    told = step("modified", job.money(value), amount=job.money(pay.value), times=Quantity(factor, RATIO))
    return replace(pay.then(value, *steps, told), full=None if pay.full is None else pay.full * factor)
