"""Signing in and out with a browser, and what the frame around every page promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.auth import SCOPES, Caller, mint
from shared.web.access import SESSION
from shared.web.figures import NONE, Figures
from shared.web.menu import PLACES, first_for, is_local, open_to
from shared.web.words import LANGUAGES, words

OWN = {"Sec-Fetch-Site": "same-origin"}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def token(tokens_file: Path) -> str:
    return mint(tokens_file, "sanne", ["activities:write", "operator"])


def form(client: FlaskClient, token: str, path: str = "/ingest/enter", **headers: str) -> TestResponse:
    return client.post(path, data={"token": token}, headers={**OWN, **headers})


def test_a_pasted_token_signs_a_browser_in_and_leads_on(client: FlaskClient, token: str) -> None:
    answer = form(client, f"  {token}\n")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ingest/inbox")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    known = client.get("/ingest/enter?lang=en").text
    assert "You are signed in as sanne" in known
    assert "operate Samenspel" in known
    assert token not in known


def test_a_token_counts_where_somebody_was_signed_in(client: FlaskClient, token: str) -> None:
    client.set_cookie(SESSION, "the session of an account")
    form(client, token)
    assert client.get_cookie(SESSION) is None


def test_the_script_hands_a_link_s_token_in_and_hears_where_to_go(client: FlaskClient, token: str) -> None:
    answer = client.post("/ingest/enter?next=/ingest/parked", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["X-Next"]) == (204, "/ingest/parked")


def test_a_token_that_is_not_valid_is_said_so_and_not_kept(client: FlaskClient) -> None:
    answer = form(client, "samenspel_made-up", path="/ingest/enter?lang=nl")
    assert answer.status_code == 401
    assert "niet geldig" in answer.text
    assert "made-up" not in answer.text
    assert "samenspel=" not in answer.headers.get("Set-Cookie", "")


def test_no_other_site_can_sign_somebody_in_or_out(client: FlaskClient, token: str) -> None:
    assert form(client, token, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    form(client, token)
    assert client.post("/ingest/leave", headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert client.post("/ingest/leave", headers=OWN).headers["Location"] == "/ingest/enter"
    assert "signed in as" not in client.get("/ingest/enter?lang=en").text


@pytest.mark.parametrize("next_", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere", "/a\nb", ""])
def test_nobody_is_sent_to_another_site(client: FlaskClient, token: str, next_: str) -> None:
    assert not is_local(next_)
    answer = client.post("/ingest/enter", query_string={"next": next_}, data={"token": token}, headers=OWN)
    assert answer.headers["Location"] == "/ingest/inbox"


def test_a_page_that_needs_a_token_leads_a_browser_to_the_entrance_and_back(client: FlaskClient) -> None:
    answer = client.get("/ingest/v1/activities?lang=en", headers=BROWSER)
    assert answer.status_code == 401
    assert "Sign in to see this" in answer.text
    assert "/ingest/enter?next=/ingest/v1/activities" in answer.text


def test_a_language_is_asked_for_once_and_kept(client: FlaskClient) -> None:
    assert '<html lang="nl">' in client.get("/ingest/enter").text
    assert '<html lang="en">' in client.get("/ingest/enter", headers={"Accept-Language": "fr, en;q=0.8"}).text
    assert '<html lang="en">' in client.get("/ingest/enter?lang=en").text
    assert '<html lang="en">' in client.get("/ingest/enter").text
    assert '<html lang="nl">' in client.get("/ingest/enter?lang=nl").text
    assert '<html lang="nl">' in client.get("/ingest/enter?lang=xx").text


def test_the_frame_s_files_are_kept_for_ever_under_their_present_name(client: FlaskClient) -> None:
    page = client.get("/ingest/enter").text
    addresses = [part.partition('"')[0] for part in page.split('"/ingest/frame/')[1:]]
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(f"/ingest/frame/{address}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    assert client.get("/ingest/frame/old/frame.css").headers["Cache-Control"] == "no-store"
    assert client.get("/ingest/frame/old/../pages.py").status_code == 404


def test_places_are_shown_to_those_who_may_open_them() -> None:
    screen, crm = Caller("tv", frozenset({"screen"})), Caller("crm", frozenset({"activities:write"}))
    assert [place.key for place in open_to(screen)] == ["tv"]
    assert first_for("ingest", screen) == "/tv"
    assert first_for("ingest", crm) == first_for("ingest", None) == "/ingest/docs"
    assert {scope for place in PLACES for scope in place.scopes} <= SCOPES.keys()


def test_every_place_scope_and_problem_has_a_word_in_both_languages() -> None:
    nl, en = (words(language) for language in LANGUAGES)
    keys = [f"frame.place.{place.key}" for place in PLACES] + [f"frame.scope.{scope}" for scope in SCOPES]
    assert all(nl.has(key) and en.has(key) for key in keys)
    assert set(nl.keys()) == set(en.keys())


def test_figures_are_written_as_people_write_them() -> None:
    at = datetime(2026, 11, 24, 13, 52, 7, tzinfo=UTC)
    nl, en = Figures("nl", AMSTERDAM), Figures("en", AMSTERDAM)
    assert (nl.money(1_234_560, "EUR"), en.money(1_234_560, "EUR")) == ("€\N{NO-BREAK SPACE}12.345,60", "€12,345.60")
    assert (nl.money(1234, "JPY"), nl.money(None, "EUR")) == ("JP¥\N{NO-BREAK SPACE}1.234", NONE)
    assert (nl.major("0.005", "EUR"), nl.exact(Decimal("1.50"))) == ("€\N{NO-BREAK SPACE}0,005", "1,50")
    assert (nl.moment(at), en.moment(at)) == ("24 nov 2026 14:52", "24 Nov 2026 14:52")
    assert en.zoned(at) == "24 Nov 2026 14:52:07 CET"
    assert (nl.iso(at), nl.day(at.date())) == ("2026-11-24T13:52:07Z", "24 nov 2026")
    assert (nl.share(0.873, 1), en.share(0.873)) == ("87,3%", "87%")
    assert (nl.number(1234567.891, 2), en.number(1234)) == ("1.234.567,89", "1,234")
    assert nl.span(timedelta(days=2, hours=3, minutes=9)) == "2 d 3 u"
    assert (en.span(timedelta(seconds=8)), en.span(timedelta(minutes=-90))) == ("8 s", "\N{MINUS SIGN}1 h 30 min")
