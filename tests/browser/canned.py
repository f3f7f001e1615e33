"""Snapshots as the server sends them, of every type of slide, and pages that are told them instead of a server's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from playwright.sync_api import Page, Route

from services.leaderboard.domain.palette import color, letter
from shared.contracts.times import to_text
from tests.browser.office import START

REVENUE = {"id": "revenue", "unit": "EUR", "money": True, "decimals": 2, "label": {"nl": "omzet", "en": "revenue"}}
CALLS = {"id": "calls", "unit": "calls", "money": False, "decimals": 0, "label": {"nl": "gesprekken", "en": "calls"}}
NAMES = ("Groningen", "Utrecht", "Eindhoven", "Rotterdam", "Zwolle", "Maastricht", "Amersfoort", "Leeuwarden")
TEAMS = tuple(
    {"id": name.lower(), "name": name, "letter": letter(place), "color": color(place)}
    for place, name in enumerate(NAMES)
)
PERIOD = {
    "id": "2026-11",
    "kind": "month",
    "first": "2026-11-01",
    "ends_at": "2026-11-30T23:00:00Z",
    "state": "open",
    "workdays": {"begun": 17, "total": 21},
    "expected_percent": 81.0,
}
_EUROS = (12_057_500, 9_202_000, 7_260_000, 7_245_000, 5_400_000, 4_400_000, 3_520_000, 2_100_000)
_GOALS = (16_250_000, 10_700_000, 7_000_000, 11_500_000, 6_000_000, 8_000_000, 9_000_000, 5_000_000)
_TODAY = (440_000, 0, 2_310_000, 510_000, 120_000, 0, 340_000, 90_000)
_BEFORE = (1, 2, 4, 3, 5, 6, 7, 8)


def _moment(minutes: float) -> str:
    return to_text(START + timedelta(minutes=minutes))


def standing(place: int) -> dict[str, Any]:
    """Return a team of a race, in its place."""
    percent = round(100 * _EUROS[place] / _GOALS[place], 1)
    return {
        **TEAMS[(place * 3 + 1) % 8],
        "rank": place + 1,
        "prev_rank": _BEFORE[place],
        "amount": _EUROS[place],
        "per_fte": _EUROS[place] // 4,
        "goal": _GOALS[place],
        "percent": percent,
        "pace": "ahead" if percent > 84 else "on_track" if percent > 78 else "behind",
        "today": {"amount": _TODAY[place], "wins": 1 + place % 3 if _TODAY[place] else 0},
    }


def race(count: int, kind: str = "teams", **more: Any) -> dict[str, Any]:
    """Return a race of so many teams."""
    shared = {"amount": 35_400_000, "goal": 45_450_000, "percent": 77.9}
    return {
        "type": kind,
        "seconds": 20,
        "notice": None,
        "metric": REVENUE,
        "by": "total",
        "period": PERIOD,
        "teams": [standing(place) for place in range(count)],
        "teams_total": count,
        "shared_goal": shared,
        **more,
    }


def duel(**more: Any) -> dict[str, Any]:
    """Return two teams face to face."""
    teams = [standing(0), standing(2)]
    return {**race(2, "duel"), "teams": teams, "lead": {"team": teams[0]["id"], "difference": 4_797_500}, **more}


def contest(state: str = "running", scope: str = "teams", **more: Any) -> dict[str, Any]:
    """Return a contest of teams or reps."""
    people = (("Sanne", "vos"), ("Bram", "uil"), ("Amina", None))
    places = [
        {
            "id": TEAMS[place + 1]["id"],
            "rank": place + 1,
            "team": TEAMS[place + 1],
            "amount": 42 - 7 * place,
            "score": 42.0 - 7 * place,
            "share": round(1 - 7 * place / 42, 3),
            "rep": None,
            "avatar": None,
            **(dict(zip(("rep", "avatar"), people[place], strict=True)) if scope == "reps" else {}),
        }
        for place in range(3 if scope == "reps" else 4)
    ]
    label = {"nl": "Belweek november", "en": "November calling week"}
    known = {
        "id": "calling",
        "label": label,
        "prize": {"nl": "Taart voor het hele team", "en": "Cake for the team"},
        "scope": scope,
        "state": state,
        "scoring": "total",
        "starts_at": _moment(-3000 if state != "ahead" else 1700),
        "ends_at": _moment(-90 if state == "ended" else 43),
    }
    won = [0] if state == "ended" else []
    shown = [] if state == "ahead" else places
    return {
        "type": "contest",
        "seconds": 20,
        "notice": None,
        "metric": CALLS,
        "contest": known,
        "places": shown,
        "places_total": len(shown),
        "winners": won,
        **more,
    }


def goal(*, together: bool = True, **more: Any) -> dict[str, Any]:
    """Return a goal of all teams or of one."""
    parts = [{**TEAMS[place], "amount": _EUROS[place], "goal": _GOALS[place], "percent": 74.2} for place in range(4)]
    return {
        "type": "goal",
        "seconds": 20,
        "notice": None,
        "metric": REVENUE,
        "period": PERIOD,
        "team": None if together else TEAMS[1],
        "amount": 35_764_500,
        "goal": 45_450_000,
        "percent": 78.7,
        "pace": "on_track",
        "expected": 36_814_500,
        "today": {"amount": 2_310_000, "wins": 3},
        "workdays_left": 5,
        "needed_per_workday": 1_937_100,
        "teams": parts if together else [],
        **more,
    }


def top(*, people: bool = True, **more: Any) -> dict[str, Any]:
    """Return the best and the most improved."""
    named = (("Sanne", "vos"), ("Bram", None), ("Amina", "otter"))
    three = [
        {
            "rank": place + 1,
            "team": TEAMS[place],
            "amount": 4_200_000 - 710_000 * place,
            "per_fte": 1,
            "percent": 84.0,
            "before": 1_900_000,
            "gain": 1_200_000 - 260_000 * place,
            "rep": None,
            "avatar": None,
            **(dict(zip(("rep", "avatar"), named[place], strict=True)) if people else {}),
        }
        for place in range(3)
    ]
    return {
        "type": "top",
        "seconds": 20,
        "notice": None,
        "metric": REVENUE,
        "by": "total",
        "period": PERIOD,
        "people": people,
        "best": three,
        "improved": three[::-1],
        "compared": None,
        **more,
    }


def win(number: int, *, named: bool = False) -> dict[str, Any]:
    """Return a deal that was won."""
    who = {"rep": "Sanne", "avatar": "vos"} if named else {"rep": None, "avatar": None}
    amount = {"amount": 1_250_000 - 93_000 * number, "metric": REVENUE}
    return {"id": f"0-{number}", "at": _moment(-7 * number), "team": TEAMS[number % 8], **who, **amount}


def wins(count: int = 6, **more: Any) -> dict[str, Any]:
    """Return the deals won last."""
    shown = [win(number, named=number % 2 == 0) for number in range(count)]
    return {"type": "wins", "seconds": 20, "notice": None, "wins": shown, "today": count, **more}


def moments(**more: Any) -> dict[str, Any]:
    """Return what people reached."""
    told = (
        ("best", {"nl": "Persoonlijk record in omzet", "en": "Personal best in revenue"}, None),
        (
            "streak",
            {"nl": "Vijf dagen op rij gebeld", "en": "Called five days in a row"},
            {"nl": "Volhouder", "en": "Stayer"},
        ),
        ("milestone", {"nl": "Vijftig deals samen", "en": "Fifty deals together"}, None),
        ("first", {"nl": "Eerste deal", "en": "First deal"}, {"nl": "Van start", "en": "Off the mark"}),
    )
    shown = [
        {
            "id": f"4-{number}",
            "day": "2026-11-24",
            "kind": kind,
            "label": label,
            "picture": "ster",
            "badge": mark,
            "team": TEAMS[number],
            "rep": "Sanne" if number % 2 else None,
            "avatar": "vos" if number % 2 else None,
            "reached": 50,
            "metric": REVENUE,
        }
        for number, (kind, label, mark) in enumerate(told)
    ]
    return {"type": "moments", "seconds": 20, "notice": None, "moments": shown, **more}


def message(text: str = "Vrijdag om vier uur taart: Groningen heeft zijn honderdste klant!") -> dict[str, Any]:
    """Return a message."""
    said = {"nl": text, "en": "Cake on Friday at four: Groningen has its hundredth customer!"}
    return {"type": "message", "seconds": 15, "notice": None, "text": said}


SLIDES: Mapping[str, Mapping[str, Any]] = {
    "race of four": race(4),
    "race of eight": race(8),
    "race of two": race(2),
    "duel": duel(),
    "contest": contest(),
    "contest of reps": contest(scope="reps"),
    "contest ahead": contest("ahead"),
    "contest won": contest("ended"),
    "goal of all": goal(),
    "goal of a team": goal(together=False, percent=103.4, pace="ahead", needed_per_workday=None),
    "top of people": top(),
    "top of teams": top(people=False, improved=[]),
    "wins": wins(),
    "moments": moments(),
    "message": message(),
}
"""By name, everything that a slide can look like."""


def snapshot(*slides: Mapping[str, Any], v: int = 7, **more: Any) -> dict[str, Any]:
    """Return a state of these slides."""
    name = "Kantoor Voorbeeld · voorbeeldgegevens / sample data"
    return {
        "v": v,
        "now": to_text(START),
        "notice": None,
        "organisation": {"name": name, "language": "nl", "zone": "Europe/Amsterdam"},
        "freshness": {"last_booked_at": _moment(-3), "quiet": None, "rebuilding": False},
        "slides": list(slides),
        "latest": [win(number) for number in range(4)],
        **more,
    }


def celebration(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return a celebration of just now."""
    who = {
        "team_id": "utrecht",
        "team": "Utrecht",
        "letter": "B",
        "color": TEAMS[1]["color"],
        "rep": None,
        "avatar": None,
    }
    return {
        "id": f"deal:{number}",
        "kind": "deal",
        "at": _moment(0),
        "expires_at": _moment(10),
        **who,
        "amount": 1_250_000,
        "unit": REVENUE,
        "headline": {"nl": "Deal gewonnen", "en": "Deal won"},
        **more,
    }


def settings(**more: Any) -> dict[str, Any]:
    """Return what a screen is told of itself."""
    return {
        "id": "scr_1",
        "name": "Utrecht, 2e verdieping",
        "language": "nl",
        "theme": "dark",
        "scale": 1.0,
        "motion": "full",
        "sound": {"on": False, "volume": 0.3, "quiet": []},
        "hours": None,
        "team": None,
        **more,
    }


class Told:
    """A page's stream: each connection is told these events once, then it ends and the browser comes again."""

    def __init__(self, page: Page, *events: tuple[str, Any]) -> None:
        """Tell `events` first."""
        self.events: Sequence[tuple[str, Any]] = events
        self.beats: list[dict[str, Any]] = []
        self.connections = 0
        self._page = page
        page.route(re.compile("/self/stream"), self._answer)
        page.route(re.compile("/self/beat"), self._heard)

    def _answer(self, route: Route) -> None:
        self.connections += 1
        app = self._page.evaluate("document.getElementById('screen').dataset.app")
        beat = {"t": to_text(START), "v": 7, "seen": to_text(START), "app": app, "beat": 5}
        told = [("hb", beat), *self.events]
        body = b"retry: 700\n\n" + b"".join(
            b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data)) for name, data in told
        )
        route.fulfill(content_type="text/event-stream", body=body)

    def _heard(self, route: Route) -> None:
        self.beats.append(route.request.post_data_json or {})
        route.fulfill(status=204)
