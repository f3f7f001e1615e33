"""What CRMs' APIs are asked and what their answers tell, in the documented shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain import asking
from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Api as Address
from services.ingest.domain.connections import Connection
from services.ingest.sources import hubspot
from services.ingest.sources.apis import KINDS, OWNER, Answer, Api, Found, api_of
from services.ingest.sources.hooks import read_again
from services.ingest.sources.hubspot_api import OBJECTS as HUBSPOT_OBJECTS

HOUR = "2026-11-24T09:00:00.123Z"


def connection(kind: str, **more: Any) -> Connection:
    return Connection("crm", kind, api=Address("https://crm.example", "geheim"), **more)


def api(kind: str) -> Api:
    found = api_of(kind)
    assert found is not None
    return found


def read(kind: str, thing: str, body: Any, name: str = "7", **more: Any) -> Found:
    return api(kind).read(thing, [name], Answer(200, {}, orjson.dumps(body)), connection(kind, **more))


def the_claims(found: Found) -> list[Claim]:
    assert [each.problems for each in found.sent] == [()] * len(found.sent)
    return [claim for each in found.sent for claim in each.claims]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def fold(claims: list[Claim]) -> dict[str, Any]:
    """Fold what claims say of a deal, as scoring does."""
    said: dict[str, Any] = {}
    for claim in sorted(claims, key=lambda each: (each.occurred_at, each.sequence, each.id)):
        said |= dict(claim.deal.set) if claim.deal else {}
        said |= {"owner": claim.owner} if claim.owner_said else {}
    return said


# ------------------------------------------------------------------------------------------------------------- HubSpot

HISTORY: dict[str, list[dict[str, Any]]] = {
    "dealstage": [
        {"value": "closedwon", "timestamp": "2026-11-24T09:00:00.123Z", "sourceType": "CRM_UI", "sourceId": "userId:9"},
        {
            "value": "qualifiedtobuy",
            "timestamp": "2026-11-20T09:00:00Z",
            "sourceType": "CRM_UI",
            "sourceId": "userId:9",
        },
    ],
    "amount": [{"value": "2000.50", "timestamp": "2026-11-21T09:00:00Z", "sourceType": "API", "sourceId": "app"}],
    "deal_currency_code": [{"value": "EUR", "timestamp": "2026-11-20T09:00:00Z", "sourceType": "API"}],
    "hubspot_owner_id": [{"value": "41629779", "timestamp": "2026-11-20T09:00:00Z", "sourceType": "CRM_UI"}],
    "notes": [{"value": "niemand gaat dit aan", "timestamp": "2026-11-20T09:00:00Z"}],
}
DEAL = {"id": "7", "propertiesWithHistory": HISTORY, "updatedAt": HOUR, "archived": False}


def test_hubspot_is_asked_for_deals_with_the_history_of_what_counts() -> None:
    request = api("hubspot").request("deal", ["7", "8"], connection("hubspot"))
    assert request.path == "/crm/v3/objects/deals/batch/read"
    assert request.body["inputs"] == [{"id": "7"}, {"id": "8"}]
    assert set(request.body["propertiesWithHistory"]) == {
        *("dealstage", "pipeline", "dealname", "amount", "deal_currency_code", "hubspot_owner_id")
    }
    assert HUBSPOT_OBJECTS["deal"] == 50


def test_each_change_of_a_hubspot_deal_is_told_at_its_own_time() -> None:
    found = read("hubspot", "deal", {"results": [DEAL]})
    claims = the_claims(found)
    stages = {
        claim.occurred_at: claim.deal.set["stage"] for claim in claims if claim.deal and "stage" in claim.deal.set
    }
    assert stages == {at("2026-11-24T09:00:00.123Z"): "closedwon", at("2026-11-20T09:00:00Z"): "qualifiedtobuy"}
    assert fold(claims) == {"stage": "closedwon", "amount": "2000.5", "currency": "EUR", "owner": "crm:41629779"}


def test_a_change_asked_of_hubspot_is_the_claim_that_its_notification_makes() -> None:
    event = {
        "subscriptionType": "deal.propertyChange",
        "portalId": 62515,
        "objectId": 7,
        "propertyName": "dealstage",
        "propertyValue": "closedwon",
        "occurredAt": 1_795_510_800_123,
        "sourceId": "userId:9",
        "changeSource": "CRM_UI",
    }
    (told,) = hubspot.read_event(event, connection("hubspot")).claims
    asked = the_claims(read("hubspot", "deal", {"results": [DEAL]}))
    assert told in asked


def test_a_value_of_hubspot_that_cannot_be_used_is_shown_and_takes_no_other_with_it() -> None:
    history = {
        **HISTORY,
        "amount": [{"value": "veel", "timestamp": HOUR}],
        "dealname": [{"value": "x", "timestamp": "ooit"}],
    }
    *bad, good = read("hubspot", "deal", {"results": [{**DEAL, "propertiesWithHistory": history}]}).sent
    assert len(good.claims) == 4
    assert [each.problems[0].value for each in bad] == ["veel", "ooit"]


def test_a_value_of_hubspot_that_the_connection_forbade_is_read_again_once_it_allows_it() -> None:
    history = {"deal_currency_code": [{"value": "USD", "timestamp": HOUR}]}
    body = {"results": [{**DEAL, "propertiesWithHistory": history}]}
    (refused,) = read("hubspot", "deal", body, currency="EUR").sent
    assert refused.problems
    (again,) = read_again("hubspot api", refused.raw, connection("hubspot"))
    assert [dict(claim.deal.set) for claim in again.claims if claim.deal] == [{"currency": "USD"}]


def test_what_hubspot_told_is_the_same_when_it_is_read_again() -> None:
    call = {"hs_call_status": "COMPLETED", "hs_timestamp": HOUR, "hubspot_owner_id": "4"}
    for found in (read("hubspot", "deal", {"results": [DEAL]}), hubspot_work("call", call)):
        assert found.sent
        for each in found.sent:
            assert read_again("hubspot api", each.raw, connection("hubspot")) == [each]


def test_hubspot_objects_that_are_missing_or_were_merged_are_gone() -> None:
    errors = [{"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": ["8"]}}]
    body = {"results": [{**DEAL, "id": "99"}], "numErrors": 1, "errors": errors}
    found = api("hubspot").read("deal", ["7", "8"], Answer(207, {}, orjson.dumps(body)), connection("hubspot"))
    assert found.gone == {"7", "8"}
    assert {claim.deal.id for claim in the_claims(found) if claim.deal} == {"crm:99"}


def hubspot_work(kind: str, properties: dict[str, str], made: str = "2026-11-20T09:00:00Z") -> Found:
    record = {"id": "7", "properties": properties, "createdAt": made, "updatedAt": HOUR}
    return read("hubspot", kind, {"results": [record]})


def test_a_completed_hubspot_call_is_a_call_with_its_length_in_seconds() -> None:
    said = {"hs_call_status": "COMPLETED", "hs_timestamp": HOUR, "hubspot_owner_id": "4", "hs_call_duration": "340000"}
    (call,) = the_claims(hubspot_work("call", {**said, "hs_call_direction": "OUTBOUND"}))
    assert (call.id, call.type, call.owner, call.occurred_at) == ("call:7", "call", "crm:4", at(HOUR))
    assert call.data == {"duration_s": 340, "direction": "outbound"}


def test_a_hubspot_call_that_was_not_completed_is_left_out_with_the_reason() -> None:
    (call,) = hubspot_work("call", {"hs_call_status": "NO_ANSWER", "hs_timestamp": HOUR}).sent
    assert (call.claims, call.ignored) == ((), "a call counts once it is completed; its status is NO_ANSWER")


@pytest.mark.parametrize(
    ("outcome", "types"),
    [
        ("SCHEDULED", ["meeting-booked"]),
        ("COMPLETED", ["meeting-booked", "meeting"]),
        ("NO_SHOW", ["meeting-booked", "meeting-no-show"]),
        ("CANCELED", ["meeting-booked", "meeting-cancelled"]),
    ],
)
def test_a_hubspot_meeting_was_booked_and_then_something_came_of_it(outcome: str, types: list[str]) -> None:
    said = {"hs_meeting_outcome": outcome, "hs_meeting_start_time": HOUR, "hubspot_owner_id": "4"}
    assert [claim.type for claim in the_claims(hubspot_work("meeting", said))] == types


def test_a_hubspot_meeting_that_was_logged_afterwards_was_never_booked() -> None:
    said = {"hs_meeting_outcome": "COMPLETED", "hs_meeting_start_time": HOUR, "hubspot_owner_id": "4"}
    (held,) = the_claims(hubspot_work("meeting", said, made="2026-11-25T09:00:00Z"))
    assert (held.id, held.type) == ("meeting:7:held", "meeting")


def test_work_of_hubspot_without_an_owner_waits_for_one() -> None:
    (mail,) = the_claims(hubspot_work("email", {"hs_email_direction": "EMAIL", "hs_timestamp": HOUR}))
    assert (mail.type, mail.owner, mail.owner_said) == ("email", None, False)


def test_a_hubspot_task_counts_when_it_was_completed() -> None:
    said = {"hs_task_status": "COMPLETED", "hs_task_completion_date": HOUR, "hubspot_owner_id": "4"}
    (task,) = the_claims(hubspot_work("task", said))
    assert (task.id, task.occurred_at) == ("task:7", at(HOUR))


# ----------------------------------------------------------------------------------------------------------- Pipedrive

PIPEDRIVE_DEAL = {
    "id": 7,
    "title": "niemand gaat dit aan",
    "owner_id": 42,
    "stage_id": 3,
    "pipeline_id": 1,
    "value": 2000.5,
    "currency": "EUR",
    "status": "won",
    "add_time": "2026-11-01T09:00:00Z",
    "update_time": "2026-11-24T09:00:00Z",
    "stage_change_time": "2026-11-20T09:00:00Z",
    "won_time": "2026-11-23T09:00:00Z",
    "is_deleted": False,
}


def test_a_pipedrive_deal_tells_each_part_since_when_it_is_so() -> None:
    found = read("pipedrive", "deal", {"success": True, "data": PIPEDRIVE_DEAL})
    by_time = {claim.occurred_at.day: dict(claim.deal.set) for claim in the_claims(found) if claim.deal}
    assert by_time == {
        20: {"stage": "3", "pipeline": "1"},
        23: {"status": "won"},
        24: {"amount": "2000.5", "currency": "EUR"},
    }
    assert fold(the_claims(found))["owner"] == "crm:42"
    assert "title" not in found.sent[0].raw


def test_a_deleted_pipedrive_deal_is_told_as_deleted() -> None:
    found = read("pipedrive", "deal", {"success": True, "data": {**PIPEDRIVE_DEAL, "is_deleted": True}})
    assert fold(the_claims(found))["status"] == "deleted"


def test_a_pipedrive_activity_is_work_once_it_is_done() -> None:
    said = {"id": 5, "type": "meeting", "owner_id": 42, "done": True, "marked_as_done_time": HOUR}
    (held,) = the_claims(read("pipedrive", "activity", {"success": True, "data": said}))
    assert (held.id, held.type, held.owner) == ("activity:5", "meeting", "crm:42")
    (open_one,) = read("pipedrive", "activity", {"success": True, "data": {**said, "done": False}}).sent
    assert open_one.ignored


# ---------------------------------------------------------------------------------------- Salesforce, Zoho, Dataverse


OPPORTUNITY = {
    "Id": "006xx000004TmiQAAS",
    "Name": "niemand gaat dit aan",
    "OwnerId": "005xx000001X8Uz",
    "StageName": "Closed Won",
    "Amount": 2000.5,
    "IsClosed": True,
    "IsWon": True,
    "LastModifiedDate": "2026-11-24T09:00:00.000+0000",
    "LastStageChangeDate": "2026-11-23T09:00:00.000+0000",
}


def test_a_salesforce_opportunity_tells_its_stage_since_it_changed() -> None:
    found = read("salesforce", "deal", OPPORTUNITY, "006xx000004TmiQAAS", currency="EUR")
    claims = the_claims(found)
    assert {claim.occurred_at.day: dict(claim.deal.set) for claim in claims if claim.deal} == {
        23: {"stage": "Closed Won", "status": "won"},
        24: {"amount": "2000.5", "currency": "EUR"},
    }
    assert fold(claims)["owner"] == "crm:005xx000001X8UzAAK"
    assert "Name" not in found.sent[0].raw


def test_what_salesforce_does_not_say_is_not_guessed() -> None:
    said = {name: value for name, value in OPPORTUNITY.items() if name not in {"IsWon", "IsClosed", "OwnerId"}}
    found = read("salesforce", "deal", said, "006xx000004TmiQAAS")
    assert set(fold(the_claims(found))) == {"stage", "amount"}


def test_a_salesforce_task_of_subtype_call_is_a_call() -> None:
    task = {"Id": "00Txx000001X8UzEAK", "Status": "Completed", "TaskSubtype": "Call", "CallDurationInSeconds": 90}
    task |= {"OwnerId": "005xx000001X8Uz", "LastModifiedDate": "2026-11-24T09:00:00.000+0000"}
    (call,) = the_claims(
        read("salesforce", "task", {**task, "CompletedDateTime": "2026-11-24T09:00:00.000+0000"}, "00T1")
    )
    assert (call.id, call.type, call.data) == ("call:00Txx000001X8UzEAK", "call", {"duration_s": 90})


def test_the_limit_of_a_day_of_salesforce_passes_and_a_refused_token_does_not() -> None:
    limit = Answer(403, {}, b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED"}]')
    assert api("salesforce").meaning(limit) == asking.LATER
    assert api("salesforce").meaning(Answer(403, {}, b'[{"errorCode":"API_DISABLED"}]')) == asking.REFUSED


ZOHO_DEAL = {
    "id": "111113000000030039",
    "Owner": {"id": "111113000000029001", "name": "Sanne", "email": "sanne@example.nl"},
    "Stage": "Closed Won",
    "Amount": 2000.5,
    "Modified_Time": "2026-11-24T10:00:00+01:00",
}


def test_a_zoho_deal_tells_its_owners_address() -> None:
    found = read("zoho", "deal", {"data": [ZOHO_DEAL]}, "111113000000030039")
    said = fold(the_claims(found))
    assert said == {"stage": "Closed Won", "amount": "2000.5", "owner": "sanne@example.nl"}


@pytest.mark.parametrize("answer", [Answer(204), Answer(400, {}, b'{"code":"INVALID_DATA"}')])
def test_an_id_that_zoho_does_not_have_is_missing(answer: Answer) -> None:
    assert api("zoho").meaning(answer) == asking.MISSING


OPPORTUNITY_365 = {
    "statecode": 1,
    "stepname": "4-Close",
    "estimatedvalue": 3000.0,
    "actualvalue": 2000.5,
    "_ownerid_value": "a0b1",
    "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "systemuser",
    "modifiedon": "2026-11-24T09:00:00Z",
    "transactioncurrencyid": {"isocurrencycode": "USD"},
}


def test_a_won_opportunity_of_dynamics_has_its_actual_value_and_the_currencys_code() -> None:
    said = fold(the_claims(read("dynamics", "deal", OPPORTUNITY_365)))
    assert said == {"amount": "2000.5", "currency": "USD", "status": "won", "stage": "4-Close", "owner": "crm:a0b1"}


def test_a_team_of_dynamics_is_nobodys_work() -> None:
    teams = {**OPPORTUNITY_365, "_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname": "team"}
    assert "owner" not in fold(the_claims(read("dynamics", "deal", teams)))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("hubspot", {"id": "7", "email": "sanne@example.nl"}),
        ("pipedrive", {"success": True, "data": {"id": 7, "email": "sanne@example.nl"}}),
        ("salesforce", {"Email": "sanne@example.nl"}),
        ("zoho", {"users": [{"id": "7", "email": "sanne@example.nl"}]}),
        ("dynamics", {"internalemailaddress": "sanne@example.nl"}),
    ],
)
def test_every_crm_tells_the_address_of_an_owner(kind: str, body: Any) -> None:
    assert read(kind, OWNER, body).owners == {"7": "sanne@example.nl"}


# ------------------------------------------------------------------------------------------------------------ whatever

NAMES = "data results users id Owner value email done type properties propertiesWithHistory dealstage amount timestamp"
NAMES += " Id Status OwnerId StageName Amount LastModifiedDate statecode modifiedon hs_timestamp hs_call_status"
answers = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", KINDS)
@given(body=answers)
def test_whatever_comes_back_is_read_or_named_as_not_documented(kind: str, body: Any) -> None:
    for thing in api(kind).OBJECTS:
        try:
            found = read(kind, thing, body)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        assert all(isinstance(each.id, str) for each in found.sent)
