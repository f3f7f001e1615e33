"""Salesforce's change events and platform events: who sent them, what each genuine one says, and the odd ones."""

import base64
import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain import claims
from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Api, Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, Unverified, hooks, salesforce
from services.ingest.sources.salesforce.ids import long_form
from services.scoring.domain.deals import Deal, fold
from shared.contracts.times import from_text
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/salesforce"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

SALESFORCE = Connection("sf", "salesforce", secrets=("geheim-1", "gehéim-2"), account="00D5w000004qGTO")
ASKING = replace(SALESFORCE, api=Api("https://example.my.salesforce.com", "token"))
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
AT_MS = 1_795_528_320_000
DEAL_ID, OWNER_ID = "006am000006pSAYAA2", "005ZM000000M6o1YAC"

RECORD = (
    *("AccountId", "RecordTypeId", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon"),
    *("CurrencyIsoCode", "OwnerId", "CreatedDate", "LastModifiedDate", "Address__c"),
)
"""A schema in the order of Avro; ChangeEventHeader comes before it."""


def header(kind: str = "UPDATE", entity: str = "Opportunity", *records: str, **more: Any) -> dict[str, Any]:
    return {
        "entityName": entity,
        "recordIds": list(records) or [DEAL_ID],
        "changeType": kind,
        "changeOrigin": "",
        "transactionKey": "0000aaaa",
        "sequenceNumber": 1,
        "commitTimestamp": AT_MS,
        "commitNumber": 1736877279422521345,
        "commitUser": "005am000004KT8PAAW",
        **more,
    }


def cometd(kind: str = "UPDATE", entity: str = "Opportunity", head: Any = None, **fields: Any) -> dict[str, Any]:
    """A CometD event: only what changed, with its names in the header."""
    said = {"changedFields": [*fields, "LastModifiedDate"]} if kind == "UPDATE" else {"changedFields": []}
    record = {"ChangeEventHeader": header(kind, entity, **{**said, **(head or {})}), **fields}
    return {"schema": "abc", "payload": record, "event": {"replayId": 7}}


def bits(*names: str) -> list[str]:
    return [hex(sum(1 << (RECORD.index(name) + 1) for name in names))] if names else []


def pubsub(head: Any = None, nulled: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """A decoded Pub/Sub record: every field, null where it did not change, bitmaps in the header."""
    said = {**fields, "LastModifiedDate": AT_MS}
    lists = {"changedFields": bits(*said, *nulled), "nulledFields": bits(*nulled), "diffFields": []}
    return {"ChangeEventHeader": header(**{**lists, **(head or {})}), **dict.fromkeys(RECORD), **said}


def read(body: Any, connection: Connection = SALESFORCE) -> list[Sent]:
    return salesforce.read(Delivery("application/json", {}, orjson.dumps(body)), connection)


def only(body: Any, connection: Connection = SALESFORCE) -> Sent:
    (sent,) = read(body, connection)
    return sent


def claim_of(body: Any, connection: Connection = SALESFORCE) -> Claim:
    (claim,) = only(body, connection).claims
    return claim


def said_of(body: Any, connection: Connection = SALESFORCE) -> dict[str, Any]:
    deal = claim_of(body, connection).deal
    assert deal is not None
    return dict(deal.set)


def sample(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


# Who sent it


@pytest.mark.parametrize(
    "shown",
    ["Bearer geheim-1", "bearer gehéim-2", "Basic " + base64.b64encode(b"geheim-1").decode()],
)
def test_a_bridge_shows_one_of_the_secrets(shown: str) -> None:
    salesforce.verify(Delivery("application/json", {"authorization": shown}, b"{}"), SALESFORCE, NOW)


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Bearer geheim", "Bearer geheim-1x", "Basic Zg", "geheim-1"]
)
def test_any_other_secret_is_refused(shown: str) -> None:
    with pytest.raises(Unverified):
        salesforce.verify(Delivery("application/json", {"authorization": shown}, b"{}"), SALESFORCE, NOW)


def test_a_secret_in_the_address_is_taken_only_where_the_connection_says_so() -> None:
    delivery = Delivery("application/json", {}, b"{}", url="https://x.example/hooks/sf?access_token=geheim-1")
    with pytest.raises(Unverified):
        salesforce.verify(delivery, SALESFORCE, NOW)
    salesforce.verify(delivery, replace(SALESFORCE, query_token=True), NOW)


# The genuine payloads


@genuine
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cometd_account_create.json", "0000d388-e8a0-4796-9944-732b3a99a31d:1:00106000029G61DAAS"),
        ("cometd_account_update.json", "000171b6-1688-feb9-f59e-bb0dbfe74dbc:1:00106000029G61DAAS"),
        ("pubsub_gap_create_abridged.json", "000a50de-05dd-07c4-22fb-44b7f9e72ab5:19:001ZM000001n4n5YAA"),
    ],
)
def test_accounts_carry_no_work(name: str, key: str) -> None:
    (sent,) = salesforce.read(Delivery("application/json", {}, sample(name)), SALESFORCE)
    assert (sent.id, sent.ignored) == (key, "Account records carry no work here")
    assert sent.raw == orjson.loads(sample(name))


@genuine
def test_the_genuine_stage_change_says_its_stage_and_clears_nothing() -> None:
    (sent,) = salesforce.read(
        Delivery("application/json", {}, sample("pubsub_opportunity_stage_change.json")), SALESFORCE
    )
    (claim,) = sent.claims
    assert claim.id == sent.id == "00001b0b-bd8a-108c-cdeb-2b85f1c4b7e3:1:006am000006pSAYAA2"
    assert claim.occurred_at == from_text("2025-01-14T17:54:37Z")
    assert claim.deal is not None
    assert (claim.deal.id, dict(claim.deal.set)) == ("sf:006am000006pSAYAA2", {"stage": "Proposal/Quote"})
    assert not claim.owner_said
    assert claim.actor == "005am000004KT8PAAW"
    assert sent.wants == (Want("deal", "006am000006pSAYAA2"),)


@genuine
def test_the_series_of_the_genuine_meeting_is_skipped_and_its_occurrence_is_booked() -> None:
    body = sample("pubsub_recurring_meeting_series_and_first_occurrence.json")
    series, occurrence = salesforce.read(Delivery("application/json", {}, body), SALESFORCE)
    assert series.ignored == "a series of meetings: each of them comes by itself"
    (claim,) = occurrence.claims
    assert (claim.id, claim.type) == ("meeting:00UZM000000wuBx2AI:booked", "meeting-booked")
    assert claim.owner == "sf:005ZM000000M6o1YAC"
    assert claim.occurred_at == from_text("2024-04-29T16:30:24Z")


@genuine
def test_two_genuine_platform_events_with_equal_bodies_are_two_and_lack_their_kind() -> None:
    sent = salesforce.read(Delivery("application/json", {}, sample("platform_event_two_publishes.json")), SALESFORCE)
    assert [each.id for each in sent] == [f"event:CdWJN3Gl_dzo6GtQA5OLmA:{n}" for n in (3877653, 3877655)]
    assert {each.problems[0].pointer for each in sent} == {"/ActivityType__c"}


# Envelopes


@pytest.mark.parametrize(
    "wrap",
    [
        lambda event: event,
        lambda event: event["payload"],
        lambda event: [event],
        lambda event: {"channel": "/data/OpportunityChangeEvent", "data": event},
        lambda event: {"specversion": "1.0", "id": "1", "source": "/sf", "type": "cdc", "data": event},
        lambda event: {"specversion": "1.0", "data": event["payload"]},
        lambda event: {"specversion": "1.0", "data_base64": base64.b64encode(orjson.dumps(event)).decode()},
        lambda event: {"version": "0", "detail-type": "x", "detail": {"payload": event["payload"], "replayId": "7"}},
    ],
)
def test_every_bridge_says_the_same(wrap: Any) -> None:
    event = cometd(StageName="Demo", Amount=1200.5, OwnerId=OWNER_ID)
    assert only(wrap(event)).claims == only(event).claims
    assert said_of(wrap(event)) == {"stage": "Demo", "amount": "1200.5"}


def test_avros_names_of_types_are_taken_off() -> None:
    event = pubsub(StageName="Demo", OwnerId=OWNER_ID, Amount=5.0)
    typed = {**event, "StageName": {"string": "Demo"}, "OwnerId": {"string": OWNER_ID}, "Amount": {"double": 5.0}}
    assert only(typed).claims == only(event).claims


# Opportunities


def test_what_was_created_is_told_whole_and_in_the_connections_currency() -> None:
    event = cometd(
        "CREATE", StageName="New", Amount=45000.0, OwnerId=OWNER_ID, Name="Ketel", IsClosed=False, IsWon=False
    )
    claim = claim_of(event, replace(SALESFORCE, currency="EUR"))
    assert claim.deal is not None
    assert dict(claim.deal.set) == {"stage": "New", "amount": "45000", "name": "Ketel", "currency": "EUR"}
    assert (claim.owner, claim.owner_said) == ("sf:005ZM000000M6o1YAC", True)


def test_a_currency_is_said_only_where_salesforce_or_a_whole_record_says_it() -> None:
    euros = replace(SALESFORCE, currency="EUR")
    assert said_of(cometd("CREATE", Amount=1, CurrencyIsoCode="USD"), euros)["currency"] == "USD"
    assert said_of(cometd(Amount=1, CurrencyIsoCode="USD"), euros)["currency"] == "USD"
    assert "currency" not in said_of(cometd(Amount=1), euros)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"IsClosed": True, "IsWon": True}, "won"),
        ({"IsClosed": True}, "lost"),
        ({"IsClosed": True, "IsWon": False}, "lost"),
        ({"IsWon": True}, "won"),
        ({"IsWon": False}, "lost"),
        ({"IsClosed": False, "IsWon": False}, "open"),
        ({"IsClosed": False}, "open"),
        ({}, None),
    ],
)
@pytest.mark.parametrize("shape", [cometd, pubsub])
def test_a_status_is_said_where_it_changed(shape: Any, fields: dict[str, Any], status: str | None) -> None:
    assert said_of(shape(StageName="X", **fields)).get("status") == status


def test_a_status_that_an_enriched_event_repeats_is_no_change() -> None:
    event = cometd(
        StageName="Demo", head={"changedFields": ["StageName", "LastModifiedDate"]}, IsClosed=True, IsWon=True
    )
    assert said_of(event) == {"stage": "Demo"}


def test_a_stage_that_an_enriched_event_repeats_may_be_the_one_of_today() -> None:
    event = cometd(head={"changedFields": ["Amount", "LastModifiedDate"]}, Amount=5, StageName="Won", OwnerId=OWNER_ID)
    assert said_of(event) == {"amount": "5"}
    assert claim_of(event).owner_said


def test_a_replay_id_beside_a_record_is_no_field_of_it() -> None:
    event = pubsub(StageName="Demo", nulled=("Amount",))
    for beside in ({"replayId": 7, **event}, {**event, "replayId": 7}):
        assert said_of(beside) == {"stage": "Demo", "amount": None}


@pytest.mark.parametrize(
    ("kind", "closed", "won", "status"),
    [
        ("CREATE", False, False, None),
        ("CREATE", True, True, "won"),
        ("CREATE", True, False, "lost"),
        ("UNDELETE", False, False, "open"),
        ("UNDELETE", True, True, "won"),
    ],
)
def test_a_record_that_was_deleted_comes_back_with_its_status(
    kind: str, closed: bool, won: bool, status: str | None
) -> None:
    assert said_of(cometd(kind, StageName="X", IsClosed=closed, IsWon=won)).get("status") == status


@pytest.mark.parametrize("kind", ["UNDELETE", "GAP_UNDELETE"])
def test_a_restored_deal_that_says_nothing_of_itself_is_restored_and_asked_about(kind: str) -> None:
    assert said_of(cometd(kind)) == {"status": None}
    assert only(cometd(kind)).wants == (Want("deal", DEAL_ID),)
    assert only(cometd(kind, StageName="X")).wants == ()


@pytest.mark.parametrize("kind", ["DELETE", "GAP_DELETE"])
def test_a_deleted_deal_is_deleted_and_nothing_is_asked(kind: str) -> None:
    sent = only(cometd(kind, OwnerId=OWNER_ID))
    (claim,) = sent.claims
    assert claim.deal is not None
    assert (dict(claim.deal.set), claim.owner_said, sent.wants) == ({"status": "deleted"}, False, ())


def test_null_clears_a_field_in_cometd_and_only_by_name_where_unchanged_fields_are_null_too() -> None:
    assert said_of(cometd(Amount=None, OwnerId=OWNER_ID)) == {"amount": None}
    named = pubsub(StageName="Demo", nulled=("Amount",))
    named["ChangeEventHeader"] |= {"changedFields": ["StageName", "Amount"], "nulledFields": ["Amount"]}
    assert said_of(named) == {"stage": "Demo", "amount": None}


def test_a_stage_change_that_comes_alone_is_completed_by_the_crm() -> None:
    assert only(cometd(StageName="Demo")).wants == (Want("deal", DEAL_ID),)
    assert only(cometd(StageName="Demo", Amount=5, OwnerId=OWNER_ID)).wants == ()
    assert only(cometd(Amount=5)).wants == ()


def test_a_change_of_nothing_that_counts_is_ignored() -> None:
    assert only(cometd(NextStep="bellen")).ignored == "nothing of it that counts has changed"


def test_an_amount_and_a_stage_may_stand_in_fields_of_the_customers_own() -> None:
    own = replace(SALESFORCE, fields={"stage": "Phase__c", "amount": "ACV__c", "pipeline": "Line__c"})
    event = cometd(
        Phase__c="Demo", ACV__c=10, Line__c="new", StageName="X", Amount=1, RecordTypeId="012000000000000AAA"
    )
    assert said_of(event, own) == {"stage": "Demo", "amount": "10", "pipeline": "new"}
    assert said_of(event)["pipeline"] == "012000000000000AAA"


def test_a_queue_is_shown_to_be_one() -> None:
    assert claim_of(cometd(OwnerId="00G5w000004qGTOEA2")).owner == "sf:queue:00G5w000004qGTOEA2"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("00D5w000004qGTO", "00D5w000004qGTOEA2"),
        ("0065w000023STAm", "0065w000023STAmAAO"),
        ("006am000006pSAY", "006am000006pSAYAA2"),
        ("005ZM000000M6o1", "005ZM000000M6o1YAC"),
        ("04l5w00005286hA", "04l5w00005286hAAAQ"),
        ("00UZM000000wuBx", "00UZM000000wuBx2AI"),
    ],
)
def test_both_forms_of_an_id_are_the_same_id(short: str, long: str) -> None:
    assert long_form(short, "") == long_form(long, "") == long


# One event, several records; several events, one transaction


def test_one_event_of_three_records_is_three_changes() -> None:
    ids = ["006am000006pSAYAA2", "0065w000023STAmAAO", "006ZM000000M6o1YAC"]
    sent = read(cometd(StageName="Demo", head={"recordIds": [*ids, ids[0]]}))
    assert [each.claims[0].deal.id for each in sent if each.claims[0].deal] == [f"sf:{each}" for each in ids]
    assert [each.id for each in sent] == [f"0000aaaa:1:{each}" for each in ids]
    for each, name in zip(sent, ids, strict=True):
        (again,) = hooks.read_again("salesforce", each.raw, SALESFORCE)
        assert again.claims == each.claims
        assert again.raw["ChangeEventHeader"]["recordIds"] == [name]


def test_a_lead_conversion_is_one_act_of_four_events() -> None:
    made = {"ConvertedOpportunityId": DEAL_ID, "OwnerId": OWNER_ID, "IsConverted": True}
    events = [
        cometd("CREATE", "Account", head={"recordIds": ["00106000029G61DAAS"], "sequenceNumber": 1}, Name="A"),
        cometd("CREATE", "Contact", head={"recordIds": ["00306000029G61DAAS"], "sequenceNumber": 2}, LastName="B"),
        cometd("CREATE", "Opportunity", head={"sequenceNumber": 3}, StageName="New", OwnerId=OWNER_ID),
        cometd("UPDATE", "Lead", head={"recordIds": ["00Q06000029G61DEAS"], "sequenceNumber": 4}, **made),
    ]
    sent = read(events)
    assert len({each.id for each in sent}) == 4
    kinds = [(claim.type, claim.deal and claim.deal.id) for each in sent for claim in each.claims]
    assert kinds == [("deal", f"sf:{DEAL_ID}"), ("lead-qualified", f"sf:{DEAL_ID}")]


def test_a_conversion_without_its_owner_is_nobodys_and_is_asked_about() -> None:
    sent = only(cometd("UPDATE", "Lead", head={"recordIds": ["00Q06000029G61DEAS"]}, IsConverted=True))
    assert [(claim.id, claim.owner) for claim in sent.claims] == [("lead:00Q06000029G61DEAS:qualified", None)]
    assert sent.wants == (Want("lead", "00Q06000029G61DEAS"),)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (cometd("UPDATE", "Lead", Status="Open"), "a lead counts once it is converted"),
        (
            cometd("UPDATE", "Lead", head={"changedFields": ["Title"]}, Title="x", IsConverted=True),
            "a lead that was converted before was edited",
        ),
    ],
)
def test_other_changes_of_a_lead_count_for_nothing(event: Any, why: str) -> None:
    assert only(event).ignored == why


# Tasks and events


CALL = {
    "TaskSubtype": "Call",
    "Status": "Completed",
    "OwnerId": OWNER_ID,
    "WhatId": DEAL_ID,
    "WhoId": "0035w000035gg9GAAQ",
    "CallType": "Outbound",
    "CallDurationInSeconds": 340,
    "CallDisposition": "Reached",
    "CompletedDateTime": "2026-11-24T10:00:00.000Z",
}
TASK = {"recordIds": ["00T06000029G61DEAS"]}


def test_a_logged_call_says_how_it_went_and_about_which_deal() -> None:
    claim = claim_of(cometd("CREATE", "Task", head=TASK, **CALL))
    assert (claim.id, claim.type, claim.owner) == ("call:00T06000029G61DEAS", "call", "sf:005ZM000000M6o1YAC")
    assert claim.data == {
        "duration_s": 340,
        "direction": "outbound",
        "outcome": "Reached",
        "counterparty": "0035w000035gg9GAAQ",
    }
    assert claim.occurred_at == from_text("2026-11-24T10:00:00Z")
    assert claim.deal is not None
    assert (claim.deal.id, dict(claim.deal.set)) == (f"sf:{DEAL_ID}", {})


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"TaskSubtype": "Email"}, "email"),
        ({"TaskSubtype": "Task"}, "task"),
        ({"TaskSubtype": "Task", "Type": "Call"}, "call"),
        ({"Type": "Demo gehouden"}, "Demo gehouden"),
    ],
)
def test_a_task_is_what_its_subtype_or_its_type_says(fields: dict[str, str], kind: str) -> None:
    assert claim_of(cometd("CREATE", "Task", head=TASK, Status="Completed", OwnerId=OWNER_ID, **fields)).type == kind


def test_an_edit_of_a_completed_call_is_the_same_call() -> None:
    first, again = (
        cometd(kind, "Task", head={**TASK, "transactionKey": kind}, **CALL) for kind in ("CREATE", "UPDATE")
    )
    assert only(first).id != only(again).id
    assert claim_of(first).id == only(again).claims[0].id


def test_an_edit_of_what_was_done_before_is_no_work_though_it_says_so_again() -> None:
    edited = {**TASK, "changedFields": ["Description", "LastModifiedDate"]}
    assert only(cometd("UPDATE", "Task", head=edited, **CALL)).ignored == "a task that was completed before was edited"
    own = replace(SALESFORCE, fields={"meeting_outcome": "Held__c"})
    moved = {**MEETING, "changedFields": ["Location", "LastModifiedDate"]}
    event = cometd("UPDATE", "Event", head=moved, Held__c=True, OwnerId=OWNER_ID)
    assert only(event, own).ignored == "a meeting that was moved or edited is no new meeting"


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [
        ("CREATE", {"TaskSubtype": "Call", "Status": "Not Started"}, "a task counts once it is completed"),
        ("UPDATE", {"Subject": "x"}, "a task counts once it is completed"),
        ("CREATE", {**CALL, "IsRecurrence": True}, "a series of tasks: each of them comes by itself"),
    ],
)
def test_a_task_that_is_no_work_says_why(kind: str, fields: dict[str, Any], why: str) -> None:
    assert only(cometd(kind, "Task", head=TASK, **fields)).ignored == why


@pytest.mark.parametrize(
    ("kind", "changed", "fields"),
    [
        ("DELETE", [], {}),
        ("UPDATE", ["Status", "IsClosed"], {"Status": "Not Started", "IsClosed": False}),
        ("UPDATE", ["CompletedDateTime"], {"CompletedDateTime": None}),
    ],
)
def test_a_task_that_was_deleted_or_opened_again_is_taken_back(kind: str, changed: Any, fields: dict[str, Any]) -> None:
    claims = only(cometd(kind, "Task", head={**TASK, "changedFields": changed}, **fields)).claims
    assert {claim.type for claim in claims} == {"retraction"}
    assert [(claim.data or {})["of"] for claim in claims] == [f"{kind}:00T06000029G61DEAS" for kind in ("call", "task")]


def test_a_completion_that_does_not_say_of_what_is_shown_as_missing_or_asked_about() -> None:
    event = cometd("UPDATE", "Task", head=TASK, Status="Completed")
    sent, asked = only(event), only(event, ASKING)
    assert sent.problems[0].pointer == "/TaskSubtype"
    assert (asked.problems, asked.wants) == ((), (Want("task", "00T06000029G61DEAS"),))


MEETING = {"recordIds": ["00UZM000000wuBx2AI"]}


def test_what_came_of_a_meeting_is_known_only_where_a_field_says_so() -> None:
    listed = replace(SALESFORCE, fields={"meeting_outcome": "Outcome__c"})
    ticked = replace(SALESFORCE, fields={"meeting_outcome": "Held__c"})
    event = cometd("UPDATE", "Event", head=MEETING, Outcome__c="No-show", Held__c=True, OwnerId=OWNER_ID)
    assert only(event).ignored == "a meeting that was moved or edited is no new meeting"
    assert [(claim.id, claim.type) for claim in only(event, listed).claims] == [
        ("meeting:00UZM000000wuBx2AI:No-show", "No-show")
    ]
    assert [claim.type for claim in only(event, ticked).claims] == ["Held__c"]


def test_a_meeting_is_held_when_it_ended_unless_that_was_said_before() -> None:
    ticked = replace(SALESFORCE, fields={"meeting_outcome": "Held__c"})
    for end, at in ((AT_MS - 1000, AT_MS - 1000), (AT_MS + 1000, AT_MS)):
        event = cometd("UPDATE", "Event", head=MEETING, Held__c=True, OwnerId=OWNER_ID, EndDateTime=end)
        assert claim_of(event, ticked).occurred_at.timestamp() * 1000 == at


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"GroupEventType": "3"}, "a series of meetings: each of them comes by itself"),
        ({"IsRecurrence": True}, "a series of meetings: each of them comes by itself"),
        ({"IsChild": True}, "an invitation: the meeting comes by itself"),
    ],
)
def test_series_and_invitations_are_no_meetings_of_their_own(fields: dict[str, Any], why: str) -> None:
    assert only(cometd("CREATE", "Event", head=MEETING, OwnerId=OWNER_ID, **fields)).ignored == why


# Gaps


def test_a_gap_is_shown_as_one_or_asked_about() -> None:
    event = cometd("GAP_UPDATE", head={"recordIds": [DEAL_ID, "0065w000023STAmAAO"]})
    sent, asked = only(event), only(event, ASKING)
    assert sent.problems[0].value == "GAP_UPDATE"
    assert not (sent.claims)
    assert not (asked.claims)
    assert not (asked.problems)
    assert asked.wants == (Want("deal", DEAL_ID), Want("deal", "0065w000023STAmAAO"))


@pytest.mark.parametrize(
    "head",
    [
        {"changeType": "GAP_OVERFLOW", "recordIds": ["000000000000000AAA"]},
        {"changeType": "GAP_UPDATE", "recordIds": ["006*"]},
        {"changeType": "UPDATE", "recordIds": ["000000000000000AAA"]},
        {"changeType": "UPDATE", "recordIds": []},
        {"changeType": "EXPLODE"},
        {"commitTimestamp": "yesterday"},
        {"transactionKey": None},
    ],
)
def test_an_event_of_nobody_knows_which_record_is_unreadable(head: dict[str, Any]) -> None:
    sent = only(cometd(head=head, StageName="Demo"), ASKING)
    assert sent.problems
    assert not sent.claims
    assert not sent.wants


# Platform events


AGREED = {
    "ActivityType__c": "deal",
    "EventKey__c": "k-1",
    "Owner__c": "sanne@example.nl",
    "OpportunityId__c": "006am000006pSAY",
    "StageName__c": "Won",
    "Amount__c": 12.5,
    "CurrencyIsoCode__c": "EUR",
    "Status__c": "won",
    "OccurredAt__c": "2026-11-24T10:00:00.000+0000",
    "CreatedDate": "2026-11-24T10:00:01Z",
    "CreatedById": OWNER_ID,
}


def test_a_platform_event_with_the_agreed_fields_is_an_activity() -> None:
    claim = claim_of(AGREED)
    assert (claim.id, claim.type, claim.owner) == ("event:k-1", "deal", "sanne@example.nl")
    assert claim.occurred_at == from_text("2026-11-24T10:00:00Z")
    assert claim.deal is not None
    assert claim.deal.id == f"sf:{DEAL_ID}"
    assert dict(claim.deal.set) == {"stage": "Won", "amount": "12.5", "currency": "EUR", "status": "won"}
    work = {
        **AGREED,
        "ActivityType__c": "call",
        "OpportunityId__c": None,
        "DurationInSeconds__c": 60,
        "Owner__c": OWNER_ID,
    }
    assert (claim_of(work).data, claim_of(work).owner) == ({"duration_s": 60}, f"sf:{OWNER_ID}")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"OpportunityId__c": None}, "/OpportunityId__c"),
        ({"Status__c": "gewonnen"}, "/Status__c"),
        ({"Amount__c": "veel"}, "/Amount__c"),
        ({"Owner__c": "Sanne"}, "/Owner__c"),
        ({"OccurredAt__c": "nu"}, "/OccurredAt__c"),
        ({"EventKey__c": None}, "/EventKey__c"),
    ],
)
def test_a_platform_event_with_a_field_that_is_wrong_says_which(change: dict[str, Any], pointer: str) -> None:
    assert only({**AGREED, **change}).problems[0].pointer == pointer


# Laws

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "StageName": st.sampled_from(["New", "Demo", "Won"]),
        "Amount": st.one_of(st.none(), st.integers(0, 9)),
        "OwnerId": st.sampled_from([OWNER_ID, "005am000004KT8PAAW"]),
        "IsClosed": st.booleans(),
    },
)
HISTORY = st.lists(st.tuples(CHANGES, st.integers(0, 2)), min_size=1, max_size=5)


def folded(sent: list[Sent]) -> Deal:
    activities = {claim.id: claims.to_activity(claim, "sf", claim.owner) for each in sent for claim in each.claims}
    return fold(activities.values(), lambda _fact, _pipeline, stage: {"Won": "won"}.get(stage or "", "open"))


@settings(max_examples=60, deadline=None)
@given(HISTORY, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_changes_folds_to_the_same_deal(history: Any, random: Any) -> None:
    events = [
        cometd(
            head={"transactionKey": f"t{i}", "commitNumber": 2**62 + i, "commitTimestamp": AT_MS + late * 1000}, **said
        )
        for i, (said, late) in enumerate(history)
    ]
    shuffled = [*events, *events[:2]]
    random.shuffle(shuffled)
    assert folded(read(shuffled)) == folded(read(events))


@settings(max_examples=60, deadline=None)
@given(CHANGES)
def test_both_shapes_of_a_change_say_the_same(said: dict[str, Any]) -> None:
    nulled = tuple(name for name, value in said.items() if value is None)
    values = {name: value for name, value in said.items() if value is not None}
    assert only(pubsub(nulled=nulled, **values)).claims == only(cometd(**said)).claims


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
HEADER = st.fixed_dictionaries(
    {},
    optional={
        name: JSON | st.just(value) for name, value in header(changedFields=["0x2"], nulledFields=["1-0x1"]).items()
    },
)
EVENT = st.fixed_dictionaries(
    {"ChangeEventHeader": HEADER | JSON},
    optional=dict.fromkeys((*RECORD, "Status", "IsConverted", "TaskSubtype", "WhatId", "ActivityType__c"), JSON),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(JSON, EVENT, st.lists(EVENT, max_size=3), EVENT.map(lambda event: {"data": event})), st.booleans())
def test_no_json_is_more_than_it_can_bear(body: Any, asking: bool) -> None:
    for sent in read(body, ASKING if asking else SALESFORCE):
        assert sent.claims or sent.problems or sent.ignored or sent.wants
        for claim in sent.claims:
            assert claims.from_json(orjson.loads(orjson.dumps(claims.to_json(claim)))) == claim


@given(st.binary(max_size=60))
def test_what_is_no_json_is_refused_as_such(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        salesforce.read(Delivery("application/json", {}, body), SALESFORCE)
