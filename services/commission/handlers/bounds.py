"""Whose pay a caller may see: a person's account the own, who runs payroll everybody's, a token what its scopes say.

Leading a team opens nobody's pay: that needs `payouts:read`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.commission.domain.claims import Dispute
from services.commission.domain.league import League
from services.commission.handlers.claiming import line_of
from services.commission.store import Desk, Desks
from shared.auth import Caller
from shared.contracts.plan import Plan
from shared.errors import Forbidden
from shared.periods import KINDS

EVERYBODY = "payouts:read"
"""The scope of who sees everybody's pay."""


class NotYourPay(Forbidden):
    """This is somebody else's pay; your account is for your own."""


def only_own(who: Caller) -> bool:
    """Tell whether a caller may see no pay but the own."""
    return who.bounded or (bool(who.role) and EVERYBODY not in who.scopes)


def check_payee(rep: str, who: Caller) -> None:
    """Raise NotYourPay when the caller may not see this person's pay."""
    if only_own(who) and rep != who.rep:
        raise NotYourPay


def check_dispute(desk: Desk, number: int, who: Caller) -> Dispute:
    """Return a dispute that the caller may see; raises UnknownDispute or NotYourPay."""
    found = desk.claims.dispute(number)
    check_payee(found.rep, who)
    return found


def check_line(desks: Desks, run: str, line: str, who: Caller) -> None:
    """Raise NotYourPay for a line of somebody else; UnknownRun or UnknownLine."""
    if only_own(who):
        with desks.reading() as desk:
            check_payee(line_of(desk, run, line).rep, who)


def seen_rep(asked: str | None, who: Caller) -> str | None:
    """Return whose disputes are listed: who is asked for, else the caller's own where it may be no others."""
    if asked is not None:
        check_payee(asked, who)
    return (who.rep or "") if only_own(who) else asked


def seen_plans(plans: Sequence[Plan], league: League, day: date, who: Caller) -> list[Plan]:
    """Return the plans that the caller may read: the own, those of the teams they lead, or all."""
    if not only_own(who):
        return list(plans)
    member = league.roster.membership(who.rep or "", day)
    own = [league.plan_on(day, who.rep or "", member.team, kind)[0] for kind in KINDS] if member else []
    led = [plan for plan in plans if any(who.sees_team(team) for team in plan.teams)]
    return [plan for plan in plans if plan in own or plan in led]
