"""Numbers with their unit, and how Dutch and English readers see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from shared.contracts.playbook import Metric
from shared.money import exponent, is_currency, round_half_up

RATIO, TIMES, DAYS, FTE = "ratio", "times", "days", "fte"
"""Units beside currencies and metrics: 1 is 100 %; a factor; calendar days; parts of a full week."""

LANGUAGES = ("nl", "en")
_SEPARATORS = {"nl": (".", ","), "en": (",", ".")}
_SHOWN_DECIMALS, _EXACT_DECIMALS = 6, 12


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact value in usual units (euros, deals); `unit` is a currency, a metric's unit or one of the above."""

    value: Fraction
    unit: str
    label: Mapping[str, str] = field(default_factory=dict)


Operand = Quantity | str | Mapping[str, str]
"""A number, a name that is the same in every language, or a text by language."""


def of_metric(metric: Metric, smallest: int) -> Quantity:
    """Return a ledger amount (smallest units) of a metric in its usual unit."""
    return Quantity(Fraction(smallest, 10**metric.decimals), metric.unit, metric.label)


def exact(value: Fraction) -> str:
    """Write a fraction exactly: as a decimal where it ends within twelve decimals, else as 1/3."""
    scaled = value * 10**_EXACT_DECIMALS
    if scaled.denominator != 1:
        return str(value)
    return _decimal(scaled.numerator)


def decimal(value: Fraction) -> str:
    """Write a fraction as a decimal, rounded to twelve decimals where it does not end."""
    return _decimal(round_half_up(value * 10**_EXACT_DECIMALS))


def _decimal(scaled: int) -> str:
    return format(Decimal(scaled).scaleb(-_EXACT_DECIMALS), "f").rstrip("0").rstrip(".")


def show(operand: Operand, language: str) -> str:
    """Write an operand for a reader of `language` (nl, en); what does not end is cut with an ellipsis."""
    match operand:
        case str():
            return operand
        case Quantity():
            return _show_quantity(operand, language)
    return operand.get(language) or next(iter(operand.values()), "")


def _show_quantity(quantity: Quantity, language: str) -> str:
    unit = quantity.unit
    if unit == RATIO:
        return _number(quantity.value * 100, language) + ("\u00a0%" if language == "nl" else "%")
    if is_currency(unit):
        return f"{unit}\u00a0{_number(quantity.value, language, exponent(unit))}"
    if unit in (TIMES, DAYS, FTE):
        return _number(quantity.value, language)
    return f"{_number(quantity.value, language)} {quantity.label.get(language, unit)}"


def _number(value: Fraction, language: str, least: int = 0) -> str:
    """Write a number with at least `least` decimals and as many more as it needs, cut after six."""
    thousands, point = _SEPARATORS[language]
    scaled = abs(value) * 10**_SHOWN_DECIMALS
    whole, part = divmod(int(scaled), 10**_SHOWN_DECIMALS)
    decimals = f"{part:0{_SHOWN_DECIMALS}d}".rstrip("0").ljust(least, "0")
    sign = "-" if value < 0 else ""
    cut = "" if scaled.denominator == 1 else "…"
    return sign + f"{whole:,}".replace(",", thousands) + (point + decimals if decimals else "") + cut
