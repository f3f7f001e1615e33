"""A rep as such, outside any component: the whole result of the period against the whole of the own target."""

from services.commission.domain.league import League
from services.commission.domain.payee import Payee, Stretch
from services.commission.domain.proration import TARGET, Presence
from services.commission.domain.segments import segments
from shared.contracts.roster import Rep
from shared.periods import Period


def standing(payee: Payee, rep: Rep) -> Payee:
    """Return `rep` as a payee over the time of another: with as much of the target as their own plan leaves."""
    periods = [stretch.period for stretch in payee.stretches] or [payee.period]
    found = (_stretch(rep, period, payee.league) for period in periods)
    stretches = tuple(stretch for stretch in found if stretch)
    return Payee(rep, payee.period, payee.league, payee.results, stretches=stretches)


def _stretch(rep: Rep, period: Period, league: League) -> Stretch | None:
    """Return the rep's part of the target of a period; None when they were in no team."""
    parts = segments(rep, period, league)
    plan = next((part.plan for part in reversed(parts) if part.plan), None)
    if not parts:
        return None
    if plan is None:
        return Stretch(period, ())
    return Stretch(period, Presence(rep, plan, period, parts, league).shares(parts, TARGET))
