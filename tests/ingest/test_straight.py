"""Reading straight is the schema's own reading, or none at all."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.ingest.schemas.activities import ActivitySchema
from services.ingest.schemas.straight import straight

SCHEMA = ActivitySchema()
STRAIGHT = straight(ActivitySchema())

texts = st.sampled_from(["", " ", "8812", "call", "deal", "Call!", "EUR", "eur", "1234.50", "x" * 500, "\x00"])
moments = st.sampled_from(["2026-11-24T14:52:00+01:00", "2026-11-24T14:52:00", "gisteren", 7, None])
values: st.SearchStrategy[Any] = texts | moments | st.none() | st.booleans() | st.integers() | st.floats() | st.just({})
deals = st.dictionaries(st.sampled_from(["id", "stage", "status", "amount", "currency", "name", "extra"]), values)
items = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "type": values,
        "occurred_at": moments,
        "owner": values,
        "actor": values,
        "deal": deals | values,
        "data": st.dictionaries(texts, values, max_size=3) | values,
        "sequence": values,
        "extra": values,
    },
)


def by_schema(item: Any) -> Any:
    try:
        return SCHEMA.load(item)
    except ValidationError:
        return None


@given(items | values)
def test_what_is_read_straight_is_what_the_schema_reads(item: Any) -> None:
    found = STRAIGHT(item)
    assert repr(found) == repr(by_schema(item)) if found is not None else True


def test_what_is_in_order_needs_no_detour() -> None:
    item = {
        "id": "D-1/won",
        "type": "deal",
        "occurred_at": "2026-11-24T13:00:00Z",
        "owner": None,
        "deal": {"id": "D-1", "stage": "won", "status": "won", "amount": "1234.50", "currency": "EUR", "name": None},
        "data": {"duration_s": 340},
        "sequence": 3,
    }
    assert STRAIGHT(item) == by_schema(item) != None  # noqa: E711  both of them read it
    assert STRAIGHT({**item, "deal": None, "data": None}) == by_schema({**item, "deal": None, "data": None})
