"""What a statement written out is made of, and who reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.commission.domain.quantities import RATIO, Quantity, show
from shared.money import exponent, is_currency, round_half_up
from shared.web.figures import NONE, Figures
from shared.web.words import Words


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and where the credits are that it rests on."""

    text: str
    credits: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of money: what for, from which result, how much; `line` names it in its run."""

    label: str
    about: str
    result: str
    target: str
    attainment: str
    amount: str
    sentences: tuple[Said, ...] = ()
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """One line beside the components: what it is, what was paid before and what it should be, the amount."""

    label: str
    about: str
    old: str
    new: str
    amount: str
    sentences: tuple[Said, ...]
    line: str


@dataclass(frozen=True, slots=True)
class Held:
    """A balance: what it was, what moved it, what is carried over."""

    label: str
    opening: str
    movements: tuple[str, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Prize:
    """A reward that is no money: how far it is, and what there is to say about it."""

    label: str
    about: str
    reached: str
    needed: str
    part: float
    won: bool
    state: str
    sentences: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A statement written out; `facts` are pairs of name and value, `remarks` what HR or the payee must look at."""

    title: str
    payee: str
    period: str
    organisation: str
    status: str
    totals: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    others: tuple[Beside, ...]
    balances: tuple[Held, ...]
    prizes: tuple[Prize, ...]
    remarks: tuple[str, ...]
    columns: Mapping[str, str]
    foot: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the sentences and the figures of their language."""

    t: Words
    f: Figures

    @property
    def language(self) -> str:
        """The language read in."""
        return self.t.language

    def label(self, texts: Mapping[str, str], otherwise: str) -> str:
        """Return a label in the reader's language."""
        return texts.get(self.language) or next(iter(texts.values()), otherwise)

    def shown(self, quantity: Quantity | None) -> str:
        """Write a quantity as a table has it: percentages with two decimals, money as money."""
        if quantity is None:
            return NONE
        if quantity.unit == RATIO:
            return self.f.share(_decimal(quantity.value), 2)
        if is_currency(quantity.unit):
            return self.f.money(round_half_up(quantity.value * 10 ** exponent(quantity.unit)), quantity.unit)
        return show(quantity, self.language)

    def money(self, minor: int, currency: str) -> str:
        """Write an amount in minor units."""
        return self.f.money(minor, currency)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
