"""Outbound messages: XML that cannot do harm, one thing for each notification, and the answer Salesforce waits for."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain import claims
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent, Want
from services.ingest.sources import Delivery, Unverified, hooks, salesforce
from shared.contracts.times import from_text
from shared.errors import Malformed

FOLDER = Path(__file__).parents[4] / "shared/data/crm-payloads/salesforce"
genuine = pytest.mark.skipif(not FOLDER.exists(), reason="the genuine payloads are not beside this copy of the project")

ORGANISATION = "00D5w000004qGTOEA2"
SALESFORCE = Connection("sf", "salesforce", secrets=("geheim",), account=ORGANISATION)
ADDRESS = "https://samenspel.example.nl/ingest/v1/hooks/sf?access_token=geheim"
NOW = datetime(2026, 11, 24, 13, 52, tzinfo=UTC)
SESSION = "00D5w!AQ4AQLtd0Session"

RECORD = {
    "Id": "0065w000023STAmAAO",
    "StageName": "Won &amp; done",
    "Amount": "45000.50",
    "OwnerId": "0055w00000BhqR0AAJ",
    "IsClosed": "true",
    "IsWon": "true",
    "LastModifiedDate": "2026-11-24T10:00:00.000Z",
}


def notification(name: str, entity: str = "Opportunity", /, **fields: str | None) -> str:
    said = "".join(
        f'<sf:{key} xsi:nil="true"/>' if value is None else f"<sf:{key}>{value}</sf:{key}>"
        for key, value in fields.items()
    )
    return f'<Notification><Id>{name}</Id><sObject xsi:type="sf:{entity}">{said}</sObject></Notification>'


def message(*notifications: str, organisation: str = ORGANISATION, prolog: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'{prolog}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organisation}</OrganizationId><ActionId>04k5w000000TSwMAAW</ActionId>"
        f"<SessionId>{SESSION}</SessionId><EnterpriseUrl>https://x</EnterpriseUrl>{''.join(notifications)}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def delivery(body: bytes, url: str = ADDRESS, **headers: str) -> Delivery:
    return Delivery("text/xml; charset=utf-8", headers, body, url=url)


def read(body: bytes, connection: Connection = SALESFORCE) -> list[Sent]:
    return salesforce.read(delivery(body), connection)


# Who sent it


@pytest.mark.parametrize("account", [ORGANISATION, ORGANISATION[:15]])
def test_a_message_shows_its_secret_in_the_address_and_names_its_organisation(account: str) -> None:
    salesforce.verify(delivery(message()), replace(SALESFORCE, account=account), NOW)
    salesforce.verify(delivery(message(), "https://x", authorization="Bearer geheim"), SALESFORCE, NOW)


@pytest.mark.parametrize(
    ("body", "url", "account"),
    [
        (message(), ADDRESS + "x", ORGANISATION),
        (message(), "https://samenspel.example.nl/ingest/v1/hooks/sf", ORGANISATION),
        (message(), ADDRESS + "&access_token=geheim", ORGANISATION),
        (message(organisation="00D5w000004qGTQEA2"), ADDRESS, ORGANISATION),
        (message(organisation="00d5w000004qgto"), ADDRESS, ORGANISATION),
        (message(organisation=""), ADDRESS, ORGANISATION),
        (message(), ADDRESS, None),
    ],
)
def test_without_the_secret_or_from_another_organisation_it_is_refused(
    body: bytes, url: str, account: str | None
) -> None:
    with pytest.raises(Unverified):
        salesforce.verify(delivery(body, url), replace(SALESFORCE, account=account), NOW)


def test_xml_that_claims_to_be_json_is_held_to_the_same() -> None:
    with pytest.raises(Unverified):
        salesforce.verify(Delivery("application/json", {}, message(organisation="x"), url=ADDRESS), SALESFORCE, NOW)


# What it says


@genuine
def test_the_genuine_message_is_verified_read_and_acknowledged() -> None:
    body = (FOLDER / "outbound_opportunity_all_fields.xml").read_bytes()
    salesforce.verify(delivery(body), SALESFORCE, NOW)
    (sent,) = read(body)
    (claim,) = sent.claims
    assert sent.id == claim.id == "04l5w00005286hAAAQ"
    assert claim.occurred_at == from_text("2020-05-09T03:04:32Z")
    assert claim.owner == "sf:0055w00000BhqR0AAJ"
    assert claim.deal is not None
    assert claim.deal.id == "sf:0065w000023STAmAAO"
    assert dict(claim.deal.set) == {
        "stage": "Negotiation/Review",
        "amount": "45000",
        "name": "Backpackers, Inc. (Sample)",
        "status": "open",
    }
    assert sent.wants == ()


@genuine
def test_the_answer_is_the_documented_one() -> None:
    reply = salesforce.reply(delivery(message()))
    assert reply is not None
    assert (reply.status, reply.content_type) == (200, "text/xml; charset=utf-8")
    expected = (FOLDER / "outbound_ack_response.xml").read_text()
    assert canonicalize(reply.body.decode(), strip_text=True) == canonicalize(expected, strip_text=True)
    assert salesforce.reply(Delivery("application/json", {}, b"{}")) is None


def test_a_notification_is_the_state_of_a_record() -> None:
    (sent,) = read(message(notification("04l1", **RECORD)), replace(SALESFORCE, currency="EUR"))
    (claim,) = sent.claims
    assert claim.deal is not None
    assert dict(claim.deal.set) == {"stage": "Won & done", "amount": "45000.5", "currency": "EUR", "status": "won"}


def test_a_hundred_notifications_are_a_hundred_things_and_one_more_is_none_of_salesforces() -> None:
    many = [notification(f"04l{i}", **{**RECORD, "Amount": str(i)}) for i in range(121)]
    sent = read(message(*many[:100]))
    assert [each.id for each in sent] == [f"04l{i}" for i in range(100)]
    with pytest.raises(Malformed):
        read(message(*many))


def test_what_was_emptied_is_null() -> None:
    (sent,) = read(message(notification("04l1", **{**RECORD, "Amount": None})))
    deal = sent.claims[0].deal
    assert deal is not None
    assert deal.set["amount"] is None


@pytest.mark.parametrize(
    ("closed", "won", "deleted", "status"),
    [
        ("true", "true", "false", "won"),
        ("true", "false", "false", "lost"),
        ("false", "false", "false", "open"),
        ("true", "true", "true", "deleted"),
    ],
)
def test_a_state_has_its_status(closed: str, won: str, deleted: str, status: str) -> None:
    (sent,) = read(message(notification("1", **{**RECORD, "IsClosed": closed, "IsWon": won, "IsDeleted": deleted})))
    deal = sent.claims[0].deal
    assert deal is not None
    assert deal.set["status"] == status


def test_a_task_an_event_and_a_lead_come_this_way_too() -> None:
    moment = {"LastModifiedDate": RECORD["LastModifiedDate"], "OwnerId": RECORD["OwnerId"]}
    call = {"Status": "Completed", "TaskSubtype": "Call", "CallDurationInSeconds": "60"}
    sent = read(
        message(
            notification("1", "Task", Id="00T06000029G61DEAS", **call, **moment),
            notification("2", "Event", Id="00UZM000000wuBx2AI", GroupEventType="0", **moment),
            notification(
                "3", "Lead", Id="00Q06000029G61DEAS", IsConverted="true", LastModifiedDate=moment["LastModifiedDate"]
            ),
            notification("4", "Case", Id="50006000029G61DEAS", **moment),
        )
    )
    assert [[(claim.id, claim.type) for claim in each.claims] for each in sent] == [
        [("call:00T06000029G61DEAS", "call")],
        [("meeting:00UZM000000wuBx2AI:booked", "meeting-booked")],
        [("lead:00Q06000029G61DEAS:qualified", "lead-qualified")],
        [],
    ]
    assert sent[0].claims[0].data == {"duration_s": 60}
    assert sent[2].wants == (Want("lead", "00Q06000029G61DEAS"),)
    assert sent[3].ignored == "Case records carry no work here"


@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2026-11-24", "2026-11-24T10:00:00Z"),
        ("2026-11-25", "2026-11-24T10:00:00Z"),
        ("2026-11-03", "2026-11-02T23:00:00Z"),
        (None, "2026-11-24T10:00:00Z"),
    ],
)
def test_a_lead_that_was_converted_long_ago_was_converted_on_that_day(day: str | None, at: str) -> None:
    lead = {"Id": "00Q06000029G61DEAS", "IsConverted": "true", "LastModifiedDate": RECORD["LastModifiedDate"]}
    (sent,) = read(
        message(notification("1", "Lead", ConvertedDate=day, **lead)), replace(SALESFORCE, timezone="Europe/Amsterdam")
    )
    assert sent.claims[0].occurred_at == from_text(at)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"LastModifiedDate": None}, "/LastModifiedDate"),
        ({"LastModifiedDate": "gisteren"}, "/LastModifiedDate"),
        ({"Id": "0065"}, "/Id"),
        ({"Amount": "veel"}, "/Amount"),
    ],
)
def test_a_notification_that_cannot_be_used_says_why(change: dict[str, str | None], pointer: str) -> None:
    (sent,) = read(message(notification("04l1", **{**RECORD, **change})))
    assert (sent.id, sent.problems[0].pointer) == ("04l1", pointer)


def test_the_session_is_kept_nowhere_and_what_is_kept_can_be_read_again() -> None:
    sent = read(message(notification("04l1", **RECORD), notification("04l2", **{**RECORD, "Id": "?"})))
    assert SESSION not in repr(sent)
    for each in sent:
        (again,) = hooks.read_again("salesforce", orjson.loads(orjson.dumps(each.raw)), SALESFORCE)
        assert again == each


# XML that wants to do harm

ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LONG_NAMESPACE = b'<a xmlns="' + b"u" * 300_000 + b'">' + b"".join(b"<b%x/>" % i for i in range(50_000)) + b"</a>"


@pytest.mark.parametrize(
    "body",
    [
        message(notification("&c;", **RECORD), prolog=ENTITIES),
        message(notification("&a;", **RECORD), prolog=EXTERNAL),
        message(prolog='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
        message(prolog='<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>'),
        message(notification("&undefined;", **RECORD)),
        b"<a>" * 200_000,
        LONG_NAMESPACE,
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        message()[:-30],
        b"<Envelope/>",
        b"",
    ],
    ids="entities external dtd parameter undefined deep namespace utf-7 encoding cut other empty".split(),
)
def test_it_is_refused_and_nothing_comes_of_it(body: bytes) -> None:
    for attempt in (
        lambda: salesforce.verify(delivery(body), SALESFORCE, NOW),
        lambda: salesforce.read(delivery(body), SALESFORCE),
    ):
        with pytest.raises(Malformed) as caught:
            attempt()
        assert "passwd" not in str(caught.value)


def test_an_xinclude_is_plain_text_here() -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    (sent,) = read(message(notification("04l1", **{**RECORD, "Name": include})))
    assert "root:" not in repr(sent)
    assert sent.claims


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="<&>"), max_size=20)
FIELDS = st.fixed_dictionaries(
    {}, optional={name: TEXT | st.just(value) for name, value in {**RECORD, "Status": "Completed"}.items()}
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXT, st.sampled_from(["Opportunity", "Task", "Event", "Lead", "X"]), FIELDS), max_size=3))
def test_whatever_a_message_says_every_notification_becomes_something(pieces: list[Any]) -> None:
    sent = read(message(*(notification(name, entity, **fields) for name, entity, fields in pieces)))
    assert len(sent) == len(pieces)
    for each in sent:
        assert each.claims or each.problems or each.ignored or each.wants
        for claim in each.claims:
            assert claims.from_json(orjson.loads(orjson.dumps(claims.to_json(claim)))) == claim


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=80), TEXT.map(lambda text: f"<{text}>".encode()), TEXT.map(message)))
def test_no_xml_raises_anything_but_what_is_documented(body: bytes) -> None:
    try:
        salesforce.verify(delivery(body), SALESFORCE, NOW)
        salesforce.read(delivery(body), SALESFORCE)
    except (Unverified, Malformed):
        pass
