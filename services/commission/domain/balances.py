"""What stays between a payee and the employer from one period to the next, and what a period pays because of it.

A law holds for every payee, currency and stretch of periods: paid + held = earned + advanced. Held is what was
earned and is not paid yet (carried over a cap, or held back); advanced is what was paid and is not earned yet (draws,
and what a negative payout left).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from services.commission.domain.paylines import ADVANCE, OWED, RECOVERY, RELEASED, SETTLED, RunLine
from shared.contracts.draw import LOAN, TOP_UP, Draw
from shared.money import round_half_up, share_out
from shared.periods import Period

DRAW, DEBT, CARRIED, HOLDBACK = "draw", "debt", "carried", "holdback"
"""Balances: the first two of what was paid and is not earned yet, the others of what was earned and is not paid yet."""


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """Whose balance it is of which kind; `about` tells several of a kind apart (the line a cap belongs to)."""

    rep: str
    kind: str
    currency: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """One balance over a period, in minor units; `movements` by the kind of line or event that made each."""

    account: Account
    opening: int
    movements: Mapping[str, int]

    @property
    def closing(self) -> int:
        """What is carried over."""
        return self.opening + sum(self.movements.values())


@dataclass(frozen=True, slots=True)
class DrawDue:
    """A draw that holds in the period, and the part of it that is due."""

    draw: Draw
    plan: str
    share: Fraction

    @property
    def amount(self) -> int:
        """The amount in minor units."""
        return round_half_up(self.draw.amount * (self.share if self.draw.prorated else Fraction(1)))


@dataclass(frozen=True, slots=True)
class Room:
    """What a line keeps above its cap (`carried`, below zero where a correction takes some back), and its free room.

    `free` None: there is no cap, so that everything kept is released.
    """

    about: str
    carried: int
    free: int | None


@dataclass(frozen=True, slots=True)
class Slip:
    """A payee's period in one currency before balances: what was earned, what is due, what was open.

    `earned` is what the lines pay; `held` what they hold back besides (below zero: what they pay of it).
    """

    rep: str
    currency: str
    period: Period
    earned: int
    draws: tuple[DrawDue, ...] = ()
    rooms: tuple[Room, ...] = ()
    held: int = 0
    openings: Mapping[Account, int] = field(default_factory=dict)

    def opening(self, kind: str, about: str = "") -> int:
        """Return what stood on an account before."""
        return self.openings.get(Account(self.rep, kind, self.currency, about), 0)

    def line(self, kind: str, amount: int, about: str = "") -> RunLine:
        """Return a line of the payout."""
        name = "/".join(part for part in (kind, about, self.currency) if part)
        return RunLine(f"{self.rep}:{name}", self.rep, kind, self.currency, amount, self.period.id)

    def balance(self, kind: str, about: str = "", **movements: int) -> Balance:
        """Return a balance with its movements; those of zero are left out."""
        account = Account(self.rep, kind, self.currency, about)
        said = {name: amount for name, amount in movements.items() if amount}
        return Balance(account, self.opening(kind, about), said)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What balances add to the payout, as lines, and the balances themselves; nothing of zero is among them."""

    lines: tuple[RunLine, ...]
    balances: tuple[Balance, ...]


def carry(slip: Slip) -> Outcome:
    """Return what balances add to a payout.

    In this order: what caps kept earlier is released where there is room; a payout below zero becomes a debt; draws
    are paid; debts are settled, then draws recovered, both from what is earned above the top-ups.
    """
    released, kept = _caps(slip)
    gross = slip.earned + sum(line.amount for line in released)
    base = max(gross, 0)
    advances, lent = _advances(slip, base)
    above = max(base - _topped_up_to(slip), 0)
    settled = min(above, slip.opening(DEBT))
    recovered = min(_recoverable(slip, above), above - settled, slip.opening(DRAW))
    lines = [*released, *advances, slip.line(OWED, base - gross), slip.line(SETTLED, -settled)]
    balances = [
        *kept,
        slip.balance(HOLDBACK, held=slip.held),
        slip.balance(DEBT, owed=base - gross, settled=-settled),
        slip.balance(DRAW, advance=lent, recovery=-recovered),
    ]
    return Outcome(
        tuple(line for line in (*lines, slip.line(RECOVERY, -recovered)) if line.amount),
        tuple(balance for balance in balances if balance.opening or balance.movements),
    )


def _caps(slip: Slip) -> tuple[list[RunLine], list[Balance]]:
    """Release what caps kept earlier; where a correction takes back more than is kept, the payout bears the rest."""
    lines, balances = [], []
    rooms = {room.about: room for room in slip.rooms}
    open_ones = {account.about for account in slip.openings if (account.rep, account.kind) == (slip.rep, CARRIED)}
    for about in sorted(rooms.keys() | open_ones):
        room = rooms.get(about, Room(about, 0, 0))
        held = slip.opening(CARRIED, about)
        left = held + min(room.carried, 0)
        freed = left if room.free is None or left < 0 else min(left, max(room.free, 0))
        lines.append(slip.line(RELEASED, freed, about))
        balances.append(slip.balance(CARRIED, about, carried=room.carried, released=-freed))
    return lines, balances


def _due(slip: Slip) -> list[DrawDue]:
    return [due for due in slip.draws if due.draw.until is None or slip.period.first < due.draw.until]


def _topped_up_to(slip: Slip) -> int:
    return sum(due.amount for due in _due(slip) if due.draw.meaning == TOP_UP)


def _advances(slip: Slip, base: int) -> tuple[list[RunLine], int]:
    """Return the draws paid, and how much of them has to be earned later."""
    due = _due(slip)
    short, tops = max(_topped_up_to(slip) - base, 0), [one for one in due if one.draw.meaning == TOP_UP and one.amount]
    parts = share_out(short, [Fraction(one.amount) for one in tops]) if tops else []
    paid = [*zip(tops, parts, strict=True), *((one, one.amount) for one in due if one.draw.meaning == LOAN)]
    lent = sum(amount for one, amount in paid if one.draw.recoverable)
    return [slip.line(ADVANCE, amount, one.plan) for one, amount in paid], lent


def _recoverable(slip: Slip, above: int) -> int:
    """Return how much of what is earned may be taken back; without a draw any more: all of it."""
    terms = [one.draw for one in slip.draws if one.draw.recoverable]
    if any(draw.recover_from and slip.period.first < draw.recover_from for draw in terms):
        return 0
    most = min((draw.at_most for draw in terms), default=Fraction(1))
    return int(above * most)
