"""Which fields changed, where Salesforce says so by bits: believed only when it fits the whole record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.sources.salesforce.bitmaps import Told, told

LEAD = (
    *("Company", "Name", "Address", "Phone", "Email", "Website", "Description", "LeadSource", "Rating", "Industry"),
    *("Revenue", "Status", "Owner", "Score", "Grade", "Source", "Stage", "Region", "IsConverted", "ConvertedDate"),
    *("ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId", "Unread", "X", "Y", "LastModifiedDate"),
)
"""27 fields, of which those of the guide's lead conversion stand where its bitmap has them."""


def record(**said: Any) -> dict[str, Any]:
    return {**dict.fromkeys(LEAD), **said}


CONVERTED = record(
    Status="Closed",
    IsConverted=True,
    ConvertedDate=1,
    ConvertedAccountId="a",
    ConvertedContactId="c",
    ConvertedOpportunityId="o",
    LastModifiedDate=1,
)


def bits(*places: int) -> str:
    return f"0x{sum(1 << place for place in places):08X}"


def test_bits_count_from_the_least_significant_with_the_header_as_field_0() -> None:
    found = told(CONVERTED, [bits(12, 19, 20, 21, 22, 23, 27)], [])
    assert bits(12, 19, 20, 21, 22, 23, 27) == "0x08F81000"
    assert found.changed == frozenset(name for name, value in CONVERTED.items() if value is not None)
    assert not found.unclear


def test_a_field_that_was_emptied_is_named_by_its_bit() -> None:
    found = told(record(Status="Open", LastModifiedDate=1), [bits(4, 12, 27)], [bits(4)])
    assert found == Told(frozenset({"Phone", "Status", "LastModifiedDate"}), frozenset({"Phone"}))


def test_a_part_of_a_compound_field_has_bits_of_its_own() -> None:
    moved = record(Address={"City": "Delft", "Street": None}, LastModifiedDate=1)
    found = told(moved, [bits(27), "3-0x03"], ["3-0x01"])
    assert found == Told(frozenset({"Address", "LastModifiedDate"}), frozenset({"Address"}))


def test_enriched_fields_have_a_value_though_they_did_not_change() -> None:
    found = told(record(Status="Open", Company="Kees BV", LastModifiedDate=1), [bits(12, 27)], [])
    assert found.changed == frozenset({"Status", "LastModifiedDate"})


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ({"Status": "Open", "LastModifiedDate": 1}, [bits(4, 27)]),  # the changed one has no value
        ({"Status": "Open", "LastModifiedDate": 1}, [bits(12)]),  # every update changes LastModifiedDate
        ({"Status": "Open", "LastModifiedDate": 1}, [bits(12, 27, 99)]),  # there is no such field
        ({"Status": "Open", "LastModifiedDate": 1}, [bits(0, 12, 27)]),  # nor is the header one
        ({"Status": "Open", "LastModifiedDate": 1}, [bits(12, 27), "Status"]),
    ],
)
def test_a_bitmap_that_contradicts_the_record_is_not_believed(said: dict[str, Any], changed: list[str]) -> None:
    assert told(record(**said), changed, []) == Told(None)
    assert told(record(**said), changed, [bits(5)]) == Told(None, unclear=True)


def test_a_record_whose_fields_were_put_in_the_order_of_the_alphabet_has_lost_its_schema() -> None:
    sorted_one = dict(sorted(CONVERTED.items()))
    places = [i + 1 for i, name in enumerate(sorted_one) if sorted_one[name] is not None]
    assert told(sorted_one, [bits(*places)], []) == Told(None)


def test_names_are_taken_as_they_are() -> None:
    assert told({"A": None, "B": 1, "C": None}, ["A", "B"], []) == Told(frozenset({"A", "B"}), frozenset({"A"}))


def test_without_any_list_null_says_that_something_may_have_been_emptied() -> None:
    assert told({"A": None, "B": 1}, [], []) == Told(None, unclear=True)
    assert told({"B": 1}, [], []) == Told(None)


ENTRY = st.one_of(
    st.none(), st.integers(), st.text(max_size=8), st.from_regex(r"([0-9]{1,4}-)?0x[0-9A-F]{1,20}", fullmatch=True)
)


@given(
    st.dictionaries(st.sampled_from(LEAD), st.none() | st.integers() | st.just({"City": None}), max_size=27),
    st.lists(ENTRY, max_size=3),
    st.lists(ENTRY, max_size=3),
)
def test_whatever_stands_there_only_a_field_without_a_value_is_ever_emptied(
    fields: dict[str, Any], changed: list[Any], nulled: list[Any]
) -> None:
    found = told(fields, changed, nulled)
    assert all(fields[name] is None or isinstance(fields[name], dict) for name in found.nulled)
    assert found.nulled <= (found.changed or frozenset()) | set(nulled)
