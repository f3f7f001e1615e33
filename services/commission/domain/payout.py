"""What a plan pays one payee: its components, the product of its factors, its own cap and floor, its rounding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from services.commission.domain.components import (
    CAP,
    FLOOR,
    PRODUCT,
    Line,
    line_of,
    rounded,
    to_minor,
    unpaid,
)
from services.commission.domain.conditions import gated, in_column, modified
from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import CARRIED_OVER, OVER_CAP, Finding, finding
from services.commission.domain.jobs import ONE, ZERO, Job, Pay
from services.commission.domain.measuring import measure
from services.commission.domain.payee import Measured, Unmeasured
from services.commission.domain.paying import axis_of, base_of
from services.commission.domain.payoffs import multiples
from services.commission.domain.quantities import RATIO, Quantity
from shared.contracts.plan import CARRIED, LOST, PAYOUT, Component, Curve, Plan, PlanLimit
from shared.money import exponent

MADE_UP = {
    PRODUCT: ("plan-product", {"nl": "Onderdelen vermenigvuldigd", "en": "Components multiplied"}),
    CAP: ("plan-cap", {"nl": "Maximum van het plan", "en": "Cap of the plan"}),
    FLOOR: ("plan-floor", {"nl": "Minimum van het plan", "en": "Floor of the plan"}),
}
"""Ids and names of the components that are made up for lines of a plan as a whole."""


def lines_of(jobs: Sequence[Job], share: Fraction) -> tuple[Line, ...]:
    """Compute the lines of one plan for one payee, who is in it for `share` of the period."""
    if not jobs:
        return ()
    factors = [job for job in jobs if job.component.factor]
    lines = [*_products(factors), *(line_of(job) for job in jobs if not job.component.factor)]
    lines += _limit_lines(jobs[0], lines, share)
    return tuple(_together(lines)) if jobs[0].plan.rounding.of == PAYOUT else tuple(lines)


def _products(factors: Sequence[Job]) -> Iterator[Line]:
    """Yield the product of all factors: one line, or one for each team whose result is among them."""
    teams = list(dict.fromkeys(job.team for job in factors if job.team is not None))
    lines_for: Sequence[str | None] = teams or [None]
    for team in lines_for if factors else ():
        yield _product([job for job in factors if job.team in (None, team)], team)


def _product(factors: Sequence[Job], team: str | None) -> Line:
    first = factors[0]
    shares = next((job.shares for job in factors if job.team == team), first.shares)
    job = replace(first, component=_made_up(first.component, PRODUCT), shares=shares, team=team)
    steps: list[Step] = []
    product, notes = ONE, list[Finding]()
    for section in _by_section(factors):
        pay = _section(section)
        if isinstance(pay, Unmeasured):
            return unpaid(job, replace(pay, steps=(*steps, *pay.steps)))
        steps += pay.steps
        product, notes = product * pay.value, [*notes, *pay.notes]
    base, said = base_of(job)
    value = base * product
    told = step("payout", job.money(value), base=job.money(base), multiple=Quantity(product, RATIO))
    pay = Pay(value, (*steps, *said, told), tuple(notes), full=base)
    changed = modified(job, pay, [factor.component.id for factor in factors])
    if isinstance(changed, Unmeasured):
        return unpaid(job, replace(changed, steps=(*pay.steps, *changed.steps)))
    return rounded(job, Measured((), Quantity(product, RATIO), Quantity(product, RATIO)), changed, PRODUCT)


def _by_section(factors: Sequence[Job]) -> Iterable[Sequence[Job]]:
    """Return the factors: each by itself, those of a section together."""
    groups: dict[str, list[Job]] = {}
    for job in factors:
        groups.setdefault(job.component.section or f"~{job.component.id}", []).append(job)
    return groups.values()


def _section(jobs: Sequence[Job]) -> Pay | Unmeasured:
    """Return a factor: that of a component, or of a section the sum of its weighted parts."""
    value, steps, notes = ZERO, list[Step](), list[Finding]()
    for job in jobs:
        pay = _factor(job)
        if isinstance(pay, Unmeasured):
            return replace(pay, steps=(*steps, *pay.steps))
        weight = ONE if job.component.weight is None else job.component.weight
        value, steps, notes = value + weight * pay.value, [*steps, *pay.steps], [*notes, *pay.notes]
        if job.component.section:
            about = {"weight": Quantity(weight, RATIO), "amount": Quantity(pay.value, RATIO)}
            steps.append(step("weighted", Quantity(weight * pay.value, RATIO), **about))
    if jobs[0].component.section:
        steps.append(step("section", Quantity(value, RATIO), section=jobs[0].component.section))
    return Pay(value, tuple(steps), tuple(notes))


def _factor(job: Job) -> Pay | Unmeasured:
    measured = measure(job.payee, job.plan, job.component, job.team)
    if isinstance(measured, Unmeasured):
        return measured
    found = in_column(job)
    if isinstance(found, Unmeasured):
        return found
    job, column = found
    curve = job.component.curve
    payoff, steps = multiples(curve, axis_of(curve, measured))
    lost = payoff.raised - payoff.pays
    notes = (finding(OVER_CAP, job.component.id, lost=Quantity(lost, RATIO)),) if lost else ()
    told = step("factor", Quantity(payoff.pays, RATIO), name=job.component.label or job.component.id)
    return gated(job, measured, Pay(payoff.pays, (*measured.steps, *column, *steps, told), notes, full=ONE))


def _made_up(like: Component, kind: str, excess: str = LOST) -> Component:
    name, label = MADE_UP[kind]
    curve = Curve(like.curve.kind, like.curve.over, None, excess=excess)
    return Component(name, label, like.scope, like.metric, None, None, curve)


def _limit_lines(job: Job, lines: Sequence[Line], share: Fraction) -> Iterator[Line]:
    plan, total = job.plan, sum((line.unrounded for line in lines), ZERO)
    if plan.floor is not None:
        least = _limit(job, plan, plan.floor, share)
        if total < least:
            yield _limit_line(job, FLOOR, least, total)
            total = least
    if plan.cap is not None:
        most = _limit(job, plan, plan.cap, share)
        if total > most:
            yield _limit_line(job, CAP, most, total, plan.cap.excess)


def _limit(job: Job, plan: Plan, limit: PlanLimit, share: Fraction) -> Fraction:
    """Return a limit of the plan in money, for the payee's part of the period where it shrinks with it."""
    if limit.multiple is not None:
        whole = limit.multiple * job.of_minor(plan.incentive_of(job.payee.rep.id))
    else:
        whole = job.of_minor(limit.amount or 0)
    return whole * share if limit.prorated else whole


def _limit_line(first: Job, kind: str, limit: Fraction, total: Fraction, excess: str = LOST) -> Line:
    job = replace(first, component=_made_up(first.component, kind, excess), team=None)
    value = limit - total
    kept = excess == CARRIED
    name = f"plan-{kind}-carried" if kept else f"plan-{kind}"
    told = step(name, job.money(value), limit=job.money(limit), total=job.money(total))
    notes = () if value > 0 else (finding(CARRIED_OVER if kept else OVER_CAP, None, lost=job.money(-value)),)
    pay = Pay(value, (told,), notes, over=max(-value, ZERO))
    nothing = Measured((), job.money(total), job.money(total))
    return rounded(job, nothing, pay, kind)


def _together(lines: Sequence[Line]) -> Iterator[Line]:
    """Round the lines so that they add up to their exact sum, rounded once: cents by largest remainder."""
    if not lines:
        return
    plan = lines[0].plan
    unit = 10 ** exponent(plan.currency)
    exact = [line.unrounded * unit for line in lines]
    floors = [value.numerator // value.denominator for value in exact]
    rests = [value - floor for value, floor in zip(exact, floors, strict=True)]
    left = to_minor(plan, sum(exact, ZERO) / unit) - sum(floors)
    order = sorted(range(len(lines)), key=lambda i: (-rests[i], i))
    cents = [int(place in order[:left]) for place in range(len(lines))]
    whole = Quantity(Fraction(sum(floors) + left, unit), plan.currency)
    for line, floor, cent in zip(lines, floors, cents, strict=True):
        amount = floor + cent
        if line.steps and line.steps[-1].name in {"rounded", "rounded-even"}:
            own = Quantity(Fraction(amount, unit), plan.currency)
            told = step("rounded-together", own, whole=whole, currency=plan.currency)
            yield replace(line, amount=amount, steps=(*line.steps[:-1], told))
        else:
            yield replace(line, amount=amount)
