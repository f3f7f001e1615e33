"""Dynamics 365: who sent a message, what each genuine one says, and opportunities, calls, appointments and leads."""

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
from services.ingest.sources import Delivery, Unverified, dynamics, hooks
from services.ingest.sources.dynamics.context import moment_of
from services.scoring.domain.deals import Deal, fold
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/dynamics"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

EURO, ORGANISATION = "4de444aa-375f-ee11-8def-000d3adbef1f", "b015df52-a05f-ee11-a382-000d3a64db73"
DYNAMICS = Connection("d365", "dynamics", secrets=("geheim",), currencies={EURO.upper(): "EUR"})
ASKING = replace(DYNAMICS, api=Api("https://example.crm4.dynamics.com", "token"))
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
AT_MS = 1_795_528_320_000
DEAL_ID, OWNER_ID = "80a2c641-4c79-e611-80df-c4346baca9e4", "f5478924-a0fe-461c-ab4f-f2380ada9227"


def typed(kind: str, **value: Any) -> dict[str, Any]:
    return {"__type": f"{kind}:http://schemas.microsoft.com/xrm/2011/Contracts", **value}


def choice(number: int) -> dict[str, Any]:
    return typed("OptionSetValue", Value=number)


def money(amount: float) -> dict[str, Any]:
    return typed("Money", Value=amount)


def lookup(kind: str, name: str) -> dict[str, Any]:
    return typed("EntityReference", Id=name, LogicalName=kind, Name=None, KeyAttributes=[], RowVersion=None)


def entity(kind: str, **attributes: Any) -> dict[str, Any]:
    listed = [{"key": key, "value": value} for key, value in attributes.items()]
    return typed("Entity", Attributes=listed, LogicalName=kind, Id=DEAL_ID, FormattedValues=[])


def pairs(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def posted(kind: str = "opportunity", message: str = "Update", at: int = AT_MS, **attributes: Any) -> dict[str, Any]:
    target = entity(kind, **{**attributes, "modifiedon": f"/Date({at})/"})
    return {
        "MessageName": message,
        "PrimaryEntityName": kind,
        "PrimaryEntityId": DEAL_ID,
        "InputParameters": pairs(Target=target),
        "InitiatingUserId": "75c2dd85-e89e-e711-8122-000d3aa2331c",
        "OperationId": "4af10637-4ea2-e711-8122-000d3aa2331c",
        "OperationCreatedOn": f"/Date({at + 25_200_000}-0700)/",
        "OrganizationId": ORGANISATION,
        "OrganizationName": "OneFarm",
        "ParentContext": None,
        "PostEntityImages": [],
        "PreEntityImages": [],
        "Stage": 40,
    }


def only(body: Any, connection: Connection = DYNAMICS) -> Sent:
    (sent,) = dynamics.read(Delivery("application/json", {}, orjson.dumps(body)), connection)
    return sent


def claim_of(body: Any, connection: Connection = DYNAMICS) -> Claim:
    (claim,) = only(body, connection).claims
    return claim


def said_of(body: Any, connection: Connection = DYNAMICS) -> dict[str, Any]:
    deal = claim_of(body, connection).deal
    assert deal is not None
    assert deal.id == f"d365:{DEAL_ID}"
    return dict(deal.set)


# Who sent it


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({"x-samenspel-secret": "geheim"}, ""),
        ({"authorization": "Bearer geheim"}, ""),
        ({}, "https://samenspel.example.nl/ingest/v1/hooks/d365?code=geheim"),
    ],
)
def test_the_secret_comes_as_a_static_header_or_in_the_address(headers: dict[str, str], url: str) -> None:
    dynamics.verify(Delivery("application/json", headers, b"{}", url=url), DYNAMICS, NOW)


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({}, ""),
        ({"x-samenspel-secret": "geheim "}, ""),
        ({"authorization": "geheim"}, ""),
        ({}, "https://x/?code=Geheim"),
        ({}, "https://x/?code=geheim&code=x"),
        ({}, "https://x/?key=geheim"),
    ],
)
def test_any_other_secret_is_refused_without_repeating_it(headers: dict[str, str], url: str) -> None:
    with pytest.raises(Unverified) as caught:
        dynamics.verify(Delivery("application/json", headers, b"{}", url=url), DYNAMICS, NOW)
    assert "geheim" not in str(caught.value).lower()


@pytest.mark.parametrize("account", [ORGANISATION, ORGANISATION.upper(), "onefarm", "example.crm4.dynamics.com"])
def test_the_organisation_is_told_by_id_name_or_host(account: str) -> None:
    headers = {"x-samenspel-secret": "geheim", "x-ms-dynamics-organization": "example.crm4.dynamics.com"}
    delivery = Delivery("application/json", headers, orjson.dumps(posted()))
    dynamics.verify(delivery, replace(DYNAMICS, account=account), NOW)
    with pytest.raises(Unverified):
        dynamics.verify(delivery, replace(DYNAMICS, account="elsewhere"), NOW)


# The genuine payloads


@genuine
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("contact_update_async_docs.json", "contact records carry no work here"),
        ("create_all_field_types_sync_abridged.json", "shko_allfields records carry no work here"),
    ],
)
def test_the_genuine_messages_are_about_what_carries_no_work(name: str, why: str) -> None:
    body = (FOLDER / name).read_bytes()
    (sent,) = dynamics.read(Delivery("application/json", {}, body), DYNAMICS)
    assert (sent.ignored, sent.claims, sent.problems) == (why, (), ())
    assert sent.raw == orjson.loads(body)


@genuine
def test_the_genuine_typed_values_and_the_owner_of_an_opportunity_are_read() -> None:
    body = orjson.loads((FOLDER / "create_all_field_types_sync_abridged.json").read_bytes())
    as_deal = {**body, "PrimaryEntityName": "opportunity"}
    own = replace(DYNAMICS, fields={"stage": "shko_string", "amount": "shko_decimal"})
    claim = claim_of(as_deal, own)
    assert claim.deal is not None
    assert dict(claim.deal.set) == {"stage": "This is a String", "amount": "10.12", "currency": "EUR", "status": "open"}
    assert claim.owner == "d365:c7877889-0f5f-ee11-8def-000d3adbef1f"
    assert claim.occurred_at.isoformat() == "2023-10-15T19:34:05+00:00"


@genuine
def test_the_genuine_moment_is_that_of_the_record_not_that_of_the_operation() -> None:
    body = orjson.loads((FOLDER / "contact_update_async_docs.json").read_bytes())
    as_lead = {**body, "PrimaryEntityName": "lead", "MessageName": "QualifyLead"}
    assert claim_of(as_lead).occurred_at == moment_of("/Date(1506384247000)/", "")


# Opportunities


def test_a_stage_change_says_only_what_changed_and_the_rest_is_asked_about() -> None:
    sent = only(posted(stepname="3-Propose"))
    assert said_of(posted(stepname="3-Propose")) == {"stage": "3-Propose"}
    assert sent.wants == (Want("deal", DEAL_ID),)
    assert not sent.claims[0].owner_said


def test_an_image_completes_what_changed() -> None:
    body = posted(stepname="3-Propose")
    image = entity(
        "opportunity",
        ownerid=lookup("systemuser", OWNER_ID),
        estimatedvalue=money(1200.5),
        transactioncurrencyid=lookup("transactioncurrency", EURO),
        statecode=choice(0),
        stepname="old",
    )
    body["PostEntityImages"] = pairs(after=image)
    sent = only(body)
    assert said_of(body) == {"stage": "3-Propose", "amount": "1200.5", "currency": "EUR"}
    assert (sent.claims[0].owner, sent.wants) == (f"d365:{OWNER_ID}", ())


def test_what_only_an_image_says_has_not_changed() -> None:
    body = posted(description="x")
    body["PostEntityImages"] = pairs(after=entity("opportunity", stepname="3-Propose", statecode=choice(1)))
    assert only(body).ignored == "nothing of it that counts has changed"


@pytest.mark.parametrize(("state", "status"), [(0, "open"), (1, "won"), (2, "lost"), (7, None)])
def test_the_state_is_the_status(state: int, status: str | None) -> None:
    assert said_of(posted(statecode=choice(state), stepname="x")).get("status") == status


@pytest.mark.parametrize(
    ("attributes", "amount"),
    [
        ({"estimatedvalue": money(100)}, "100"),
        ({"estimatedvalue": money(100), "actualvalue": money(90)}, "100"),
        ({"estimatedvalue": money(100), "actualvalue": money(90), "statecode": choice(1)}, "90"),
        ({"estimatedvalue": money(100), "statecode": choice(1)}, "100"),
        ({"actualvalue": money(90.25)}, "90.25"),
        ({"estimatedvalue": None}, None),
    ],
)
def test_a_closed_deal_is_worth_what_it_earned_and_an_open_one_what_is_expected(
    attributes: dict[str, Any], amount: str | None
) -> None:
    assert said_of(posted(**attributes))["amount"] == amount


@pytest.mark.parametrize(
    ("message", "status"), [("Win", "won"), ("WinOpportunity", "won"), ("LoseOpportunity", "lost")]
)
@pytest.mark.parametrize("kind", ["opportunity", "opportunityclose"])
def test_winning_and_losing_are_messages_of_their_own(message: str, status: str, kind: str) -> None:
    close = entity("opportunityclose", opportunityid=lookup("opportunity", DEAL_ID), actualrevenue=money(900))
    body = {**posted(kind, message), "InputParameters": pairs(OpportunityClose=close, Status=choice(3))}
    body["PrimaryEntityId"] = OWNER_ID if kind == "opportunityclose" else "00000000-0000-0000-0000-000000000000"
    assert said_of(body) == {"status": status, "amount": "900"}
    assert only(body).wants == (Want("deal", DEAL_ID),)


def test_a_change_of_state_or_of_owner_may_have_a_message_of_its_own() -> None:
    state = {**posted(message="SetState"), "InputParameters": pairs(State=choice(1), Status=choice(3))}
    assigned = pairs(Target=lookup("opportunity", DEAL_ID), Assignee=lookup("systemuser", OWNER_ID))
    assert said_of(state) == {"status": "won"}
    assert claim_of({**posted(message="Assign"), "InputParameters": assigned}).owner == f"d365:{OWNER_ID}"


def test_a_team_is_shown_to_be_one() -> None:
    assert claim_of(posted(ownerid=lookup("team", OWNER_ID))).owner == f"d365:team:{OWNER_ID}"


def test_a_currency_that_nobody_named_is_shown_as_missing_or_asked_about() -> None:
    body = posted(estimatedvalue=money(1), transactioncurrencyid=lookup("transactioncurrency", OWNER_ID))
    sent = only(body)
    assert (sent.problems[0].pointer, sent.problems[0].value) == ("/transactioncurrencyid", OWNER_ID)
    assert not sent.claims
    assert said_of(body, ASKING) == {"amount": "1"}
    assert only(body, ASKING).wants == (Want("deal", DEAL_ID),)


def test_a_stage_may_stand_in_a_choice() -> None:
    own = replace(DYNAMICS, fields={"stage": "salesstagecode"})
    assert said_of(posted(salesstagecode=choice(2)), own)["stage"] == "2"


def test_a_deleted_deal_has_no_moment_but_that_before_it_or_that_of_the_operation() -> None:
    body = {**posted(message="Delete"), "InputParameters": pairs(Target=lookup("opportunity", DEAL_ID))}
    assert said_of(body) == {"status": "deleted"}
    assert claim_of(body).occurred_at == moment_of(body["OperationCreatedOn"], "")
    body["PreEntityImages"] = pairs(before=entity("opportunity", modifiedon=f"/Date({AT_MS})/"))
    assert claim_of(body).occurred_at == moment_of(f"/Date({AT_MS})/", "")


def test_the_context_that_led_to_a_message_is_not_counted_again() -> None:
    body = posted(statecode=choice(1))
    parent = {**body, "MessageName": "Win", "InputParameters": pairs(OpportunityClose=entity("opportunityclose"))}
    assert only({**body, "ParentContext": parent}).claims == only(body).claims


def test_a_message_that_was_too_large_is_shown_as_cut_or_asked_about() -> None:
    body = {key: value for key, value in posted().items() if not key.endswith(("Parameters", "Images", "Context"))}
    headers = {"x-ms-dynamics-msg-size-exceeded": "true"}
    (sent,) = dynamics.read(Delivery("application/json", headers, orjson.dumps(body)), DYNAMICS)
    asked = only(body, ASKING)
    assert sent.problems[0].pointer == "/InputParameters"
    assert (asked.problems, asked.claims, asked.wants) == ((), (), (Want("deal", DEAL_ID),))


def test_two_changes_in_one_operation_are_two_and_a_repetition_is_none() -> None:
    first, second = posted(stepname="1"), posted(stepname="2")
    assert only(first).id == only(orjson.loads(orjson.dumps(first))).id
    assert only(first).id != only(second).id


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"MessageName": None}, "/MessageName"),
        ({"PrimaryEntityId": "x"}, "/PrimaryEntityId"),
        ({"OperationId": None}, "/OperationId"),
        (
            {"InputParameters": pairs(Target=entity("opportunity", statecode=choice(1))), "OperationCreatedOn": 7},
            "/OperationCreatedOn",
        ),
        ({"InputParameters": pairs(Target=entity("opportunity", statecode=choice(1), modifiedon="nu"))}, "/modifiedon"),
        ({"InputParameters": pairs(Target=entity("opportunity", estimatedvalue=money(1.123456)))}, "/estimatedvalue"),
    ],
)
def test_a_message_that_cannot_be_used_says_why(change: dict[str, Any], pointer: str) -> None:
    assert only({**posted(), **change}).problems[0].pointer == pointer


# Work


def test_a_completed_call_says_how_it_went_and_about_which_deal() -> None:
    body = posted(
        "phonecall",
        statecode=choice(1),
        actualdurationminutes=3,
        directioncode=True,
        phonenumber="+31 15 123",
        ownerid=lookup("systemuser", OWNER_ID),
        regardingobjectid=lookup("opportunity", DEAL_ID),
        actualend=f"/Date({AT_MS - 60_000})/",
    )
    claim, again = only(body).claims
    assert (again.type, again.data) == ("retraction", {"of": f"call:{DEAL_ID}", "restored": True})
    assert (claim.id, claim.type, claim.owner) == (f"call:{DEAL_ID}", "call", f"d365:{OWNER_ID}")
    assert claim.data == {"duration_s": 180, "direction": "outbound", "counterparty": "+31 15 123"}
    assert claim.occurred_at == moment_of(f"/Date({AT_MS - 60_000})/", "")
    assert claim.deal is not None
    assert (claim.deal.id, dict(claim.deal.set)) == (f"d365:{DEAL_ID}", {})


def test_a_call_that_is_open_again_or_deleted_is_taken_back() -> None:
    for body in (posted("phonecall", statecode=choice(0)), posted("phonecall", message="Delete")):
        (claim,) = only(body).claims
        assert (claim.type, claim.owner, claim.data) == ("retraction", None, {"of": f"call:{DEAL_ID}"})


@pytest.mark.parametrize("state", [None, 2])
def test_a_call_that_is_not_completed_counts_for_nothing(state: int | None) -> None:
    said: dict[str, Any] = {} if state is None else {"statecode": choice(state)}
    assert only(posted("phonecall", **said)).ignored == "a call counts once it is completed"


def test_a_call_whose_owner_is_not_said_is_nobodys_and_is_asked_about() -> None:
    sent = only(posted("phonecall", statecode=choice(1)))
    assert (sent.claims[0].owner, sent.wants) == (None, (Want("call", DEAL_ID),))


@pytest.mark.parametrize(
    ("message", "attributes", "kinds"),
    [
        ("Create", {"statecode": choice(3)}, ["meeting-booked"]),
        ("Create", {"statecode": choice(1)}, ["meeting-booked", "meeting"]),
        ("Update", {"statecode": choice(1)}, ["meeting"]),
        ("Update", {"statecode": choice(2)}, ["meeting-cancelled"]),
        ("Update", {"scheduledstart": f"/Date({AT_MS})/"}, []),
    ],
)
def test_an_appointment_is_booked_then_held_or_cancelled(message: str, attributes: Any, kinds: list[str]) -> None:
    sent = only(posted("appointment", message, ownerid=lookup("systemuser", OWNER_ID), **attributes))
    assert [claim.type for claim in sent.claims] == kinds
    assert bool(sent.ignored) == (not kinds)


def test_what_came_of_an_appointment_may_stand_in_a_field_of_its_own() -> None:
    own = replace(DYNAMICS, fields={"meeting_outcome": "new_outcome"})
    assert claim_of(posted("appointment", new_outcome=choice(100000001)), own).type == "100000001"
    assert not only(posted("appointment", statecode=choice(1)), own).claims


def test_a_lead_is_qualified_once_however_it_is_told() -> None:
    updated = claim_of(posted("lead", statecode=choice(1)))
    message = {**posted("lead", "QualifyLead"), "InputParameters": pairs(LeadId=lookup("lead", DEAL_ID))}
    assert updated.id == claim_of(message).id == f"lead:{DEAL_ID}:qualified"
    assert only(posted("lead", statecode=choice(2))).ignored == "a lead counts once it is qualified"


def test_a_series_and_a_custom_activity_are_no_meetings() -> None:
    assert (
        only(posted("recurringappointmentmaster", "Create")).ignored
        == "a series of meetings: each of them comes by itself"
    )
    assert only(posted("new_visit", statecode=choice(3))).ignored == "new_visit records carry no work here"


# Laws

CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "stepname": st.sampled_from(["1-Qualify", "2-Demo"]),
        "statecode": st.sampled_from([choice(0), choice(1), choice(2)]),
        "estimatedvalue": st.sampled_from([money(1), money(2), None]),
        "ownerid": st.sampled_from([lookup("systemuser", OWNER_ID), lookup("systemuser", EURO)]),
    },
)


def folded(bodies: list[Any]) -> Deal:
    sent = [only(body) for body in bodies]
    activities = {claim.id: claims.to_activity(claim, "d365", claim.owner) for each in sent for claim in each.claims}
    return fold(activities.values(), lambda *_: "open")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(CHANGES, st.integers(0, 2)), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_messages_folds_to_the_same_deal(history: Any, random: Any) -> None:
    bodies = [posted(at=AT_MS + late * 1000, **said) for said, late in history]
    shuffled = [*bodies, *bodies[:2]]
    random.shuffle(shuffled)
    assert folded(shuffled) == folded(bodies)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
VALUES = JSON | st.sampled_from(
    [
        choice(1),
        typed("OptionSetValue", Value=[]),
        money(2),
        lookup("team", OWNER_ID),
        lookup("x", "y"),
        f"/Date({AT_MS})/",
    ]
)
NAMES = "stepname statecode estimatedvalue ownerid transactioncurrencyid modifiedon name actualend".split()
TARGETS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6).map(
    lambda said: pairs(Target=entity("x", **said))
)
CONTEXTS = st.builds(
    lambda kind, message, change: {**posted(kind, message), **change},
    st.sampled_from("opportunity opportunityclose phonecall appointment lead account".split()),
    st.sampled_from("Create Update Delete Win Assign SetState QualifyLead".split()),
    st.dictionaries(st.sampled_from(sorted(posted())), JSON, max_size=2)
    | TARGETS.map(lambda said: {"InputParameters": said}),
)


@settings(max_examples=150, deadline=None)
@given(JSON | CONTEXTS, st.booleans())
def test_no_json_is_more_than_it_can_bear(body: Any, asking: bool) -> None:
    sent = only(body, ASKING if asking else DYNAMICS)
    assert sent.claims or sent.problems or sent.ignored or sent.wants
    for claim in sent.claims:
        assert claims.from_json(orjson.loads(orjson.dumps(claims.to_json(claim)))) == claim
    (again,) = hooks.read_again("dynamics", sent.raw, ASKING if asking else DYNAMICS)
    assert again.claims == sent.claims


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(Malformed):
        dynamics.read(Delivery("application/json", {}, b"<a/>"), DYNAMICS)


def test_what_is_no_message_is_kept_as_it_came() -> None:
    said = [{"MessageName": "Update"}]
    (sent,) = dynamics.read(Delivery("application/json", {}, orjson.dumps(said)), DYNAMICS)
    assert sent.problems
    assert sent.raw == said
