"""What is refused before it is kept, and that everything ingest sends gets in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.admission import LARGEST, LATEST, Inadmissible, admit
from services.scoring.domain.rules import judge
from shared.contracts import activity
from tests.scoring.office import LEAGUE, WON

LINE: dict[str, Any] = activity.to_wire(WON[0])


def test_a_sound_line_gets_in() -> None:
    assert admit(LINE) == WON[0]


@pytest.mark.parametrize(
    "line",
    [
        None,
        "text",
        [],
        {},
        {**LINE, "id": ""},
        {**LINE, "id": 8},
        {**LINE, "id": "a\0b"},
        {**LINE, "id": "a" * 1001},
        {**LINE, "type": None},
        {**LINE, "rep": ["sanne"]},
        {**LINE, "occurred_at": "yesterday"},
        {**LINE, "occurred_at": "0001-01-01T00:00:00+14:00"},
        {**LINE, "occurred_at": "9999-12-31T23:59:59Z"},
        {**LINE, "occurred_at": 5},
        {**LINE, "inbox": "17"},
        {**LINE, "inbox": LARGEST},
        {**LINE, "sequence": None},
        {**LINE, "deal": {"id": "D-1"}},
        {**LINE, "deal": {"id": "D-1", "set": ["stage"]}},
        {**LINE, "deal": {"id": "D-1", "set": {"amount": 5}}},
        {**LINE, "deal": {"id": "D\0", "set": {}}},
        {**LINE, "deal": "D-1"},
        {**LINE, "data": [1]},
    ],
)
def test_an_unsound_line_is_refused_with_its_reason(line: Any) -> None:
    with pytest.raises(Inadmissible, match=r"cannot be (read|used)"):
        admit(line)


moments = st.datetimes(datetime(1900, 1, 2), datetime(8999, 12, 31), timezones=st.just(UTC))
values = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5)
said = st.dictionaries(
    st.sampled_from(["owner", "stage", "status", "amount", "currency", "pipeline"]),
    st.none() | st.sampled_from(["won", "demo", "sanne", "1e999999999", "-0", "EUR", "deleted"]) | st.text(max_size=5),
)


@given(moments, st.dictionaries(st.sampled_from(["duration_s", "direction"]), values), said, st.booleans())
def test_no_line_that_gets_in_stops_the_rules(
    moment: datetime, data: dict[str, Any], said: dict[str, Any], about: bool
) -> None:
    deal = {"id": "D-1", "set": said} if about else None
    line = {**LINE, "type": "call", "rep": "sanne", "occurred_at": moment.isoformat(), "data": data, "deal": deal}
    judge([admit(line), admit({**line, "id": "won", "type": "deal", "deal": {"id": "D-1", "set": said}})], LEAGUE)


def test_the_latest_moment_has_a_day_everywhere() -> None:
    assert LATEST.year == 9000
