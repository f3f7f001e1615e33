from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.domain.attempts import OF_ACCOUNT, WINDOW, Attempts, counted, place_of
from services.ingest.domain.passwords import USUAL, Cost, hashed, matches, of_nobody, weaknesses

CHEAP = Cost(4, 8, 1)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SANNE = ("sanne.devries", "Sanne", "de", "Vries", "voorbeeld", "example")


@pytest.mark.parametrize(
    "good",
    [
        "fiets kaas molen regen",
        "Vrijdagmiddag-borrel-om-vijf",
        "q8!Lw2#zR9@p",
        "наша команда самая",
        "🚲🧀🌧🌷🥨🍺🎈🎲🧩🛶🎻🧭",
    ],
)
def test_a_long_password_that_is_nobodys_first_idea_is_good(good: str) -> None:
    assert list(weaknesses(good, SANNE)) == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("kort", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaaaa", "pattern"),
        ("qwertyuiopasdf", "pattern"),
        ("abcdefghijkl12", "pattern"),
        ("12345678901234", "pattern"),
        ("Password1234567!", "common"),
        ("P@ssw0rd2026!!", "common"),
        ("Welkom01Welkom01", "common"),
        ("samenspel-utrecht-2026", "common"),
        ("Sanne.deVries1!", "personal"),
        ("voorbeeld2026!", "personal"),
    ],
)
def test_what_everybody_tries_first_is_refused_with_the_reason(bad: str, why: str) -> None:
    assert why in list(weaknesses(bad, SANNE))


def test_a_password_matches_what_was_kept_of_it_and_nothing_else_does() -> None:
    kept = hashed("fiets kaas molen", b"s" * 16, CHEAP)
    assert matches("fiets kaas molen", kept)
    assert not matches("fiets kaas molen ", kept)
    assert not matches("", kept)
    assert not matches("fiets", of_nobody(bytes(48), CHEAP))
    assert "fiets" not in kept


def test_the_same_password_is_kept_differently_by_another_salt() -> None:
    assert hashed("fiets kaas molen", b"a" * 16, CHEAP) != hashed("fiets kaas molen", b"b" * 16, CHEAP)


def test_a_letter_composed_in_two_ways_is_the_same_letter() -> None:
    assert matches("caf\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT}", hashed("café", b"s" * 16, CHEAP))


def test_the_usual_cost_is_that_of_the_published_advice() -> None:
    assert (2**USUAL.n_bits, USUAL.r, USUAL.p) == (32_768, 8, 3)
    assert matches("fiets kaas molen", hashed("fiets kaas molen", b"s" * 16))


def test_after_too_many_attempts_there_is_a_pause_and_then_a_new_start() -> None:
    before: Attempts | None = None
    for _ in range(OF_ACCOUNT):
        before, wait = counted(before, OF_ACCOUNT, NOW)
        assert wait is None
    same, wait = counted(before, OF_ACCOUNT, NOW + timedelta(minutes=4))
    assert (same, wait) == (before, timedelta(minutes=11))
    assert counted(before, OF_ACCOUNT, NOW + WINDOW) == (Attempts(1, NOW + WINDOW), None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "nonsense", True),
    ],
)
def test_an_address_counts_as_the_line_that_it_belongs_to(one: str, other: str, *, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same
