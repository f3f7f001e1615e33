"""Money is exact: there and back, one rounding, shares that add up."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import round_half_up, share_out, to_major, to_minor


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1234.50", "EUR", 123450), ("0", "EUR", 0), ("-0.01", "EUR", -1), ("1500", "JPY", 1500),
     ("1.2345", "CLF", 12345), ("1e3", "EUR", 100000), ("10.500", "EUR", 1050)],
)  # fmt: skip
def test_an_amount_becomes_minor_units(amount: str, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize("amount", ["0.001", "abc", "NaN", "Infinity", ""])
def test_what_is_no_exact_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match=r"decimal"):
        to_minor(amount, "EUR")


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "TND", "CLF"]))
def test_minor_and_major_are_inverse(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor


@given(st.fractions())
def test_rounding_is_symmetric_and_off_by_at_most_half(value: Fraction) -> None:
    assert round_half_up(-value) == -round_half_up(value)
    assert abs(round_half_up(value) - value) <= Fraction(1, 2)


def test_a_half_rounds_away_from_zero() -> None:
    assert [round_half_up(Fraction(n, 2)) for n in (1, 3, -1, -3)] == [1, 2, -1, -2]


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.fractions(min_value=0, max_value=1000), min_size=1, max_size=9).filter(any),
)
def test_shares_add_up_and_each_is_within_one_of_exact(total: int, weights: list[Fraction]) -> None:
    parts = share_out(total, weights)
    assert sum(parts) == total
    whole = sum(weights, Fraction(0))
    assert all(abs(p - Fraction(total) * w / whole) < 1 for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize("weights", [[], [Fraction(0)], [Fraction(2), Fraction(-1)]])
def test_weights_that_share_nothing_are_refused(weights: list[Fraction]) -> None:
    with pytest.raises(ValueError, match="weights"):
        share_out(10, weights)
