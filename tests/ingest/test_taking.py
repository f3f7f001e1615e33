"""What a verified sender brought, on its way into the inbox: several activities of a payload, work told twice."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from services.ingest.domain.arrivals import Origin, Unpublished
from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Api, Connection, Place
from services.ingest.domain.directory import Directory, directory
from services.ingest.domain.results import Sent, Want
from services.ingest.handlers import parking as handlers
from services.ingest.handlers.taking import take
from services.ingest.store import Asking, Inbox, Outbox, Parking, Senders, tables
from shared.contracts.activity import DealChange
from shared.contracts.roster import parse_roster
from shared.errors import FieldProblem
from shared.sql import migrate, open_engine, reading

AT = datetime(2026, 11, 24, 14, tzinfo=UTC)
ORIGIN = Origin("crm", "hubspot")
CRM = Connection("crm", "hubspot")


@pytest.fixture
def known(roster: dict[str, Any], playbook: dict[str, Any]) -> Directory:
    return directory(7, parse_roster(roster), [playbook], [CRM])


def call(name: str, owner: str | None = "sanne", **more: Any) -> Claim:
    return Claim(f"call:{name}", "call", AT, owner, owner_said=True, **more)


def won(name: str, deal: str = "crm:7", **said: str | None) -> Claim:
    return Claim(name, "deal", AT, "sanne", owner_said=True, deal=DealChange(deal, {"stage": "won"} | said))


def outcome(inbox: Inbox, known: Directory, *sent: Sent) -> dict[str, int]:
    return {status: count for status, count in take(sent, ORIGIN, known, inbox, AT).items() if count}


def became(inbox: Inbox, number: int) -> tuple[list[str], str | None]:
    """Return the activities of a payload, and why it has none."""
    found = inbox.get(number)
    assert found is not None
    return [each.id for each in found.activities], found.ignored


def test_one_payload_may_give_several_activities(inbox: Inbox, known: Directory, engine: Engine) -> None:
    sent = Sent("k", {"ids": [1, 2]}, (won("a", "crm:1"), won("b", "crm:2"), call("3")))
    assert outcome(inbox, known, sent, Sent("k", {"ids": [1, 2]})) == {"accepted": 1, "duplicate": 1}
    assert became(inbox, 1) == (["crm:a", "crm:b", "crm:call:3"], None)
    with reading(engine) as conn:
        found = conn.execute(select(tables.activities.c.deal, tables.activities.c.rep)).all()
    assert [tuple(row) for row in found] == [("crm:1", "sanne"), ("crm:2", "sanne"), (None, "sanne")]


def test_some_of_a_payload_may_have_to_wait(inbox: Inbox, known: Directory) -> None:
    assert outcome(inbox, known, Sent("k", {}, (call("1"), call("2", "els")))) == {"parked": 1}
    assert became(inbox, 1) == (["crm:call:1", "crm:call:2"], None)


def test_the_same_work_told_by_another_payload_counts_once(inbox: Inbox, known: Directory) -> None:
    assert outcome(inbox, known, Sent("created", {}, (call("1"),))) == {"accepted": 1}
    assert outcome(inbox, known, Sent("edited", {}, (call("1"),))) == {"duplicate": 1}
    assert became(inbox, 2) == ([], "all of its work was known already: it stands in inbox 1")
    assert outcome(inbox, known, Sent("both", {}, (call("1"), call("2")))) == {"accepted": 1}
    assert became(inbox, 3) == (["crm:call:2"], None)
    assert outcome(inbox, known, Sent("other", {}, (call("1", data={"duration_s": 5}),))) == {"duplicate": 1}
    told = "its work was known already and told otherwise; what came first counts: it stands in inbox 1"
    assert became(inbox, 4) == ([], told)


def test_the_same_work_told_twice_in_one_delivery_counts_once(inbox: Inbox, known: Directory) -> None:
    sent = [Sent("created", {}, (call("1"),)), Sent("edited", {}, (call("1"),))]
    assert outcome(inbox, known, *sent) == {"accepted": 1, "duplicate": 1}
    assert became(inbox, 1)[0] == ["crm:call:1"]
    assert became(inbox, 2) == ([], "all of its work was known already: it stands in inbox 1")


def test_a_better_word_takes_the_place_of_a_parked_one(inbox: Inbox, known: Directory) -> None:
    assert outcome(inbox, known, Sent("created", {}, (call("1", None),))) == {"parked": 1}
    assert outcome(inbox, known, Sent("answer", {}, (call("1", "sanne"),))) == {"accepted": 1}
    assert became(inbox, 1) == ([], "what came later of the same work stands in its place: inbox 2")
    assert became(inbox, 2) == (["crm:call:1"], None)
    assert outcome(inbox, known, Sent("again", {}, (call("1", None),))) == {"duplicate": 1}, "never the other way round"


def test_work_with_nobodys_name_waits_for_one(inbox: Inbox, known: Directory, parking: Parking) -> None:
    outcome(inbox, known, Sent("k", {}, (call("1", None),)))
    ((held, count),) = parking.counts()
    assert (held.reason, held.reference, count) == ("missing-owner", "call", 1)


@pytest.mark.parametrize(
    "claim",
    [
        won("a", deal=""),
        won("a", amount="1e3"),
        won("a", amount="12.345", currency="EUR"),
        won("a", status="gewonnen"),
        won("a", stage="x" * 201),
        call("\0"),
        call("1", "a\nb"),
        call("1", data={"direction": "uit"}),
        call("1", data={"a": {"b": 1}}),
        replace(call("1"), occurred_at=datetime(1969, 1, 1, tzinfo=UTC)),
        replace(call("1"), type=""),
        replace(call("1"), sequence=-1),
    ],
)
def test_a_claim_that_could_not_be_kept_is_unreadable_whatever_its_source_thought(
    inbox: Inbox, known: Directory, claim: Claim
) -> None:
    assert outcome(inbox, known, Sent("k", {"raw": 1}, (call("2"), claim))) == {"unreadable": 1}


def test_any_key_and_any_reason_can_be_kept(inbox: Inbox, known: Directory) -> None:
    names: Sequence[str | None] = (None, "", "\0", "x" * 5000, "é")
    sent = [Sent(name, [place], ignored=f"a {name}\0 carries no work") for place, name in enumerate(names)]
    assert outcome(inbox, known, *sent) == {"ignored": 5}
    assert outcome(inbox, known, *sent) == {"duplicate": 5}
    assert became(inbox, 2) == ([], "a \N{REPLACEMENT CHARACTER} carries no work")


def test_what_is_wanted_is_asked_only_where_there_is_an_api(inbox: Inbox, known: Directory, engine: Engine) -> None:
    sent = Sent("k", {}, wants=(Want("call", "8"), Want("fax", "9")))
    assert outcome(inbox, known, sent) == {"ignored": 1}
    assert became(inbox, 1)[1] == "what happened is asked of the CRM: call 8, fax 9"
    assert Asking(engine).counts() == {}
    asking = replace(known, connections={"crm": replace(CRM, api=Api("https://api.example.com", "file:t"))})
    outcome(inbox, asking, replace(sent, id="l"))
    assert Asking(engine).counts() == {("crm", "waiting"): 1}


def test_what_is_read_again_may_give_several_activities_or_none(
    inbox: Inbox, known: Directory, parking: Parking, engine: Engine
) -> None:
    problem = FieldProblem("/objectId", None, "an id")
    stage = {"subscriptionType": "deal.propertyChange", "objectId": 7, "occurredAt": 1763978400000, "portalId": 3,
             "propertyName": "dealstage", "propertyValue": "won"}  # fmt: skip
    contact = {**stage, "subscriptionType": "contact.creation"}
    whole = {"content_type": "application/json", "body": f"[{_json(stage)}, {_json({**stage, 'objectId': 8})}]"}
    sent = [Sent(str(place), raw, problems=(problem,)) for place, raw in enumerate([stage, contact, whole, {"odd": 1}])]
    assert outcome(inbox, known, *sent) == {"unreadable": 4}
    assert handlers.release(parking, known, "unreadable", None, frozenset()) == (3, 1)
    assert len(became(inbox, 1)[0]) == 1
    assert became(inbox, 2)[0] == []
    assert "contact" in str(became(inbox, 2)[1])
    assert len(became(inbox, 3)[0]) == 1, "one of the two is known from the first payload"
    assert became(inbox, 4) == (["crm:3"], None)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def test_a_sender_that_repairs_what_could_not_be_read_may_send_it_again_under_the_same_id(
    inbox: Inbox, known: Directory, parking: Parking
) -> None:
    bad, good = Sent("k", {"v": 1}, problems=(FieldProblem("/x", 1, "two"),)), Sent("k", {"v": 2}, (call("1"),))
    assert outcome(inbox, known, bad) == {"unreadable": 1}
    assert outcome(inbox, known, bad) == {"duplicate": 1}
    assert outcome(inbox, known, good) == {"accepted": 1}
    assert became(inbox, 1) == (["crm:call:1"], None)
    assert inbox.get(1).payload == '{"v":2}'  # type: ignore[union-attr]  # it is there
    assert outcome(inbox, known, good, bad) == {"duplicate": 2}
    assert parking.counts() == []


def test_many_deliveries_of_the_same_at_once_are_kept_once(inbox: Inbox, known: Directory, engine: Engine) -> None:
    def deliver(number: int) -> dict[str, int]:
        work = [call(str((number + place) % 20)) for place in range(20)]
        return outcome(inbox, known, *(Sent(f"{number % 2}:{claim.id}", {}, (claim,)) for claim in work))

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(deliver, range(16)))
    assert sum(each.get("accepted", 0) for each in told) == 20
    sender = Senders(engine).all()["crm"]
    assert (sender.accepted, sender.duplicate) == (20, 16 * 20 - 20)


STEPS = [
    *(
        Sent(f"c{place}", {}, (call(str(place), owner),))
        for place, owner in enumerate(["sanne", "crm:77", "sanne", None])
    ),
    Sent("d", {}, (won("d1"), won("d2", "crm:8", stage="closedwon"), replace(call("9"), type="lunch"))),
    Sent("e", {}, (call("1", "crm:77"), replace(call("8"), type="fax"))),
    Sent("a", {}, (call("3", "sanne"),)),
    "roster",
    "sources",
]
"""What may come in any order: payloads, some about the same work, and the repairs that some of them wait for."""


@settings(max_examples=8, deadline=None, database=None)
@given(steps=st.permutations(STEPS), again=st.lists(st.sampled_from(STEPS), max_size=4))
def test_any_order_any_repetition_and_any_time_of_repair_end_in_the_same_activities(
    steps: list[Sent | str], again: list[Sent | str]
) -> None:
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/x.db")
        migrate(engine, "services.ingest")
        inbox, parking, repaired = Inbox(engine), Parking(engine), set[str]()
        for step in [*steps, *again]:
            known = _directory(repaired)
            if isinstance(step, Sent):
                outcome(inbox, known, step)
            else:
                repaired.add(step)
                handlers.recheck(parking, _directory(repaired))
        found: set[tuple[str, str, str | None]] = set()
        Outbox(engine).hand_on(100, lambda batch: found.update(map(_told, batch)), lambda: AT)
        assert [held.reason for held, _ in parking.counts()] == ["unmapped-activity"]
        engine.dispose()
    assert found == {
        *((f"crm:call:{name}", "call", "sanne") for name in "0123"),
        ("crm:d1", "deal", "sanne"),
        ("crm:d2", "deal", "sanne"),
    }


def _told(each: Unpublished) -> tuple[str, str, str | None]:
    body = orjson.loads(each.body)
    return body["id"], body["type"], body["rep"]


def _directory(repaired: set[str]) -> Directory:
    names = ["sanne@example.nl", "crm:77"] if "roster" in repaired else ["sanne@example.nl"]
    member = {"id": "sanne", "name": "Sanne", "identities": names, "memberships": [{"team": "n", "from": "2026-01-01"}]}
    office = {"name": "V", "timezone": "Europe/Amsterdam", "currency": "EUR"}
    roster = parse_roster({"organisation": office, "teams": [{"id": "n", "name": "N"}], "reps": [member]})
    mapped = replace(CRM, stages={"closedwon": Place("won")}, activities={"lunch": "ignore"})
    playbook = {"pipelines": [{"id": "nieuw", "stages": [{"id": "won"}]}]}
    return directory(1 + len(repaired), roster, [playbook], [mapped if "sources" in repaired else CRM])
