"""The language of the playbook, feature by feature as the golden example uses it; and every kind of mistake in it."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from marshmallow import fields

from shared.contracts.contests import Contest, Multiplier
from shared.contracts.league import BadDocument
from shared.contracts.limits import Cap, Limits, Once, Step, Steps
from shared.contracts.playbook import Grant, PlaybookSchema, Trigger, parse_playbook
from shared.contracts.rhythm import Badge, Best, First, Level, Levels, Milestone, Streak
from shared.contracts.rules import Share

HERE = Path(__file__).parent
BODY: dict[str, Any] = orjson.loads((HERE / "examples" / "playbook.json").read_bytes())
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "cases" / "playbook.yaml").read_text())
BOOK = parse_playbook(BODY, strict=True)
RULES = {rule.id: rule for rule in BOOK.rules}
VISIT, RHYTHM = RULES["bezoek"], BOOK.rhythm


def said(pointer: str, body: Any = BODY) -> Any:
    """Return what a body says at a place."""
    return reduce(lambda part, step: part[int(step) if step.isdigit() else step], pointer.split("/")[1:], body)


def points(amount: int) -> dict[str, Decimal]:
    return {"points": Decimal(amount)}


LIMITS = Limits(
    (Once("data.counterparty", "day"),),
    Steps("day", (Step(1, Fraction(1)), Step(6, Fraction(1, 2)))),
    (Cap("bezoek#1", "points", Decimal(60), "rep", "day", ("bezoek",)),),
)
STREAK = Streak("ritme", "hours", Decimal("0.5"), 5, True, points(25), said("/rhythm/streaks/0/text"))
BADGE = Badge("ster", said("/rhythm/milestones/0/badge/label"))
MILES = (Decimal(10_000), Decimal(50_000))
CONTEST = Contest(
    *("power-hour", said("/contests/0/label")),
    start=datetime(2026, 11, 27, 13, tzinfo=UTC),
    end=datetime(2026, 11, 27, 14, tzinfo=UTC),
    metric="points",
    scope="teams",
    eligible=("utrecht", "groningen"),
    scoring="percent_of_target",
    tie="earlier",
    multipliers=(Multiplier(Fraction(3, 2), ("gesprek",)), Multiplier(Fraction(2), ())),
    targets={"utrecht": Decimal(500), "groningen": Decimal(200)},
    prize=said("/contests/0/prize"),
    published=True,
    series="hours",
)
FEATURES: dict[str, tuple[Any, Any]] = {
    "an activity sets off": (RULES["gesprek"].trigger, Trigger("activity", "call")),
    "entering a stage sets off": (RULES["demo"].trigger, Trigger("entered", "demo")),
    "winning sets off": (RULES["won"].trigger, Trigger("won")),
    "losing sets off": (RULES["lost"].trigger, Trigger("lost")),
    "another amount sets off": (RULES["bijgesteld"].trigger, Trigger("amended")),
    "a condition": (VISIT.when, "data.planned && data.minutes >= 15"),
    "fixed amounts": (RULES["gesprek"].grants, (Grant("points", Decimal(5)), Grant("hours", Decimal("0.25")))),
    "the amount of the deal": (RULES["won"].grants[0], Grant("revenue")),
    "a rate of the deal": (RULES["won"].grants[1], Grant("points", None, Decimal(100), Decimal(1))),
    "a rate of the data": (VISIT.grants[1], Grant("hours", None, Decimal(60), Decimal(1), "data.minutes")),
    "less than nothing": (RULES["lost"].grants[0].fixed, Decimal(-2)),
    "shares": (VISIT.shares, (Share("caller", Fraction(3, 10)), Share("owner", Fraction(7, 10)))),
    "a mentor": (VISIT.mentor, Fraction(1, 10)),
    "limits": (VISIT.limits, LIMITS),
    "a cap of several": (BOOK.caps, (Cap("week", "points", Decimal(400), "team", "week", ("demo", "bezoek")),)),
    "a rule of a contest": (RULES["uur"].during, "power-hour"),
    "words": ((VISIT.text, VISIT.example), (said("/rules/4/text"), said("/rules/4/example"))),
    "declared data": (BOOK.data, {"visit": said("/activities/1/data")}),
    "rates of exchange": (BOOK.rates, {"USD": Decimal("0.92")}),
    "streaks": (RHYTHM.streaks, (STREAK,)),
    "the first": (
        RHYTHM.firsts,
        (First("eerste", "revenue", "day", "team", points(10), said("/rhythm/firsts/0/text")),),
    ),
    "a best": (RHYTHM.bests, (Best("record", "revenue", "month", 2, points(50), said("/rhythm/bests/0/text")),)),
    "milestones": (
        RHYTHM.milestones,
        (Milestone("mijlpaal", "revenue", MILES, points(100), said("/rhythm/milestones/0/text"), BADGE),),
    ),
    "levels": (
        RHYTHM.levels,
        Levels("points", tuple(Level(Decimal(s["from"]), s["label"]) for s in said("/rhythm/levels/steps"))),
    ),
    "contests": (BOOK.contests, (CONTEST,)),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_read_as_it_is_written(feature: str) -> None:
    read, meant = FEATURES[feature]
    assert read == meant


def _fields(field: Any, pointer: str = "") -> Iterator[str]:
    """Yield every field that the schema has, by its place; lists and dictionaries have a * in it."""
    match field:
        case fields.Nested():
            yield from _fields(field.schema, pointer)
        case fields.List():
            yield from _fields(field.inner, f"{pointer}/*")
        case _ if hasattr(field, "load_fields"):
            for name, inner in field.load_fields.items():
                place = f"{pointer}/{inner.data_key or name}"
                yield place
                yield from _fields(inner, place)


def _written(value: Any, pointer: str = "") -> Iterator[str]:
    yield pointer
    parts = value.items() if isinstance(value, dict) else [("*", v) for v in value] if isinstance(value, list) else ()
    for name, inner in parts:
        yield from _written(inner, f"{pointer}/{name}")


def test_the_golden_example_uses_every_field() -> None:
    assert set(_fields(PlaybookSchema())) <= set(_written(BODY))


def wrong(case: dict[str, Any]) -> dict[str, Any]:
    """Return the golden example with a mistake."""
    body, (where, last) = deepcopy(BODY), case["at"].rsplit("/", 1)
    part = said(where, body)
    if "copy_of" in case:
        part.append(said(case["copy_of"], body))
    elif "write" not in case:
        del part[last]
    elif isinstance(part, list):
        part[int(last) :] = [case["write"]]
    else:
        part[last] = case["write"]
    return body


def fits(message: str, meant: str) -> bool:
    return message == meant or (meant.endswith("…") and message.startswith(meant[:-1]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['at']}={case.get('write', 'none')!s:.30}")
def test_a_mistake_is_refused_with_its_place_and_what_to_do(case: dict[str, Any]) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_playbook(wrong(case), strict=True)
    found: dict[str, str] = {}
    for problem in refused.value.problems:
        found[problem.pointer] = "; ".join(filter(None, (found.get(problem.pointer), problem.message)))
    assert found.keys() == case["refused"].keys()
    assert all(fits(found[pointer], meant) for pointer, meant in case["refused"].items())


def test_every_part_of_the_language_has_a_mistake_in_the_table() -> None:
    parts = {pointer.split("/")[1] for case in CASES for pointer in case["refused"]}
    assert parts >= PlaybookSchema().load_fields.keys()
