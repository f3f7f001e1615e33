"""A draw: pay in advance of earnings or on top of them, as data; its schema stands in `plan_money`."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

RECOVERABLE, NON_RECOVERABLE = "recoverable", "non_recoverable"
TOP_UP, LOAN = "top_up", "loan"


@dataclass(frozen=True, slots=True)
class Draw:
    """What a period pays whatever is earned; `amount` in minor units of the plan's currency.

    `meaning`: top_up brings a smaller payout up to the amount; loan pays the amount on top of what is earned.
    It is paid in periods that begin before `until` (None: no end), and shrinks with the days in the plan where it
    is `prorated`. What a recoverable draw advances is taken back in periods from `recover_from` on: of what is
    earned above a top-up's amount, or of what is earned beside a loan, at most the part `at_most` (1: all).
    """

    kind: str
    meaning: str
    amount: int
    until: date | None
    prorated: bool
    recover_from: date | None = None
    at_most: Fraction = Fraction(1)

    @property
    def recoverable(self) -> bool:
        """Tell whether what is advanced has to be earned later."""
        return self.kind == RECOVERABLE
