"""Which differences of closed periods are posted: as the plan says about late data and leavers; the rest is named."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from services.commission.domain.differences import Difference, Shadow
from services.commission.domain.findings import FORFEITED, LATE_REFUSED, WRITTEN_OFF, Finding, finding
from services.commission.domain.league import League
from services.commission.domain.quantities import Quantity
from shared.contracts.plan import Plan
from shared.contracts.roster import Rep
from shared.contracts.timing import FORFEITED as FORFEIT
from shared.contracts.timing import REFUSED
from shared.contracts.timing import WRITTEN_OFF as WRITE_OFF
from shared.money import exponent
from shared.periods import Period

Late = tuple[Shadow, Difference]


def judge(found: Iterable[Late], period: Period, league: League) -> tuple[list[Late], list[Finding]]:
    """Return what is posted in the open `period`, and a note for each difference that is not."""
    posted: list[Late] = []
    notes: list[Finding] = []
    for shadow, one in found:
        code = _passed_over(shadow, one, period, _plan(one, league))
        if code is None:
            posted.append((shadow, one))
        else:
            notes.append(_note(code, shadow, one))
    return posted, notes


def _plan(one: Difference, league: League) -> Plan | None:
    versions = [plans for plans in league.plans if plans.version == one.key.version]
    return next((plan for plans in versions for plan in plans.plans.plans if plan.id == one.key.plan), None)


def _passed_over(shadow: Shadow, one: Difference, period: Period, plan: Plan | None) -> str | None:
    """Return why a difference is not posted, as the plan that the period was closed with says; None: it is."""
    if plan is None:
        return None
    late, leavers = plan.time.late, plan.time.leavers
    if late and late.then == REFUSED and period.first > _months_after(shadow.period.last, late.months):
        return LATE_REFUSED
    if leavers and _has_left(one.rep, period.first):
        if one.amount < 0 and leavers.reversals == WRITE_OFF:
            return WRITTEN_OFF
        if one.amount > 0 and leavers.unpaid == FORFEIT:
            return FORFEITED
    return None


def _has_left(rep: Rep, day: date) -> bool:
    if rep.left is not None:
        return rep.left <= day
    return bool(rep.memberships) and all(member.end and member.end <= day for member in rep.memberships)


def _months_after(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, last = day.year + years, monthrange(day.year + years, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _note(code: str, shadow: Shadow, one: Difference) -> Finding:
    amount = Quantity(Fraction(one.amount, 10 ** exponent(one.key.currency)), one.key.currency)
    return finding(code, one.key.component, amount=amount, period=shadow.period.id)
