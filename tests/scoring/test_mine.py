"""What somebody's own page works out: levels, streaks that run, milestones ahead, and what was won."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.scoring.domain.insight.shapes import Point
from services.scoring.domain.mine import marks, rung, runs
from services.scoring.handlers import Scorer, build_league
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.mine import Asks, Mirror, NotOnRoster
from services.scoring.handlers.objecting import Desk
from services.scoring.pages.curve import curve
from services.scoring.pages.trophies import trophies
from services.scoring.store import PACKAGE, Ledger, Reader
from services.scoring.store.objections import ObjectionBook
from services.scoring.store.own import Own
from shared import periods
from shared.sql import migrate, open_engine
from tests.scoring.office import LABEL, PLAYBOOK, ROSTER, call, document

FRIDAY = date(2026, 3, 6)
NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
LEVELS = {"metric": "points", "steps": [{"from": at, "label": LABEL} for at in (0, 10, 100)]}
STREAK = {
    "id": "row",
    "metric": "points",
    "at_least": 5,
    "length": 5,
    "again": True,
    "credit": {"deals": 1},
    "text": LABEL,
}
MILESTONE = {"id": "mark", "metric": "points", "at": [10, 50], "credit": {"deals": 1}, "text": LABEL}


def book(**rhythm: Any) -> dict[str, Any]:
    said = {"streaks": [STREAK], "milestones": [MILESTONE], "levels": LEVELS, **rhythm}
    return {**PLAYBOOK, "rhythm": said}


LEAGUE = build_league(2, [document("roster", ROSTER), document("playbook", book())])
EDITION = LEAGUE.editions[0]


def days(*amounts: int, until: date = FRIDAY) -> dict[str, dict[date, int]]:
    """Return points of the days that end with `until`."""
    found = {until - timedelta(days=n): amount for n, amount in enumerate(reversed(amounts)) if amount}
    return {"points": found}


@pytest.mark.parametrize(
    ("points", "level", "left", "share"), [(0, 0, 10, 0.0), (55, 10, 45, 0.5), (400, 100, None, 1.0)]
)
def test_a_level_says_how_far_the_next_one_is(points: int, level: int, left: int | None, share: float) -> None:
    found = rung(EDITION, {"points": points})
    assert found is not None
    assert (found.start, found.left, found.share) == (level, left, share)


@pytest.mark.parametrize(("amounts", "length", "left", "secure"), [
    ((5, 5, 5), 3, 2, True), ((5, 5, 0), 2, 3, False), ((5, 0, 5), 1, 4, True), ((0,), 0, 5, False),
    ((5, 5, 5, 5, 5), 5, 5, True), ((5, 5, 4), 2, 3, False),
])  # fmt: skip
def test_today_continues_a_streak_and_does_not_break_it_before_it_is_over(
    amounts: tuple[int, ...], length: int, left: int, secure: bool
) -> None:
    (found,) = runs("sanne", days(*amounts), EDITION, LEAGUE, FRIDAY)
    assert (found.days, found.left, found.secure) == (length, left, secure)


def test_a_weekend_neither_counts_in_a_streak_nor_breaks_it() -> None:
    (found,) = runs("sanne", days(5, 5, 0, 0, 5, until=date(2026, 3, 9)), EDITION, LEAGUE, date(2026, 3, 9))
    assert found.days == 3
    (found,) = runs("sanne", days(5), EDITION, LEAGUE, FRIDAY + timedelta(days=1))
    assert (found.days, found.secure) == (1, True)


def test_a_streak_that_is_not_given_again_is_won_for_good() -> None:
    once = build_league(
        2, [document("roster", ROSTER), document("playbook", book(streaks=[{**STREAK, "again": False}]))]
    )
    (found,) = runs("sanne", days(5, 5, 5, 5, 5), once.editions[0], once, FRIDAY)
    assert (found.days, found.left) == (5, None)


def test_the_next_mark_is_the_first_that_is_not_reached() -> None:
    (found,) = marks(days(10, 5), EDITION)
    assert (found.mark, found.left, found.share) == (50, 35, 0.3)
    assert list(marks(days(60), EDITION)) == []


def test_a_curve_places_both_periods_on_one_scale() -> None:
    def point(day: int, actual: int | None, previous: int) -> Point:
        return Point(date(2026, 3, day), actual, None, previous, None, None, None)

    found = curve([point(1, 0, 50), point(2, 50, 75), point(3, None, 100)])
    assert (found.now, found.before, found.asked) == ("0.0,100.0 50.0,50.0", "0.0,50.0 50.0,25.0 100.0,0.0", "")
    assert (found.end, found.top) == ((50.0, 50.0), 100)
    assert curve([]).now == ""


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """A ledger in which Sanne called on every day of a week."""
    engine = open_engine(f"sqlite:///{tmp_path / 'scoring.db'}")
    migrate(engine, PACKAGE)
    scorer = Scorer(Ledger(engine), lambda _: None, lambda: NOW)
    scorer.put_document(document("roster", ROSTER))
    scorer.put_document(document("playbook", book()))
    scorer.score([call(f"c{day}", f"03-{day:02} 09") for day in range(2, 7)])
    scorer.score([call("other", "03-03 09", "bram")])
    while scorer.refresh_some() or scorer.restate_some():
        pass
    reader = Reader(engine)
    leagues = Leagues(reader)
    yield Mirror(reader, Own(engine), leagues, Desk(ObjectionBook(engine), reader, leagues))
    engine.dispose()


def test_the_own_page_shows_the_own_lines_prizes_and_part_of_the_team(mirror: Mirror) -> None:
    found = mirror.look(Asks("sanne", "points", periods.parse("2026-03")), NOW)
    assert (found.team, found.sums, found.in_team, found.team_total) == ("noord", {"points": 25, "deals": 2}, 25, 25)
    assert {(line.rep, line.metric) for line in found.lines} == {("sanne", "points")}
    assert [(trophy.picture, trophy.times) for trophy in trophies(found)] == [("streak", 1), ("star", 1)]
    assert (found.level and found.level.total, found.runs[0].days, found.marks[0].mark) == (25, 5, 50)
    with pytest.raises(NotOnRoster):
        mirror.look(Asks("nobody", "points", periods.parse("2026-03")), NOW)
