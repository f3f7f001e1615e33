"""What nobody knows yet is parked, shown, and released when a document names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from services.ingest.domain.arrivals import Origin
from services.ingest.domain.directory import PASSABLE
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.names import Names
from services.ingest.handlers.receiving import receive
from services.ingest.sources import api
from services.ingest.store import Inbox, League, Outbox, Parking
from shared.topics import partition_of

URL = "/ingest/v1"

Item = dict[str, Any]


class Door:
    """The handlers over a real store."""

    def __init__(self, inbox: Inbox, league: League, parking: Parking, outbox: Outbox, at: datetime) -> None:
        self.inbox, self.league, self.parking, self.outbox, self.at = inbox, league, parking, outbox, at
        self.names = Names(league)

    def send(self, *items: Item) -> list[str]:
        told = receive(api.read_items(items), Origin("crm", "api"), self.names.now(), self.inbox, self.at)
        return [each.status for each in told]

    def put(self, kind: str, body: Item) -> None:
        self.league.add(kind, date(2026, 1, 1), "els", body, self.at, after=None)

    def recheck(self) -> None:
        while handlers.recheck(self.parking, self.names.now()):
            pass

    def ready(self) -> list[tuple[int, Item]]:
        found: list[tuple[int, Item]] = []
        self.outbox.hand_on(
            100_000,
            lambda batch: found.extend((each.partition, orjson.loads(each.body)) for each in batch),
            lambda: self.at,
        )
        return found


@pytest.fixture
def door(inbox: Inbox, league: League, parking: Parking, outbox: Outbox, now: datetime) -> Door:
    return Door(inbox, league, parking, outbox, now)


def test_backdated_work_waits_for_a_yes_and_history_that_is_imported_does_not(
    door: Door, roster: Item, playbook: Item, call: Item
) -> None:
    door.put("roster", roster)
    door.put("playbook", {**playbook, "backdating_days": 14})
    old = {**call, "id": "2", "occurred_at": "2026-11-01T09:00:00Z"}
    assert door.send(call, old) == ["accepted", "parked"]
    imported = receive(api.read_items([old]), Origin("table", "import"), door.names.now(), door.inbox, door.at)
    assert [each.status for each in imported] == ["accepted"]
    assert handlers.release(door.parking, door.names.now(), None, None, frozenset()) == (0, 1)
    assert handlers.release(door.parking, door.names.now(), "backdated", None, PASSABLE) == (1, 0)


def test_a_roster_releases_what_came_before_it(door: Door, roster: Item, call: Item, won: Item) -> None:
    assert door.send(call, won) == ["parked", "parked"]
    assert door.ready() == []
    door.put("roster", roster)
    door.recheck()
    assert door.parking.counts() == []
    assert door.ready() == [
        (partition_of("sanne", 8), {
            "id": "crm:8812", "source": "crm", "type": "call", "occurred_at": "2026-11-24T13:52:00Z", "rep": "sanne",
            "data": {"duration_s": 340, "direction": "outbound"},
        }),
        (partition_of("D-1", 8), {
            "id": "crm:D-1/won", "source": "crm", "type": "deal", "occurred_at": "2026-11-24T13:00:00Z", "rep": "sanne",
            "deal": {"id": "D-1", "set": {"owner": "sanne", **{k: v for k, v in won["deal"].items() if k != "id"}}},
        }),
    ]  # fmt: skip


def test_only_those_whose_name_is_known_now_are_released(door: Door, roster: Item, call: Item) -> None:
    door.put("roster", roster)
    door.send({**call, "id": "1", "owner": "bram"}, {**call, "id": "2", "owner": "els"})
    roster["reps"].append({"id": "bram", "name": "Bram"})
    door.put("roster", roster)
    door.recheck()
    assert [line["rep"] for _, line in door.ready()] == ["bram"]
    assert [(held.reason, held.reference, count) for held, count in door.parking.counts()] == [
        ("unknown-owner", "els", 1)
    ]


def test_a_playbook_releases_stages_and_currencies(door: Door, roster: Item, playbook: Item, won: Item) -> None:
    door.put("roster", roster)
    door.put("playbook", playbook)
    unknown = [
        {**won, "id": "1", "deal": {"id": "D-1", "stage": "offerte"}},
        {**won, "id": "2", "deal": {"id": "D-2", "amount": "1", "currency": "GBP"}},
    ]
    assert door.send(*unknown) == ["parked", "parked"]
    playbook["rates"]["GBP"] = "1.15"
    door.put("playbook", playbook)
    door.recheck()
    assert [line["id"] for _, line in door.ready()] == ["crm:2"]
    playbook["pipelines"][0]["stages"].append({"id": "offerte"})
    door.put("playbook", playbook)
    door.recheck()
    assert [line["id"] for _, line in door.ready()] == ["crm:1"]


def test_what_is_held_up_twice_is_parked_for_the_second_reason_next(
    door: Door, roster: Item, playbook: Item, won: Item
) -> None:
    door.put("playbook", playbook)
    door.send({**won, "deal": {"id": "D-1", "stage": "offerte"}})
    assert door.parking.counts()[0][0].reason == "no-roster"
    door.put("roster", roster)
    door.recheck()
    assert door.parking.counts()[0][0].reason == "unknown-stage"


def test_an_arrival_that_missed_a_document_just_put_is_looked_at_again(door: Door, roster: Item, call: Item) -> None:
    outdated = door.names.now()
    door.put("roster", roster)
    door.recheck()
    receive(api.read_items([call]), Origin("crm", "api"), outdated, door.inbox, door.at)
    door.recheck()
    assert [line["rep"] for _, line in door.ready()] == ["sanne"]


def test_tens_of_thousands_are_released_in_chunks(door: Door, roster: Item, call: Item) -> None:
    for start in range(0, 20_000, 500):
        door.send(*({**call, "id": str(n)} for n in range(start, start + 500)))
    door.put("roster", roster)
    assert handlers.recheck(door.parking, door.names.now()) == handlers.CHUNK
    door.recheck()
    assert door.parking.counts() == []
    assert len(door.ready()) == 20_000


def test_an_unreleased_rest_is_not_looked_at_twice_for_one_document(door: Door, roster: Item, call: Item) -> None:
    door.send({**call, "owner": "els"})
    door.put("roster", roster)
    assert handlers.recheck(door.parking, door.names.now()) == 1
    assert handlers.recheck(door.parking, door.names.now()) == 0


def test_a_manager_sees_what_is_parked_page_by_page(client: FlaskClient, call: Item) -> None:
    client.post(f"{URL}/activities", json=[{**call, "id": str(n), "owner": f"els-{n % 2}"} for n in range(5)])
    first = client.get(f"{URL}/parked?reason=no-roster&limit=3").get_json()
    assert [(each["reference"], each["count"]) for each in first["counts"]] == [("els-0", 3), ("els-1", 2)]
    assert [item["activity"] for item in first["items"]] == ["crm:0", "crm:1", "crm:2"]
    second = client.get(f"{URL}/parked?limit=3&after={first['next']}").get_json()
    assert ([item["activity"] for item in second["items"]], second["next"]) == (["crm:3", "crm:4"], None)
    assert client.get(f"{URL}/parked?reason=unknown-stage").get_json()["items"] == []
    assert client.get(f"{URL}/parked?reason=because").status_code == 422


def test_a_person_may_let_a_stage_through_but_never_work_of_nobody(
    client: FlaskClient, roster: Item, playbook: Item, won: Item, call: Item
) -> None:
    client.put(f"{URL}/league/roster", json=roster)
    client.put(f"{URL}/league/playbook?effective_from=2026-01-01", json=playbook)
    deal = {**won, "deal": {"id": "D-1", "stage": "offerte"}}
    assert client.post(f"{URL}/activities", json=[deal, {**call, "owner": "els"}]).get_json()["parked"] == 2
    release = f"{URL}/parked/release"
    assert client.post(release, json={}).get_json() == {"released": 0, "parked": 2}
    assert client.post(release, json={"as_they_are": True, "reference": "els"}).get_json() == {
        "released": 0,
        "parked": 1,
    }
    assert client.post(release, json={"as_they_are": True}).get_json() == {"released": 1, "parked": 1}
    assert client.post(release, json={"as_they_are": 7}).status_code == 422
    (stored,) = client.get(f"{URL}/inbox/1").get_json()["activities"]
    assert (stored["status"], stored["activity"]["rep"], stored["published_at"]) == ("accepted", "sanne", None)


def test_a_payload_is_shown_as_it_came_with_secrets_masked(
    client: FlaskClient, new_client: Callable[..., FlaskClient], call: Item
) -> None:
    call["data"]["api_key"] = "s3cret"
    client.post(f"{URL}/activities", json=call)
    shown = client.get(f"{URL}/inbox/1").get_json()
    assert shown["payload"] == {**call, "data": {**call["data"], "api_key": "(masked)"}}
    assert (shown["connection"], shown["source"], shown["received_at"]) == ("crm", "api", "2026-11-24T14:00:00Z")
    assert shown["activities"] == [
        {
            "id": "crm:8812", "status": "parked", "reason": "no-roster", "reference": "sanne@example.nl",
            "remedy": "there is no roster yet: put one with PUT /ingest/v1/league/roster",
            "published_at": None, "activity": None,
        }
    ]  # fmt: skip
    assert client.get(f"{URL}/inbox/2").status_code == 404
    assert client.get(f"{URL}/inbox/{2**70}").status_code == 404
    assert new_client("crm2", "activities:write").get(f"{URL}/inbox/1").status_code == 403
