"""Zoho CRM's notifications: the token in the body, several records in one, and what has to be asked for."""

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
from services.ingest.sources import Delivery, Unverified, hooks, zoho
from services.scoring.domain.deals import Deal, fold
from shared.contracts.times import from_text
from shared.errors import Malformed, TooLarge

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/zoho"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

TOKEN = "TOKEN_FOR_VERIFICATION_OF_1000000068001"
ZOHO = Connection("zoho-nl", "zoho", secrets=("oud", TOKEN), account="1000000068001")
ASKING = replace(ZOHO, api=Api("https://www.zohoapis.eu", "token"))
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
SENT_MS = 1_795_528_320_000
OWNER = {"name": "Sanne", "id": "5725767000000411001", "email": "sanne@example.nl"}


def notice(
    module: str = "Deals", operation: str = "update", at: int = SENT_MS, **values: dict[str, Any]
) -> dict[str, Any]:
    """A notification about records `r…`, each with the values that changed."""
    return {
        "server_time": at,
        "module": module,
        "operation": operation,
        "ids": list(values),
        "affected_fields": [{record: list(said) for record, said in values.items()}],
        "affected_values": [{"record_id": record, "values": said} for record, said in values.items()],
        "query_params": {},
        "resource_uri": f"https://www.zohoapis.eu/crm/v7/{module}",
        "channel_id": "1000000068001",
        "token": TOKEN,
    }


def read(body: Any, connection: Connection = ZOHO) -> list[Sent]:
    return zoho.read(Delivery("application/json", {}, orjson.dumps(body)), connection)


def only(body: Any, connection: Connection = ZOHO) -> Sent:
    (sent,) = read(body, connection)
    return sent


def claim_of(body: Any, connection: Connection = ZOHO) -> Claim:
    (claim,) = only(body, connection).claims
    return claim


def said_of(body: Any, connection: Connection = ZOHO) -> dict[str, Any]:
    deal = claim_of(body, connection).deal
    assert deal is not None
    return dict(deal.set)


def verify(body: bytes, connection: Connection = ZOHO) -> None:
    zoho.verify(Delivery("application/json", {}, body), connection, NOW)


# Who sent it


def test_the_token_in_the_body_is_one_of_the_secrets_and_the_channel_the_connections() -> None:
    verify(orjson.dumps(notice()))
    verify(orjson.dumps({"token": "oud", "channel_id": 1000000068001}))


@pytest.mark.parametrize(
    "body",
    [
        {**notice(), "token": "anders"},
        {**notice(), "token": None},
        {**notice(), "token": [TOKEN]},
        {**notice(), "token": ""},
        {**notice(), "channel_id": "7"},
        {"token": TOKEN},
        [notice()],
        TOKEN,
        None,
    ],
)
def test_anything_else_is_refused(body: Any) -> None:
    with pytest.raises(Unverified):
        verify(orjson.dumps(body))


def test_of_an_unknown_sender_little_is_read() -> None:
    with pytest.raises(TooLarge):
        verify(b'{"token":"' + b"x" * zoho.LARGEST)
    with pytest.raises(Malformed):
        verify(b"{")


# The genuine payloads


@genuine
@pytest.mark.parametrize(
    ("name", "key"),
    [
        (
            "lead_insert_no_affected_fields_abridged.json",
            "1000000068001:Leads:5725767000003000064:insert:1718117126473",
        ),
        ("lead_update_affected_values.json", "1000000068001:Leads:5725767000003000010:update:1718115953625"),
    ],
)
def test_the_genuine_notifications_are_verified_and_leads_carry_no_work(name: str, key: str) -> None:
    body = (FOLDER / name).read_bytes()
    verify(body)
    with pytest.raises(Unverified):
        verify(body.replace(b"TOKEN_FOR", b"TOKEN_OF"))
    (sent,) = zoho.read(Delivery("application/json", {}, body), ZOHO)
    assert (sent.id, sent.ignored) == (key, "Leads records carry no work here")
    assert sent.raw == {**orjson.loads(body), "token": "(masked)"}


@genuine
@pytest.mark.parametrize(
    "name", ["watch_request_deals_stage_condition.json", "watch_response_channel_expiry_minus11.json"]
)
def test_what_is_said_when_a_channel_is_made_is_no_notification(name: str) -> None:
    body = (FOLDER / name).read_bytes()
    with pytest.raises(Unverified):
        verify(body)
    (sent,) = zoho.read(Delivery("application/json", {}, body), ZOHO)
    assert sent.problems[0].pointer == "/module"


@genuine
def test_the_genuine_update_as_one_of_a_deal_says_nothing_that_counts() -> None:
    body = orjson.loads((FOLDER / "lead_update_affected_values.json").read_bytes())
    assert only({**body, "module": "Deals"}).ignored == "nothing of it that counts has changed"


@genuine
def test_the_genuine_insert_as_one_of_a_deal_has_to_be_asked_for() -> None:
    body = orjson.loads((FOLDER / "lead_insert_no_affected_fields_abridged.json").read_bytes())
    sent, asked = only({**body, "module": "Deals"}), only({**body, "module": "Deals"}, ASKING)
    assert sent.problems[0].pointer == "/affected_values"
    assert (asked.problems, asked.claims, asked.ignored) == ((), (), None)
    assert asked.wants == sent.wants == (Want("deal", "5725767000003000064"),)


# Deals


def test_a_deal_says_the_values_that_changed_in_zohos_own_words() -> None:
    said = {"Stage": "受注(Won)", "Amount": 1200.5, "Currency": "JPY", "Deal_Name": "Ketel", "Pipeline": "Standard"}
    claim = claim_of(notice(r1={**said, "Owner": OWNER, "Modified_Time": "2026-11-24T11:00:00+01:00"}))
    assert claim.deal is not None
    assert claim.deal.id == "zoho-nl:r1"
    assert dict(claim.deal.set) == {
        "stage": "受注(Won)",
        "pipeline": "Standard",
        "amount": "1200.5",
        "currency": "JPY",
        "name": "Ketel",
    }
    assert (claim.owner, claim.occurred_at) == ("sanne@example.nl", from_text("2026-11-24T10:00:00Z"))


def test_without_a_moment_of_its_own_a_change_happened_when_it_was_sent() -> None:
    assert claim_of(notice(r1={"Stage": "Won"})).occurred_at.timestamp() * 1000 == SENT_MS


@pytest.mark.parametrize(
    ("owner", "name"),
    [({"id": "57", "name": "x"}, "zoho-nl:57"), ("57", "zoho-nl:57"), (57, "zoho-nl:57"), (None, None), ({}, None)],
)
def test_an_owner_without_an_address_is_named_by_id(owner: Any, name: str | None) -> None:
    assert claim_of(notice(r1={"Stage": "Won", "Owner": owner})).owner == name


def test_what_a_change_leaves_out_is_asked_for() -> None:
    assert only(notice(r1={"Stage": "Won"})).wants == (Want("deal", "r1"),)
    assert only(notice(r1={"Stage": "Won", "Amount": 5, "Owner": OWNER})).wants == ()


def test_a_deal_that_was_deleted_is_deleted_and_nothing_is_asked() -> None:
    sent = only(notice(operation="delete", r1={}))
    assert (said_of(notice(operation="delete", r1={})), sent.wants) == ({"status": "deleted"}, ())


def test_the_connections_currency_stands_in_for_a_new_deal_only() -> None:
    euros = replace(ZOHO, currency="EUR")
    assert said_of(notice(operation="insert", r1={"Amount": 5}), euros) == {"amount": "5", "currency": "EUR"}
    assert said_of(notice(r1={"Amount": 5}), euros) == {"amount": "5"}


def test_a_stage_may_stand_in_a_field_with_a_number_for_a_name() -> None:
    assert said_of(notice(r1={"field71": "Demo"}), replace(ZOHO, fields={"stage": "field71"})) == {"stage": "Demo"}


@pytest.mark.parametrize(
    ("values", "pointer"),
    [({"Amount": "veel"}, "/Amount"), ({"Currency": "euro"}, "/Currency"), ({"Stage": {"x": 1}}, "/Stage")],
)
def test_a_value_that_cannot_be_used_says_why(values: dict[str, Any], pointer: str) -> None:
    assert only(notice(r1=values)).problems[0].pointer == pointer


# Several records in one notification


def test_two_records_in_one_notification_are_two_things_each_with_its_own() -> None:
    body = notice(r1={"Stage": "Won", "Amount": 1, "Owner": OWNER}, r2={"Mobile": "+31612"}, r3={})
    body["ids"] = ["r1", "r2", "r3", "r1"]
    sent = read(body)
    assert [each.id for each in sent] == [f"1000000068001:Deals:r{n}:update:{SENT_MS}" for n in (1, 2, 3)]
    assert [bool(each.claims) for each in sent] == [True, False, False]
    assert sent[1].ignored
    assert sent[2].wants == (Want("deal", "r3"),)
    assert sent[0].raw["ids"] == ["r1"]
    assert "+31612" not in repr(sent[0].raw)
    for each in sent:
        assert TOKEN not in repr(each)
        (again,) = hooks.read_again("zoho", each.raw, ZOHO)
        assert (again.id, again.claims, again.ignored, again.wants) == (
            each.id,
            each.claims,
            each.ignored,
            each.wants,
        )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ids": []}, "/ids"),
        ({"ids": None}, "/ids"),
        ({"ids": ["r1", {}]}, "/ids"),
        ({"ids": ["x"] * 1001}, "/ids"),
        ({"server_time": "nu"}, "/server_time"),
        ({"channel_id": None}, "/channel_id"),
        ({"operation": None}, "/operation"),
    ],
)
def test_a_notification_that_cannot_be_read_says_why_and_keeps_no_token(change: dict[str, Any], pointer: str) -> None:
    sent = only({**notice(r1={"Stage": "Won"}), **change})
    assert sent.problems[0].pointer == pointer
    assert sent.raw["token"] == "(masked)"


# Work


CALL = {
    "Outgoing_Call_Status": "Completed",
    "Call_Type": "Outbound",
    "Call_Duration_in_seconds": 90,
    "Call_Result": "Interested",
    "Call_Start_Time": "2026-11-24T11:00:00+01:00",
    "Owner": OWNER,
    "What_Id": {"id": "77", "name": "Ketel"},
    "$se_module": "Deals",
}


def test_a_call_that_was_made_says_how_it_went_and_about_which_deal() -> None:
    claim = claim_of(notice("Calls", "insert", r1=CALL))
    assert (claim.id, claim.type, claim.owner) == ("call:r1", "call", "sanne@example.nl")
    assert claim.data == {"duration_s": 90, "direction": "outbound", "outcome": "Interested"}
    assert claim.occurred_at == from_text("2026-11-24T10:00:00Z")
    assert claim.deal is not None
    assert claim.deal.id == "zoho-nl:77"


def test_what_was_deleted_is_taken_back() -> None:
    for module, works in (("Calls", ["call:r1"]), ("Tasks", ["task:r1"])):
        assert [(claim.data or {})["of"] for claim in only(notice(module, "delete", r1={})).claims] == works
    assert len(only(notice("Events", "delete", r1={})).claims) == 4


@pytest.mark.parametrize(
    ("module", "operation", "values", "why"),
    [
        ("Calls", "insert", {**CALL, "Outgoing_Call_Status": "Scheduled"}, "a call counts once it is made"),
        ("Calls", "insert", {**CALL, "Call_Type": "Missed"}, "a call counts once it is made"),
        ("Calls", "update", {"Description": "x"}, "a call that was edited is no new call"),
        ("Tasks", "update", {"Status": "Deferred"}, "a task counts once it is completed"),
        ("Events", "update", {"Start_DateTime": "x"}, "a meeting that was moved or edited is no new meeting"),
    ],
)
def test_what_is_no_work_says_why(module: str, operation: str, values: dict[str, Any], why: str) -> None:
    assert only(notice(module, operation, r1=values)).ignored == why


def test_work_without_values_has_to_be_asked_for_and_work_without_an_owner_is_nobodys() -> None:
    for module, wanted in (("Calls", "call"), ("Events", "meeting"), ("Tasks", "task")):
        assert only(notice(module, "insert", r1={}), ASKING).wants == (Want(wanted, "r1"),)
    sent = only(notice("Tasks", r1={"Status": "Completed"}))
    assert [(claim.id, claim.owner) for claim in sent.claims] == [("task:r1", None)]
    assert sent.wants == (Want("task", "r1"),)


def test_a_meeting_is_booked_and_what_came_of_it_stands_in_a_field_of_its_own() -> None:
    assert claim_of(notice("Events", "insert", r1={"Owner": OWNER})).id == "meeting:r1:booked"
    own = replace(ZOHO, fields={"meeting_outcome": "Uitkomst"})
    claim = claim_of(notice("Events", r1={"Uitkomst": "Gehouden", "Owner": OWNER}), own)
    assert (claim.id, claim.type) == ("meeting:r1:Gehouden", "Gehouden")


# Laws

VALUES = st.fixed_dictionaries(
    {},
    optional={
        "Stage": st.sampled_from(["New", "Won"]),
        "Amount": st.one_of(st.none(), st.integers(0, 9)),
        "Owner": st.sampled_from([OWNER, {"id": "57"}]),
        "Modified_Time": st.sampled_from(["2026-11-24T11:00:00+01:00", "2026-11-24T11:00:01+01:00"]),
    },
)


def folded(sent: list[Sent], deal: str) -> Deal:
    activities = {
        claim.id: claims.to_activity(claim, "z", claim.owner)
        for each in sent
        for claim in each.claims
        if claim.deal and claim.deal.id == deal
    }
    return fold(activities.values(), lambda _fact, _pipeline, stage: {"Won": "won"}.get(stage or "", "open"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_repetition_and_how_records_are_bundled_leave_no_trace(history: Any, random: Any) -> None:
    bundled = [notice(at=SENT_MS + i, r1=one, r2=other) for i, (one, other) in enumerate(history)]
    alone = [
        notice(at=SENT_MS + i, **{record: said})
        for i, pair in enumerate(history)
        for record, said in zip(("r1", "r2"), pair, strict=True)
    ]
    shuffled = [*alone, *bundled[:2]]
    random.shuffle(shuffled)
    for deal in ("zoho-nl:r1", "zoho-nl:r2"):
        expected = folded([each for body in bundled for each in read(body)], deal)
        assert folded([each for body in shuffled for each in read(body)], deal) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
FIELDS = st.dictionaries(st.sampled_from([*CALL, "Stage", "Amount", "Status", "Modified_Time"]), JSON, max_size=5)
NOTICES = st.builds(
    lambda module, operation, values, change: {**notice(module, operation, **values), **change},
    st.sampled_from(["Deals", "Calls", "Events", "Tasks", "Leads"]),
    st.sampled_from(["insert", "update", "delete"]),
    st.dictionaries(st.sampled_from(["r1", "r2"]), FIELDS, max_size=2),
    st.dictionaries(st.sampled_from(sorted(notice())), JSON, max_size=1),
)


@settings(max_examples=150, deadline=None)
@given(JSON | NOTICES, st.booleans())
def test_no_json_is_more_than_it_can_bear(body: Any, asking: bool) -> None:
    for sent in read(body, ASKING if asking else ZOHO):
        assert sent.claims or sent.problems or sent.ignored or sent.wants
        for claim in sent.claims:
            assert claims.from_json(orjson.loads(orjson.dumps(claims.to_json(claim)))) == claim


@settings(max_examples=50)
@given(JSON.map(orjson.dumps) | st.binary(max_size=40))
def test_no_body_is_verified_by_chance(body: bytes) -> None:
    with pytest.raises((Unverified, Malformed)):
        verify(body)
