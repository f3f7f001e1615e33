"""Who gets a rule's credit: the owner, or several roles with exact shares."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from services.scoring.domain.deals import Deal
from services.scoring.domain.league import League
from shared.contracts.activity import Activity, Scalar
from shared.contracts.playbook import Rule
from shared.contracts.rules import OWNER
from shared.money import share_out


class Recipient(NamedTuple):
    """A role with its share, and the rep in it; None: nobody is known in it (`said`: the name that was given)."""

    role: str
    share: Fraction
    rep: str | None
    said: str = ""


def recipients(rule: Rule, owner: str | None, fact: Activity, deal: Deal | None, league: League) -> Sequence[Recipient]:
    """Return who gets a part of what the rule gives; a role that nobody has keeps its part from the others."""
    if not rule.shares:
        return (Recipient(OWNER, Fraction(1), owner),)
    known: Mapping[str, Scalar] = {**(deal.data if deal else {}), **fact.data}
    return [
        Recipient(each.role, each.share, owner)
        if each.role == OWNER
        else Recipient(each.role, each.share, *_named(known.get(each.role), league))
        for each in rule.shares
    ]


def parts(amount: int, shares: Sequence[Fraction]) -> list[int]:
    """Split an amount (smallest units) so that the parts add up to it exactly, also when it is negative.

    Largest remainder method; equal remainders go to the role that stands first.
    """
    if len(shares) == 1:
        return [amount]
    split = share_out(abs(amount), shares)
    return split if amount >= 0 else [-part for part in split]


def _named(said: Scalar, league: League) -> tuple[str | None, str]:
    name = "" if said is None else str(said)
    return (league.roster.resolve(name) if league.roster and name else None), name
