"""The asker against a CRM of our own over real HTTP: what it asks, at which pace, and what becomes of the answers."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from services.ingest.asker import client as http
from services.ingest.asker.__main__ import Desk
from services.ingest.asker.client import Client
from services.ingest.asker.rounds import Rounds
from services.ingest.domain import asking
from services.ingest.domain.arrivals import Origin, Payload
from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import SOURCES
from services.ingest.domain.directory import OWNERS
from services.ingest.domain.results import Sent, Want
from services.ingest.handlers import parking as parked
from services.ingest.handlers import taking
from services.ingest.handlers.asking import Taking
from services.ingest.handlers.names import Names
from services.ingest.settings import SecretsSettings, Settings
from services.ingest.store import Asking, Inbox, League, Parking
from services.ingest.store.secrets import Secrets
from services.ingest.web import create_app
from shared.auth import SCOPES, mint
from shared.contracts.league import PLAYBOOK, ROSTER
from shared.settings import WebSettings
from shared.sql import reading
from tests.engines.engine import wait_until
from tests.ingest.crm_server import TOKEN, Crm, running

START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REFERENCE = "env:SAMENSPEL_SECRET_TOKEN"


@dataclass
class Office:
    """A front door with one connection to the CRM, the asker's parts, and a clock that the test moves."""

    engine: Engine
    crm: Crm
    token: str = TOKEN
    now: datetime = START
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        self.queue, self.league, self.inbox = Asking(self.engine), League(self.engine), Inbox(self.engine)
        self.names = Names(self.league)
        self.begin()

    def begin(self) -> None:
        """Start the asker anew, as a restart of its process does."""
        secrets = Secrets({"SAMENSPEL_SECRET_TOKEN": self.token} if self.token else {}, None)
        self.rounds = Rounds(self.queue, self.names.now, secrets.find, lambda: self.now)
        desk = Desk(self.inbox, self.league, self.names, lambda: self.now)
        self.taking = Taking(desk.take, desk.learn)

    def put(self, kind: str, body: dict[str, Any]) -> None:
        """Keep a document."""
        self.league.add(kind, self.now.date(), "manager", body, self.now, after=None)

    def connect(self, kind: str = "hubspot", *, api: bool = True, per_second: float = 100, **more: Any) -> None:
        """Keep the document of connections, with one that is called crm."""
        address = {"api": {"url": self.crm.url, "token": REFERENCE, "per_second": per_second}} if api else {}
        self.put(SOURCES, {"sources": [{"name": "crm", "kind": kind, "secrets": [REFERENCE], **address, **more}]})

    def bring(self, *sent: Sent, source: str = "hubspot") -> None:
        """Take in what a hook would bring."""
        taking.take(sent, Origin("crm", source), self.names.now(), self.inbox, self.now)

    def want(self, *wants: Want) -> None:
        """Take in a payload that lacks something."""
        self.bring(Sent(f"event-{len(self.crm.seen)}-{self.now.timestamp()}", {}, wants=wants))

    def turn(self, seconds: float = 0.0) -> bool:
        """Let time pass, then let the asker make one round."""
        self.now += timedelta(seconds=seconds)
        return self.rounds.turn(self.client.ask, self.taking)

    def line(self) -> asking.Line:
        """Return the line to the CRM."""
        return self.queue.lines().get("crm", asking.Line("crm"))

    def payloads(self) -> list[Payload]:
        """Return everything in the inbox."""
        with reading(self.engine) as conn:
            ids = list(conn.execute(text("SELECT id FROM inbox ORDER BY id")).scalars())
        return [payload for each in ids if (payload := self.inbox.get(each))]

    def answers(self) -> list[Payload]:
        """Return what the CRM's API told."""
        return [each for each in self.payloads() if each.source == "hubspot api"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One engine is enough here: test_asking.py holds the queue against both."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
def crm() -> Iterator[Crm]:
    with running(Crm()) as served:
        yield served


@pytest.fixture
def office(engine: Engine, crm: Crm, roster: dict[str, Any], playbook: dict[str, Any]) -> Iterator[Office]:
    made = Office(engine, crm)
    roster["reps"][0]["identities"].append("crm:1")
    made.put(ROSTER, roster)
    made.put(PLAYBOOK, playbook)
    made.connect(stages={"closedwon": "won"}, currency="EUR")
    yield made
    made.client.close()


def deal(name: str, owner: str = "1", at: str = "2026-11-24T09:00:00Z") -> dict[str, Any]:
    history = {"dealstage": "closedwon", "amount": "2000", "hubspot_owner_id": owner}
    entries = {key: [{"value": value, "timestamp": at, "sourceType": "CRM_UI"}] for key, value in history.items()}
    return {"id": name, "propertiesWithHistory": entries, "updatedAt": at, "archived": False}


def bodies(payload: Payload) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in payload.activities]


# -------------------------------------------------------------------------------------------------------- what is asked


def test_what_a_payload_lacks_is_asked_once_things_are_quiet(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.want(Want("deal", "7"))
    assert not office.turn(1.9)
    assert office.crm.seen == []
    assert office.turn(0.1)
    (seen,) = office.crm.seen
    assert (seen.method, seen.path) == ("POST", "/crm/v3/objects/deals/batch/read")
    assert office.queue.counts() == {}
    (answer,) = office.answers()
    said = {name: value for body in bodies(answer) for name, value in body["deal"]["set"].items()}
    assert said == {"stage": "won", "amount": "2000", "currency": "EUR", "owner": "sanne"}


def test_an_owner_that_only_the_crm_knows_is_asked_and_releases_what_waits(office: Office) -> None:
    office.crm.put("deals", "7", deal("7", owner="4"))
    office.crm.put("owner", "4", {"id": "4", "email": "sanne@example.nl"})
    office.want(Want("deal", "7"))
    office.turn(2)
    assert [held.reference for held, _ in Parking(office.engine).counts()] == ["crm:4"]
    office.turn(2)
    assert office.crm.seen[-1].path == "/crm/v3/owners/4"
    document = office.league.latest(OWNERS)
    assert document is not None
    assert document.body == {"owners": {"crm:4": "sanne@example.nl"}}
    parked.recheck(Parking(office.engine), office.names.now())
    assert Parking(office.engine).counts() == []
    assert {body["rep"] for body in bodies(office.answers()[0]) if body["rep"]} == {"sanne"}


def test_an_owner_who_is_not_on_the_roster_is_shown_by_address_and_asked_once(office: Office) -> None:
    office.crm.put("deals", "7", deal("7", owner="4"))
    office.crm.put("owner", "4", {"id": "4", "email": "nieuw@example.nl"})
    office.want(Want("deal", "7"))
    office.turn(2)
    office.turn(2)
    parked.recheck(Parking(office.engine), office.names.now())
    assert [held.reference for held, _ in Parking(office.engine).counts()] == ["nieuw@example.nl"]
    assert not office.turn(60)


def test_who_waits_since_before_there_was_an_api_is_asked_once_there_is(office: Office) -> None:
    office.crm.put("owner", "4", {"id": "4", "email": "sanne@example.nl"})
    office.connect(api=False)
    claim = Claim("call:1", "call", office.now, owner="crm:4", owner_said=True)
    office.bring(Sent("event", {}, (claim,)))
    assert office.queue.counts() == {}
    office.connect()
    parked.recheck(Parking(office.engine), office.names.now())
    office.turn(2)
    parked.recheck(Parking(office.engine), office.names.now())
    assert Parking(office.engine).counts() == []


def test_fifty_deals_are_asked_about_in_one_request(office: Office) -> None:
    for n in range(60):
        office.crm.put("deals", str(n), deal(str(n)))
    office.want(*(Want("deal", str(n)) for n in range(60)))
    office.turn(2)
    office.turn(1)
    assert [len(seen.body["inputs"]) for seen in office.crm.seen if seen.body] == [50, 10]
    assert len(office.answers()) == 60


def test_asking_twice_changes_nothing(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    for _ in range(2):
        office.want(Want("deal", "7"))
        office.turn(3)
    (answer,) = office.answers()
    assert len(office.crm.seen) >= 2
    assert answer.again == 1


@pytest.mark.parametrize("name", ["../owners", "7?x=1", "7/8", "", "a" * 101])
def test_an_id_that_could_lead_elsewhere_is_not_asked(office: Office, name: str) -> None:
    office.want(Want("deal", name))
    assert office.queue.counts() == {}


def test_nothing_is_wanted_where_no_api_is_named(office: Office) -> None:
    office.connect(api=False)
    office.want(Want("deal", "7"))
    assert office.queue.counts() == {}
    assert not office.turn(60)


def test_nothing_is_sent_while_the_token_is_missing_and_that_is_shown(office: Office) -> None:
    office.token = ""
    office.begin()
    office.want(Want("deal", "7"))
    office.turn(2)
    assert office.crm.seen == []
    assert office.line().state == asking.STOPPED
    assert "SAMENSPEL_SECRET_TOKEN is not set" in str(office.line().reason)
    assert office.queue.counts() == {("crm", asking.WAITING): 1}


# ---------------------------------------------------------------------------------------------------- what comes back


def test_a_wrong_token_stops_the_connection_until_the_document_changes(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.crm.token = "another"
    office.want(Want("deal", "7"))
    office.turn(2)
    assert (office.line().state, len(office.crm.seen)) == (asking.STOPPED, 1)
    assert "api.token" in str(office.line().reason)
    assert not office.turn(1800)
    office.crm.token = TOKEN
    office.connect(currency="EUR", stages={"closedwon": "won"}, per_second=99)
    assert office.turn(1) or office.turn(1)
    assert (office.line().state, len(office.answers())) == (asking.OPEN, 1)


def test_a_wrong_token_is_tried_again_after_an_hour_and_after_a_restart(office: Office) -> None:
    office.crm.token = "another"
    office.want(Want("deal", "7"))
    office.turn(2)
    office.turn(3601)
    assert len(office.crm.seen) == 2
    office.begin()
    office.turn(1)
    office.turn(1)
    assert len(office.crm.seen) == 3


def test_a_crm_that_asks_to_wait_is_left_alone_so_long_even_over_a_restart(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.crm.next_replies.append((429, {"Retry-After": "30"}, {"errorType": "RATE_LIMIT"}))
    office.want(Want("deal", "7"))
    office.turn(2)
    assert (office.line().state, office.line().until) == (asking.PAUSED, office.now + 30 * SECOND)
    office.begin()
    assert not office.turn(29)
    assert office.turn(1)
    assert (office.line().state, len(office.answers())) == (asking.OPEN, 1)


def test_what_the_crm_does_not_have_is_shown_as_gone(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.want(Want("deal", "7"), Want("deal", "8"))
    office.turn(2)
    assert office.queue.counts() == {("crm", asking.GONE): 1}
    (gone,) = office.queue.troubles("crm", 10)
    assert (gone.id, gone.state) == ("8", asking.GONE)


def test_a_crm_in_trouble_is_asked_again_ever_more_slowly_and_nothing_is_lost(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.crm.next_replies.extend([(500, {}, {})] * 3)
    office.want(Want("deal", "7"))
    pauses = []
    while not office.answers():
        before = len(office.crm.seen)
        begun = office.now
        while len(office.crm.seen) == before:
            office.turn(1)
        pauses.append((office.now - begun).total_seconds())
    assert len(pauses) == 4
    assert pauses[-1] >= pauses[1]


def test_one_wrong_question_takes_no_other_with_it(office: Office) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.crm.next_replies.append((400, {}, {"category": "VALIDATION_ERROR"}))
    office.want(Want("deal", "7"), Want("deal", "x"))
    office.turn(2)
    for _ in range(10):
        office.turn(1)
    assert len(office.answers()) == 1
    assert [each.id for each in office.queue.troubles("crm", 9)] == ["x"]


DEEP = b'{"results": [{"id": "7", "propertiesWithHistory": {"dealstage": [{"timestamp": "2026-11-24T13:00:00Z", '
DEEP += b'"value": "won"}]}, "more": ' + b"[" * 600 + b"]" * 600 + b"}]}"


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[]", b"{}", b'{"results": 7}', b'{"results": [{}]}', DEEP],
    ids="html list empty number without deep".split(),
)
def test_an_answer_that_is_not_as_documented_is_asked_again_later(office: Office, body: bytes) -> None:
    office.crm.next_replies.append((200, {}, body))
    office.want(Want("deal", "7"))
    office.turn(2)
    (question,) = office.queue.troubles("crm", 9)
    assert (question.state, question.attempts) == (asking.WAITING, 1)
    assert office.line().state == asking.OPEN


def test_a_redirect_is_not_followed(office: Office) -> None:
    office.crm.next_replies.append((302, {"Location": f"{office.crm.url}/elsewhere"}, {}))
    office.want(Want("deal", "7"))
    office.turn(2)
    assert [seen.path for seen in office.crm.seen] == ["/crm/v3/objects/deals/batch/read"]


def test_a_crm_that_cannot_be_reached_costs_a_pause(office: Office) -> None:
    office.want(Want("deal", "7"))
    office.crm.url = "http://127.0.0.1:9"
    office.connect()
    office.turn(2)
    assert (office.line().state, office.line().reason) == (
        asking.PAUSED,
        "the CRM did not answer: ConnectionError",
    )


@pytest.mark.parametrize(("delay", "drip"), [(0.5, 0.0), (0.0, 0.05)])
def test_a_slow_crm_is_given_up_for_now(
    office: Office, monkeypatch: pytest.MonkeyPatch, delay: float, drip: float
) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.3)
    office.crm.put("deals", "7", deal("7"))
    office.crm.delay, office.crm.drip = delay, drip
    office.want(Want("deal", "7"))
    office.turn(2)
    assert office.line().state == asking.PAUSED
    assert office.queue.counts() == {("crm", asking.WAITING): 1}


def test_an_answer_that_never_ends_is_not_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST", 1000)
    office.crm.next_replies.append((200, {}, b"x" * 5000))
    office.want(Want("deal", "7"))
    office.turn(2)
    assert office.line().reason == "the CRM did not answer: more than 1,000 bytes"


# ------------------------------------------------------------------------------------------------------------ the pace


def test_no_more_is_asked_in_a_second_than_the_connection_allows(office: Office) -> None:
    office.connect(per_second=2, currency="EUR", stages={"closedwon": "won"})
    for n in range(8):
        office.crm.put("owner", str(n), {"id": str(n), "email": f"{n}@example.nl"})
    office.want(*(Want("owner", str(n)) for n in range(8)))
    office.now += 2 * SECOND
    asked = [office.turn(0.1) for _ in range(40)]
    assert sum(asked) == 8
    assert all(sum(asked[n : n + 10]) <= 2 for n in range(30))


def test_it_waits_until_the_next_question_is_due(office: Office) -> None:
    office.turn()
    assert office.rounds.wait == SECOND
    office.want(Want("deal", "7"))
    office.turn(1.5)
    assert office.rounds.wait == 0.5 * SECOND


# ---------------------------------------------------------------------------------------------------- from end to end


def test_a_stage_change_that_hubspot_sends_alone_is_completed_by_what_its_api_knows(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    office.crm.put("deals", "7", deal("7", owner="4"))
    office.crm.put("owner", "4", {"id": "4", "email": "sanne@example.nl"})
    secrets = SecretsSettings({"SAMENSPEL_SECRET_TOKEN": TOKEN})
    mint(tmp_path / "tokens.json", "nobody", SCOPES)
    web = WebSettings(tmp_path / "run", tmp_path / "tokens.json")
    app = create_app(Settings(database_url, web, secrets), lambda: office.now)
    event = {
        "subscriptionType": "deal.propertyChange",
        "portalId": 62515,
        "objectId": 7,
        "occurredAt": 1_795_510_800_000,
    }
    body = json.dumps([{**event, "propertyName": "dealstage", "propertyValue": "closedwon"}])
    signature = hashlib.sha256((TOKEN + body).encode()).hexdigest()
    headers = {"X-HubSpot-Signature": signature, "Content-Type": "application/json"}
    answer = app.test_client().post("/ingest/v1/hooks/crm", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["accepted"]) == (202, 1)
    assert office.turn(2)
    assert office.turn(2)
    parked.recheck(Parking(office.engine), office.names.now())
    told = [body["deal"]["set"] for payload in office.payloads() for body in bodies(payload)]
    assert {name: value for said in told for name, value in said.items()} == {
        "stage": "won",
        "amount": "2000",
        "currency": "EUR",
        "owner": "sanne",
    }


# --------------------------------------------------------------------------------------------- what an operator sees


def test_an_operator_sees_what_waits_and_why_and_can_let_it_go_on(
    office: Office, new_client: Callable[..., FlaskClient]
) -> None:
    client = new_client("operator", "operator")
    office.crm.token = "another"
    office.want(Want("deal", "7"))
    office.turn(2)
    (line,) = client.get("/ingest/v1/asking").get_json()["lines"]
    assert (line["connection"], line["state"], line["waiting"]) == ("crm", asking.STOPPED, 1)
    assert "the CRM answered 401" in line["reason"]
    assert client.post("/ingest/v1/asking/crm/resume").get_json() == {"opened": True, "asked_again": 0}
    assert client.get("/ingest/v1/asking").get_json()["lines"][0]["state"] == asking.OPEN
    assert client.post("/ingest/v1/asking/nobody/resume").status_code == 404
    assert TOKEN not in client.get("/ingest/v1/asking").text


# --------------------------------------------------------------------------------------------------------- the process


@pytest.fixture
def start(database_url: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the process; all of them have gone at the end."""
    started: list[subprocess.Popen[bytes]] = []
    settings = {
        "INGEST_DATABASE_URL": database_url,
        "SAMENSPEL_RUN_DIR": str(tmp_path / "run"),
        "SAMENSPEL_SECRET_TOKEN": TOKEN,
        "SAMENSPEL_LOG_LEVEL": "debug",
    }

    def begin() -> subprocess.Popen[bytes]:
        with (tmp_path / "asker.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "services.ingest.asker"],
                    env={**os.environ, **settings},
                    stdout=log,
                    stderr=log,
                )
            )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_the_process_goes_on_after_a_kill_and_its_log_holds_no_token(
    office: Office, start: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    office.crm.put("deals", "7", deal("7"))
    office.crm.delay = 30
    office.now = datetime.now(UTC) - 10 * SECOND
    office.want(Want("deal", "7"))
    first = start()
    wait_until(lambda: len(office.crm.seen) == 1, 30, "the CRM to be asked")
    first.kill()
    first.wait()
    office.crm.delay = 0
    second = start()
    wait_until(lambda: len(office.answers()) == 1, 30, "the answer to be stored")
    wait_until((tmp_path / "run" / "ingest-asker.prom").exists, 10, "the figures")
    second.send_signal(signal.SIGTERM)
    assert second.wait(15) == 0
    log = (tmp_path / "asker.log").read_text()
    assert '"things":1' in log.replace(" ", "")
    assert TOKEN not in log
    assert (
        'samenspel_ingest_asked_total{connection="crm",status="200"}'
        in (tmp_path / "run" / "ingest-asker.prom").read_text()
    )
