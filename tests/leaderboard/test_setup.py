"""Screens as plain values: hours, scale, states, codes; the draft of a playlist under its buttons."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.leaderboard.domain import pairing
from services.leaderboard.domain.hours import covered, span, spans
from services.leaderboard.domain.playlists import Message, Playlist, playing_seconds, slides_of, told_to
from services.leaderboard.domain.screens import LIVE, OFF, OFFLINE, WAITING, Beat, Screen, Setup, settings
from services.leaderboard.domain.slides.asked import DEFAULT, FIELDS, MESSAGE
from services.leaderboard.pages import drafts
from services.leaderboard.schemas.playlists import PlaylistIn

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    ("text", "moment", "inside"),
    [
        ("07:30-18:30", "07:30", True),
        ("07:30-18:30", "18:30", False),
        ("22:00-06:00", "23:59", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "06:00", False),
        ("00:00-00:00", "12:00", True),
    ],
)
def test_a_span_of_the_day_may_go_over_midnight(text: str, moment: str, *, inside: bool) -> None:
    assert span(text).covers(time.fromisoformat(moment)) is inside
    assert str(span(text)) == text


@pytest.mark.parametrize("text", ["7:30-18:30", "07:30", "24:00-01:00", "07:30 - 18:30", "07:30-18:30\n"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="07:30-18:30"):
        span(text)


def test_spans_are_a_list_with_commas() -> None:
    assert list(map(str, spans("12:00-13:00,, 17:00-18:00"))) == ["12:00-13:00", "17:00-18:00"]
    assert covered(time(17, 30), spans("12:00-13:00,17:00-18:00"))
    assert not covered(time(13, 30), spans("12:00-13:00,17:00-18:00"))


@pytest.mark.parametrize(
    ("distance", "inches", "scale"), [(500, 55, 1.0), (500, 43, 1.28), (300, 55, 0.8), (1500, 32, 1.6), (600, 75, 0.88)]
)
def test_letters_grow_with_the_distance_and_shrink_with_the_size(distance: int, inches: int, scale: float) -> None:
    assert Setup("Hal", distance=distance, inches=inches).scale == scale


@pytest.mark.parametrize(
    ("hours", "seconds_ago", "slide", "state"),
    [
        (None, 10, "duel", LIVE),
        (None, 10, None, WAITING),
        (None, 150, "duel", LIVE),
        (None, 151, "duel", OFFLINE),
        ("07:30-18:30", 10, "duel", LIVE),
        ("14:00-18:30", 10, "duel", OFF),
        ("14:00-18:30", 9999, "duel", OFF),
    ],
)
def test_the_state_of_a_screen(hours: str | None, seconds_ago: int, slide: str | None, state: str) -> None:
    setup = Setup("Hal", hours=span(hours) if hours else None)
    beat = Beat(NOW - timedelta(seconds=seconds_ago), slide)
    assert Screen("scr-1", setup, NOW, "els", beat).state(NOW, ZONE) == state


def test_a_screen_that_was_never_heard_waits_a_moment_and_is_then_offline() -> None:
    assert Screen("scr-1", Setup("Hal"), NOW, "els").state(NOW, ZONE) == WAITING
    assert Screen("scr-1", Setup("Hal"), NOW, "els").state(NOW + timedelta(minutes=5), ZONE) == OFFLINE


def test_a_screen_is_told_its_own_language_or_the_organisations() -> None:
    assert settings(Screen("scr-1", Setup("Hal"), NOW, "els"), "nl")["language"] == "nl"
    assert settings(Screen("scr-1", Setup("Hal", language="en"), NOW, "els"), "nl")["language"] == "en"


@given(st.binary(min_size=64, max_size=64))
def test_a_code_is_read_back_however_it_is_typed(numbers: bytes) -> None:
    code = pairing.code_of(numbers)
    assert set(code) <= set(pairing.ALPHABET)
    assert len(code) <= pairing.LENGTH
    assert pairing.normal(f" {pairing.readable(code).lower()} ") == code


def test_codes_favour_no_letter() -> None:
    letters = pairing.code_of(bytes(range(8)))
    assert letters == pairing.ALPHABET[:8]
    assert pairing.code_of(bytes([255] * 32)) == ""


def test_messages_are_shown_on_the_screens_that_they_are_for_and_playlists_as_they_are_written() -> None:
    day = NOW.date()
    everybodys, theirs = Message("a", {"nl": "x"}, day, day), Message("b", {"nl": "y"}, day, day, "zuid")
    assert told_to("noord", [everybodys, theirs]) == (everybodys.slide,)
    assert told_to("zuid", [everybodys, theirs]) == (everybodys.slide, theirs.slide)
    assert slides_of(None) == DEFAULT
    own = Playlist("p", "Kort", ({"type": "wins"}, {"type": "duel", "seconds": 40}))
    assert [slide.type for slide in slides_of(own)] == ["wins", "duel"]
    assert playing_seconds(own) == 60


# the draft of a playlist


def draft(*types: str) -> drafts.Draft:
    return drafts.Draft("Kort", "", 3, [{"type": kind} for kind in types])


def types(found: drafts.Draft) -> list[str]:
    return [slide["type"] for slide in found.slides]


@pytest.mark.parametrize(
    ("action", "outcome", "at"),
    [
        ("add:goal", ["teams", "wins", "top", "goal"], 3),
        ("add:clock", ["teams", "wins", "top"], None),
        ("up:2", ["teams", "top", "wins"], 1),
        ("up:0", ["teams", "wins", "top"], 0),
        ("down:0", ["wins", "teams", "top"], 1),
        ("down:2", ["teams", "wins", "top"], 2),
        ("remove:1", ["teams", "top"], None),
        ("remove:7", ["teams", "wins", "top"], None),
        ("dance", ["teams", "wins", "top"], None),
    ],
)
def test_buttons_add_move_and_remove_slides(action: str, outcome: list[str], at: int | None) -> None:
    found = drafts.apply(draft("teams", "wins", "top"), action)
    assert (types(found), found.at) == (outcome, at)


def test_a_form_is_read_as_the_interface_takes_it() -> None:
    form = {
        "name": " Kort ",
        "team": "",
        "version": "3",
        "count": "4",
        "s0.type": "duel",
        "s0.teams.a": "noord",
        "s0.teams.b": "zuid",
        "s0.seconds": "40",
        "s0.metric": "",
        "s1.type": "goal",
        "s1.team": "",
        "s1.from": "2026-11-24",
        "s2.type": "message",
        "s2.text.a": "Taart",
        "s2.text.b": " ",
        "s3.type": "top",
        "s3.people": "on",
        "s3.by": "per_fte",
    }
    sent = drafts.read(form).sent
    assert sent == {
        "name": "Kort",
        "version": 3,
        "slides": [
            {"type": "duel", "teams": ["noord", "zuid"], "seconds": 40},
            {"type": "goal", "team": None, "from": "2026-11-24"},
            {"type": "message", "text": {"nl": "Taart"}},
            {"type": "top", "by": "per_fte", "people": True},
        ],
    }
    assert PlaylistIn().validate(sent) == {}


def test_each_type_of_slide_can_be_added_and_is_sound_once_it_has_what_it_needs() -> None:
    for kind in FIELDS:
        made = drafts.apply(draft(), f"add:{kind}").sent
        missing = PlaylistIn().validate(made)
        assert bool(missing) == (kind == MESSAGE), (kind, missing)


def test_what_is_wrong_is_said_at_its_field() -> None:
    problems = PlaylistIn().validate({"name": "", "slides": [{"type": "wins"}, {"type": "top", "seconds": 1}]})
    assert drafts.wrong(problems).keys() == {"name", "s1.seconds"}


@pytest.mark.parametrize(
    ("slide", "field"),
    [
        ({"type": "clock"}, "type"),
        ({"type": "teams", "seconds": 4}, "seconds"),
        ({"type": "teams", "people": True}, "people"),
        ({"type": "teams", "period": "soon"}, "period"),
        ({"type": "teams", "by": "luck"}, "by"),
        ({"type": "duel", "teams": ["noord", "noord"]}, "teams"),
        ({"type": "duel", "teams": ["a", "b", "c"]}, "teams"),
        ({"type": "message"}, "text"),
        ({"type": "message", "text": {}}, "text"),
        ({"type": "wins", "from": "2093-11-24", "until": "2093-11-23"}, "until"),
    ],
)
def test_a_slide_that_cannot_be_shown_is_refused_by_its_field(slide: dict[str, Any], field: str) -> None:
    problems: Any = PlaylistIn().validate({"name": "Kort", "slides": [slide]})
    assert problems["slides"][0].keys() == {field}


def test_the_interface_is_built_on_the_pages_and_never_the_other_way_round() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(drafts.__file__).parent.glob("*.py")]
    assert len(sources) > 3
    assert not [text for text in sources if "services.leaderboard.web" in text]
