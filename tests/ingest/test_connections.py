"""The document of sources: refused with every problem at once, kept by version, never published, without secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import Engine

from services.ingest.cli import cli
from services.ingest.domain.arrivals import Sender
from services.ingest.domain.connections import Api, Connection, Place
from services.ingest.handlers.refusals import EVERY, Refusals
from services.ingest.schemas.connections import parse_sources
from services.ingest.store import League
from services.ingest.store.secrets import MissingSecret, Secrets
from services.ingest.store.senders import Senders
from shared.contracts.league import BadDocument

URL = "/ingest/v1/league/sources"
AT = datetime(2026, 11, 24, 14, tzinfo=UTC)


@pytest.fixture
def hubspot() -> dict[str, Any]:
    return {
        "name": "hubspot-nl",
        "kind": "hubspot",
        "secrets": ["env:SAMENSPEL_SECRET_HUBSPOT", "file:hubspot-nl"],
        "account": 62515,
        "public_url": "https://samenspel.example.nl/",
        "currency": "EUR",
        "timezone": "Europe/Amsterdam",
        "pipelines": {"default": "nieuw"},
        "stages": {"closedwon": "won", "7": {"pipeline": "nieuw", "stage": "demo"}},
        "activities": {"Demo gehouden": "call", "lunch": "ignore"},
        "deal_prefix": "",
        "api": {"url": "https://api.hubapi.com", "token": "env:SAMENSPEL_SECRET_HUBSPOT_TOKEN", "per_second": 5},
        "window_s": 120,
    }


def problems(*sources: Any) -> dict[str, str]:
    with pytest.raises(BadDocument) as caught:
        parse_sources({"sources": list(sources)}, strict=True)
    return {problem.pointer: problem.message for problem in caught.value.problems}


def test_a_connection_is_read_with_all_it_says(hubspot: dict[str, Any]) -> None:
    (found,) = parse_sources({"sources": [hubspot]}, strict=True)
    assert found == Connection(
        name="hubspot-nl",
        kind="hubspot",
        secrets=("env:SAMENSPEL_SECRET_HUBSPOT", "file:hubspot-nl"),
        account="62515",
        public_url="https://samenspel.example.nl",
        currency="EUR",
        timezone="Europe/Amsterdam",
        pipelines={"default": "nieuw"},
        stages={"closedwon": Place("won"), "7": Place("demo", "nieuw")},
        activities={"Demo gehouden": "call", "lunch": "ignore"},
        deal_prefix="",
        api=Api("https://api.hubapi.com", "env:SAMENSPEL_SECRET_HUBSPOT_TOKEN", 5.0),
        window_s=120,
    )
    assert (found.deal("7"), found.owner("7")) == ("7", "hubspot-nl:7")


def test_deals_of_two_crms_never_meet_unless_the_document_wants_it() -> None:
    assert Connection("a", "hubspot").deal("7") == "a:7"
    assert Connection("a", "hubspot", deal_prefix="crm/").deal("7") == "crm/7"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"secrets": []}, "secrets"),
        ({"secrets": ["env:PATH"]}, "secrets/0"),
        ({"secrets": ["env:SAMENSPEL_TOKENS_FILE"]}, "secrets/0"),
        ({"secrets": ["file:../tokens.json"]}, "secrets/0"),
        ({"secrets": ["file:.hidden"]}, "secrets/0"),
        ({"secrets": [None]}, "secrets/0"),
        ({"kind": "lotus"}, "kind"),
        ({"name": "Hub Spot"}, "name"),
        ({"public_url": "http://samenspel.example.nl"}, "public_url"),
        ({"public_url": "https://samenspel.example.nl/hooks"}, "public_url"),
        ({"public_url": "https://[::1"}, "public_url"),
        ({"currency": "euro"}, "currency"),
        ({"timezone": "Amsterdam"}, "timezone"),
        ({"stages": {"x": {"stage": "won"}}}, "stages/x"),
        ({"stages": {"x": "ignore"}}, "stages/x"),
        ({"activities": {"x": "No Id"}}, "activities/x"),
        ({"api": {"url": "http://api.example.com", "token": "file:t"}}, "api/url"),
        ({"api": {"url": "https://u:p@api.example.com", "token": "file:t"}}, "api/url"),
        ({"window_s": 0}, "window_s"),
        ({"origins": ["https://x.y"]}, "origins/0"),
        ({"deal_prefix": "a b"}, "deal_prefix"),
        ({"currencies": {"1": "euro"}}, "currencies/1"),
        ({"typo": 1}, "typo"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(hubspot: dict[str, Any], changed: Any, pointer: str) -> None:
    assert list(problems({**hubspot, **changed})) == [f"/sources/0/{pointer}"]


def test_an_api_on_this_machine_needs_no_encryption(hubspot: dict[str, Any]) -> None:
    hubspot["api"]["url"] = "http://127.0.0.1:8000/crm"
    assert parse_sources({"sources": [hubspot]}, strict=True)[0].api.url.endswith("/crm")  # type: ignore[union-attr]  # it is there


def test_all_problems_are_named_at_once(hubspot: dict[str, Any]) -> None:
    found = problems(hubspot, {**hubspot, "kind": "lotus", "secrets": ["hunter2"], "window_s": "x"}, 5)
    assert set(found) == {
        "/sources/1/name", "/sources/1/kind", "/sources/1/secrets/0", "/sources/1/window_s", "/sources/2",
    }  # fmt: skip


def test_a_secret_that_was_written_down_is_refused_with_advice_and_not_repeated(
    client: FlaskClient, hubspot: dict[str, Any]
) -> None:
    response = client.put(URL, json={"sources": [{**hubspot, "secrets": ["hunter2"], "secret": "hunter3"}]})
    assert response.status_code == 422
    assert "hunter" not in response.text
    assert "env:SAMENSPEL_SECRET_NAME" in response.text


def test_it_is_kept_by_version_and_never_travels(
    client: FlaskClient, hubspot: dict[str, Any], engine: Engine, playbook: dict[str, Any]
) -> None:
    client.put("/ingest/v1/league/playbook", json=playbook, query_string={"effective_from": "2026-01-01"})
    first = client.put(URL, json={"sources": [hubspot]})
    assert (first.status_code, first.get_json()["effective_from"]) == (201, "2026-11-24")
    assert first.get_json()["warnings"] == []
    hubspot["stages"]["lost"] = {"pipeline": "oud", "stage": "verloren"}
    hubspot["activities"]["bezoek"] = "visit"
    second = client.put(URL, json={"sources": [hubspot]}).get_json()
    assert second["diff"] == [
        'connection hubspot-nl: stages: lost (none) → {"pipeline": "oud", "stage": "verloren"}',
        "connection hubspot-nl: activities: bezoek (none) → visit",
    ]
    assert [warning["pointer"] for warning in second["warnings"]] == [
        "/sources/0/stages/lost",
        "/sources/0/stages/lost/pipeline",
        "/sources/0/activities/bezoek",
    ]
    assert len(client.get(f"{URL}/versions").get_json()["versions"]) == 2
    assert client.get(URL).get_json()["body"]["sources"][0]["secrets"][0] == "env:SAMENSPEL_SECRET_HUBSPOT"
    league, sent = League(engine), list[str]()
    for _ in range(2):
        league.hand_on(lambda batch: sent.extend(each.kind for each in batch), lambda: AT)
        league.unpublish()
    assert sent == ["playbook", "playbook"]


def test_the_command_line_puts_it_too(tmp_path: Path, hubspot: dict[str, Any], database_url: str) -> None:
    file = tmp_path / "sources.json"
    file.write_bytes(orjson.dumps({"sources": [hubspot]}))
    env = {"INGEST_DATABASE_URL": database_url}
    assert "sources version 1" in CliRunner().invoke(cli, ["league", "put", "sources", str(file)], env=env).output
    file.write_bytes(orjson.dumps({"sources": [{**hubspot, "secrets": ["hunter2"]}]}))
    failed = CliRunner().invoke(cli, ["league", "put", "sources", str(file)], env=env)
    assert failed.exit_code == 2
    assert "hunter2" not in failed.output


def test_references_lead_to_variables_and_files_and_are_looked_up_each_time(tmp_path: Path) -> None:
    secrets = Secrets({"SAMENSPEL_SECRET_A": " one\n"}, tmp_path)
    assert secrets.find("env:SAMENSPEL_SECRET_A") == "one"
    (tmp_path / "b").write_text("two\n")
    assert secrets.all(["env:SAMENSPEL_SECRET_A", "file:missing", "file:b"]) == ("one", "two")
    (tmp_path / "b").write_text("three\n")
    assert secrets.find("file:b") == "three"


@pytest.mark.parametrize("reference", ["env:SAMENSPEL_SECRET_NONE", "file:none", "file:empty", "file:binary", "file:d"])
def test_a_reference_that_leads_nowhere_says_what_to_do(tmp_path: Path, reference: str) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "d").mkdir()
    secrets = Secrets({"SAMENSPEL_SECRET_NONE": ""}, tmp_path)
    with pytest.raises(MissingSecret, match=r"set it|write the secret into it"):
        secrets.all([reference])


def test_a_connection_shows_no_secret_of_its_own(hubspot: dict[str, Any]) -> None:
    (found,) = parse_sources({"sources": [hubspot]})
    assert "SAMENSPEL_SECRET" not in repr(found)


class Written:
    """Remembers what was written down."""

    def __init__(self) -> None:
        self.found: list[tuple[str, int, str]] = []

    def refuse(self, connection: str, number: int, why: str, at: datetime) -> None:
        self.found.append((connection, number, why))


def test_many_refusals_are_written_down_as_one() -> None:
    written = Written()
    refusals = Refusals(written)
    for _ in range(100):
        refusals.note("a", "no", AT)
    refusals.note("b", "no", AT)
    refusals.note("a", "never", AT + EVERY)
    assert written.found == [("a", 1, "no"), ("b", 1, "no"), ("a", 100, "never")]


def test_refusals_add_up(engine: Engine) -> None:
    senders = Senders(engine)
    senders.refuse("a", 2, "no", AT)
    senders.refuse("a", 3, "never", AT)
    assert senders.all() == {"a": Sender("a", refused=5, refused_at=AT, refusal="never")}
