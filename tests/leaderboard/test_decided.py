"""What people decide is kept the same way on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from services.leaderboard.cli import cli
from services.leaderboard.domain.hours import span, spans
from services.leaderboard.domain.people import Profile
from services.leaderboard.domain.playlists import Message, Playlist
from services.leaderboard.domain.screens import Beat, Setup
from services.leaderboard.store.decided import Decided
from services.leaderboard.store.pairings import PairingExpired, TooManyWrongCodes, UnknownCode
from services.leaderboard.store.playlists import PlaylistChanged, UnknownMessage, UnknownPlaylist
from services.leaderboard.store.screens import UnknownScreen
from tests.leaderboard.sample import NOW

HALL = Setup(
    "Hal", None, "noord", "en", "light", 600, 43, "off", sound=True, volume=45,
    quiet=spans("12:00-13:00, 22:00-06:00"), hours=span("07:30-18:30"),
)  # fmt: skip


@pytest.fixture
def decided(database_url: str) -> Decided:
    return Decided.open(database_url)


def test_a_screen_is_paired_kept_heard_changed_and_revoked(decided: Decided) -> None:
    screens, pairings = decided.screens, decided.pairings
    device, code = pairings.begin("10.0.0.7", NOW)
    assert pairings.collect(device, NOW) is None
    with pytest.raises(UnknownCode):
        pairings.confirm("BBBBBBBB", HALL, "els", NOW)
    name = pairings.confirm(code, HALL, "els", NOW)
    lost, kept = pairings.collect(device, NOW), pairings.collect(device, NOW)
    assert lost is not None
    assert kept is not None
    assert (screens.presenting(lost.secret), screens.presenting(kept.secret)) == (None, (name, False))
    beat = Beat(NOW, "duel", "v1", "1920x1080", 60, ("one", "two"))
    screens.heard(name, beat)
    screens.heard(name, beat)
    with pytest.raises(PairingExpired):
        pairings.collect(device, NOW)
    [screen] = screens.all()
    assert (screen.id, screen.setup, screen.beat, screen.paired_by) == (name, HALL, beat, "els")
    assert screens.change(name, Setup("Kantine")).setup == Setup("Kantine")
    screens.revoke(name, "els", NOW)
    assert (screens.all(), screens.presenting(kept.secret)) == ([], (name, True))
    with pytest.raises(UnknownScreen):
        screens.change(name, HALL)


def test_wrong_codes_count_for_ten_minutes(decided: Decided) -> None:
    def wrong(at: timedelta) -> None:
        decided.pairings.confirm("BBBBBBBB", HALL, "els", NOW + at)

    for minute in range(5):
        with pytest.raises(UnknownCode):
            wrong(timedelta(minutes=minute))
    with pytest.raises(TooManyWrongCodes):
        wrong(timedelta(minutes=9))
    with pytest.raises(UnknownCode):
        wrong(timedelta(minutes=10))


def test_playlists_messages_and_the_screens_that_play_them(decided: Decided) -> None:
    playlists = decided.playlists
    made = playlists.add(Playlist("", "Kort", ({"type": "teams"},), "noord"), "els", NOW)
    assert playlists.change(made, "els", NOW).version == 2
    with pytest.raises(PlaylistChanged):
        playlists.change(made, "els", NOW)
    _, code = decided.pairings.begin("", NOW)
    name = decided.pairings.confirm(code, Setup("Hal", made.id), "els", NOW)
    playlists.remove(made.id)
    assert (playlists.all(), decided.screens.one(name).setup.playlist) == ([], None)
    with pytest.raises(UnknownPlaylist):
        playlists.change(made, "els", NOW)
    days = date(2093, 11, 24), date(2093, 11, 26)
    written = playlists.write(Message("", {"nl": "Taart", "en": "Cake"}, *days, None, 20), "els", NOW)
    assert playlists.messages(days[1]) == [playlists.message(written.id)] == [written]
    assert playlists.programme(days[1] + timedelta(days=1)).messages == []
    playlists.unwrite(written.id)
    with pytest.raises(UnknownMessage):
        playlists.unwrite(written.id)


def test_what_a_person_decided_and_who_hides_them_are_kept_apart(decided: Decided) -> None:
    profiles, said = decided.profiles, Profile(on_tv=True, nickname="Ann", avatar="vos", celebrate=False)
    profiles.hide("anna", "els", NOW)
    assert profiles.one("anna") == Profile(hidden=True)
    profiles.decide("anna", said, NOW)
    assert profiles.all() == {"anna": Profile(True, "Ann", "vos", celebrate=False, hidden=True)}
    profiles.hide("anna", None, NOW)
    assert profiles.one("anna") == said
    command = CliRunner().invoke(cli, ["forget", "anna"], env={"LEADERBOARD_DATABASE_URL": str(database(decided))})
    assert (command.output, profiles.all()) == ("removed\n", {})


def database(decided: Decided) -> str:
    return decided.engine.url.render_as_string(hide_password=False)
