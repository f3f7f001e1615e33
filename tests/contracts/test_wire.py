"""Records: batches within the bus's limits, and a clear word on what is none of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.wire import MAX_BYTES, MAX_LINES, Unreadable, decode, encode


@given(st.lists(st.integers(0, 4000), max_size=1200))
def test_batches_keep_order_lose_nothing_and_stay_within_the_limits(sizes: list[int]) -> None:
    lines = [{"n": n, "pad": "x" * size} for n, size in enumerate(sizes)]
    records = encode("credits", lines)
    assert [line for r in records for line in decode("credits", r, dict)] == lines
    assert all(len(r) <= MAX_BYTES + 5000 < 1_000_000 for r in records)
    assert all(len(decode("credits", r, dict)) <= MAX_LINES for r in records)


@pytest.mark.parametrize(
    "value",
    [b"", b"no json", b"[]", b"1", b'{"v":1}', b'{"v":2,"credits":[]}', b'{"v":1,"credits":[7]}'],
)
def test_what_is_none_of_ours_is_unreadable(value: bytes) -> None:
    with pytest.raises(Unreadable, match="credits record"):
        decode("credits", value, lambda line: line["seq"])
