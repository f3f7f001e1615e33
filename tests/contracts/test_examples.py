"""Each golden example is read the same by the fast reader and the schema, and survives a round trip."""

from collections.abc import Callable
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema

from shared.contracts import activity, credit
from shared.contracts.activity import DEAL_FIELDS, Activity, DealChange
from shared.contracts.credit import EARNED, REVALUED, REVERSED, Credit
from shared.contracts.league import BadDocument
from shared.contracts.plans import parse_plans
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import parse_roster
from shared.contracts.schemas import ActivitySchema, CreditSchema
from shared.contracts.targets import parse_targets

READERS: dict[str, tuple[type[Schema], Callable[[Any], Any], Callable[[Any], Any]]] = {
    "activity": (ActivitySchema, activity.from_wire, activity.to_wire),
    "credit": (CreditSchema, partial(credit.from_wire, partition=0), credit.to_wire),
}
EXAMPLES = Path(__file__).parent / "examples"
WIRE = sorted(p for p in EXAMPLES.glob("*.json") if p.stem.split("-")[0] in READERS)
DOCUMENTS = {"plans": parse_plans, "playbook": parse_playbook, "roster": parse_roster, "targets": parse_targets}

texts = st.text(min_size=1, max_size=20)
instants = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(1, 2**53)
lines = st.builds(
    Credit,
    st.just(0),
    numbers,
    *[texts] * 5,
    st.integers(-(2**53), 2**53),
    instants,
    instants,
    texts,
    *[numbers] * 3,
    st.sampled_from([EARNED, REVERSED, REVALUED]),
)
deals = st.builds(DealChange, texts, st.dictionaries(st.sampled_from(DEAL_FIELDS), texts | st.none()))
activities = st.builds(
    Activity,
    *[texts] * 3,
    instants,
    texts | st.none(),
    numbers,
    deals | st.none(),
    st.dictionaries(texts, texts | st.booleans() | st.integers(-(2**53), 2**53) | st.none()),
    texts | st.none(),
    st.integers(0, 2**53),
)


def _load(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


@pytest.mark.parametrize("path", WIRE, ids=lambda p: p.stem)
def test_a_golden_example_keeps_its_meaning(path: Path) -> None:
    schema, read, write = READERS[path.stem.split("-")[0]]
    wire = _load(path)
    assert schema().load(wire) == read(wire)
    assert write(read(wire)) == wire


def test_every_example_is_used() -> None:
    used = {p.stem for p in WIRE} | set(DOCUMENTS)
    assert {p.stem for p in EXAMPLES.glob("*.json")} == used


@given(activities)
def test_reader_schema_and_writer_agree_on_any_activity(fact: Activity) -> None:
    wire = orjson.loads(orjson.dumps(activity.to_wire(fact)))
    assert activity.from_wire(wire) == fact
    assert READERS["activity"][0]().load(wire) == fact


@given(lines)
def test_reader_schema_and_writer_agree_on_any_credit(line: Credit) -> None:
    wire = orjson.loads(orjson.dumps(credit.to_wire(line)))
    assert credit.from_wire(wire, 0) == line
    assert READERS["credit"][0]().load(wire) == line


@pytest.mark.parametrize("path", WIRE, ids=lambda p: p.stem)
def test_a_newer_field_is_passed_over_and_a_missing_one_is_refused(path: Path) -> None:
    schema, read, _ = READERS[path.stem.split("-")[0]]
    wire = _load(path)
    assert read({**wire, "later": 1}) == read(wire) == schema().load({**wire, "later": 1})
    first = next(iter(wire))
    with pytest.raises(KeyError):
        read({k: v for k, v in wire.items() if k != first})


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_example_is_accepted_at_the_door(kind: str) -> None:
    DOCUMENTS[kind](_load(EXAMPLES / f"{kind}.json"), strict=True)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_typo_is_named_at_the_door_and_passed_over_on_the_bus(kind: str) -> None:
    body = {**_load(EXAMPLES / f"{kind}.json"), "tpyo": 1}
    with pytest.raises(BadDocument, match="/tpyo: is not known here"):
        DOCUMENTS[kind](body, strict=True)
    DOCUMENTS[kind](body)
