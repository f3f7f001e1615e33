"""Money: whole minor units beside an ISO 4217 currency; fractions in between; one rounding."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

# ISO 4217 exponents that are not 2 (list one, 2024); every other active currency has two decimals.
_EXPONENTS: Mapping[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def exponent(currency: str) -> int:
    """Return how many decimals `currency` has (EUR 2, JPY 0, CLF 4)."""
    return _EXPONENTS.get(currency, 2)


def is_currency(text: str) -> bool:
    """Tell whether `text` has the shape of an ISO 4217 code: three capital letters."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def to_minor(amount: str | Decimal, currency: str) -> int:
    """Turn an exact amount in major units into minor units; ValueError when it has finer parts."""
    try:
        scaled = Decimal(amount).scaleb(exponent(currency))
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not a decimal amount") from error
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{amount!r} has more than {exponent(currency)} decimals of {currency}")
    return int(scaled)


def to_major(minor: int, currency: str) -> str:
    """Turn minor units into the exact decimal text in major units (123456 EUR -> '1234.56')."""
    return format(Decimal(minor).scaleb(-exponent(currency)), "f")


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole unit, halves away from zero (commercial rounding)."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def round_half_even(value: Fraction) -> int:
    """Round to the nearest whole unit, halves to the even one (bankers' rounding)."""
    return round(value)


def share_out(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split `total` in the ratio of `weights` so that the parts add up to it exactly.

    Largest remainder (Hamilton) method; equal remainders go to the earlier place.
    Raises ValueError when the weights are negative or sum to zero.
    """
    whole = sum(weights, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    exact = [Fraction(total) * weight / whole for weight in weights]
    parts = [value.numerator // value.denominator for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts
