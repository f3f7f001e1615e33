"""Forecasts held against what really happened: 8,800 opportunities of six teams, as they stand in the ledger.

Closings run from March to December 2017. So the second, third and fourth quarter can be looked back on; the first one
is known in part only, and is history for the others.
"""

import random
from datetime import UTC, datetime

import pytest

from services.scoring.domain.insight.accuracy import accuracy
from services.scoring.domain.insight.episodes import EVER, OPEN, Episode, Spell, episodes
from services.scoring.domain.insight.forecast import Case, Moment, outlook
from services.scoring.domain.insight.known import Earned, Income
from services.scoring.handlers.insight import Insight
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looks import Record
from services.scoring.store.insight import Looks
from shared import periods
from tests.e2e import office
from tests.scoring.insight import opportunities
from tests.scoring.insight.opportunities import PARTS, QUARTERS, looked_back, spans
from tests.scoring.test_laws import Machine

if not office.PIPELINE.exists():
    pytest.skip(f"the public data set is not at {office.DATA}", allow_module_level=True)


@pytest.fixture(scope="module")
def machine() -> Machine:
    return opportunities.machine()


@pytest.fixture(scope="module")
def records(machine: Machine) -> dict[str, Record]:
    return opportunities.records(machine)


def test_quarters_are_forecast_better_than_by_the_run_rate_and_ranges_hold_what_they_say(
    records: dict[str, Record],
) -> None:
    found = accuracy(looked_back(records, QUARTERS, PARTS))
    assert found
    assert found.origins == 6 * 3 * len(PARTS)
    assert found.error < 0.65 * found.run_rate_error
    assert 0.72 < found.coverage < 0.9


def test_months_are_forecast_better_than_by_the_run_rate(records: dict[str, Record]) -> None:
    found = accuracy(looked_back(records, office.MONTHS, PARTS[::2]))
    assert found
    assert found.error < found.run_rate_error
    assert 0.7 < found.coverage < 0.9


def cut(record: Record, origin: int) -> Case:
    """Return what there was when a day began, and nothing of what came afterwards."""
    earned = [each for each in record.earned if each.known < origin and each.day < origin]
    spells = [
        spell._replace(until=spell.until if spell.until < origin else EVER)
        for episode in record.episodes
        for spell in [*episode.spells, *_closing(episode)]
        if spell.since < origin
    ]
    return Case(Income(earned), episodes(spells), record.scene.work, money=True)


def _closing(episode: Episode) -> list[Spell]:
    last = episode.spells[-1]
    closed = last._replace(since=episode.end, until=EVER, status=episode.outcome, value=episode.value)
    return [] if episode.outcome == OPEN else [closed]


def test_a_forecast_of_the_past_sees_nothing_of_what_came_later(records: dict[str, Record]) -> None:
    chance = random.Random(5)
    for record in records.values():
        second, third, fourth = spans(record, QUARTERS[1:])
        for span, before in ((third, [second]), (fourth, [second, third])):
            origin = chance.randrange(span.first + 15, span.last - 5)
            part = record.scene.work.part(span, origin)
            assert part
            moment = Moment(span, origin, part)
            assert outlook(cut(record, origin), moment, before) == outlook(record.case, moment, before)


def test_what_was_booked_later_is_not_known_before() -> None:
    earned = [Earned(10, 10, "a", 500), Earned(10, 40, "a", -500), Earned(12, 60, "a", 900)]
    income = Income(earned)
    assert [income.at(day).between(0, 100) for day in (10, 11, 41, 61)] == [0, 500, 0, 900]


def test_a_manager_sees_the_range_with_how_it_did_before(machine: Machine) -> None:
    insight = Insight(Looks(machine.engine), Leagues(machine.reader))
    now = datetime(2017, 11, 15, 12, tzinfo=UTC)
    found = insight.team("melvin-marxen", periods.parse("2017-Q4"), "revenue", now)
    assert found.forecast.shown
    assert found.forecast.low
    assert found.forecast.mid
    assert found.forecast.high
    assert found.goal.amount < found.forecast.low < found.forecast.mid < found.forecast.high
    assert found.accuracy
    assert found.accuracy.error < found.accuracy.run_rate_error
    assert found.goal.goal == 3 * 150_000_00
    assert found.series[-1].mid == found.forecast.mid
    assert found.series[45].actual == found.goal.amount == found.series[45].mid
    early = insight.team("melvin-marxen", periods.parse("2017-11"), "revenue", datetime(2017, 11, 2, 9, tzinfo=UTC))
    assert not early.forecast.shown
    assert early.forecast.lacking == ("early",)


def test_what_nothing_has_changed_is_computed_once(machine: Machine) -> None:
    insight = Insight(Looks(machine.engine), Leagues(machine.reader))
    now = datetime(2017, 8, 15, 12, tzinfo=UTC)
    month = periods.parse("2017-08")
    assert insight.team("cara-losch", month, "deals", now) is insight.team("cara-losch", month, "deals", now)
