"""What comes free in a period of pay that was earned in earlier ones and waited."""

from collections.abc import Iterator
from dataclasses import replace

from services.commission.domain.assigning import Assignment
from services.commission.domain.components import Line, line_of
from services.commission.domain.payee import Payee
from services.commission.domain.segments import by_plan, segments
from shared.contracts.plan import Component
from shared.periods import Period


def released_lines(payee: Payee) -> Iterator[Line]:
    """Yield a line for each component, of each earlier period, of which something comes free in the payee's period."""
    for origin in payee.results.origins:
        yield from (line for line in _of(payee, origin) if line.unrounded or line.amount)


def _of(payee: Payee, origin: Period) -> Iterator[Line]:
    """Work out what an earlier period earned, and what of it comes free now."""
    results = payee.results.others[origin.id]
    then = replace(payee, period=origin, results=replace(results, arrivals=payee.results.arrivals))
    parts = segments(payee.rep, origin, payee.league)
    for plan, own in by_plan(parts):
        held = [component for component in plan.components if _waits(then, component)]
        if plan.period == origin.kind and held:
            assignment = Assignment(then, plan, own[0].version or 0, own, parts)
            jobs = (job for component in held for job in assignment.jobs(component))
            yield from (line_of(replace(job, paid_in=payee.period)) for job in jobs)


def _waits(payee: Payee, component: Component) -> bool:
    """Tell whether the payee, or a team, had deals whose pay waits."""
    owners = {payee.rep.id, *(part.team for part in segments(payee.rep, payee.period, payee.league))}
    found = (payee.results.deals, payee.results.team_deals)
    return component.holdback is not None and any(
        (owner, component.metric) in deals for owner in owners for deals in found
    )
