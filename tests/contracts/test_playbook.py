"""The playbook: what its rules mean, and every problem of a bad one at once."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import cel
import pytest
import yaml

from shared.contracts.activity import DEAL_FIELDS
from shared.contracts.conditions import FUNCTIONS, VARIABLES
from shared.contracts.league import BadDocument
from shared.contracts.playbook import Grant, Trigger, parse_playbook

BODY = yaml.safe_load("""
pipelines:
  - id: nieuw
    label: &label {nl: Nieuw, en: New}
    stages: [{id: demo, label: *label}, {id: won, label: *label, closes: won}, {id: lost, label: *label, closes: lost}]
activities: [{id: call, label: *label}]
metrics:
  - {id: points, unit: points, label: *label}
  - {id: hours, unit: hours, decimals: 2, label: *label}
  - {id: revenue, unit: EUR, label: *label}
  - {id: yen, unit: JPY, label: *label}
rates: {USD: "0.92"}
rules:
  - {id: call, on: {activity: call}, when: "data.duration_s >= 60", credit: {points: 5, hours: "0.25"}, text: *label}
  - {id: demo, on: {deal: entered, stage: demo}, credit: {points: 15}, text: *label}
  - {id: won, on: {deal: won}, credit: {revenue: deal.amount, points: {per: deal.amount, each: "100", give: 1}},
     text: *label}
""")


def test_rules_are_read_with_their_triggers_and_grants() -> None:
    call, demo, won = parse_playbook(BODY, strict=True).rules
    assert (call.trigger, call.when) == (Trigger("activity", "call"), "data.duration_s >= 60")
    assert demo.trigger == Trigger("entered", "demo")
    assert won.trigger == Trigger("won")
    assert call.grants == (Grant("points", Decimal(5)), Grant("hours", Decimal("0.25")))
    assert won.grants == (Grant("revenue"), Grant("points", None, Decimal(100), Decimal(1)))


def test_a_metric_knows_its_smallest_unit() -> None:
    metrics = parse_playbook(BODY).metrics
    assert [metrics[m].smallest(Decimal("1.5")) for m in ("points", "hours", "revenue", "yen")] == [2, 150, 150, 2]
    assert metrics["points"].smallest(Fraction(-1, 2)) == -1


def test_a_stage_says_whether_the_deal_is_closed() -> None:
    playbook = parse_playbook(BODY)
    assert [playbook.closes("nieuw", stage) for stage in ("demo", "won", "lost", "none")] == [
        "open", "won", "lost", None,
    ]  # fmt: skip
    assert playbook.closes(None, "won") == playbook.closes("unknown", "won") == "won"


def test_a_stage_on_which_pipelines_disagree_says_nothing_without_one() -> None:
    body = deepcopy(BODY)
    stages = [{"id": "won", "label": body["activities"][0]["label"]}]
    body["pipelines"].append({"id": "ander", "label": body["activities"][0]["label"], "stages": stages})
    playbook = parse_playbook(body)
    assert playbook.closes(None, "won") is None
    assert playbook.closes("ander", "won") == "open"


@pytest.mark.parametrize(
    ("path", "value", "pointer", "message"),
    [
        (("rules", 0, True), {"activity": "visit"}, "/rules/0/on/activity", "no activity of this playbook"),
        (("rules", 1, True), {"deal": "entered", "stage": "x"}, "/rules/1/on/stage", "known are: demo, lost, won"),
        (("rules", 1, True), {"deal": "entered"}, "/rules/1/on", "write {activity: call}"),
        (("rules", 2, True), {"deal": "signed"}, "/rules/2/on/deal", "Must be one of"),
        (("rules", 0, "when"), "data.x >=", "/rules/0/when", "is no CEL condition"),
        (("rules", 0, "credit"), {"medals": 1}, "/rules/0/credit/medals", "no metric of this playbook"),
        (("rules", 0, "credit"), {"points": "veel"}, "/rules/0/credit/points/value", "is not an amount"),
        (("rules", 0, "credit"), {"revenue": "deal.amount"}, "/rules/0/credit/revenue", "has no deal.amount"),
        (("rules", 0, "credit"), {}, "/rules/0/credit", "minimum length 1"),
        (("rules", 2, "credit"), {"points": {"per": "deal.amount", "each": 0, "give": 1}},
         "/rules/2/credit/points/value/each", "more than 0"),
        (("rules", 1, "id"), "call", "/rules/1/id", "stands here twice"),
        (("rules", 1, "text"), {"nl": "Demo"}, "/rules/1/text/en", "required"),
        (("metrics", 1, "id"), "points", "/metrics/1/id", "stands here twice"),
        (("activities", 0, "id"), "deal", "/activities/0/id", "changes a deal"),
        (("rates", "dollar"), 1, "/rates/dollar/key", "ISO 4217"),
        (("rates", "USD"), 0, "/rates/USD/value", "more than 0"),
        (("metrics", 2, "decimals"), 3, "/metrics/2/decimals", "EUR has 2"),
        (("rules", 0, "credit"), {"points": "0.5"}, "/rules/0/credit/points", "finer than points counts"),
        (("rules", 0, "credit"), {"hours": "0.001"}, "/rules/0/credit/hours", "it has 2 decimals"),
        (("rules", 0, "credit"), {"points": "1e999999999"}, "/rules/0/credit/points/value", "must be from"),
        (("rules", 2, "credit"), {"points": {"per": "deal.amount", "each": "1e-999999", "give": 1}},
         "/rules/2/credit/points/value/each", "must be from"),
    ],
)  # fmt: skip
def test_a_problem_is_named_with_its_place(path: tuple[Any, ...], value: Any, pointer: str, message: str) -> None:
    body = deepcopy(BODY)
    part = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(BadDocument) as caught:
        parse_playbook(body, strict=True)
    assert message in {problem.pointer: problem.message for problem in caught.value.problems}[pointer]


def test_the_key_on_is_understood_as_yaml_1_1_reads_it_and_as_written() -> None:
    assert True in BODY["rules"][0]
    written = [{("on" if key is True else key): value for key, value in rule.items()} for rule in BODY["rules"]]
    assert parse_playbook({**BODY, "rules": written}, strict=True) == parse_playbook(BODY, strict=True)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("call.duration_s > 1", "speaks of 'call'; known are: activity, data, deal, rep"),
        ("today() > data.day", "today() is no function here"),
        ('lower(data.direction) == "in"', "lower() is no function here"),
        ("deal.amonut > 5.0", "deal.amonut does not exist; known are: deal.amount"),
        ("rep.id == 'sanne'", "rep.id does not exist; known are: rep itself"),
        ("activity.type == 'call' &&", "is no CEL condition"),
    ],
)
def test_a_condition_that_speaks_of_nothing_known_is_refused_at_the_door_only(condition: str, message: str) -> None:
    body = deepcopy(BODY)
    body["rules"][0]["when"] = condition
    with pytest.raises(BadDocument) as caught:
        parse_playbook(body, strict=True)
    assert [problem.pointer for problem in caught.value.problems] == ["/rules/0/when"]
    assert message in caught.value.problems[0].message
    assert parse_playbook(body).rules[0].when == condition


@pytest.mark.parametrize(
    "condition",
    [
        "data.anything_at_all > 5 && has(data.note)",
        "deal.amount >= 5000.0 && deal.pipeline == 'nieuw' && rep == 'sanne'",
        "activity.source == 'deal.amonut' || data.text.matches('today\\\\(.*')",
        "['inbound', 'outbound'].exists(way, way == data.direction) && size(data.note) > 3",
        "timestamp(data.begin).getHours() < 12 && int(data.rank) < 3",
    ],
)
def test_a_condition_may_speak_of_data_and_of_what_is_known(condition: str) -> None:
    body = deepcopy(BODY)
    body["rules"][0]["when"] = condition
    assert parse_playbook(body, strict=True).rules[0].when == condition


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_that_is_allowed_exists(name: str) -> None:
    values = {"t": "2026-11-24T13:52:00Z", "n": "3", "d": datetime(2026, 1, 1, tzinfo=UTC), "u": "1h"}
    calls = [f"{name}({v})" for v in values] + [f"{v}.{name}()" for v in values] + [f"t.{name}('a')"]
    assert any(_works(call, values) for call in calls)


def _works(call: str, values: dict[str, Any]) -> bool:
    try:
        cel.compile(call).execute(values)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def test_the_deal_fields_are_those_of_the_contract() -> None:
    assert VARIABLES["deal"] == frozenset(DEAL_FIELDS)


def test_weeks_and_months_do_not_meet_in_one_window_through_other_rules_either() -> None:
    text = {"nl": "x", "en": "x"}
    rules = [{"id": name, "on": {"activity": "call"}, "credit": {"points": 1}, "text": text} for name in "abcd"]
    kinds = (("ab", "week"), ("bc", "day"), ("cd", "month"))
    caps = [{"id": pair, "most": 9, "of": "points", "every": every, "rules": list(pair)} for pair, every in kinds]
    body = {
        "activities": [{"id": "call", "label": text}],
        "metrics": [{"id": "points", "unit": "points", "label": text}],
        "rules": rules,
        "caps": caps,
    }
    with pytest.raises(BadDocument) as refused:
        parse_playbook(body)
    assert [problem.pointer for problem in refused.value.problems] == [f"/rules/{i}/limits" for i in range(4)]


@pytest.mark.parametrize("name", ["won\n", "won ", "Won", "", "x" * 65])
def test_an_id_is_one_plain_word(name: str) -> None:
    text = {"nl": "x", "en": "x"}
    with pytest.raises(BadDocument):
        parse_playbook({"metrics": [{"id": name, "unit": "points", "label": text}], "rules": []})
