"""A group's money, shared among its members in whole cents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from services.commission.domain.derivation import Step, step
from services.commission.domain.findings import NO_SHARES, finding
from services.commission.domain.groups import Member, members, once
from services.commission.domain.jobs import ONE, ZERO, Job, Pay
from services.commission.domain.payee import Unmeasured
from services.commission.domain.quantities import DAYS, TIMES, Quantity
from shared.contracts.plan import BY_ID, CONTRIBUTION, EQUAL, FTE_DAYS, HALF_EVEN, ROLE_WEIGHT, Pool
from shared.money import exponent, round_half_even, round_half_up, share_out


def part_of_pool(job: Job, pay: Pay) -> Pay | Unmeasured:
    """Return the payee's part of what the pool comes to: rounded once, then shared to the cent."""
    pool = job.component.pool
    if pool is None:
        return pay
    unit = 10 ** exponent(job.plan.currency)
    scaled = pay.value * unit
    total = round_half_even(scaled) if job.plan.rounding.mode == HALF_EVEN else round_half_up(scaled)
    key = ("pool", job.plan.id, str(job.version), job.component.id, job.team or "")
    shared = once(job.payee, key, lambda: _shared(job, pool, total))
    if not shared.parts:
        return Unmeasured(pay.steps, finding(NO_SHARES, job.component.id))
    rep = job.payee.rep.id
    value = Fraction(shared.parts.get(rep, 0), unit)
    about = {"pool": job.money(Fraction(total, unit)), **_told(job, pool, shared)}
    ratio = value / pay.value if pay.value else ZERO
    mine = pay.then(value, _formed(job, total, unit), step("pool-part", job.money(value), **about))
    return replace(mine, over=pay.over * ratio, room=None if pay.room is None else pay.room * ratio, full=None)


def _formed(job: Job, total: int, unit: int) -> Step:
    return step("pool", job.money(Fraction(total, unit)), currency=job.plan.currency)


@dataclass(frozen=True, slots=True)
class _Shared:
    """By rep: the part in minor units, and the weight that it follows from; `whole` is all weight together."""

    parts: Mapping[str, int]
    weights: Mapping[str, Fraction]
    whole: Fraction


def _shared(job: Job, pool: Pool, total: int) -> _Shared:
    group = list(members(job.payee, job.team, job.plan))
    if pool.ties == BY_ID:
        group.sort(key=lambda member: member.rep.id)
    weights = [_WEIGHTS[pool.shared_by](job, pool, member) for member in group]
    named, whole = [member.rep.id for member in group], sum(weights, ZERO)
    parts = share_out(total, weights) if whole else []
    return _Shared(dict(zip(named, parts, strict=False)), dict(zip(named, weights, strict=True)), whole)


def _contribution(job: Job, _pool: Pool, member: Member) -> Fraction:
    """Return the member's own credits of the metric: those in the team, where they are known apart."""
    results, metric, rep = job.payee.results, job.component.metric, member.rep.id
    whole = results.reps.get((rep, metric), 0)
    own = results.members.get((job.team, rep, metric), whole) if job.team else whole
    return Fraction(max(own, 0))


_WEIGHTS: Mapping[str, Callable[[Job, Pool, Member], Fraction]] = {
    EQUAL: lambda _job, _pool, _member: ONE,
    FTE_DAYS: lambda _job, _pool, member: member.fte_days,
    ROLE_WEIGHT: lambda _job, pool, member: pool.weights.get(member.rep.id, ZERO),
    CONTRIBUTION: _contribution,
}


def _told(job: Job, pool: Pool, shared: _Shared) -> dict[str, Quantity]:
    """Return the payee's weight and that of all, in the unit that they are in."""
    decimals = job.payee.league.metrics[job.component.metric].decimals if pool.shared_by == CONTRIBUTION else 0
    unit, own = DAYS if pool.shared_by == FTE_DAYS else TIMES, shared.weights.get(job.payee.rep.id, ZERO)
    return {"own": Quantity(own / 10**decimals, unit), "all": Quantity(shared.whole / 10**decimals, unit)}
