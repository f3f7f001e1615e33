"""Values written as bytes in one way only, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.commission.domain.canonical import Reader, Writer, address, dumps
from services.commission.domain.results import DealAmount, Results, Span
from services.commission.domain.statements import Statement
from shared.contracts.plan import Plan
from tests.commission.office import Office, component, plan, targets


@dataclass(frozen=True)
class Leaf:
    name: str
    part: Fraction = Fraction(1)


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...] = ()
    pair: tuple[int, str] = (0, "")
    about: Mapping[str, Leaf | str | Mapping[str, str]] = field(default_factory=dict)
    by_pair: Mapping[tuple[str, int], date] = field(default_factory=dict)
    days: frozenset[date] = frozenset()
    at: datetime | None = None
    price: Decimal | None = None
    inner: Tree | None = None


NAMES = st.text(max_size=5)
LEAVES = st.builds(Leaf, NAMES, st.fractions(max_denominator=50))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
TREES = st.builds(
    Tree,
    st.lists(LEAVES, max_size=3).map(tuple),
    st.tuples(st.integers(), NAMES),
    st.dictionaries(NAMES, LEAVES | NAMES | st.just({"nl": "boom"}), max_size=3),
    st.dictionaries(st.tuples(NAMES, st.integers()), st.dates(), max_size=3),
    st.frozensets(st.dates(), max_size=3),
    st.none() | MOMENTS,
    st.none() | st.integers().map(lambda n: Decimal(n).scaleb(-3)),
    st.none() | st.builds(Tree, st.lists(LEAVES, max_size=2).map(tuple)),
)


@given(TREES)
def test_what_is_written_is_read_back(tree: Tree) -> None:
    writer = Writer([Leaf])
    name = writer.put(tree)
    assert Reader(writer.contents.__getitem__).get(Tree, name) == tree
    assert all(address(content) == each for each, content in writer.contents.items())
    assert Writer([Leaf]).put(tree) == name


@given(TREES, TREES)
def test_equal_values_and_only_they_have_one_address(a: Tree, b: Tree) -> None:
    assert (Writer().put(a) == Writer().put(b)) == (a == b)


def test_the_order_of_a_mapping_or_set_says_nothing() -> None:
    days = [date(2026, 1, day) for day in (1, 2, 3)]
    one = Tree(by_pair={("b", 1): days[0], ("a", 2): days[1]}, days=frozenset(days))
    other = Tree(by_pair={("a", 2): days[1], ("b", 1): days[0]}, days=frozenset(days[::-1]))
    assert Writer().put(one) == Writer().put(other)


def test_a_moment_is_the_same_in_every_zone() -> None:
    at = datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert Writer().put(Tree(at=at)) == Writer().put(Tree(at=at.astimezone(UTC)))


def test_a_field_that_has_its_default_is_left_out_so_that_new_fields_change_no_old_bytes() -> None:
    assert Writer().form(Tree(pair=(0, ""), inner=Tree())) == {"inner": {}}
    assert Reader(lambda _: b'{"pair":[3,"x"],"gone":1}').get(Tree, "any") == Tree(pair=(3, "x"))


def test_what_stands_apart_is_written_once_however_often_it_occurs() -> None:
    leaf = Leaf("a")
    writer = Writer([Leaf])
    writer.put(Tree((leaf, leaf)))
    assert len(writer.contents) == 2


def test_a_statement_and_its_results_come_back_whole() -> None:
    parts = (component(weight="1/3"), component("team", "team", weight="2/3"))
    office = Office([plan(*parts)], targets(sanne="10000", noord="50000"), {"revenue": "777.77"})
    one, results = office.statement(), office.results()
    deal = DealAmount("deal:1", 3, datetime(2026, 11, 2, tzinfo=UTC), 5, earned=9)
    whole = Results(results.reps, deals={("sanne", "revenue"): (deal,)}, others={"2026-Q4": results})
    writer = Writer([Plan])
    reader = Reader(writer.contents.__getitem__)
    assert reader.get(Statement, writer.put(one)) == one
    assert reader.get(Results, writer.put(whole)) == whole
    spans = Results(spans={(Span("sanne", date(2026, 11, 1), date(2026, 11, 9)), "revenue"): 4})
    assert reader.get(Results, writer.put(spans)) == spans


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps(value)
