"""What is celebrated: what was won just now, once, on every screen; never what is old or counted again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import orjson
import pytest
from redis import Redis

from services.leaderboard.domain.celebrations import Celebration, from_wire, of_lines, shown, to_wire
from services.leaderboard.domain.league import League, read_league
from services.leaderboard.domain.people import Profile
from services.leaderboard.domain.slides.scene import Scene
from services.leaderboard.handlers import celebrate_contests, handle, turn_contests
from services.leaderboard.live import States
from services.leaderboard.store import Standings, keys
from shared.bus import Record
from shared.contracts import credit as credit_contract
from shared.contracts import wire
from shared.contracts.credit import REVALUED, Credit
from shared.contracts.league import PLAYBOOK, ROSTER
from tests.leaderboard.sample import NOW, PLAYBOOK_BODY, document, line, roster
from tests.leaderboard.test_slides import HOUR, contest, setting

JUST_NOW = NOW - timedelta(seconds=20)
SOLD: dict[str, Any] = {"subject": "D-1", "rule": "bel", "at": JUST_NOW, "booked_at": NOW}
MILESTONE: dict[str, Any] = {
    "id": "mijlpaal",
    "metric": "deals",
    "at": [10],
    "credit": {"points": 5},
    "text": {"nl": "Mijlpaal", "en": "Milestone"},
}


def example() -> League:
    body = {**PLAYBOOK_BODY, "rhythm": {"milestones": [MILESTONE]}}
    return read_league(1, [document(ROSTER, roster()), document(PLAYBOOK, body)])


def sold(**more: Any) -> list[Credit]:
    return [
        line(1, **{**SOLD, "metric": "deals", "amount": 1, **more}),
        line(2, **{**SOLD, **more, "metric": "revenue", "amount": 125_000}),
    ]


def test_a_deal_is_celebrated_with_what_it_is_worth() -> None:
    [found] = of_lines(sold(), example(), NOW)
    assert found == Celebration(
        "deal:D-1", "deal", JUST_NOW, "noord", "anna", {"nl": "Bel", "en": "Call"}, 125_000, "revenue"
    )
    assert from_wire(orjson.loads(orjson.dumps(to_wire(found)))) == found


def test_a_deal_that_several_share_is_celebrated_once() -> None:
    shared = [*sold(), line(3, "bas", 1, **SOLD, metric="deals"), line(4, "bas", 75_000, **SOLD, metric="revenue")]
    [found] = of_lines(shared, example(), NOW)
    assert (found.rep, found.amount) == ("anna", 200_000)


@pytest.mark.parametrize(
    "old",
    [
        {"at": NOW - timedelta(minutes=11)},
        {"booked_at": NOW - timedelta(minutes=3)},
        {"reason": REVALUED},
        {"amount": -1},
        {"rule": "bel~power-hour"},
        {"subject": "first:eerste:2093-11-24:"},
    ],
    ids=str,
)
def test_what_is_old_counted_again_or_no_work_is_not_celebrated(old: Mapping[str, Any]) -> None:
    assert of_lines(sold(**old), example(), NOW) == []


def test_a_milestone_of_today_is_celebrated_and_one_of_yesterday_is_not() -> None:
    midnight = datetime(2093, 11, 23, 23, tzinfo=NOW.tzinfo)
    facts: dict[str, Any] = {"subject": "rhythm:anna", "rule": "mijlpaal~10", "metric": "points", "booked_at": NOW}
    [found] = of_lines([line(1, "anna", 5, at=midnight, **facts)], example(), NOW)
    assert (found.id, found.amount, found.metric) == ("milestone:anna:mijlpaal~10", 10, "deals")
    assert of_lines([line(1, "anna", 5, at=midnight - timedelta(days=1), **facts)], example(), NOW) == []


def test_what_screens_are_told_of_a_milestone_says_nowhere_whose_it_is() -> None:
    facts: dict[str, Any] = {"subject": "rhythm:anna", "rule": "mijlpaal~10", "metric": "points", "booked_at": NOW}
    [found] = of_lines([line(1, "anna", 5, at=NOW, **facts)], example(), NOW)
    drawn = shown(found, Scene(example(), NOW))
    assert "anna" not in str(drawn).lower()
    assert shown(from_wire(orjson.loads(orjson.dumps(to_wire(found)))), Scene(example(), NOW))["id"] == drawn["id"]


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        (Profile(), None),  # the roster does not put anna on a TV
        (Profile(on_tv=True), "Anna"),
        (Profile(on_tv=True, nickname="Ace"), "Ace"),
        (Profile(on_tv=True, celebrate=False), None),
        (Profile(on_tv=True, hidden=True), None),
    ],
)
def test_the_team_is_celebrated_and_the_person_who_wants_it(profile: Profile, name: str | None) -> None:
    [found] = of_lines(sold(), example(), NOW)
    drawn = shown(found, Scene(example(), NOW, profiles={"anna": profile}))
    assert (drawn["team"], drawn["letter"], drawn["rep"]) == ("Team Noord", "A", name)
    assert (drawn["amount"], drawn["unit"]["unit"]) == (125_000, "EUR")
    assert drawn["expires_at"] == "2093-11-24T12:10:00Z"


@pytest.fixture
def heard(fresh_redis_url: str) -> Iterator[Any]:
    """Return what the screens were told so far."""
    with Redis.from_url(fresh_redis_url) as client, client.pubsub(ignore_subscribe_messages=True) as channel:
        channel.subscribe(keys.TOLD)
        while channel.get_message(timeout=5) is not None:
            pass

        def told() -> list[dict[str, Any]]:
            client.publish(keys.TOLD, "null")
            found = iter(lambda: orjson.loads((channel.get_message(timeout=5) or {})["data"]), None)
            return [message["data"] for message in found]

        yield told


def records(lines: Iterable[Credit]) -> list[Record]:
    return [Record("credits", 0, "1", "", wire.encode("credits", map(credit_contract.to_wire, lines))[0])]


def test_a_deal_is_told_once_however_often_its_lines_come(standings: Standings, heard: Any) -> None:
    setting(standings)
    for _ in range(2):
        handle(records(sold()), standings, lambda _: None, NOW)
    again = [line(3, **{**SOLD, "metric": "deals", "amount": -1}), line(4, **{**SOLD, "metric": "deals", "amount": 1})]
    handle(records(again), standings, lambda _: None, NOW)  # taken back and given again: no second party
    [told] = heard()
    assert told["id"] == "deal:D-1"
    drawn = States(standings).celebration(told, NOW)
    assert (drawn["team"], drawn["rep"]) == ("Team Noord", "Anna")
    assert States(standings).celebration(drawn, NOW) == drawn


def test_while_the_standings_are_made_again_nothing_is_celebrated(standings: Standings, heard: Any) -> None:
    setting(standings)
    handle(records([line(9, **SOLD, amount=1)]), standings, lambda _: None, NOW)  # line 9 is where it must come again
    handle(records(sold()), standings, lambda _: None, NOW)
    assert heard() == []


def test_who_wins_a_contest_is_celebrated_when_its_last_lines_have_come(standings: Standings, heard: Any) -> None:
    setting(standings, contest("uur", *HOUR, scope="reps"), contest("geheim", *HOUR, published=False))
    end = datetime.fromisoformat(HOUR[1])
    facts: dict[str, Any] = {"metric": "points", "at": end - timedelta(minutes=1), "booked_at": end}
    handle(records([line(1, "daan", 3, **facts), line(2, "anna", 2, **facts)]), standings, lambda _: None, NOW)
    for seconds in (-1, 10, 31, 60, 1000):
        celebrate_contests(standings, end + timedelta(seconds=seconds))
    [told] = heard()
    assert (told["id"], told["team"], told["rep"], told["headline"]["en"]) == ("contest:uur", "zuid", "daan", "Uur")


def test_a_contest_that_nobody_took_part_in_has_no_winner(standings: Standings, heard: Any) -> None:
    setting(standings, contest("uur", *HOUR))
    celebrate_contests(standings, datetime.fromisoformat(HOUR[1]) + timedelta(seconds=60))
    assert heard() == []


def test_screens_are_drawn_again_when_a_contest_begins_and_when_it_ends(standings: Standings) -> None:
    setting(standings, contest("uur", *HOUR))
    start, end, versions = *map(datetime.fromisoformat, HOUR), [standings.version()]
    minute = timedelta(minutes=1)
    for after, until in ((start - 2 * minute, start - minute), (start - minute, start), (start, end - minute)):
        turn_contests(standings, after, until)
        versions.append(standings.version())
    turn_contests(standings, end - minute, end + minute)
    versions.append(standings.version())
    assert [now - before for before, now in pairwise(versions)] == [0, 1, 0, 1]
