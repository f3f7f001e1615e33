"""Finding things in the inbox, as JSON and as pages; letting parked ones go; noting a look."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

import services.ingest
from services.ingest.domain.directory import REASONS
from services.ingest.domain.quality import KINDS
from services.ingest.domain.search import STATUSES
from services.ingest.store import Outbox
from shared.web.words import LANGUAGES, words

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
KEY = r">\s*(?:inbox|parked|payload|quality|flag|status|reason|remedy|frame)\.[a-z_.-]+\s*<"
LOCALE = Path(services.ingest.__file__).parent / "locale"
NewClient = Callable[..., FlaskClient]


@pytest.fixture
def filled(
    new_client: NewClient, roster: dict[str, Any], playbook: dict[str, Any], call: dict[str, Any], won: dict[str, Any]
) -> FlaskClient:
    """A front door with a call, a won deal and a second word about it, an unknown owner and an unknown stage."""
    client = new_client()
    for kind, body in (("roster", roster), ("playbook", playbook)):
        assert client.put(f"/ingest/v1/league/{kind}?effective_from=2026-01-01", json=body).status_code == 201
    phone = new_client("phone", "activities:write")
    send(client, call, won, call)
    send(client, {**won, "id": "D-1/name", "deal": {"id": "D-1", "name": "Acme"}})
    send(phone, {**call, "owner": "nobody@example.nl", "data": {"secret": "s3cret"}})
    send(phone, {**won, "id": "D-2/stage", "deal": {"id": "D-2", "stage": "signing"}})
    return client


def send(client: FlaskClient, *items: dict[str, Any]) -> None:
    assert client.post("/ingest/v1/activities", json=list(items)).status_code == 202


def found(client: FlaskClient, query: str) -> list[str]:
    answer = client.get(f"/ingest/v1/inbox?{query}")
    assert answer.status_code == 200, answer.text
    return names(answer.get_json())


def names(answer: dict[str, Any]) -> list[str]:
    return [f"{item['connection']}:{item['id']}" for item in answer["items"]]


def body(answer: TestResponse) -> Any:
    return orjson.loads(answer.data)


EVERYTHING = ["phone:D-2/stage", "phone:8812", "crm:D-1/name", "crm:D-1/won", "crm:8812"]


SEARCHES = [
    ("", EVERYTHING),
    ("deal=D-1", ["crm:D-1/name", "crm:D-1/won"]),
    ("rep=sanne", ["crm:D-1/name", "crm:D-1/won", "crm:8812"]),
    ("rep=Sanne@example.nl&deal=D-1", ["crm:D-1/name", "crm:D-1/won"]),
    ("rep=nobody@example.nl", ["phone:8812"]),
    ("rep=stranger", []),
    ("id=8812", ["phone:8812", "crm:8812"]),
    ("id=phone:8812", ["phone:8812"]),
    ("id=1", ["crm:8812"]),
    ("id=999999999999999999999", []),
    ("connection=phone", ["phone:D-2/stage", "phone:8812"]),
    ("connection=phone&status=parked&reason=unknown-stage", ["phone:D-2/stage"]),
    ("status=parked", ["phone:D-2/stage", "phone:8812"]),
    ("status=waiting", ["crm:D-1/name", "crm:D-1/won", "crm:8812"]),
    ("status=accepted", []),
    ("status=ignored", []),
    ("reason=unknown-owner", ["phone:8812"]),
    ("from=2026-11-24&to=2026-11-24", EVERYTHING),
    ("from=2026-11-25", []),
    ("to=2026-11-23", []),
    ("from=2026-11-24T14:00:00Z&to=2026-11-24T14:00:01Z", EVERYTHING),
    ("to=2026-11-24T14:00:00Z", []),
]


def test_a_search_finds_what_it_says(filled: FlaskClient) -> None:
    assert {query: found(filled, query) for query, _ in SEARCHES} == dict(SEARCHES)


def test_what_is_published_counts_as_processed(filled: FlaskClient, outbox: Outbox, now: datetime) -> None:
    outbox.hand_on(10, lambda _batch: None, lambda: now)
    assert found(filled, "status=accepted") == ["crm:D-1/name", "crm:D-1/won", "crm:8812"]
    assert found(filled, "status=waiting") == []


def test_pages_follow_each_other_in_both_directions_without_gap_or_repetition(filled: FlaskClient) -> None:
    for query in ("", "rep=sanne&", "status=parked&"):
        whole = found(filled, query)
        answer = body(filled.get(f"/ingest/v1/inbox?{query}limit=1"))
        pages = names(answer)
        while answer["older"] is not None:
            answer = body(filled.get(f"/ingest/v1/inbox?{query}limit=1&before={answer['older']}"))
            pages += names(answer)
        assert pages == whole
        back = [pages[-1]]
        while answer["newer"] is not None:
            answer = body(filled.get(f"/ingest/v1/inbox?{query}limit=1&after={answer['newer']}"))
            back += names(answer)
        assert back[::-1] == whole


def test_an_item_tells_what_became_of_it_and_leads_to_its_credits(filled: FlaskClient) -> None:
    parked, unknown, _, deal, call = body(filled.get("/ingest/v1/inbox"))["items"]
    assert deal["activities"][0]["credits"] == "/scoring/v1/subjects/deal:D-1"
    assert call["activities"][0]["credits"] == "/scoring/v1/subjects/activity:crm:8812"
    assert (call["status"], call["activities"][0]["rep"]) == ("waiting", "sanne")
    assert unknown["status"] == "parked"
    told = unknown["activities"][0]
    assert (told["reason"], told["reference"]) == ("unknown-owner", "nobody@example.nl")
    assert told["remedy"]
    assert "credits" not in parked["activities"][0]


def test_a_question_that_cannot_be_meant_is_refused(client: FlaskClient) -> None:
    for query in (
        "from=yesterday",
        "from=2026-11-24T14:00",
        "status=lost",
        "limit=0",
        "colour=red",
        "deal=%00",
        "to=9999-12-31",
    ):
        answer = client.get(f"/ingest/v1/inbox?{query}")
        assert answer.status_code == 422
        assert [each["pointer"] for each in body(answer)["errors"]] == [f"query/{query.partition('=')[0]}"]


def test_only_who_runs_or_leads_may_look(new_client: NewClient) -> None:
    hr, lead, op = new_client("hr", "payouts:read"), new_client("lead", "league:write"), new_client("op", "operator")
    for path in ("v1/inbox", "v1/quality", "inbox", "parked", "quality"):
        assert [client.get(f"/ingest/{path}").status_code for client in (hr, lead, op)] == [403, 200, 200]


def test_pages_say_nothing_that_has_no_words_and_hold_no_code(filled: FlaskClient) -> None:
    paths = ("inbox", "inbox?rep=sanne", "inbox?deal=none", "inbox?from=x", "inbox/1", "inbox/4", "parked", "quality")
    for path, language in product(paths, LANGUAGES):
        page = filled.get(f"/ingest/{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status_code == 200, path
        assert f'<html lang="{language}">' in page.text
        assert not re.search(r"<[^>]*\s(style|on\w+)=", page.text)
        assert re.findall(KEY, page.text) == []


def test_the_page_of_a_payload_shows_it_with_its_secrets_masked(filled: FlaskClient) -> None:
    (number,) = (item["inbox"] for item in body(filled.get("/ingest/v1/inbox?rep=nobody@example.nl"))["items"])
    page = filled.get(f"/ingest/inbox/{number}?lang=en").text
    assert "s3cret" not in page
    assert "(masked)" in page
    assert "nobody@example.nl" in page
    assert "Nobody on the roster is known by this name" in page
    assert filled.get("/ingest/inbox/999").status_code == 404
    assert filled.get(f"/ingest/inbox/{2**63}").status_code == 404


def parked(client: FlaskClient) -> int:
    return sum(each["count"] for each in body(client.get("/ingest/v1/parked"))["counts"])


def release(client: FlaskClient, **order: Any) -> str:
    answer = client.post("/ingest/parked/release", data=order, headers=SAME_SITE)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def test_one_parked_activity_is_let_through_and_the_others_stay(filled: FlaskClient) -> None:
    unknown, stage = body(filled.get("/ingest/v1/parked"))["items"]
    assert unknown["reason"] == "unknown-owner"
    (number,) = re.findall(r'name="number" value="(\d+)"', filled.get("/ingest/parked?reason=unknown-stage").text)
    assert release(filled, number=number) == "/ingest/parked?released=0&still=1"
    assert release(filled, number=number, as_they_are="true") == "/ingest/parked?released=1&still=0"
    assert parked(filled) == 1
    page = filled.get(f"/ingest/inbox/{stage['inbox']}?lang=en").text
    assert "Let through by crm, 24 Nov 2026 15:00 (Unknown stage)" in page
    again = filled.post("/ingest/parked/release", data={"number": number, "as_they_are": "true"}, headers=SAME_SITE)
    assert again.status_code == 412
    assert found(filled, f"id=phone:{stage['activity'].partition(':')[2]}&status=parked") == []


def test_all_of_a_reason_are_let_through_where_a_person_may_say_so(filled: FlaskClient) -> None:
    assert release(filled, reason="unknown-stage", as_they_are="true") == "/ingest/parked?released=1&still=0"
    assert release(filled, as_they_are="true") == "/ingest/parked?released=0&still=1"
    assert "1 activity released." in filled.get("/ingest/parked?released=1&still=0&lang=en").text


def test_whose_yes_it_was_is_kept_with_what_it_let_go_however_it_was_given(filled: FlaskClient) -> None:
    (_, stage) = body(filled.get("/ingest/v1/parked"))["items"]
    told = filled.post("/ingest/v1/parked/release", json={"as_they_are": True, "reason": "unknown-stage"}).get_json()
    assert told == {"released": 1, "parked": 0}
    assert "Let through by crm" in filled.get(f"/ingest/inbox/{stage['inbox']}?lang=en").text


def test_a_form_of_another_site_releases_nothing(filled: FlaskClient, new_client: NewClient) -> None:
    signed_in = new_client()
    token = signed_in.environ_base.pop("HTTP_AUTHORIZATION").partition(" ")[2]
    signed_in.set_cookie("samenspel", token)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}):
        assert signed_in.post("/ingest/parked/release", data={}, headers=headers).status_code == 401
    assert parked(filled) == 2
    assert signed_in.post("/ingest/parked/release", data={}, headers=SAME_SITE).status_code == 303


def test_the_quality_of_the_data_is_told_by_connection_and_rep(filled: FlaskClient) -> None:
    told = body(filled.get("/ingest/v1/quality"))
    assert (told["from"], told["to"]) == ("2026-10-27T23:00:00Z", "2026-11-24T23:00:00Z")
    assert {row["name"]: (row["count"], row["parked"]) for row in told["connections"]} == {
        "crm": (3, 0),
        "phone": (0, 2),
    }
    (sanne,) = told["reps"]
    assert (sanne["name"], sanne["count"], sanne["median_s"], sanne["late"]) == ("sanne", 3, 3600.0, 0)
    assert told["flags"] == []


def test_a_flag_is_looked_at_by_a_person_and_has_no_other_consequence(filled: FlaskClient, won: dict[str, Any]) -> None:
    send(filled, {**won, "id": "D-3/won", "deal": {"id": "D-3", "status": "won"}})
    before = found(filled, "")
    (flag,) = body(filled.get("/ingest/v1/quality?from=2026-11-24"))["flags"]
    assert (flag["id"], flag["rep"], flag["seen"]) == ("no-amount:D-3", "sanne", None)
    assert "This deal has no amount" in filled.get("/ingest/quality?lang=en&from=2026-11-24").text
    order = {"flag": flag["id"], "note": "Asked <Sanne>", "back": "/ingest/quality?all=true&lang=en&from=2026-11-24"}
    answer = filled.post("/ingest/quality/seen", data=order, headers=SAME_SITE)
    assert answer.headers["Location"] == order["back"]
    page = filled.get(order["back"]).text
    assert "Seen by crm, 24 Nov 2026 15:00" in page
    assert "Asked &lt;Sanne&gt;" in page
    assert "This deal has no amount" not in filled.get("/ingest/quality?lang=en&from=2026-11-24").text
    assert body(filled.get("/ingest/v1/quality?from=2026-11-24"))["flags"][0]["seen"]["by"] == "crm"
    assert found(filled, "") == before


def test_what_is_no_flag_cannot_be_seen_and_nobody_is_sent_elsewhere(filled: FlaskClient) -> None:
    assert filled.post("/ingest/v1/quality/seen", json={"flag": "made-up:1"}).status_code == 404
    away = {"flag": "quiet:D-1", "back": "https://elsewhere.example"}
    assert filled.post("/ingest/quality/seen", data=away, headers=SAME_SITE).headers["Location"] == "/ingest/quality"


def test_every_status_and_sentence_is_there_in_both_languages() -> None:
    nl, en = (words(language, LOCALE) for language in LANGUAGES)
    assert nl.keys() == en.keys()
    assert all(nl.has(f"status.{status}") for status in STATUSES)
    assert all(nl.has(f"reason.{reason}") and nl.has(f"remedy.{reason}") for reason in REASONS)
    assert all(nl.has(f"flag.{kind}") and nl.has(f"flag.{kind}.text") for kind in KINDS)


def test_every_search_begins_at_an_index(engine: Engine, filled: FlaskClient) -> None:
    """Shown on SQLite, whose plans can be read; PostgreSQL chooses by statistics."""
    if engine.dialect.name != "sqlite":
        pytest.skip("plans are read on SQLite")
    plans = {
        "SELECT DISTINCT inbox FROM activities WHERE rep='x' AND inbox<9 ORDER BY inbox DESC LIMIT 9": "activities_rep",
        "SELECT DISTINCT inbox FROM activities WHERE deal='x' ORDER BY inbox DESC LIMIT 9": "activities_deal",
        "SELECT id FROM inbox WHERE connection='x' ORDER BY id DESC LIMIT 9": "inbox_connection",
        "SELECT id FROM inbox WHERE ignored IS NOT NULL ORDER BY id DESC LIMIT 9": "inbox_ignored",
        "SELECT id FROM inbox WHERE received_at>=5 ORDER BY received_at, id LIMIT 1": "inbox_received",
    }
    with engine.connect() as conn:
        for query, index in plans.items():
            plan = " ".join(row[3] for row in conn.execute(text(f"EXPLAIN QUERY PLAN {query}")))
            assert index in plan, query
            assert "TEMP B-TREE" not in plan, query
