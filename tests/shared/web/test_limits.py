from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import RateLimited
from shared.web.limits import Limiter


def allowed(limiter: Limiter, moments: list[float]) -> int:
    return sum(_passes(limiter, moment) for moment in moments)


def _passes(limiter: Limiter, moment: float) -> bool:
    try:
        limiter.take("crm", moment)
    except RateLimited:
        return False
    return True


@given(st.integers(1, 50), st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_no_more_pass_than_a_full_bucket_and_what_flows_in(rate: int, moments: list[float]) -> None:
    moments.sort()
    assert allowed(Limiter(rate), moments) <= 2 * rate + (moments[-1] - moments[0]) * rate + 1e-6


def test_who_keeps_to_the_rate_is_never_refused() -> None:
    limiter = Limiter(10)
    assert allowed(limiter, [number / 10 for number in range(500)]) == 500


def test_the_refusal_says_when_the_next_one_passes() -> None:
    limiter = Limiter(1)
    allowed(limiter, [0.0] * 2)
    with pytest.raises(RateLimited) as refused:
        limiter.take("crm", 0.25)
    assert refused.value.retry_after == pytest.approx(0.75)
    limiter.take("crm", 0.25 + refused.value.retry_after)


def test_no_rate_is_no_limit() -> None:
    assert allowed(Limiter(0), [0.0] * 1000) == 1000
