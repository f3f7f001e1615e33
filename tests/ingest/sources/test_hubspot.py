"""HubSpot's events: what each genuine one says, and what is wanted of the API because HubSpot leaves it out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from services.ingest.sources import Delivery, hooks, hubspot
from services.scoring.domain.deals import Deal, StatusOf, fold
from shared.contracts.activity import Activity, DealChange
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/hubspot"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

HUBSPOT = Connection("hubspot-nl", "hubspot", api=Api("https://api.example.nl", "token"))
BLIND = Connection("hubspot-nl", "hubspot")
AT = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
MS = int(AT.timestamp()) * 1000


def read(body: Any, connection: Connection = HUBSPOT) -> list[Sent]:
    return hubspot.read(Delivery("application/json", {}, orjson.dumps(body)), connection)


def read_file(name: str, connection: Connection = HUBSPOT) -> list[Sent]:
    return hubspot.read(Delivery("application/json", {}, (FOLDER / f"{name}.json").read_bytes()), connection)


SOURCE = {"portalId": 62515, "appId": 5, "changeSource": "CRM_UI", "sourceId": "userId:88"}


def event(what: str = "deal.propertyChange", **said: Any) -> dict[str, Any]:
    first = {"eventId": 7, "subscriptionId": 1, "attemptNumber": 0, "subscriptionType": what}
    return {**SOURCE, **first, "objectId": 332, "occurredAt": MS, **said}


def change(name: str, value: Any, **said: Any) -> dict[str, Any]:
    return event(propertyName=name, propertyValue=value, **said)


def only(body: Any, connection: Connection = HUBSPOT) -> Sent:
    (sent,) = read(body, connection)
    return sent


def claim_of(body: Any, connection: Connection = HUBSPOT) -> Claim:
    (claim,) = only(body, connection).claims
    return claim


def said_by(body: Any, connection: Connection = HUBSPOT) -> dict[str, str | None]:
    deal = claim_of(body, connection).deal
    assert deal
    return dict(deal.set)


def what_is_wrong(body: Any, connection: Connection = HUBSPOT) -> tuple[str, Any]:
    sent = only(body, connection)
    assert not sent.claims
    (problem,) = sent.problems
    return problem.pointer, problem.value


@genuine
@pytest.mark.parametrize(
    ("name", "at", "said"),
    [
        ("deal_creation", 1782371971992, {}),
        ("deal_amount_change", 1782371972438, {"amount": "2000"}),
        ("deal_stage_change", 1782371972793, {"stage": "qualifiedtobuy"}),
        ("deal_deletion", 1782371973155, {"status": "deleted"}),
    ],
)
def test_a_genuine_event_about_a_deal_is_one_claim(name: str, at: int, said: dict[str, str]) -> None:
    (sent,) = read_file(name)
    (claim,) = sent.claims
    assert (claim.type, claim.deal) == ("deal", DealChange("hubspot-nl:332507367156", said))
    assert claim.occurred_at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    assert claim.actor == "INTEGRATION:39522895"
    assert not claim.owner_said
    assert sent.wants == (() if name == "deal_deletion" else (Want("deal", "332507367156"),))


@genuine
def test_the_genuine_life_of_a_deal_folds_to_a_deleted_one_with_its_last_stage_and_amount() -> None:
    names = ("deal_deletion", "deal_stage_change", "deal_creation", "deal_amount_change")
    deal = folded([sent for name in names for sent in read_file(name)])
    assert deal.status == "deleted"
    assert deal.fields["stage"] == "qualifiedtobuy"
    assert deal.fields["amount"] == "2000"


@genuine
@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("association_change_deal_line_item", ["what a record is associated with changes nothing that is counted"]),
        ("batch_custom_object_creation_out_of_order", ["object 2-143967026 events carry no work and no deal"] * 8),
        ("contact_lifecycle_three_events", ["contact events carry no work and no deal"] * 3),
        ("generic_object_propertychange_contact", ["contact events carry no work and no deal"]),
    ],
)
def test_a_genuine_event_that_counts_for_nothing_is_kept_with_the_reason(name: str, reasons: list[str]) -> None:
    sent = read_file(name)
    assert [each.ignored for each in sent] == reasons
    assert not any(each.claims or each.problems or each.wants for each in sent)
    assert len({each.id for each in sent}) == len(sent)


def test_an_array_and_a_bare_object_are_read_alike() -> None:
    assert read([change("dealstage", "closedwon")]) == read(change("dealstage", "closedwon"))
    assert read([]) == []


def test_only_what_is_no_json_is_refused_as_a_whole() -> None:
    with pytest.raises(Malformed):
        hubspot.read(Delivery("application/json", {}, b"{'example_field':'example_value'}"), HUBSPOT)


def test_older_documents_say_event_type() -> None:
    older = change("dealstage", "closedwon")
    older["eventType"] = older.pop("subscriptionType")
    assert said_by(older) == {"stage": "closedwon"}


def test_a_generic_event_names_its_object_by_number() -> None:
    generic = change("dealstage", "1f1b-uuid", subscriptionType="object.propertyChange", objectTypeId="0-3")
    assert said_by(generic) == {"stage": "1f1b-uuid"}
    assert said_by({**generic, "subscriptionType": "object.deletion"}) == {"status": "deleted"}


def test_a_change_told_by_both_kinds_of_subscription_is_one_claim() -> None:
    classic, generic = change("amount", "10"), change("amount", "10", subscriptionType="object.propertyChange")
    assert claim_of(classic) == claim_of({**generic, "objectTypeId": "0-3"})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("dealstage", "closedwon", {"stage": "closedwon"}),
        ("dealstage", "", {"stage": None}),
        ("pipeline", "default", {"pipeline": "default"}),
        ("dealname", " Ketel & Zn.\n2e ", {"name": "Ketel & Zn. 2e"}),
        ("dealname", None, {"name": None}),
        ("amount", "2000.50", {"amount": "2000.5"}),
        ("amount", "0", {"amount": "0"}),
        ("amount", "", {"amount": None}),
        ("amount", None, {"amount": None}),
        ("amount", 12.1, {"amount": "12.1"}),
        ("amount", "2.5E3", {"amount": "2500"}),
        ("deal_currency_code", "USD", {"currency": "USD"}),
        ("deal_currency_code", "", {"currency": None}),
    ],
)
def test_a_property_is_one_word_about_the_deal(name: str, value: Any, said: dict[str, str | None]) -> None:
    assert said_by(change(name, value)) == said


def test_the_owner_is_the_owner_property_and_never_who_clicked() -> None:
    claim = claim_of(change("hubspot_owner_id", "75514748"))
    assert (claim.owner, claim.owner_said, claim.actor) == ("hubspot-nl:75514748", True, "userId:88")
    gone = claim_of(change("hubspot_owner_id", ""))
    assert (gone.owner, gone.owner_said) == (None, True)
    assert not claim_of(change("amount", "5")).owner_said


@pytest.mark.parametrize("name", ["closedate", "hs_is_closed_won", "hs_is_closed", "description"])
def test_other_properties_are_kept_with_the_reason_why_they_are_not_read(name: str) -> None:
    sent = only(change(name, "true"))
    assert sent.ignored
    assert not sent.claims + sent.wants


def test_an_amount_is_in_the_only_currency_that_the_connection_names() -> None:
    euros = Connection("hubspot-nl", "hubspot", currency="EUR")
    assert said_by(change("amount", "10"), euros) == {"amount": "10", "currency": "EUR"}
    assert said_by(change("amount", ""), euros) == {"amount": None}
    assert said_by(change("deal_currency_code", "EUR"), euros) == {"currency": "EUR"}
    assert said_by(change("deal_currency_code", ""), euros) == {"currency": "EUR"}
    assert what_is_wrong(change("deal_currency_code", "USD"), euros) == ("/propertyValue", "USD")


@pytest.mark.parametrize("value", ["veel", "1,5", "NaN", "1e400", "0.00001", "9" * 16, True, ["1"], {"a": 1}])
def test_an_amount_that_is_none_is_named_and_nothing_is_claimed(value: Any) -> None:
    pointer, shown = what_is_wrong(change("amount", value))
    assert pointer == "/propertyValue"
    assert shown is not None


def test_a_value_that_hubspot_withholds_is_missing_and_wanted_never_taken_for_the_value() -> None:
    for name in ("amount", "dealname", "dealstage"):
        sent = only(change(name, "REDACTED"))
        assert [problem.value for problem in sent.problems] == ["REDACTED"]
        assert sent.wants == (Want("deal", "332"),)


def test_a_property_change_without_a_value_is_unreadable_not_cleared() -> None:
    assert what_is_wrong(event(propertyName="amount")) == ("/propertyValue", None)


def test_a_deal_event_wants_what_it_leaves_out() -> None:
    assert only(change("dealstage", "closedwon")).wants == (Want("deal", "332"),)
    assert only(event("deal.creation")).wants == (Want("deal", "332"),)
    assert only(event("deal.deletion")).wants == ()


def test_a_privacy_deletion_and_the_plain_one_beside_it_delete_the_deal_once() -> None:
    both = [event("deal.privacyDeletion"), event("deal.deletion")]
    assert claim_of(both[0]) == claim_of(both[1])
    assert len({sent.id for sent in read(both)}) == 2


def test_a_restored_deal_stands_where_it_stood() -> None:
    won = change("dealstage", "closedwon")
    life = [won, event("deal.deletion", occurredAt=MS + 1000), event("deal.restore", occurredAt=MS + 2000)]
    assert folded(read(life[:2])).status == "deleted"
    restored = folded(read(life))
    assert restored.status == "won"
    assert restored.since
    assert restored.since.occurred_at == AT


def test_merged_deals_are_deleted_and_the_one_that_stays_is_wanted() -> None:
    merge = event("deal.merge", primaryObjectId=332, mergedObjectIds=[333], newObjectId=400, numberOfPropertiesMoved=9)
    del merge["objectId"]
    sent = only(merge)
    assert sent.wants == (Want("deal", "400"),)
    said = {claim.deal.id: (dict(claim.deal.set), claim.data) for claim in sent.claims if claim.deal}
    assert said == {
        "hubspot-nl:400": ({}, None),
        "hubspot-nl:332": ({"status": "deleted"}, {"merged_into": "400"}),
        "hubspot-nl:333": ({"status": "deleted"}, {"merged_into": "400"}),
    }


def test_a_deal_that_keeps_its_id_in_a_merge_stays() -> None:
    merge = event("deal.merge", primaryObjectId="332", mergedObjectIds=["333", 334])
    assert [claim.deal.id for claim in only(merge).claims if claim.deal and claim.deal.set] == [
        "hubspot-nl:333",
        "hubspot-nl:334",
    ]
    assert what_is_wrong(event("deal.merge", primaryObjectId=332, mergedObjectIds=[])) == (
        "/mergedObjectIds",
        "(a list with 0 parts)",
    )


@pytest.mark.parametrize(
    ("number", "thing"), [("0-48", "call"), ("0-47", "meeting"), ("0-27", "task"), ("0-49", "email")]
)
def test_work_is_wanted_of_the_api_and_never_guessed(number: str, thing: str) -> None:
    made = event("object.creation", objectTypeId=number, objectId=91)
    sent = only(made)
    assert (sent.claims, sent.problems, sent.wants) == ((), (), (Want(thing, "91"),))
    blind = only(made, BLIND)
    assert [problem.pointer for problem in blind.problems] == ["/objectId"]
    assert "api" in blind.problems[0].expected
    assert blind.wants == sent.wants


def test_work_is_looked_at_again_when_something_that_matters_changed() -> None:
    said = {"objectTypeId": "0-47", "objectId": 91}
    held = change("hs_meeting_outcome", "COMPLETED", subscriptionType="object.propertyChange", **said)
    assert only(held).wants == (Want("meeting", "91"),)
    assert only({**held, "propertyName": "hs_meeting_body"}).ignored
    assert only(event("object.associationChange", **said)).ignored


def test_a_call_that_was_deleted_is_taken_back_and_counts_again_when_it_is_restored() -> None:
    said = {"objectTypeId": "0-48", "objectId": 91}
    (gone,) = only(event("object.deletion", **said)).claims
    assert (gone.type, gone.owner, gone.data, gone.actor) == ("retraction", None, {"of": "call:91"}, "userId:88")
    (back,) = only(event("object.restore", **said)).claims
    assert (back.type, back.data) == ("retraction", {"of": "call:91", "restored": True})


def test_a_meeting_that_was_deleted_is_taken_back_whatever_came_of_it() -> None:
    own = Connection("hubspot-nl", "hubspot", activities={"demo-given": "demo"})
    claims = only(event("object.deletion", objectTypeId="0-47", objectId=91), own).claims
    ends = ("booked", "held", "no-show", "cancelled", "demo-given")
    assert [(claim.data or {})["of"] for claim in claims] == [f"meeting:91:{end}" for end in ends]


def test_another_account_is_told_apart() -> None:
    ours = Connection("hubspot-nl", "hubspot", account="62515")
    assert only(event("deal.creation"), ours).claims
    theirs = only(event("deal.creation", portalId=99), ours)
    assert theirs.ignored == "it was sent by account 99, this connection is of 62515"


def test_a_repetition_has_the_same_key_and_nothing_else_has() -> None:
    first = change("amount", "10")
    assert only({**first, "attemptNumber": 3}).id == only(first).id
    assert only({**first, "eventId": 8}).id == only(first).id  # HubSpot does not promise to keep it
    others = [
        *({**first, "objectId": 333}, {**first, "portalId": 2}, {**first, "occurredAt": MS + 1}),
        *({**first, "propertyValue": "11"}, {**first, "propertyName": "amount2"}, {**first, "propertyValue": 10}),
        *({**first, "subscriptionType": "object.propertyChange"}, {**first, "associationRemoved": True}),
    ]
    assert len({only(each).id for each in [first, *others]}) == len(others) + 1


def test_the_same_event_id_on_two_objects_is_two_events() -> None:
    sent = read([event("deal.creation", objectId=1), event("deal.creation", objectId=2)])
    assert len({each.id for each in sent}) == 2
    assert len({each.claims[0].id for each in sent}) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/subscriptionType"),
        ({"subscriptionType": 5}, "/subscriptionType"),
        ({"subscriptionType": "deal"}, "/subscriptionType"),
        ({"subscriptionType": "object.creation"}, "/objectTypeId"),
        ({"subscriptionType": "deal.creation"}, "/objectId"),
        ({"subscriptionType": "deal.creation", "objectId": True, "occurredAt": MS}, "/objectId"),
        ({"subscriptionType": "deal.creation", "objectId": 1}, "/occurredAt"),
        ({"subscriptionType": "deal.creation", "objectId": 1, "occurredAt": "gisteren"}, "/occurredAt"),
        ({"subscriptionType": "deal.creation", "objectId": 1, "occurredAt": 10**18}, "/occurredAt"),
        ({"subscriptionType": "deal.merge", "primaryObjectId": 1, "occurredAt": MS}, "/mergedObjectIds"),
        ("text", ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_an_event_that_cannot_be_read_is_named_and_kept(body: Any, pointer: str) -> None:
    sent = only([body])
    assert [problem.pointer for problem in sent.problems] == [pointer]
    assert not sent.claims


def test_two_unreadable_events_are_two() -> None:
    assert only(event("deal", objectId=1)).id != only(event("deal", objectId=2)).id
    assert only(event("deal", attemptNumber=1)).id == only(event("deal", attemptNumber=2)).id


def test_a_batch_with_one_unreadable_event_is_read_to_its_end() -> None:
    sent = read([change("amount", "1"), change("amount", "veel"), change("amount", "2")])
    assert [bool(each.claims) for each in sent] == [True, False, True]


STAGES = {"closedwon": "won", "closedlost": "lost"}


def status_of(_fact: Activity, _pipeline: str | None, stage: str) -> str | None:
    return STAGES.get(stage, "open")


def folded(sent: list[Sent], implied: StatusOf = status_of) -> Deal:
    """Fold what was sent as the chain does: each claim once, whatever was sent twice."""
    facts = {claim.id: claims.to_activity(claim, "hubspot-nl", claim.owner) for each in sent for claim in each.claims}
    return fold(facts.values(), implied)


def test_a_stage_is_understood_by_the_pipeline_that_came_with_it() -> None:
    def closes(_fact: Activity, pipeline: str | None, _stage: str) -> str:
        return "won" if pipeline == "77" else "open"

    for events in (
        [change("dealstage", "x"), change("pipeline", "77")],
        [change("pipeline", "77"), change("dealstage", "x")],
    ):
        assert folded(read(events), closes).status == "won"


def test_two_values_of_one_instant_are_two_words_and_the_same_one_stands_in_any_order() -> None:
    events = [change("amount", "10"), change("amount", "20")]
    assert len({claim.id for sent in read(events) for claim in sent.claims}) == 2
    assert folded(read(events)) == folded(read(events[::-1]))


CHANGES = st.one_of(
    st.tuples(st.just("dealstage"), st.sampled_from(["closedwon", "closedlost", "appointment", "1f1b", ""])),
    st.tuples(st.just("amount"), st.sampled_from(["0", "10", "2000.50", ""])),
    st.tuples(st.just("hubspot_owner_id"), st.sampled_from(["1", "2", ""])),
    st.tuples(st.just("deal_currency_code"), st.sampled_from(["EUR", "USD"])),
    st.tuples(st.just("pipeline"), st.sampled_from(["default", "77"])),
    st.tuples(st.just("dealname"), st.sampled_from(["Ketel", "Ketel & Zn."])),
)
EVENTS = st.one_of(
    st.builds(lambda said, at: change(*said, occurredAt=MS + at), CHANGES, st.integers(0, 5)),
    st.builds(
        lambda what, at: event(f"deal.{what}", occurredAt=MS + at),
        st.sampled_from(["creation", "deletion", "restore"]),
        st.integers(0, 5),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=8), st.data())
def test_any_order_and_any_repetition_of_the_same_events_folds_to_the_same_deal(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=4))]))
    assert folded(read(again)) == folded(read(events))
    assert folded([sent for each in again for sent in read(each)]) == folded(read(events))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = list(event(propertyName="amount", propertyValue="1", mergedObjectIds=[], newObjectId=1, objectTypeId="0-3"))
SUBJECTS = [
    f"{thing}.{what}" for thing in ("deal", "object", "contact") for what in ("merge", "propertyChange", "restore")
]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(JSON, st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from([*SUBJECTS, "amount", "0-48", 5])))
)
def test_whatever_json_comes_in_is_told_apart_without_an_error(body: Any) -> None:
    for sent in read(body):
        assert sent.claims or sent.problems or sent.ignored or sent.wants
        orjson.dumps(sent.raw)


@pytest.mark.parametrize("kind", ["hubspot", "pipedrive", "close", "salesforce", "dynamics"])
def test_a_body_that_is_nested_without_end_is_kept_whole(kind: str) -> None:
    body = b'{"subscriptionType":"deal.creation","objectId":' + b"[" * 600 + b"]" * 600 + b"}"
    (sent,) = hooks.read(Delivery("application/json", {}, body), replace(HUBSPOT, kind=kind))
    assert sent.problems
    assert sent.raw["body"] == body.decode()


def test_an_event_that_is_nested_without_end_takes_no_other_with_it() -> None:
    deep = b'{"objectId":' + b"[" * 600 + b"]" * 600 + b"}"
    body = b"[" + deep + b"," + orjson.dumps(event()) + b"," + deep + b"]"
    good, whole = hooks.read(Delivery("application/json", {}, body), HUBSPOT)
    assert [good] == read(event())
    assert whole.raw["body"] == body.decode()
