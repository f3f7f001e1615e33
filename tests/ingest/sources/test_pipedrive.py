"""Pipedrive's webhooks, versions 1 and 2: who sent them, what each genuine one says, and the odd ones."""

import base64
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
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, Unverified, pipedrive
from services.scoring.domain.deals import Deal, fold
from shared.contracts.activity import DealChange
from shared.contracts.times import from_text
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/pipedrive"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

PIPEDRIVE = Connection("pd", "pipedrive", secrets=("samenspel:geheim", "samenspel:gehéim:2"))
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
AT = "2026-11-24T13:52:00.500Z"

META = {"company_id": "77", "user_id": "5", "version": "2.0", "webhook_id": "1", "change_source": "app", "attempt": 1}
DEAL = {
    "id": 8,
    "title": "Ketel",
    "value": 100,
    "currency": "EUR",
    "status": "open",
    "stage_id": 2,
    "pipeline_id": 1,
    "owner_id": 12,
    "won_time": None,
    "lost_time": None,
}
CALL = {"id": 2, "type": "call", "done": True, "owner_id": 12, "deal_id": 8, "duration": "01:30"}


def v2(
    entity: str, action: str, data: Any, previous: Any = None, *, unique: str = "u-1", at: Any = AT, **meta: Any
) -> dict[str, Any]:
    ident = str((data or previous)["id"])
    said = {"action": action, "entity": entity, "entity_id": ident, "id": unique, "timestamp": at}
    return {"data": data, "previous": previous, "meta": {**META, **said, **meta}}


def v1(entity: str, action: str, current: Any, previous: Any = None, **meta: Any) -> dict[str, Any]:
    ident = (current or previous)["id"]
    said = {
        "v": 1,
        "action": action,
        "object": entity,
        "id": ident,
        "company_id": 77,
        "user_id": 5,
        "timestamp": 1492695625,
    }
    return {"v": 1, "meta": {**said, **meta}, "retry": 0, "current": current, "previous": previous}


def read(body: Any, connection: Connection = PIPEDRIVE) -> Sent:
    (sent,) = pipedrive.read(Delivery("application/json", {}, orjson.dumps(body)), connection)
    return sent


def read_file(name: str) -> Sent:
    (sent,) = pipedrive.read(Delivery("application/json", {}, (FOLDER / f"{name}.json").read_bytes()), PIPEDRIVE)
    return sent


def claim_of(body: Any, connection: Connection = PIPEDRIVE) -> Claim:
    return read(body, connection).claims[0]


def said_by(body: Any, connection: Connection = PIPEDRIVE) -> dict[str, str | None]:
    deal = claim_of(body, connection).deal
    assert deal
    return dict(deal.set)


def folded(*bodies: Any) -> Deal:
    """Fold the payloads as the chain does: each claim once."""
    facts = {claim.id: claims.to_activity(claim, "pd", claim.owner) for body in bodies for claim in read(body).claims}
    return fold(facts.values(), lambda _fact, _pipeline, _stage: "open")


def signed(user_and_password: str, scheme: str = "Basic") -> dict[str, str]:
    return {"authorization": f"{scheme} {base64.b64encode(user_and_password.encode()).decode()}"}


@pytest.mark.parametrize("secret", PIPEDRIVE.secrets)
def test_a_sender_who_knows_user_and_password_is_verified(secret: str) -> None:
    pipedrive.verify(Delivery("application/json", signed(secret), b"{}"), PIPEDRIVE, NOW)
    pipedrive.verify(Delivery("application/json", signed(secret, "basic"), b"{}"), PIPEDRIVE, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic geen!base64"},
        {"authorization": "Basic /////w=="},
        {"authorization": "samenspel:geheim"},
        signed(""),
        signed("samenspel:"),
        signed("samenspel:geheim "),
        signed("Samenspel:geheim"),
        signed("samenspel:gehéim"),
        signed("samenspel:geheim", "Bearer"),
    ],
)
def test_anyone_else_is_not(headers: dict[str, str]) -> None:
    for connection in (PIPEDRIVE, Connection("pd", "pipedrive"), Connection("pd", "pipedrive", secrets=("",))):
        with pytest.raises(Unverified):
            pipedrive.verify(Delivery("application/json", headers, b"{}"), connection, NOW)


def whole(name: str, amount: str, currency: str, stage: str = "1") -> dict[str, str]:
    return {"stage": stage, "pipeline": "1", "name": name, "amount": amount, "currency": currency, "status": "open"}


SAMPLE = whole("Sample Org deal", "100", "EUR", "2")


@genuine
@pytest.mark.parametrize(
    ("name", "at", "deal", "said"),
    [
        ("v1_added_deal", "2017-04-20T13:40:25.650Z", "9", whole("TEST_ORGANIZATION negocio", "3500", "CLF")),
        ("v1_updated_deal_value_and_pipeline", "2017-04-19T21:20:37.696Z", "999", whole("TEST_DEAL", "1000", "USD")),
        ("v2_create_deal", "2022-11-24T13:18:56.089Z", "8", SAMPLE),
        (
            "v2_change_deal_custom_field_only",
            "2022-11-24T15:11:55.724Z",
            "8",
            SAMPLE,
        ),
        ("v2_delete_deal", "2022-11-24T15:16:53.335Z", "8", {"status": "deleted"}),
    ],
)
def test_a_genuine_change_of_a_deal_is_one_claim(name: str, at: str, deal: str, said: dict[str, str]) -> None:
    sent = read_file(name)
    (claim,) = sent.claims
    owner = {"v1": "pd:2428657", "v2": "pd:12415231"}[name[:2]]
    assert (claim.type, claim.occurred_at) == ("deal", from_text(at))
    assert claim.deal == DealChange(f"pd:{deal}", said)
    assert (claim.owner, claim.actor) == (None if "delete" in name else owner, owner.removeprefix("pd:"))
    assert claim.owner_said is ("delete" not in name)
    assert not sent.wants


@genuine
def test_the_genuine_life_of_a_deal_folds_to_a_deleted_one_in_any_order() -> None:
    names = ("v2_delete_deal", "v2_create_deal", "v2_change_deal_custom_field_only", "v2_create_deal")
    facts = {claim.id: claims.to_activity(claim, "pd", "sanne") for name in names for claim in read_file(name).claims}
    deal = fold(facts.values(), lambda *_: "open")
    assert len(facts) == 3
    assert (deal.status, deal.fields["amount"]) == ("deleted", "100")


@genuine
def test_the_genuine_call_that_was_marked_as_done_is_work() -> None:
    claim, again = read_file("v1_updated_activity_marked_as_done").claims
    assert (again.type, again.data) == ("retraction", {"of": "activity:2", "restored": True})
    assert (claim.id, claim.type, claim.owner) == ("activity:2", "call", "pd:2428657")
    assert claim.occurred_at == from_text("2017-04-22T21:56:17Z")
    assert (claim.deal, claim.data) == (None, None)


@genuine
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("v1_added_activity", "it is planned, not done yet"),
        ("v2_create_activity", "it is planned, not done yet"),
        ("v2_change_activity", "it is planned, not done yet"),
        ("v1_added_note", "note events carry no work and no deal"),
        ("v1_added_stage", "stage events carry no work and no deal"),
        ("v1_deleted_organization", "organization events carry no work and no deal"),
        ("v1_updated_pipeline", "pipeline events carry no work and no deal"),
        ("v2_create_lead", "lead events carry no work and no deal"),
    ],
)
def test_a_genuine_change_that_counts_for_nothing_is_kept_with_the_reason(name: str, reason: str) -> None:
    sent = read_file(name)
    assert sent.ignored == reason
    assert not sent.claims + sent.problems + sent.wants


@genuine
def test_the_genuine_deletion_of_an_activity_takes_it_back() -> None:
    (claim,) = read_file("v2_delete_activity").claims
    assert (claim.type, claim.owner_said) == ("retraction", False)
    assert str((claim.data or {})["of"]).startswith("activity:")


def test_what_is_no_longer_done_is_taken_back_and_counts_again_when_it_is_done_again() -> None:
    undone = read(v2("activity", "change", {**CALL, "done": False}, {"done": True})).claims
    assert [claim.data for claim in undone] == [{"of": f"activity:{CALL['id']}"}]
    work, again = read(v2("activity", "change", CALL, {"done": False})).claims
    assert (again.data or {})["of"] == work.id
    assert (again.data or {})["restored"] is True


@genuine
def test_every_genuine_payload_has_a_key_of_its_own() -> None:
    names = [path.stem for path in FOLDER.glob("*.json")]
    assert len(names) == 15
    assert len({read_file(name).id for name in names}) == len(names)


def test_won_lost_and_reopened_are_what_the_status_says() -> None:
    opened = v2("deal", "create", DEAL, unique="a", at="2026-11-20T09:00:00Z")
    won = v2("deal", "change", {**DEAL, "status": "won", "won_time": AT}, {"status": "open"}, unique="b")
    again = v2("deal", "change", DEAL, {"status": "won"}, unique="c", at="2026-11-25T09:00:00Z")
    lost = v2("deal", "change", {**DEAL, "status": "lost"}, {"status": "open"}, unique="d", at="2026-11-26T09:00:00Z")
    for life, status in (([opened, won], "won"), ([opened, won, again], "open"), ([opened, won, again, lost], "lost")):
        assert folded(*life).status == folded(*life[::-1], *life).status == status


def test_a_deal_was_won_when_pipedrive_says_so_not_when_it_was_imported_or_edited() -> None:
    last_year = {**DEAL, "status": "won", "won_time": "2025-12-30 16:00:00"}
    imported = v1("deal", "added", last_year, timestamp=1795528320)
    edited = v2("deal", "change", {**last_year, "won_time": "2025-12-30T16:00:00Z"}, {"title": "K"}, unique="later")
    assert [claim.id for claim in read(imported).claims][1] == [claim.id for claim in read(edited).claims][1]
    for life in ([imported], [imported, edited], [edited, imported]):
        since = folded(*life).since
        assert since
        assert since.occurred_at == from_text("2025-12-30T16:00:00Z")


def test_a_time_of_winning_ahead_of_the_change_says_nothing() -> None:
    ahead = v2("deal", "change", {**DEAL, "status": "won", "won_time": "2027-01-01T00:00:00Z"}, {"status": "open"})
    assert len(read(ahead).claims) == 1


def test_version_1_names_an_owner_by_id_or_as_an_object_and_both_are_the_same_person() -> None:
    plain = {**{k: v for k, v in DEAL.items() if k != "owner_id"}, "user_id": 12}
    as_object = {**plain, "user_id": {"id": 12, "name": "Sanne", "email": "sanne@example.nl", "value": 1656137}}
    assert claim_of(v1("deal", "added", plain)).owner == claim_of(v1("deal", "updated", as_object)).owner == "pd:12"


def test_an_owner_taken_away_is_said() -> None:
    claim = claim_of(v2("deal", "change", {**DEAL, "owner_id": None}, {"owner_id": 12}))
    assert (claim.owner, claim.owner_said) == (None, True)


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ({"value": 0}, {"amount": "0", "currency": "EUR"}),
        ({"value": None}, {"amount": None, "currency": "EUR"}),
        ({"value": 1234.56}, {"amount": "1234.56", "currency": "EUR"}),
        ({"value": 99.1234, "currency": "CLF"}, {"amount": "99.1234", "currency": "CLF"}),
    ],
)
def test_the_value_is_an_exact_amount_nought_included(money: dict[str, Any], said: dict[str, Any]) -> None:
    found = said_by(v2("deal", "change", {**DEAL, **money}))
    assert {name: found[name] for name in said} == said


def test_a_currency_that_is_not_named_is_that_of_the_connection_or_missing_and_wanted() -> None:
    nameless = v2("deal", "change", {k: v for k, v in DEAL.items() if k != "currency"})
    assert "currency" not in said_by(nameless)
    assert read(nameless).wants == (Want("deal", "8"),)
    kroner = replace(PIPEDRIVE, currency="NOK")
    assert said_by(nameless, kroner)["currency"] == "NOK"
    assert read(nameless, kroner).wants == ()
    assert said_by(v2("deal", "change", DEAL), kroner)["currency"] == "EUR"


def test_what_a_payload_does_not_name_is_not_said() -> None:
    assert said_by(v2("deal", "change", {"id": 8, "stage_id": 4})) == {"stage": "4"}


@pytest.mark.parametrize("gone", [{"status": "deleted"}, {"deleted": True}, {"is_deleted": True}])
def test_a_deal_that_is_marked_as_deleted_is(gone: dict[str, Any]) -> None:
    assert said_by(v2("deal", "change", {**DEAL, **gone}))["status"] == "deleted"
    back = v2("deal", "change", DEAL, unique="later", at="2026-12-01T09:00:00Z")
    assert folded(v2("deal", "change", {**DEAL, **gone}), back).status == "open"


def test_a_merge_deletes_the_deal_that_went_into_the_other() -> None:
    lost = v2("deal", "delete", None, {**DEAL, "id": 9}, merged_to_id="8", unique="a")
    kept = v2("deal", "change", {**DEAL, "value": 300}, {"value": 100}, merged_from_id="9", unique="b")
    gone = claim_of(lost)
    assert gone.deal == DealChange("pd:9", {"status": "deleted"})
    assert gone.data == {"merged_into": "8"}
    assert said_by(kept)["amount"] == "300"


def test_a_merge_of_version_1_deletes_the_deal_that_was_there_before() -> None:
    kept, gone = read(v1("deal", "merged", DEAL, {**DEAL, "id": 9})).claims
    assert kept.deal
    assert kept.deal.id == "pd:8"
    assert gone.deal == DealChange("pd:9", {"status": "deleted"})


@pytest.mark.parametrize("done", [True, 1])
def test_marking_an_activity_as_done_is_work(done: Any) -> None:
    claim = claim_of(v2("activity", "change", {**CALL, "done": done}, {"done": False}))
    assert (claim.id, claim.type, claim.owner, claim.actor) == ("activity:2", "call", "pd:12", "5")
    assert claim.occurred_at == from_text(AT)
    assert claim.deal == DealChange("pd:8", {})
    assert claim.data == {"duration_s": 5400}


def test_an_activity_that_is_logged_afterwards_is_work() -> None:
    logged = v2("activity", "create", {**CALL, "marked_as_done_time": "2026-11-23T10:00:00Z"})
    assert claim_of(logged).occurred_at == from_text("2026-11-23T10:00:00Z")


def test_the_accounts_own_types_keep_their_names() -> None:
    for name in ("Demo gehouden", "lunch", "0f3c"):
        assert claim_of(v2("activity", "create", {**CALL, "type": name})).type == name


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        ({"done": False}, {"due_date": "2026-11-25"}, "it is planned, not done yet"),
        ({"done": True}, {"subject": "Bellen"}, "it was marked as done before"),
        ({"done": True}, {"done": True}, "it was marked as done before"),
    ],
)
def test_any_other_change_of_an_activity_is_no_work(now: Any, before: Any, reason: str) -> None:
    sent = read(v2("activity", "change", {**CALL, **now}, before))
    assert (sent.ignored or "").startswith(reason)
    assert not sent.claims


def test_ticking_again_and_another_type_count_no_second_time() -> None:
    first = v2("activity", "change", CALL, {"done": False}, unique="a")
    again = v2(
        "activity", "change", {**CALL, "type": "meeting"}, {"done": False}, unique="b", at="2026-11-25T08:00:00Z"
    )
    assert read(first).id != read(again).id
    assert claim_of(first).id == claim_of(again).id


def test_a_repetition_has_the_same_key() -> None:
    body = v2("deal", "change", DEAL)
    assert read(v2("deal", "change", DEAL, attempt=4)).id == read(body).id
    older = v1("deal", "updated", DEAL, {**DEAL, "value": 0}, webhook_id=3)
    assert read({**older, "retry": 2}).id == read(older).id


def test_a_repetition_of_what_cannot_be_read_has_the_same_key_too() -> None:
    bad = v2("deal", "change", {**DEAL, "value": "veel"})
    assert read({**bad, "meta": {**bad["meta"], "attempt": 4}}).id == read(bad).id
    assert read({**bad, "retry": 2}).id == read(bad).id
    assert read(v2("deal", "change", {**DEAL, "value": "meer"})).id != read(bad).id


def test_an_id_that_is_only_that_of_the_object_tells_no_changes_apart() -> None:
    same = [v2("deal", "change", DEAL, unique="8", at=at) for at in (AT, "2026-11-25T09:00:00Z")]
    assert len({read(body).id for body in same}) == 2


def test_version_1_may_send_one_change_twice() -> None:
    twice = [v1("deal", "updated", {**DEAL, "next": n}, timestamp_micro=1492695625000000) for n in (1, 2)]
    assert len({read(body).id for body in twice}) == 1


def test_changes_of_version_1_within_one_second_are_told_apart() -> None:
    bodies = [
        *(v1("deal", "updated", {**DEAL, "value": value}) for value in (1, 2)),
        *(v1("deal", "updated", DEAL, timestamp_micro=1492695625000000 + value) for value in (1, 2)),
        *(v1("deal", "updated", DEAL, webhook_id=value) for value in (1, 2)),
        *(v1("deal", "updated", DEAL, change_source=value) for value in ("app", "api")),
        *(v1(entity, "deleted", None, DEAL) for entity in ("deal", "activity")),
    ]
    assert len({read(body).id for body in bodies}) == len(bodies)


@pytest.mark.parametrize(
    ("stamps", "at"),
    [
        ({"timestamp": 1444755162}, "2015-10-13T16:52:42Z"),
        ({"timestamp": 1492695625, "timestamp_milli": 1492695625650}, "2017-04-20T13:40:25.650Z"),
        (
            {"timestamp": 1492695625, "timestamp_milli": 1492695625650, "timestamp_micro": 1492695625650123},
            "2017-04-20T13:40:25.650123Z",
        ),
    ],
)
def test_version_1_is_timed_by_its_finest_stamp(stamps: dict[str, int], at: str) -> None:
    assert claim_of(v1("deal", "updated", DEAL, **stamps)).occurred_at == from_text(at)


def test_an_event_about_a_user_has_a_number_for_its_time_and_no_id_of_its_own() -> None:
    first, second = (v2("user", "change", {"id": 5}, unique="9", at=at) for at in (1669303556, 1669303557000))
    assert read(first).ignored == "user events carry no work and no deal"
    assert read(first).id != read(second).id


def test_another_company_is_told_apart() -> None:
    ours = replace(PIPEDRIVE, account="77")
    assert read(v2("deal", "create", DEAL), ours).claims
    assert read(v1("deal", "added", DEAL), ours).claims
    assert read(v2("deal", "create", DEAL, company_id="78"), ours).ignored == (
        "it was sent by company 78, this connection is of 77"
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ("tekst", ""),
        ({}, "/meta/entity"),
        ({"meta": []}, "/meta/entity"),
        ({"meta": {"object": None}}, "/meta/object"),
        (v2("deal", "explode", DEAL), "/meta/action"),
        (v2("deal", "create", {**DEAL, "id": None}, entity_id=None), "/meta/entity_id"),
        (v2("deal", "create", DEAL, at="gisteren"), "/meta/timestamp"),
        (v2("deal", "create", DEAL, at=None), "/meta/timestamp"),
        (v1("deal", "added", DEAL, timestamp="1e9"), "/meta/timestamp"),
        (v2("deal", "change", None, DEAL), "/data"),
        (v2("deal", "change", {**DEAL, "value": "veel"}), "/data/value"),
        (v1("deal", "updated", {**DEAL, "value": {"amount": 1}}), "/current/value"),
        (v2("deal", "change", {**DEAL, "currency": "euro"}), "/data/currency"),
        (v2("deal", "change", {**DEAL, "status": "half"}), "/data/status"),
        (v2("deal", "change", {**DEAL, "status": []}), "/data/status"),
        (v2("deal", "change", {**DEAL, "owner_id": [1]}), "/data/owner_id"),
        (v2("deal", "change", {**DEAL, "stage_id": {}}), "/data/stage_id"),
        (v2("deal", "change", {**DEAL, "status": "won", "won_time": "toen"}), "/data/won_time"),
        (v2("activity", "create", {**CALL, "type": None}), "/data/type"),
        (
            v1("activity", "added", {**CALL, "marked_as_done_time": "0000-00-00 00:00:00"}),
            "/current/marked_as_done_time",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_kept(body: Any, pointer: str) -> None:
    sent = read(body)
    assert [problem.pointer for problem in sent.problems] == [pointer]
    assert not sent.claims


def test_only_what_is_no_json_is_refused_as_a_whole() -> None:
    with pytest.raises(Malformed):
        pipedrive.read(Delivery("application/json", {}, b"value=100"), PIPEDRIVE)


CHANGES = st.builds(
    lambda action, at, said: v2(
        "deal",
        action,
        None
        if action == "delete"
        else {**DEAL, **said, "won_time": "2026-11-01T09:00:00Z" if said["status"] == "won" else None},
        DEAL,
        at=f"2026-11-{at:02d}T09:00:00Z",
        unique=f"{action}{at}",
    ),
    st.sampled_from(["create", "change", "change", "delete"]),
    st.integers(1, 9),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["open", "won", "lost"]),
            "stage_id": st.integers(1, 3),
            "value": st.sampled_from([0, 10, 99.5, None]),
            "owner_id": st.sampled_from([1, 2, None]),
        }
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=7, unique_by=lambda body: body["meta"]["id"]), st.data())
def test_any_order_and_any_repetition_of_the_same_changes_folds_to_the_same_deal(
    bodies: list[dict[str, Any]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations([*bodies, *data.draw(st.lists(st.sampled_from(bodies), max_size=4))]))
    assert folded(*again) == folded(*bodies)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        JSON,
        st.builds(
            lambda base, name, value: {**base, "data": {**DEAL, **CALL, name: value}},
            st.sampled_from([v2("deal", "change", DEAL), v2("activity", "create", CALL)]),
            st.sampled_from([*DEAL, *CALL, "marked_as_done_time", "deleted"]),
            JSON,
        ),
        st.builds(
            lambda name, value: {
                **v2("deal", "change", DEAL),
                "meta": {**v2("deal", "change", DEAL)["meta"], name: value},
            },
            st.sampled_from([*META, "action", "entity", "entity_id", "id", "timestamp", "object", "merged_to_id"]),
            JSON,
        ),
    )
)
def test_whatever_json_comes_in_is_told_apart_without_an_error(body: Any) -> None:
    sent = read(body)
    assert sent.claims or sent.problems or sent.ignored
    orjson.dumps(sent.raw)
