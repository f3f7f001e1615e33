"""What slides show of lines and documents, over a real Redis: Tuesday 24 November 2093, 13:00 in Amsterdam."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from services.leaderboard.domain import slides
from services.leaderboard.domain.people import Profile, Profiles
from services.leaderboard.domain.screen import View
from services.leaderboard.domain.slides.asked import FIELDS, read_slide
from services.leaderboard.live import States
from services.leaderboard.store import Standings
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS
from tests.leaderboard.sample import AT, NOW, PLAYBOOK_BODY, REPS, apply, document, line, put, roster, target

TV = {"eva": True, "anna": True, "daan": True}


def contest(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    usual = {"metric": "points", "scope": "teams", "scoring": "total", "tie": "share", "published": True}
    return {"id": name, "label": {"nl": name, "en": name.title()}, "from": start, "to": end, **usual, **more}


def words(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


RHYTHM = {
    "streaks": [
        {
            "id": "ritme",
            "metric": "points",
            "at_least": 5,
            "length": 5,
            "again": True,
            "credit": {"points": 25},
            "text": words("Rhythm"),
        }
    ],
    "firsts": [
        {
            "id": "eerste",
            "metric": "deals",
            "every": "day",
            "scope": "organisation",
            "credit": {"points": 10},
            "text": words("First"),
        }
    ],
    "bests": [
        {
            "id": "record",
            "metric": "revenue",
            "every": "month",
            "after": 2,
            "credit": {"points": 50},
            "text": words("Record"),
        }
    ],
    "milestones": [
        {
            "id": "mijlpaal",
            "metric": "deals",
            "at": [10, 50],
            "credit": {"points": 5},
            "text": words("Milestone"),
            "badge": {"picture": "ster", "label": words("Dealmaker")},
        }
    ],
}


def setting(standings: Standings, *contests: Mapping[str, Any], targets: Sequence[Mapping[str, Any]] = ()) -> None:
    reps = [{**rep, "on_tv": TV.get(rep["id"], False), "display_name": rep["name"]} for rep in REPS]
    body = {**PLAYBOOK_BODY, "rhythm": RHYTHM, "contests": list(contests)}
    put(
        standings,
        [document(ROSTER, roster(reps)), document(PLAYBOOK, body), document(TARGETS, {"targets": list(targets)})],
    )


def ledger(*lines: Mapping[str, Any]) -> list[Credit]:
    return [line(number, **{"metric": "points", **facts}) for number, facts in enumerate(lines, 1)]


def show(
    standings: Standings,
    slide: Mapping[str, Any],
    now: datetime = NOW,
    profiles: Profiles | None = None,
    team: str | None = None,
) -> dict[str, Any]:
    _, body = States(standings, lambda: profiles or {}).build(View((read_slide(slide),), team), now)
    found: dict[str, Any] = orjson.loads(body)["slides"][0]
    return found


def placed(shown: Mapping[str, Any]) -> list[tuple[int | None, str, Any]]:
    return [(place["rank"], place["team"]["id"], place["score"]) for place in shown["places"]]


HOUR = ("2093-11-24T10:00:00+01:00", "2093-11-24T11:00:00+01:00")
WEEK = ("2093-11-23T00:00:00+01:00", "2093-11-28T00:00:00+01:00")


def test_an_hours_contest_counts_that_hour_and_shows_its_winner(standings: Standings) -> None:
    setting(standings, contest("uur", *HOUR, prize=words("Cake")))
    hours = ("08:59:59", "09:00:00", "09:59:59", "10:00:00")  # in UTC
    lines = [
        {"rep": rep, "amount": 1 + n, "at": datetime.fromisoformat(f"2093-11-24T{hour}Z")}
        for n, hour in enumerate(hours)
        for rep in ("anna", "daan")
    ]
    apply(standings, ledger(*lines, {"rep": "daan", "amount": 1, "at": AT}))
    shown = show(standings, {"type": "contest"})
    assert placed(shown) == [(1, "zuid", 6), (2, "noord", 5)]
    assert [place["share"] for place in shown["places"]] == [1.0, 0.833]
    assert (shown["contest"]["state"], shown["winners"], shown["contest"]["prize"]) == ("ended", [0], words("Cake"))


def test_what_is_taken_back_takes_the_lead_back(standings: Standings) -> None:
    setting(standings, contest("uur", *HOUR))
    lines = ledger({"rep": "anna", "amount": 5}, {"rep": "daan", "amount": 7}, {"rep": "daan", "amount": -7})
    lines[2] = line(3, "daan", -7, metric="points", subject=lines[1].subject)
    apply(standings, lines[:2])
    assert placed(show(standings, {"type": "contest"}))[0] == (1, "zuid", 7)
    apply(standings, lines[2:])
    assert placed(show(standings, {"type": "contest"})) == [(1, "noord", 5), (2, "zuid", 0)]


def test_a_contest_that_was_published_after_its_lines_counts_them_all_the_same(standings: Standings) -> None:
    setting(standings)
    apply(standings, ledger({"rep": "anna", "amount": 5}, {"rep": "daan", "amount": 7, "at": AT - timedelta(days=1)}))
    setting(standings, contest("week", *WEEK, scoring="per_fte_day"))
    [best, other] = show(standings, {"type": "contest"})["places"]
    assert (best["team"]["id"], best["amount"], best["score"]) == ("zuid", 7, 0.7)  # 2 FTE, 5 days
    assert (other["team"]["id"], other["amount"], other["score"]) == ("noord", 5, 0.43)  # 2.3 FTE


def test_of_two_who_are_equal_the_one_who_was_there_first_leads_where_that_is_the_rule(
    standings: Standings,
) -> None:
    setting(standings, contest("uur", *HOUR, tie="earlier"), contest("week", *WEEK, tie="earlier"))
    yesterday = AT - timedelta(days=1)
    apply(
        standings,
        ledger(
            {"rep": "anna", "amount": 5, "at": AT + timedelta(minutes=2)},
            {"rep": "daan", "amount": 5, "at": AT + timedelta(minutes=1)},
            {"rep": "daan", "amount": 1, "at": yesterday},
            {"rep": "bas", "amount": 1, "at": yesterday},
        ),
    )
    for name in ("uur", "week"):
        assert [place[:2] for place in placed(show(standings, {"type": "contest", "contest": name}))] == [
            (1, "zuid"),
            (2, "noord"),
        ]


def test_most_improved_is_held_against_the_stretches_before(standings: Standings) -> None:
    setting(standings, contest("week", *WEEK, scoring="most_improved"))
    weeks = [{"rep": "anna", "amount": 10, "at": AT - timedelta(days=5 * n)} for n in (1, 2, 3)]
    apply(
        standings,
        ledger(
            *weeks, {"rep": "daan", "amount": 1, "at": AT - timedelta(days=5)},
            {"rep": "anna", "amount": 12}, {"rep": "daan", "amount": 9},
        ),
    )  # fmt: skip
    places = show(standings, {"type": "contest"})["places"]
    assert [(place["team"]["id"], place["score"]) for place in places] == [("zuid", 0.9), ("noord", 0.17)]


def test_in_a_contest_of_reps_only_those_are_named_who_may_be(standings: Standings) -> None:
    setting(standings, contest("uur", *HOUR, scope="reps"))
    reps = ("anna", "bas", "daan", "eva")
    apply(standings, ledger(*({"rep": rep, "amount": 9 - n} for n, rep in enumerate(reps))))
    shown = show(standings, {"type": "contest", "people": True}, profiles={"daan": Profile(on_tv=False)})
    assert [(place["rep"], place["team"]["id"]) for place in shown["places"]] == [
        ("Anna", "noord"),
        (None, "noord"),
        (None, "zuid"),
    ]
    assert shown["places_total"] == 6
    assert [place["id"] for place in shown["places"]] == ["noord/Anna", "noord", "zuid"]
    unnamed = show(standings, {"type": "contest"})["places"]
    assert [place["id"] for place in unnamed] == ["noord", "noord#2", "zuid"]
    assert {place["rep"] for place in show(standings, {"type": "contest"})["places"]} == {None}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2093-11-09T12:00:00Z", None),
        ("2093-11-14T12:00:00Z", ("eerst", "ahead")),
        ("2093-11-20T13:30:00Z", ("eerst", "running")),
        ("2093-11-20T14:30:00Z", ("eerst", "ended")),
        ("2093-11-23T22:59:00Z", ("eerst", "ended")),  # Monday evening
        ("2093-11-23T23:00:00Z", ("later", "ahead")),
        ("2093-11-27T12:00:00Z", ("later", "running")),
    ],
)
def test_the_contest_that_runs_goes_before_the_one_that_is_over_and_that_before_the_next(
    standings: Standings, now: str, expected: Any
) -> None:
    setting(
        standings,
        contest("eerst", "2093-11-20T14:00:00+01:00", "2093-11-20T15:00:00+01:00"),
        contest("later", "2093-11-26T00:00:00+01:00", "2093-11-28T00:00:00+01:00"),
        contest("geheim", *WEEK, published=False),
    )
    shown = show(standings, {"type": "contest"}, datetime.fromisoformat(now))
    found = (shown["contest"]["id"], shown["contest"]["state"]) if shown["notice"] is None else None
    assert found == expected
    assert expected or shown["notice"] == {"key": "no_contest", "detail": ""}


def test_the_top_three_are_people_only_where_they_may_be_named(standings: Standings) -> None:
    setting(standings)
    reps = ("cem", "anna", "bas", "daan", "eva")
    apply(standings, ledger(*({"rep": rep, "amount": 9 - n, "metric": "revenue"} for n, rep in enumerate(reps))))
    people = show(standings, {"type": "top", "people": True}, profiles={"daan": Profile(nickname="D", avatar="vos")})
    assert [(best["rank"], best["rep"], best["avatar"], best["team"]["id"]) for best in people["best"]] == [
        (1, "Anna", None, "noord"),
        (2, "D", "vos", "zuid"),
        (3, "Eva", None, "zuid"),
    ]
    teams = show(standings, {"type": "top"})["best"]
    assert [(best["rank"], best["rep"], best["team"]["id"]) for best in teams] == [
        (1, None, "noord"),
        (2, None, "zuid"),
    ]  # oost has nothing: never a list that ends with who is last


def test_who_improved_is_compared_at_the_same_working_day_and_time(standings: Standings) -> None:
    setting(standings)
    # 24 November is the 17th working day of its month, and so is Friday 23 October
    at_noon, later = (datetime(2093, 10, 23, hour, tzinfo=AT.tzinfo) for hour in (10, 12))
    apply(
        standings,
        ledger(
            {"rep": "anna", "amount": 40, "at": at_noon, "metric": "revenue"},
            {"rep": "anna", "amount": 500, "at": later, "metric": "revenue"},
            {"rep": "anna", "amount": 60, "metric": "revenue"},
            {"rep": "daan", "amount": 10, "at": at_noon, "metric": "revenue"},
            {"rep": "daan", "amount": 90, "metric": "revenue"},
            {"rep": "eva", "amount": 900, "metric": "revenue"},
        ),
    )
    shown = show(standings, {"type": "top", "people": True})
    gains = [(each["rep"], each["before"], each["gain"], each["percent"]) for each in shown["improved"]]
    assert gains == [("Daan", 10, 80, 800.0), ("Anna", 40, 20, 50.0)]  # Eva is new, not improved
    assert shown["compared"] == {
        "until": "2093-11-24T12:00:00Z",
        "before": {"id": "2093-10", "until": "2093-10-23T11:00:00Z"},  # 13:00 by the clock on the wall, in summer
    }
    assert show(standings, {"type": "top", "period": "this-quarter"})["compared"] is None


def test_wins_say_what_they_are_worth_and_who_may_be_named(standings: Standings) -> None:
    setting(standings)
    sold = [("anna", "D-1"), ("bas", "D-2")]
    lines = [
        {"rep": rep, "subject": deal, "at": AT + timedelta(minutes=n), **facts}
        for n, (rep, deal) in enumerate(sold)
        for facts in ({"metric": "deals", "amount": 1}, {"metric": "revenue", "amount": 500 + n})
    ]
    apply(standings, ledger(*lines))
    shown = show(standings, {"type": "wins", "people": True})
    assert [(win["rep"], win["team"]["name"], win["amount"]) for win in shown["wins"]] == [
        (None, "Team Noord", 501),
        ("Anna", "Team Noord", 500),
    ]
    assert shown["today"] == 2
    assert [win["rep"] for win in show(standings, {"type": "wins"})["wins"]] == [None, None]


def test_moments_are_told_with_their_badge_and_what_was_reached(standings: Standings) -> None:
    setting(standings)
    midnight = datetime(2093, 11, 23, 23, tzinfo=AT.tzinfo)
    made = {"at": midnight, "metric": "points"}
    apply(
        standings,
        ledger(
            {"rep": "anna", "amount": 77, "metric": "revenue"},
            {"rep": "anna", "amount": 5, "rule": "mijlpaal~10", "subject": "rhythm:anna", **made},
            {"rep": "anna", "amount": 50, "rule": "record~2093-11", "subject": "rhythm:anna", **made},
            {"rep": "bas", "amount": 25, "rule": "ritme~5", "subject": "rhythm:bas", **made},
            {"rep": "bas", "amount": 10, "rule": "eerste", "subject": "first:eerste:2093-11-24:", **made},
            {"rep": "bas", "amount": 10, "rule": "vergeten", "subject": "first:vergeten:2093-11-24:", **made},
            {"rep": "eva", "amount": 25, "rule": "ritme~5", "subject": "rhythm:eva", **made},
            {"rep": "eva", "amount": -25, "rule": "ritme~5", "subject": "rhythm:eva", **made},
        ),
    )
    shown = show(standings, {"type": "moments", "people": True})
    told = {each["kind"]: (each["rep"], each["reached"], each["picture"], each["day"]) for each in shown["moments"]}
    assert told == {
        "milestone": ("Anna", 10, "ster", "2093-11-24"),
        "best": ("Anna", 77, None, "2093-11-24"),
        "streak": (None, 5, None, "2093-11-24"),
        "first": (None, None, None, "2093-11-24"),
    }
    unnamed = show(standings, {"type": "moments"})["moments"]
    assert next(each for each in unnamed if each["kind"] == "best")["reached"] is None


def test_a_slide_that_cannot_be_drawn_does_not_darken_the_others(standings: Standings) -> None:
    setting(standings)
    broken = read_slide({"type": "contest"})
    _, body = States(standings, dict).build(View((broken, read_slide({"type": "teams"}))), NOW)
    first, second = orjson.loads(body)["slides"]
    assert first == {"type": "contest", "seconds": 20, "notice": {"key": "no_contest", "detail": ""}}
    assert (second["type"], second["notice"]) == ("teams", None)


def test_while_profiles_are_away_nobody_is_named_who_is_not_known_to_be_willing(standings: Standings) -> None:
    setting(standings)
    apply(standings, ledger({"rep": "anna", "amount": 1, "metric": "deals"}))
    known: list[Profiles] = []

    def away() -> Profiles:
        return known.pop()

    states, view = States(standings, away), View((read_slide({"type": "wins", "people": True}),))

    def name() -> str | None:
        states.forget()
        found: str | None = orjson.loads(states.build(view, NOW)[1])["slides"][0]["wins"][0]["rep"]
        return found

    assert name() is None
    known.append({})
    assert name() == "Anna"
    assert name() == "Anna"


def keys(value: Any) -> set[str]:
    """Return all the names in a value; not those inside a team, a metric, a period or a text."""
    if isinstance(value, list):
        return {name for each in value for name in keys(each)}
    if not isinstance(value, dict):
        return set()
    inside = {name: each for name, each in value.items() if name not in {"metric", "period", "team", "nl", "en"}}
    return {*value} - {"nl", "en"} | {name for each in inside.values() for name in keys(each)}


@pytest.mark.parametrize("kind", [kind for kind in FIELDS if kind != "duel"])
def test_the_written_example_of_a_slide_has_the_names_that_the_slide_has(standings: Standings, kind: str) -> None:
    setting(standings, contest("week", *WEEK), targets=[target("100", team=team) for team in ("noord", "zuid")])
    sold = {"rep": "anna", "subject": "D-1"}
    october = {"rep": "anna", "amount": 3, "metric": "revenue", "at": AT - timedelta(days=40)}
    moment = {"rep": "anna", "amount": 5, "rule": "mijlpaal~10", "subject": "rhythm:anna"}
    won, paid = ({**sold, "metric": metric, "amount": 9} for metric in ("deals", "revenue"))
    apply(standings, ledger(won, paid, october, moment))
    shown = show(standings, {"type": kind, "people": True, "team": None, "text": words("Cake")})
    assert shown["notice"] is None
    said = slides.__doc__ or ""
    written = re.split(rf'"{kind}", "seconds": \d+, "notice": ', said)[1].split("\n\n")[0]
    if kind == "wins":  # said as: like `latest`
        written += said.split('"latest": ')[1].split("\n\n")[0]
    names = {"type", "seconds", "notice", *re.findall(r'"(\w+)":', written)} - {"nl", "en"}
    assert keys(shown) == names
