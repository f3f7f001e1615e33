"""Which version of a document is in force, and what targets say."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.contracts.league import BadDocument, LeagueDocument, from_wire, in_force, to_wire
from shared.contracts.targets import parse_targets
from shared.periods import parse


def _version(number: int, start: date) -> LeagueDocument:
    return LeagueDocument("playbook", number, start, "els", datetime(2026, 1, 1, tzinfo=UTC), {})


def test_the_latest_start_not_after_the_day_is_in_force() -> None:
    old, new = _version(1, date(2026, 1, 1)), _version(2, date(2026, 11, 1))
    assert in_force([new, old], date(2026, 10, 31)) == old
    assert in_force([new, old], date(2026, 11, 1)) == new
    assert in_force([new, old], date(2025, 12, 31)) is None


def test_of_two_versions_with_one_start_the_higher_is_in_force() -> None:
    first, fixed = _version(1, date(2026, 1, 1)), _version(2, date(2026, 1, 1))
    assert in_force([fixed, first], date(2026, 1, 1)) == fixed


def test_a_version_survives_the_wire() -> None:
    version = _version(3, date(2026, 11, 1))
    assert from_wire(to_wire(version)) == version


def test_targets_are_found_by_owner_metric_and_exact_period() -> None:
    targets = parse_targets({"targets": [{"team": "noord", "metric": "revenue", "period": "2026-11", "amount": 1.1}]})
    assert targets.of_team("noord", "revenue", parse("2026-11")) == Decimal("1.1")
    assert targets.of_team("noord", "revenue", parse("2026-Q4")) is None
    assert targets.of_rep("noord", "revenue", parse("2026-11")) is None


def test_bad_targets_are_named_at_once() -> None:
    with pytest.raises(BadDocument) as caught:
        parse_targets(
            {
                "targets": [
                    {"metric": "revenue", "period": "2026-11", "amount": 1},
                    {
                        "team": "n",
                        "rep": "s",
                        "metric": "revenue",
                        "period": "2026-11",
                        "amount": 1,
                    },
                    {"team": "n", "metric": "revenue", "period": "2026-11", "amount": 1},
                    {"team": "n", "metric": "revenue", "period": "2026-11", "amount": 2},
                ]
            }
        )
    assert [p.pointer for p in caught.value.problems] == ["/targets/0", "/targets/1", "/targets/3"]


def test_a_target_for_days_is_found_by_the_days_it_lies_in() -> None:
    said = [
        {"rep": "sanne", "metric": "revenue", "from": "2026-11-11", "to": "2026-12-01", "amount": "20000"},
        {"rep": "sanne", "metric": "revenue", "period": "2026-11", "amount": "30000"},
    ]
    targets = parse_targets({"targets": said})
    [found] = targets.inside("sanne", "revenue", date(2026, 11, 11), date(2026, 12, 1))
    assert found.amount == Decimal(20000)
    assert not targets.inside("sanne", "revenue", date(2026, 11, 12), date(2026, 12, 1))
    assert not targets.inside("sanne", "deals", date(2026, 11, 11), date(2026, 12, 1))


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"rep": "sanne"}, "/targets/0/period"),
        ({"rep": "sanne", "from": "2026-11-11"}, "/targets/0/period"),
        ({"rep": "sanne", "from": "2026-11-11", "to": "2026-11-11"}, "/targets/0/to"),
        ({"rep": "sanne", "from": "2026-11-11", "to": "2026-11-12", "period": "2026-11"}, "/targets/0/period"),
        ({"team": "noord", "from": "2026-11-11", "to": "2026-11-12"}, "/targets/0/team"),
    ],
)
def test_a_target_is_for_a_period_or_for_a_reps_days(said: dict[str, str], pointer: str) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_targets({"targets": [{"metric": "revenue", "amount": "1", **said}]})
    assert pointer in [problem.pointer for problem in refused.value.problems]
