"""What a person may ask for: everything that is kept of them; that it goes. And payloads whose time is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from services.ingest.cli import cli
from services.ingest.domain import erasure
from services.ingest.domain.directory import OWNERS
from services.ingest.domain.quality import Review
from services.ingest.handlers import owners
from services.ingest.handlers import people as handlers
from services.ingest.handlers.people import Order, Pruner, StillThere
from services.ingest.store import League, Outbox
from services.ingest.store.people import People
from services.ingest.store.quality import Quality
from services.ingest.store.retention import Retention

NAMES = ("sanne", "de vries")
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str) -> Run:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env={"INGEST_DATABASE_URL": database_url})

    return invoke


@pytest.fixture
def office(client: FlaskClient, roster: dict[str, Any], call: dict[str, Any], won: dict[str, Any]) -> FlaskClient:
    """A front door with a seller under a neutral id, who left, and a colleague; both did something."""
    sanne = {**roster["reps"][0], "id": "1024", "memberships": [{"team": "noord", "from": "2026-01-01"}]}
    daan = {"id": "1025", "name": "Daan Bakker", "memberships": [{"team": "zuid", "from": "2026-01-01"}]}
    put(client, {**roster, "reps": [sanne, daan]})
    send(client, call, {**won, "actor": "Sanne de Vries"})
    send(client, {**call, "id": "of-daan", "owner": "1025", "data": {"note": "handed over by SANNE@example.nl"}})
    send(client, {**call, "id": "of-daan-too", "owner": "1025"})
    sanne = {**sanne, "memberships": [{"team": "noord", "from": "2026-01-01", "to": "2026-11-01"}]}
    put(client, {**roster, "reps": [sanne, daan]})
    return client


def put(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.put("/ingest/v1/league/roster?effective_from=2026-01-01", json=body).status_code == 201


def send(client: FlaskClient, *items: dict[str, Any]) -> None:
    assert client.post("/ingest/v1/activities", json=list(items)).status_code == 202


def everything(engine: Engine) -> str:
    """Return every text in the database, in small letters."""
    with engine.connect() as conn:
        texts = [
            "SELECT payload || ' ' || key FROM inbox",
            "SELECT body || ' ' || coalesce(reference, '') FROM activities",
            "SELECT body FROM league",
            "SELECT note FROM reviews",
        ]
        return " ".join(str(value) for query in texts for value in conn.execute(text(query)).scalars()).lower()


def test_erasing_takes_the_names_and_leaves_what_was_counted_under_the_key(
    office: FlaskClient, engine: Engine, now: datetime
) -> None:
    Quality(engine).mark("late-logging:1024:2026-11", Review("marieke", now, "spoke with Sanne de Vries"))
    before = bodies(engine)
    told = handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), League(engine), now)
    assert [name for name in NAMES if name in everything(engine)] == []
    assert (told.payloads, told.activities, told.notes, told.rosters, told.version) == (3, 2, 1, 2, 3)
    after = bodies(engine)
    assert after.keys() == before.keys()
    assert {name: each["rep"] for name, each in after.items()} == {name: each["rep"] for name, each in before.items()}
    assert after["crm:D-1/won"]["deal"] == before["crm:D-1/won"]["deal"]
    assert after["crm:D-1/won"]["actor"] == "Former seller 7"
    assert after["crm:of-daan"]["data"]["note"] == "handed over by Former seller 7"
    assert "of-daan-too" in everything(engine)
    rep = office.get("/ingest/v1/league/roster").get_json()["body"]["reps"][0]
    assert (rep["id"], rep["name"], rep["identities"]) == ("1024", "Former seller 7", [])
    assert rep["memberships"] == [{"team": "noord", "from": "2026-01-01", "to": "2026-11-01"}]


def bodies(engine: Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as conn:
        found = [orjson.loads(body) for body in conn.execute(text("SELECT body FROM activities")).scalars()]
    return {each["id"]: each for each in found}


def test_the_addresses_that_crms_told_are_forgotten_too(office: FlaskClient, engine: Engine, now: datetime) -> None:
    league = League(engine)
    owners.learn({"hubspot-nl:7": "Sanne@example.nl", "hubspot-nl:8": "daan@example.nl"}, league, now)
    handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), league, now)
    latest = league.latest(OWNERS)
    assert latest is not None
    assert latest.body["owners"] == {"hubspot-nl:8": "daan@example.nl"}


def test_earlier_rosters_go_out_again_without_the_names(office: FlaskClient, engine: Engine, now: datetime) -> None:
    league = League(engine)
    league.hand_on(lambda _batch: None, lambda: now)
    handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), league, now)
    sent: list[Any] = []
    league.hand_on(sent.extend, lambda: now)
    assert sorted(each.version for each in sent) == [1, 2, 3]
    assert not re.search("sanne", orjson.dumps([each.body for each in sent]).decode(), re.IGNORECASE)


def test_a_try_tells_the_same_numbers_and_a_second_erasure_finds_nothing_left(
    office: FlaskClient, engine: Engine, now: datetime
) -> None:
    order = Order("1024", "Former seller 7", "hr", dry_run=True)
    tried = handlers.erase(order, People(engine), League(engine), now)
    assert "sanne" in everything(engine)
    done = handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), League(engine), now)
    assert (tried.payloads, tried.activities, tried.notes) == (done.payloads, done.activities, done.notes)
    again = handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), League(engine), now)
    assert (again.payloads, again.activities, again.rosters) == (0, 0, 0)


def test_who_is_still_in_a_team_is_not_erased(office: FlaskClient, engine: Engine, now: datetime) -> None:
    with pytest.raises(StillThere, match="1025 is in a team without an end"):
        handlers.erase(Order("1025", "x", "hr"), People(engine), League(engine), now)


def test_what_comes_later_under_the_old_name_is_parked_not_credited(
    office: FlaskClient, engine: Engine, call: dict[str, Any], now: datetime
) -> None:
    handlers.erase(Order("1024", "Former seller 7", "hr"), People(engine), League(engine), now)
    answer = office.post("/ingest/v1/activities", json={**call, "id": "later"}).get_json()
    assert answer["results"][0]["reason"] == "unknown-owner"


def test_an_export_holds_everything_of_the_person_and_names_what_others_hold(
    office: FlaskClient, engine: Engine, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "sanne.json"
    result = run("person", "export", "1024", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "3 activities and 2 versions of the roster" in result.output
    told = orjson.loads(out.read_bytes())
    assert [each["activity"]["id"] for each in told["activities"]] == ["crm:8812", "crm:D-1/won", "crm:of-daan"]
    assert told["activities"][0]["payload"]["owner"] == "sanne@example.nl"
    assert set(told["elsewhere"]) == {"scoring", "leaderboard", "commission", "bus", "account", "crm"}
    assert oct(out.stat().st_mode)[-3:] == "600"


def test_the_command_reports_what_it_did_and_what_the_id_still_tells(
    client: FlaskClient, roster: dict[str, Any], run: Run
) -> None:
    roster["reps"][0]["memberships"][0]["to"] = "2026-02-01"
    put(client, roster)
    result = run("person", "erase", "sanne", "--as", "Former seller 7", "--author", "hr")
    assert result.exit_code == 0, result.output
    assert "caution: the rep id 'sanne' tells the name itself" in result.output
    assert "  commission: statements and payouts under the rep id: /commission/v1/statements/sanne" in result.output
    assert run("person", "erase", "nobody", "--as", "x").exit_code == 2
    assert run("person", "export", "nobody").exit_code == 2


def test_a_name_inside_another_word_or_number_is_left_alone() -> None:
    who = erasure.Subject("9", frozenset({"Bo", "1024", "Jan Smit", "j@v.example"}))
    assert who.words == ["j@v.example", "Jan Smit"]
    said = {"a": "Bo", "b": "Bonaire", "c": "1024", "d": "call 10245", "e": ["JAN SMIT called", 3, None]}
    assert erasure.scrubbed(said, who, "X") == {
        "a": "X", "b": "Bonaire", "c": "X", "d": "call 10245", "e": ["X called", 3, None],
    }  # fmt: skip


def test_a_held_claim_of_the_person_waits_for_the_key_instead_of_the_name() -> None:
    who = erasure.Subject("1024", frozenset({"Sanne@example.nl"}))
    claim = {"id": "sanne@example.nl", "type": "deal", "owner": "sanne@EXAMPLE.nl", "deal": {"id": "D", "name": "x"}}
    assert erasure.scrubbed_body(claim, who, "X") == {**claim, "owner": "1024"}


def test_payloads_whose_time_is_over_lose_their_text_and_keep_the_rest(
    client: FlaskClient, engine: Engine, call: dict[str, Any], roster: dict[str, Any], now: datetime
) -> None:
    put(client, roster)
    send(client, call, {**call, "id": "parked", "owner": "nobody"})
    later, retention = now + timedelta(days=31), Retention(engine)
    assert handlers.prune(retention, 32, later).payloads == 0
    tried = handlers.prune(retention, 30, later, dry_run=True)
    assert (tried.payloads, tried.parked) == (1, 1)
    assert tried.characters > 100
    done = handlers.prune(retention, 30, later)
    assert (done.payloads, done.parked) == (1, 1)
    assert handlers.prune(retention, 30, later).payloads == 0
    page = client.get("/ingest/inbox/1?lang=en").text
    assert "The text of this message was removed on 25 Dec 2026" in page
    kept = client.get("/ingest/v1/inbox/1").get_json()
    assert (kept["payload"], kept["activities"][0]["id"]) == (None, "crm:8812")
    assert client.post("/ingest/v1/activities", json=call).get_json()["duplicate"] == 1
    sent: list[Any] = []
    Outbox(engine).hand_on(10, sent.extend, lambda: now)
    assert len(sent) == 1


def test_the_relay_prunes_in_passing_when_it_is_told_how_long_to_keep(
    client: FlaskClient, engine: Engine, call: dict[str, Any], roster: dict[str, Any], now: datetime
) -> None:
    put(client, roster)
    send(client, call)
    later, retention = now + timedelta(days=31), Retention(engine)
    assert Pruner(retention, 0).turn(later) == 0
    pruner = Pruner(retention, 30)
    assert [pruner.turn(later), pruner.turn(later)] == [1, 0]
    send(client, {**call, "id": "another"})
    assert pruner.turn(later + timedelta(minutes=59)) == 0
    assert pruner.turn(later + timedelta(minutes=61)) == 1


def test_the_command_prunes(client: FlaskClient, run: Run, call: dict[str, Any], roster: dict[str, Any]) -> None:
    put(client, roster)
    send(client, call)
    days = str((datetime.now(UTC) - datetime(2026, 11, 1, tzinfo=UTC)).days + 10_000)
    assert "0 payloads older" in run("prune", "--days", days).output
    assert run("prune", "--days", "0").exit_code == 2


def test_a_personnel_file_is_tried_and_then_brought_in(
    client: FlaskClient, run: Run, roster: dict[str, Any], tmp_path: Path
) -> None:
    put(client, roster)
    file = tmp_path / "people.csv"
    file.write_text("id,team,from\nsanne,Zuid,2026-12-01\n")
    tried = run("roster", "import", "--csv", str(file), "--dry-run")
    assert (tried.exit_code, tried.stdout) == (
        0,
        "rep sanne: team noord → zuid from 2026-12-01\nnothing was changed: this was a try\n",
    )
    assert client.get("/ingest/v1/league/roster").get_json()["version"] == 1
    done = run("roster", "import", "--csv", str(file), "--as-of", "2026-12-01")
    assert done.stdout.endswith("roster version 2\n")
    file.write_text("id,team\nsanne,Oost\n")
    wrong = run("roster", "import", "--csv", str(file))
    assert wrong.exit_code == 2
    assert "line 2: team: 'Oost': expected a team of the roster (Noord, Zuid)" in wrong.output
    assert run("roster", "import").exit_code == 2


def test_a_personnel_file_comes_in_over_http_too(client: FlaskClient, roster: dict[str, Any]) -> None:
    put(client, roster)
    path = "/ingest/v1/league/roster/import?dry_run=true"
    table = client.post(path, data="id;team\nsanne;Zuid\n", content_type="text/csv")
    assert table.get_json() == {
        "changes": ["rep sanne: team noord → zuid from 2026-11-24"], "notes": [], "version": None,
    }  # fmt: skip
    export = {"people": [{"id": "9", "name": "Kim", "employments": [{"team": "Noord", "start": "2026-12-01"}]}]}
    done = client.post("/ingest/v1/league/roster/import", json=export).get_json()
    assert done["version"] == 2
    assert "rep 9: new" in done["changes"]
    assert done["notes"] == ["rep sanne is not in the file: left as it is"]
    wrong = client.post(path, data="id;team\nsanne;Oost\n", content_type="text/csv")
    assert wrong.status_code == 422
    assert wrong.get_json()["errors"][0]["pointer"] == "line 2: team"
    assert client.post(path, data="x", content_type="text/plain").status_code == 415
