"""Screens as an office has them: paired by a code, set up, told and revoked from afar; each by who may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.leaderboard.domain import pairing
from services.leaderboard.live import stop_all
from services.leaderboard.pages import app_version
from services.leaderboard.pages.identity import COOKIE
from services.leaderboard.settings import Settings
from services.leaderboard.store import Standings
from services.leaderboard.web import create_app
from shared.auth import ROLES, Caller, mint
from shared.sessions import Session, sign
from shared.settings import WebSettings
from tests.engines import Engine
from tests.engines.postgres import fresh_database
from tests.leaderboard.sample import NOW, apply, league, line, put

V1 = "/leaderboard/v1"
KEY = "k" * 40
HALL = {"name": "Hal", "hours": "07:30-18:30", "quiet": ["12:00-13:00"], "distance": "6", "inches": 43}
UTRECHT, ZUID = "noord", "zuid"


class Office:
    """The web process with a clock to turn, and people and screens who call it."""

    def __init__(self, app: Flask) -> None:
        self.app, self.now = app, NOW

    def client(self, who: Caller | None = None) -> Client:
        """Return a browser, signed in as somebody or not."""
        client = Client(self.app.test_client())
        if who is not None:
            session = sign(Session(who, self.now + timedelta(days=30)), KEY)
            client.flask.set_cookie("samenspel_session", session)
        return client


class Client:
    """A browser of this site."""

    def __init__(self, flask: FlaskClient) -> None:
        self.flask = flask

    def call(self, method: str, path: str, status: int = 200, **json: Any) -> Any:
        """Return what is answered with this status, as JSON."""
        answer: TestResponse = self.flask.open(
            f"{V1}{path}", method=method, json=json or None, headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None

    def post(self, path: str, status: int = 200, **json: Any) -> Any:
        return self.call("POST", path, status, **json)

    def put(self, path: str, status: int = 200, **json: Any) -> Any:
        return self.call("PUT", path, status, **json)

    def get(self, path: str, status: int = 200) -> Any:
        return self.call("GET", path, status)

    def delete(self, path: str, status: int = 204) -> None:
        self.call("DELETE", path, status)


def person(role: str, rep: str | None = None, teams: set[str] | None = None) -> Caller:
    return Caller(
        rep or role, ROLES[role], role, rep, None if teams is None else frozenset(teams), f"acc-{rep or role}"
    )


@pytest.fixture
def office(standings: Standings, fresh_redis_url: str, tmp_path: Path) -> Iterator[Office]:
    put(standings, league())
    apply(standings, [line(1, "anna", 2500), line(2, "daan", 5000)])
    mint(tmp_path / "tokens.json", "tv", ["screen"])
    web = WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0, session_keys=(KEY,))
    settings = Settings(fresh_redis_url, web, f"sqlite:///{tmp_path}/screens.db")
    made: list[Office] = []
    made.append(Office(create_app(settings, clock=lambda: made[0].now if made else NOW)))
    yield made[0]
    stop_all()


@pytest.fixture
def manager(office: Office) -> Client:
    """Somebody who looks after the whole office."""
    return office.client(person("manager"))


@pytest.fixture
def noord(office: Office) -> Client:
    """The manager of one team."""
    return office.client(person("manager", teams={UTRECHT}))


def paired(office: Office, manager: Client, **setup: Any) -> tuple[Client, Any]:
    """Return a paired screen's browser, and the screen as its manager sees it."""
    screen = office.client()
    begun = screen.post("/pairings", 201)
    made = manager.post("/pairings/confirm", 201, code=begun["user_code"], **{"name": "Hal", **setup})
    assert screen.post("/pairings/collect", device_code=begun["device_code"])["state"] == "paired"
    return screen, made


def slides(screen: Client) -> list[str]:
    return [slide["type"] for slide in screen.get("/screens/self/state")["slides"]]


# pairing


def test_a_screen_shows_a_code_and_is_let_in_once_somebody_has_typed_it(office: Office, manager: Client) -> None:
    screen = office.client()
    screen.get("/screens/self/state", 401)
    begun = screen.post("/pairings", 201)
    assert (begun["expires_in"], begun["interval"], len(begun["user_code"])) == (600, 5, 9)
    assert begun["verification_uri_complete"].endswith(f"/leaderboard/screens/pair?code={begun['user_code']}")
    assert begun["qr"].startswith("data:image/svg+xml")
    assert screen.post("/pairings/collect", device_code=begun["device_code"])["state"] == "waiting"
    typed = begun["user_code"].lower().replace("-", " ")
    made = manager.post("/pairings/confirm", 201, code=typed, **HALL)
    assert (made["name"], made["scale"], made["state"]) == ("Hal", 1.53, "waiting")
    assert screen.post("/pairings/collect", device_code=begun["device_code"])["state"] == "paired"
    cookie = screen.flask.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.http_only
    assert screen.get("/screens/self/state")["slides"]
    assert 'id="screen"' in screen.flask.get("/tv").text


def test_a_lost_answer_can_be_asked_for_again_until_the_screen_was_heard(office: Office, manager: Client) -> None:
    screen, begun = office.client(), office.client().post("/pairings", 201)
    manager.post("/pairings/confirm", 201, code=begun["user_code"], name="Hal")
    for _ in range(2):
        assert screen.post("/pairings/collect", device_code=begun["device_code"])["state"] == "paired"
    screen.post("/screens/self/beat", 204, slide="duel")
    office.client().post("/pairings/collect", 404, device_code=begun["device_code"])


def test_a_code_works_once_and_for_ten_minutes(office: Office, manager: Client) -> None:
    first, second = (office.client().post("/pairings", 201) for _ in range(2))
    manager.post("/pairings/confirm", 201, code=first["user_code"], name="Hal")
    manager.post("/pairings/confirm", 404, code=first["user_code"], name="Nog eens")
    office.now += timedelta(minutes=10)
    manager.post("/pairings/confirm", 404, code=second["user_code"], name="Te laat")
    office.client().post("/pairings/collect", 404, device_code=second["device_code"])


def test_who_types_five_wrong_codes_waits_ten_minutes_and_others_do_not(office: Office, manager: Client) -> None:
    begun = office.client().post("/pairings", 201)
    for _ in range(5):
        manager.post("/pairings/confirm", 404, code="BBBB-BBBB", name="Hal")
    manager.post("/pairings/confirm", 429, code=begun["user_code"], name="Hal")
    office.client(person("admin")).post("/pairings/confirm", 201, code=begun["user_code"], name="Hal")
    office.now += timedelta(minutes=10)
    manager.post("/pairings/confirm", 404, code=begun["user_code"], name="Hal")


def test_who_may_not_pair_screens_cannot_type_a_code(office: Office) -> None:
    begun = office.client().post("/pairings", 201)
    office.client(person("seller", "anna")).post("/pairings/confirm", 403, code=begun["user_code"], name="Hal")
    office.client().post("/pairings/confirm", 401, code=begun["user_code"], name="Hal")


def test_an_address_that_asks_for_ever_more_codes_loses_its_oldest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "MOST_OF_ONE_ADDRESS", 2)
    begun = []
    for _ in range(3):
        office.now += timedelta(seconds=1)
        begun.append(office.client().post("/pairings", 201))
    office.client().post("/pairings/collect", 404, device_code=begun[0]["device_code"])
    office.client().post("/pairings/collect", device_code=begun[-1]["device_code"])
    monkeypatch.setattr(pairing, "MOST_OPEN", 2)
    office.client().post("/pairings", 429)


# set-up, state, orders


def test_what_a_screen_says_is_seen_by_who_looks_after_it(office: Office, manager: Client) -> None:
    screen, made = paired(office, manager)
    errors = ["slide duel: TypeError"]
    screen.post("/screens/self/beat", 204, slide="duel", app=app_version(), viewport="1920x1080", errors=errors)
    [seen] = manager.get("/screens")["screens"]
    assert (seen["id"], seen["state"], seen["paired_by"]) == (made["id"], "live", "acc-manager")
    assert (seen["beat"]["slide"], seen["beat"]["current"], seen["beat"]["errors"]) == ("duel", True, errors)
    screen.post("/screens/self/beat", 204, slide=None, app="an-older-one")
    [seen] = manager.get("/screens")["screens"]
    assert (seen["state"], seen["beat"]["current"]) == ("waiting", False)
    office.now += timedelta(seconds=151)
    assert manager.get("/screens")["screens"][0]["state"] == "offline"


def test_outside_its_hours_a_screen_is_off_and_nobody_worries(office: Office, manager: Client) -> None:
    screen, _ = paired(office, manager, hours="07:30-18:30")
    office.now = NOW.replace(hour=18)  # 19:00 in Amsterdam
    screen.post("/screens/self/beat", 204, slide="duel")
    assert manager.get("/screens")["screens"][0]["state"] == "off"


def test_a_screen_that_nobody_paired_may_beat_and_nothing_is_kept(office: Office, manager: Client) -> None:
    office.client().post("/screens/self/beat", 204, slide="duel")
    assert manager.get("/screens")["screens"] == []


def test_a_set_up_is_replaced_as_a_whole_and_checked(office: Office, manager: Client) -> None:
    _, made = paired(office, manager, **HALL)
    changed = manager.put(f"/screens/{made['id']}", name="Kantine", team="noord", theme="light", sound=True)
    assert (changed["name"], changed["team"], changed["theme"], changed["hours"]) == ("Kantine", "noord", "light", None)
    for wrong in ({"team": "west"}, {"playlist": "pl-none"}, {"hours": "7-18"}, {"quiet": ["noon"]}, {"inches": 5}):
        manager.put(f"/screens/{made['id']}", 422, name="Kantine", **wrong)
    manager.put("/screens/scr-none", 404, name="Kantine")


@contextmanager
def following(screen: Client) -> Iterator[Iterator[tuple[str, Any]]]:
    """Yield the events of a screen's stream but signs of life, as (name, data)."""
    answer = screen.flask.get(f"{V1}/screens/self/stream", buffered=False)

    def events() -> Iterator[tuple[str, Any]]:
        for part in cast("Iterator[bytes]", answer.response):
            for block in part.decode().split("\n\n"):
                fields = dict(each.partition(": ")[::2] for each in block.splitlines())
                if fields.get("event", "hb") != "hb":
                    yield fields["event"], orjson.loads(fields["data"])

    yield events()
    answer.close()


def heard(events: Iterator[tuple[str, Any]], event: str, **data: Any) -> Any:
    """Return the data of the next such event that holds `data`; settings may be said again."""
    return next(told for name, told in events if name == event and data.items() <= told.items())


def test_a_screen_follows_what_is_decided_about_it_until_it_is_revoked(office: Office, manager: Client) -> None:
    screen, made = paired(office, manager, **HALL)
    with following(screen) as events:
        name, told = next(events)
        assert (name, told["name"], told["language"], told["scale"], told["hours"]) == (
            *("screen", "Hal", "nl", 1.53, "07:30-18:30"),
        )
        assert told["sound"] == {"on": False, "volume": 0.3, "quiet": ["12:00-13:00"]}
        assert heard(events, "snapshot")["slides"]
        manager.put(f"/screens/{made['id']}", name="Kantine", language="en")
        assert heard(events, "screen", name="Kantine")["language"] == "en"
        for order in ("identify", "next", "reload"):
            manager.post(f"/screens/{made['id']}/orders", 202, order=order)
            heard(events, order)
        manager.post(f"/screens/{made['id']}/orders", 202, order="celebrate")
        trial = heard(events, "celebrate")
        assert (trial["kind"], trial["team"], trial["rep"]) == ("test", "Team Noord", None)
        manager.post(f"/screens/{made['id']}/orders", 202, order="unmute")
        heard(events, "screen", sound={"on": True, "volume": 0.3, "quiet": []})
        manager.delete(f"/screens/{made['id']}")
        assert [name for name, _ in events] == ["revoked"]
    screen.get("/screens/self/state", 401)
    assert manager.get("/screens")["screens"] == []


# playlists and messages


def test_a_screen_plays_its_playlist_and_then_the_messages_for_it(office: Office, manager: Client) -> None:
    goal = {"type": "goal", "seconds": 40, "team": "@screen"}
    playlist = manager.post("/playlists", 201, name="Kort", slides=[{"type": "teams"}, goal])
    screen, made = paired(office, manager, playlist=playlist["id"], team="noord")
    days = {"from": "2093-11-24", "until": "2093-11-25"}
    for team, text in ((None, "Taart"), ("noord", "Hup noord"), ("zuid", "Hup zuid")):
        manager.post("/messages", 201, text={"nl": text}, team=team, **days)
    assert slides(screen) == ["teams", "goal", "message", "message"]
    texts = {slide["text"]["en"] for slide in screen.get("/screens/self/state")["slides"] if slide["type"] == "message"}
    assert texts == {"Taart", "Hup noord"}
    office.now += timedelta(days=2)
    assert manager.get("/messages")["messages"] == []
    assert slides(screen) == ["teams", "goal"]
    manager.delete(f"/playlists/{playlist['id']}")
    assert manager.get(f"/screens/{made['id']}")["playlist"] is None
    assert "duel" in slides(screen)


def test_of_two_who_change_a_playlist_the_second_is_told(manager: Client) -> None:
    made = manager.post("/playlists", 201, name="Kort", slides=[{"type": "teams"}])
    changed = manager.put(f"/playlists/{made['id']}", name="Kort", slides=[{"type": "wins"}], version=made["version"])
    assert changed["version"] == 2
    manager.put(f"/playlists/{made['id']}", 412, name="Kort", slides=[{"type": "top"}], version=made["version"])
    assert manager.get(f"/playlists/{made['id']}")["slides"] == [{"type": "wins"}]
    manager.put("/playlists/pl-none", 404, name="Kort", slides=[{"type": "top"}])


def test_a_slide_that_cannot_be_shown_is_refused_by_its_field(manager: Client) -> None:
    problem = manager.post("/playlists", 422, name="Kort", slides=[{"type": "wins"}, {"type": "teams", "by": "luck"}])
    assert [each["pointer"] for each in problem["errors"]] == ["/slides/1/by"]


def test_a_slide_has_the_days_on_which_it_is_shown(office: Office, manager: Client) -> None:
    shown = [{"type": "teams"}, {"type": "wins", "from": "2093-11-25", "until": "2093-11-25"}]
    made = manager.post("/playlists", 201, name="Kort", slides=shown)
    assert made["slides"] == shown
    screen, _ = paired(office, manager, playlist=made["id"])
    assert slides(screen) == ["teams"]
    office.now += timedelta(days=1)
    assert slides(screen) == ["teams", "wins"]


# pages


def test_pages_show_what_the_caller_looks_after_and_say_how_to_begin(
    office: Office, manager: Client, noord: Client
) -> None:
    empty = noord.flask.get("/leaderboard/screens?lang=en").text
    assert "No screen has been paired yet" in empty
    assert "http://localhost/tv" in empty
    _, hall = paired(office, manager, name="<Hal>")
    _, own = paired(office, noord, team="noord", name="Noord")
    assert "&lt;Hal&gt;" in manager.flask.get("/leaderboard/screens").text
    listed = noord.flask.get("/leaderboard/screens").text
    assert (own["id"] in listed, hall["id"] in listed) == (True, False)
    assert noord.flask.get(f"/leaderboard/screens/{hall['id']}").status_code == 403
    assert '<option value="zuid"' not in noord.flask.get("/leaderboard/screens/pair").text
    assert office.client(person("seller", "anna")).flask.get("/leaderboard/screens").status_code == 403


def test_forms_count_only_when_they_come_from_this_site(office: Office, manager: Client) -> None:
    _, made = paired(office, manager)
    for path in (f"screens/{made['id']}/revoke", f"screens/{made['id']}/orders", "playlists/new", "messages"):
        answer = manager.flask.post(f"/leaderboard/{path}", data={}, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 401, path
    assert manager.get(f"/screens/{made['id']}")["name"] == "Hal"


# bounds


def test_a_team_manager_looks_after_the_screens_of_the_own_team_only(
    office: Office, manager: Client, noord: Client
) -> None:
    _, own = paired(office, noord, team="noord")
    _, hall = paired(office, manager)
    _, foreign = paired(office, manager, team="zuid")
    assert [screen["id"] for screen in noord.get("/screens")["screens"]] == [own["id"]]
    for screen in (hall, foreign):
        noord.get(f"/screens/{screen['id']}", 403)
        noord.put(f"/screens/{screen['id']}", 403, name="Mijn")
        noord.post(f"/screens/{screen['id']}/orders", 403, order="reload")
        noord.delete(f"/screens/{screen['id']}", 403)
    noord.put(f"/screens/{own['id']}", 403, name="Hal")  # would take it out of the own team
    begun = office.client().post("/pairings", 201)
    noord.post("/pairings/confirm", 403, code=begun["user_code"], name="Hal", team="zuid")


def test_a_team_manager_changes_the_own_teams_playlists_and_messages_only(
    office: Office, manager: Client, noord: Client
) -> None:
    show: dict[str, Any] = {"name": "Kort", "slides": [{"type": "teams"}]}
    everybodys, foreign = (manager.post("/playlists", 201, **show, team=team) for team in (None, "zuid"))
    own = noord.post("/playlists", 201, **show, team="noord")
    noord.post("/playlists", 403, **show)
    assert {each["id"] for each in noord.get("/playlists")["playlists"]} == {everybodys["id"], own["id"]}
    noord.get(f"/playlists/{everybodys['id']}")
    begun = office.client().post("/pairings", 201)
    set_up = {"code": begun["user_code"], "name": "Noord", "team": "noord"}
    noord.post("/pairings/confirm", 422, **set_up, playlist=foreign["id"])
    noord.post("/pairings/confirm", 201, **set_up, playlist=everybodys["id"])
    noord.get(f"/playlists/{foreign['id']}", 403)
    noord.put(f"/playlists/{everybodys['id']}", 403, **show)
    noord.delete(f"/playlists/{everybodys['id']}", 403)
    days = {"from": "2093-11-24", "until": "2093-11-25", "text": {"nl": "Hup"}}
    written = manager.post("/messages", 201, **days)
    noord.post("/messages", 403, **days)
    noord.delete(f"/messages/{written['id']}", 403)
    noord.delete(f"/messages/{noord.post('/messages', 201, **days, team='noord')['id']}")
    assert [each["id"] for each in noord.get("/messages")["messages"]] == [written["id"]]


# people


def test_a_seller_decides_how_a_tv_names_them_and_a_manager_can_only_hide_them(office: Office, manager: Client) -> None:
    anna, noord = office.client(person("seller", "anna")), office.client(person("manager", teams={"zuid"}))
    assert (anna.get("/profile")["on_tv"], anna.get("/profile")["shown_as"]) == (None, None)
    shown = anna.put("/profile", on_tv=True, nickname="  Anna  K ", avatar="vos", celebrate=False)
    assert (shown["shown_as"], shown["avatar"], shown["celebrate"]) == ("Anna K", "vos", False)
    noord.put("/profiles/anna/hidden", 403, hidden=True)
    manager.put("/profiles/nobody/hidden", 404, hidden=True)
    assert manager.put("/profiles/anna/hidden", hidden=True)["shown_as"] is None
    assert anna.put("/profile", on_tv=True)["shown_as"] is None
    assert manager.put("/profiles/anna/hidden", hidden=False)["shown_as"] == "Anna"
    manager.put("/profile", 403, on_tv=True)


@pytest.mark.parametrize(
    "wrong", [{"nickname": "Bas"}, {"nickname": "x" * 15}, {"nickname": "An\u202ena"}, {"avatar": "stroopwafel"}]
)
def test_a_nickname_is_short_visible_and_nobody_elses_name(office: Office, wrong: dict[str, str]) -> None:
    office.client(person("seller", "anna")).put("/profile", 422, **wrong)


def test_whoever_takes_the_name_back_is_gone_from_the_screens_at_once(office: Office, manager: Client) -> None:
    anna = office.client(person("seller", "anna"))
    anna.put("/profile", on_tv=True, nickname="Ann")
    shows = manager.post("/playlists", 201, name="Top", slides=[{"type": "top", "people": True}])
    screen, _ = paired(office, manager, playlist=shows["id"])
    with following(screen) as events:
        assert [next(events)[0], b"Ann" in orjson.dumps(next(events)[1])] == ["screen", True]
        anna.put("/profile", on_tv=False)
        last = next(told for name, told in events if name == "snapshot")
        assert b"Ann" not in orjson.dumps(last)


def test_a_moment_is_kept_exactly(office: Office, manager: Client) -> None:
    office.now = datetime(2093, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
    _, made = paired(office, manager)
    assert made["paired_at"] == "2093-11-24T12:00:00.123456+00:00"


@pytest.mark.postgres
def test_while_the_database_is_away_a_tv_gets_the_page_that_asks_again(
    standings: Standings, fresh_redis_url: str, postgres_engine: Engine, tmp_path: Path
) -> None:
    put(standings, league())
    mint(tmp_path / "tokens.json", "tv", ["screen"])
    with fresh_database(postgres_engine.url) as url:
        settings = Settings(fresh_redis_url, WebSettings(tmp_path, tmp_path / "tokens.json", rate_limit=0), url)
        screen = Client(create_app(settings, clock=lambda: NOW).test_client())
        screen.flask.set_cookie(COOKIE, "whatever-it-has")
        assert screen.flask.get("/tv").status_code == 401
        postgres_engine.stop()
        page = screen.flask.get("/tv")
        assert (page.status_code, 'id="screen"' in page.text) == (200, True)
        screen.get("/screens/self/state", 503)
        postgres_engine.start()
    stop_all()
