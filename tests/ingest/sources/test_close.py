"""Close's webhooks: who sent them, what each genuine one says, money in cents, and the odd ones."""

import hashlib
import hmac
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
from services.ingest.domain.connections import Connection, Place
from services.ingest.domain.results import Sent
from services.ingest.sources import Delivery, Unverified, close
from services.scoring.domain.deals import Deal, fold
from shared.contracts.activity import DealChange
from shared.contracts.times import from_text
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/close"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

KEY = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c"
CLOSE = Connection("close-nl", "close", secrets=(KEY, "00ff"))
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
AT = "2026-11-24T13:52:00.500000"
BODY = b'{"event": {"id": "ev_1"}}'

OPPORTUNITY = {
    "id": "oppo_1",
    "user_id": "user_9",
    "lead_name": "Ketel",
    "value": 100_000,
    "value_currency": "EUR",
    "value_period": "one_time",
    "status_id": "stat_1",
    "status_label": "Demo",
    "status_type": "active",
    "date_won": None,
}
CALL = {
    "user_id": "user_9",
    "status": "completed",
    "direction": "outbound",
    "duration": 340,
    "remote_phone": "+31201234567",
}


def event(kind: str, action: str, data: Any, previous: Any = None, **said: Any) -> dict[str, Any]:
    first = {"id": "ev_1", "object_type": kind, "object_id": "o_1", "action": action, "organization_id": "orga_1"}
    inner = {**first, "user_id": "user_5", "date_created": AT, "date_updated": AT, "data": data}
    return {"subscription_id": "whsub_1", "event": {**inner, "previous_data": previous or {}, **said}}


def opportunity(said: Any = None, action: Any = "updated", **more: Any) -> dict[str, Any]:
    return event("opportunity", action, {**OPPORTUNITY, **(said or {})}, **more)


def read(body: Any, connection: Connection = CLOSE) -> Sent:
    (sent,) = close.read(Delivery("application/json", {}, orjson.dumps(body)), connection)
    return sent


def read_file(name: str) -> Sent:
    (sent,) = close.read(Delivery("application/json", {}, (FOLDER / f"{name}.json").read_bytes()), CLOSE)
    return sent


def claim_of(body: Any, connection: Connection = CLOSE) -> Claim:
    return read(body, connection).claims[0]


def said_by(body: Any, connection: Connection = CLOSE) -> dict[str, str | None]:
    deal = claim_of(body, connection).deal
    assert deal
    return dict(deal.set)


def folded(*bodies: Any) -> Deal:
    """Fold the events as the chain does: each claim once."""
    facts = {
        claim.id: claims.to_activity(claim, "close-nl", claim.owner) for each in bodies for claim in read(each).claims
    }
    return fold(facts.values(), lambda _fact, _pipeline, _stage: "open")


def signed(at: datetime = NOW, body: bytes = BODY, key: bytes = bytes.fromhex(KEY), said: str = "") -> dict[str, str]:
    stamp = said or str(int(at.timestamp()))
    signature = hmac.new(key, stamp.encode() + body, hashlib.sha256).hexdigest()
    return {"close-sig-timestamp": stamp, "close-sig-hash": signature}


def is_verified(headers: dict[str, str], body: bytes = BODY, to: Connection = CLOSE) -> bool:
    try:
        close.verify(Delivery("application/json", headers, body), to, NOW)
    except Unverified:
        return False
    return True


def test_a_signature_with_any_of_the_keys_is_verified() -> None:
    assert is_verified(signed())
    assert is_verified(signed(key=b"\x00\xff"))
    headers = signed()
    assert is_verified({**headers, "close-sig-hash": headers["close-sig-hash"].upper()})


def test_a_changed_body_signature_or_time_is_noticed() -> None:
    headers = signed()
    assert not is_verified(headers, body=BODY + b" ")
    assert not is_verified({**headers, "close-sig-hash": "0" * 64})
    assert not is_verified({**headers, "close-sig-timestamp": str(int(NOW.timestamp()) + 1)})
    assert not is_verified({})
    assert not is_verified({"close-sig-timestamp": headers["close-sig-timestamp"]})


def test_the_key_is_its_bytes_not_its_text() -> None:
    assert not is_verified(signed(key=KEY.encode()))


@pytest.mark.parametrize("secrets", [(), ("",), ("geen hexadecimaal",)])
def test_without_a_key_nobody_is_verified(secrets: tuple[str, ...]) -> None:
    for key in (b"", b"geen hexadecimaal"):
        assert not is_verified(signed(key=key), to=Connection("close-nl", "close", secrets=secrets))


@pytest.mark.parametrize("stamp", ["", "-1", "NaN", "1e9", "1795528320.0", " 1795528320", "1795528320000", "9" * 30])
def test_a_timestamp_that_is_no_whole_number_of_seconds_near_now_is_refused_though_it_is_signed(stamp: str) -> None:
    assert not is_verified(signed(said=stamp or " "))


@pytest.mark.parametrize(
    ("age", "verified"),
    [
        (timedelta(seconds=-301), False),
        (timedelta(seconds=-300), True),
        (timedelta(hours=72), True),
        (timedelta(hours=72, seconds=300), True),
        (timedelta(hours=72, seconds=301), False),
    ],
)
def test_a_signature_is_taken_as_long_as_close_may_go_on_trying(age: timedelta, verified: bool) -> None:
    assert is_verified(signed(NOW - age)) is verified


@genuine
def test_the_documented_headers_are_understood_and_refused_over_any_body_of_ours() -> None:
    said = orjson.loads((FOLDER / "signature_headers_docs_unverifiable.json").read_bytes())
    headers = {name: said[name] for name in ("close-sig-timestamp", "close-sig-hash")}
    to, then = Connection("c", "close", secrets=(said["signature_key_hex"],)), datetime.fromtimestamp(1544271440, UTC)
    with pytest.raises(Unverified, match="any key of this connection"):
        close.verify(Delivery("application/json", headers, BODY), to, then)
    close.verify(Delivery("application/json", signed(then), BODY), to, then)


@genuine
def test_the_genuine_opportunity_that_was_won_is_one_claim() -> None:
    (claim,) = read_file("opportunity_won_rudder").claims
    assert claim.occurred_at == from_text("2019-01-15T12:48:23.395Z")  # written without a zone
    said = {"stage": "stat_12", "status": "won", "amount": "1000", "currency": "USD", "name": "KLine"}
    assert claim.deal == DealChange("close-nl:object_id", said)  # data.id differs: the event's own object counts
    assert (claim.owner, claim.owner_said, claim.actor) == ("close-nl:user_123", True, "user_123")


@genuine
def test_the_genuine_group_counts_for_nothing_and_shares_no_key_though_its_event_has_the_same_id() -> None:
    group, won = read_file("group_created_rudder"), read_file("opportunity_won_rudder")
    assert group.ignored == "group events carry no work and no deal"
    assert not group.claims
    assert "ev_123" in (group.id or "")
    assert "ev_123" in (won.id or "")
    assert group.id != won.id


def test_won_lost_and_reopened_are_what_the_status_says() -> None:
    def at(day: int, status: str) -> dict[str, Any]:
        return opportunity(
            {"status_type": status}, id=f"ev_{day}", date_created=f"2026-11-{day}T09:00:00", date_updated=None
        )

    life = [at(10, "active"), at(11, "won"), at(12, "active"), at(13, "lost")]
    for length, status in ((1, "open"), (2, "won"), (3, "open"), (4, "lost")):
        assert folded(*life[:length]).status == folded(*life[:length][::-1]).status == status


def test_a_deletion_comes_without_the_opportunity() -> None:
    gone = event("opportunity", "deleted", {}, OPPORTUNITY)
    assert claim_of(gone).deal == DealChange("close-nl:o_1", {"status": "deleted"})
    assert read(event("opportunity", "updated", {})).problems[0].pointer == "/event/data"


def test_what_was_deleted_or_unticked_is_taken_back() -> None:
    (gone,) = read(event("activity.call", "deleted", {}, CALL)).claims
    assert (gone.type, gone.data) == ("retraction", {"of": claim_of(event("activity.call", "completed", CALL)).id})
    unticked = event("task.lead", "updated", {"is_complete": False}, {"is_complete": True})
    assert [claim.data for claim in read(unticked).claims] == [{"of": f"task:{unticked['event']['object_id']}"}]


def test_a_task_that_is_ticked_off_once_more_counts_again() -> None:
    work, again = read(event("task.lead", "updated", {"is_complete": True}, {"is_complete": False})).claims
    assert (work.id, work.type) == ("task:o_1", "task")
    assert (again.type, again.data) == ("retraction", {"of": work.id, "restored": True})


def test_the_owner_is_the_opportunitys_user_and_the_actor_whoever_changed_it() -> None:
    claim = claim_of(opportunity())
    assert (claim.owner, claim.actor) == ("close-nl:user_9", "user_5")
    by_key = claim_of(opportunity(user_id=None, api_key_id="api_7"))
    assert (by_key.owner, by_key.actor) == ("close-nl:user_9", "api_7")
    by_close = claim_of(opportunity({"user_id": None}, user_id=None))
    assert (by_close.owner, by_close.owner_said, by_close.actor) == (None, True, None)


@pytest.mark.parametrize(("cents", "amount"), [(100_000, "1000"), (0, "0"), (1, "0.01"), (-250, "-2.5"), (None, None)])
def test_the_value_is_in_cents(cents: Any, amount: str | None) -> None:
    assert said_by(opportunity({"value": cents}))["amount"] == amount


@pytest.mark.parametrize("period", ["monthly", "annual"])
def test_a_value_per_month_or_year_is_no_amount_beside_values_of_once(period: str) -> None:
    claim = claim_of(opportunity({"value_period": period}))
    assert claim.deal
    assert claim.deal.set["amount"] is None
    assert claim.data == {"value_period": period, "value": "1000"}


def test_unless_the_connection_names_the_field_that_counts_for_all() -> None:
    yearly = replace(CLOSE, fields={"amount": "annualized_value"})
    said = {"value_period": "monthly", "annualized_value": 1_200_000}
    assert said_by(opportunity(said), yearly)["amount"] == "12000"
    assert "amount" not in said_by(opportunity(), yearly)


def test_a_currency_that_is_not_named_is_that_of_the_connection_or_missing() -> None:
    assert "currency" not in said_by(opportunity({"value_currency": None}))
    assert said_by(opportunity({"value_currency": None}), replace(CLOSE, currency="EUR"))["currency"] == "EUR"
    assert said_by(opportunity({"value_currency": "USD"}), replace(CLOSE, currency="EUR"))["currency"] == "USD"


def test_a_stage_is_named_by_its_id_or_by_its_label_where_only_that_is_mapped() -> None:
    assert said_by(opportunity())["stage"] == "stat_1"
    assert said_by(opportunity(), replace(CLOSE, stages={"Demo": Place("demo")}))["stage"] == "Demo"
    both = replace(CLOSE, stages={"Demo": Place("demo"), "stat_1": Place("demo")})
    assert said_by(opportunity({"pipeline_id": "pipe_1"}), both) == {
        **said_by(opportunity()),
        "pipeline": "pipe_1",
    }


def test_an_opportunity_that_is_dated_back_was_won_on_its_day() -> None:
    amsterdam = replace(CLOSE, timezone="Europe/Amsterdam")
    told, won = read(opportunity({"status_type": "won", "date_won": "2026-11-20"}), amsterdam).claims
    assert told.occurred_at == from_text(f"{AT}Z")
    assert (won.id, won.occurred_at) == ("opportunity:o_1:won:2026-11-20", from_text("2026-11-20T00:00:00+01:00"))
    assert won.deal == DealChange("close-nl:o_1", {"status": "won"})
    for day in ("2026-11-24", "2026-11-25", None):
        assert len(read(opportunity({"status_type": "won", "date_won": day}), amsterdam).claims) == 1


def test_an_event_that_is_sent_again_later_with_more_in_it_is_another_edition_and_stands() -> None:
    first = opportunity({"value": 100})
    later = opportunity({"value": 200}, date_updated="2026-11-24T13:52:01.750000")
    assert read(first).id == read(opportunity({"value": 100})).id
    assert read(first).id != read(later).id
    assert claim_of(later).sequence == 1250
    for order in ([first, later], [later, first], [later, first, later]):
        assert folded(*order).fields["amount"] == "2"
    assert claim_of(opportunity(date_updated=None)) == claim_of(opportunity())


def test_a_call_counts_once_it_is_completed_and_once_only() -> None:
    claim = claim_of(event("activity.call", "completed", CALL))
    assert (claim.id, claim.type, claim.owner) == ("call:o_1", "call", "close-nl:user_9")
    assert claim.data == {"duration_s": 340, "direction": "outbound", "counterparty": "+31201234567"}
    edited = event("activity.call", "updated", {**CALL, "disposition": "answered"}, id="ev_2")
    assert claim_of(edited).id == claim.id
    assert read(edited).id != read(event("activity.call", "completed", CALL)).id
    ringing = read(event("activity.call", "created", {**CALL, "status": "in-progress"}))
    assert ringing.ignored == "a call counts once it is completed"


def test_a_call_that_nobody_answered_says_so() -> None:
    claim = claim_of(event("activity.call", "completed", {**CALL, "duration": 0, "disposition": "no-answer"}))
    assert claim.data
    assert (claim.data["duration_s"], claim.data["outcome"]) == (0, "no-answer")
    for length in ("lang", -1, 10**12, 1.5, True):
        bare = claim_of(event("activity.call", "completed", {"duration": length, "direction": "?", "phone": 7}))
        assert (bare.data, bare.owner_said) == (None, False)


@pytest.mark.parametrize(
    ("action", "status", "key", "kind"),
    [
        ("scheduled", "upcoming", "booked", "meeting-booked"),
        ("completed", "completed", "held", "meeting"),
        ("updated", "completed", "held", "meeting"),
        ("canceled", "canceled", "cancelled", "meeting-cancelled"),
        ("updated", "declined-by-lead", "cancelled", "meeting-cancelled"),
        ("updated", "declined-by-org", "cancelled", "meeting-cancelled"),
    ],
)
def test_a_meeting_is_booked_held_or_called_off(action: str, status: str, key: str, kind: str) -> None:
    claim = claim_of(event("activity.meeting", action, {"user_id": "user_9", "status": status}))
    assert (claim.id, claim.type, claim.owner) == (f"meeting:o_1:{key}", kind, "close-nl:user_9")


@pytest.mark.parametrize("action", ["created", "updated", "started"])
def test_a_meeting_that_is_moved_or_edited_is_no_achievement(action: str) -> None:
    assert read(event("activity.meeting", action, {"status": "upcoming"})).ignored


def test_an_email_counts_when_it_is_sent_out() -> None:
    sent = claim_of(event("activity.email", "sent", {"user_id": "user_9", "direction": "outgoing", "status": "sent"}))
    assert (sent.id, sent.type, sent.owner) == ("email:o_1", "email", "close-nl:user_9")
    assert read(event("activity.email", "created", {"direction": "incoming", "status": "inbox"})).ignored
    assert read(event("activity.email", "updated", {"direction": "incoming", "status": "sent"})).ignored
    assert read(event("activity.email", "created", {"direction": "outgoing", "status": "draft"})).ignored


def test_a_task_counts_for_whom_it_was_given_to_when_it_is_ticked_off() -> None:
    done = {"assigned_to": "user_8", "is_complete": True}
    for body in (event("task.lead", "completed", done), event("task.lead", "updated", done, {"is_complete": False})):
        assert (claim_of(body).id, claim_of(body).owner) == ("task:o_1", "close-nl:user_8")
    assert read(event("task.lead", "updated", done, {"text": "Bellen"})).ignored


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("activity.opportunity_status_change", "the event of the opportunity itself says the same"),
        ("lead", "lead events carry no work and no deal"),
        ("contact", "contact events carry no work and no deal"),
        ("activity.note", "activity.note events carry no work and no deal"),
    ],
)
def test_whatever_else_happens_is_kept_with_the_reason(kind: str, reason: str) -> None:
    for action in ("created", "merged", "deleted"):
        assert read(event(kind, action, {})).ignored == reason


def test_another_organisation_is_told_apart() -> None:
    ours = replace(CLOSE, account="orga_1")
    assert read(opportunity(), ours).claims
    assert read(opportunity(organization_id="orga_2"), ours).ignored == (
        "it was sent by organisation orga_2, this connection is of orga_1"
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        (None, ""),
        ({}, "/event/date_created"),
        ({"event": []}, "/event/date_created"),
        (opportunity(date_created="2019-01-TuT12:48:23.395000"), "/event/date_created"),
        (opportunity(date_updated=5), "/event/date_updated"),
        (opportunity(id=None), "/event/id"),
        (opportunity(object_type=["lead"]), "/event/object_type"),
        (opportunity(action=None), "/event/action"),
        (opportunity(object_id=True), "/event/object_id"),
        (opportunity({"value": "veel"}), "/event/data/value"),
        (opportunity({"value": 0.001}), "/event/data/value"),
        (opportunity({"value_currency": "€"}), "/event/data/value_currency"),
        (opportunity({"status_type": {}}), "/event/data/status_type"),
        (opportunity({"status_id": []}), "/event/data/status_id"),
        (opportunity({"user_id": {}}), "/event/data/user_id"),
        (opportunity({"status_type": "won", "date_won": "gisteren"}), "/event/data/date_won"),
    ],
)
def test_what_cannot_be_read_is_named_and_kept(body: Any, pointer: str) -> None:
    sent = read(body)
    assert [problem.pointer for problem in sent.problems] == [pointer]
    assert not sent.claims


def test_only_what_is_no_json_is_refused_as_a_whole() -> None:
    with pytest.raises(Malformed):
        close.read(Delivery("application/json", {}, b"event=1"), CLOSE)


EVENTS = st.builds(
    lambda day, late, said: opportunity(
        said, id=f"ev_{day}", date_created=f"2026-11-{day}T09:00:00", date_updated=f"2026-11-{day}T09:00:0{late}"
    ),
    st.integers(10, 14),
    st.integers(0, 2),
    st.fixed_dictionaries(
        {
            "status_type": st.sampled_from(["active", "won", "lost"]),
            "status_id": st.sampled_from(["stat_1", "stat_2"]),
            "value": st.sampled_from([0, 1000, None]),
            "user_id": st.sampled_from(["user_1", "user_2", None]),
            "date_won": st.sampled_from(["2026-11-09", None]),
        }
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=7, unique_by=lambda body: read(body).id), st.data())
def test_any_order_and_any_repetition_of_the_same_events_folds_to_the_same_opportunity(
    bodies: list[dict[str, Any]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations([*bodies, *data.draw(st.lists(st.sampled_from(bodies), max_size=4))]))
    assert folded(*again) == folded(*bodies)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["opportunity", "activity.call", "activity.meeting", "activity.email", "task.lead"]
FIELDS = [*OPPORTUNITY, *CALL, "is_complete", "assigned_to", "disposition", "pipeline_id"]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        JSON,
        st.builds(
            lambda kind, action, name, value: event(kind, action, {**OPPORTUNITY, name: value}),
            st.sampled_from(KINDS),
            st.sampled_from(["updated", "completed", "sent", "scheduled", "deleted"]),
            st.sampled_from(FIELDS),
            JSON,
        ),
        st.builds(
            lambda name, value: {"event": {**opportunity()["event"], name: value}},
            st.sampled_from(list(opportunity()["event"])),
            JSON,
        ),
    )
)
def test_whatever_json_comes_in_is_told_apart_without_an_error(body: Any) -> None:
    sent = read(body)
    assert sent.claims or sent.problems or sent.ignored
    orjson.dumps(sent.raw)
