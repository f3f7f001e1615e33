"""The administrator's guides: their documents can be put as they stand, and they name what is really read."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.domain.connections import Connection
from services.ingest.domain.translation import WORK as TYPES_OF_WORK
from services.ingest.schemas.connections import parse_sources
from services.ingest.schemas.work import CONVENTIONS
from services.ingest.sources import Delivery, cloudevents, documents, dynamics, zoho
from services.ingest.sources.close.work import READERS
from services.ingest.sources.dynamics import records as dynamics_records
from services.ingest.sources.hooks import HOOKS
from services.ingest.sources.hubspot import OBJECTS, WORK
from services.ingest.sources.hubspot.deals import PROPERTIES
from services.ingest.sources.salesforce import platform
from services.ingest.sources.salesforce import records as salesforce_records

GENERIC = ("cloudevents", "standard-webhooks")
GUIDES = Path(__file__).parents[3] / "docs/sources"


def guide(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", guide(name), re.DOTALL)
    return str(found)


def connection_of(name: str) -> Connection:
    (found,) = parse_sources(documents.from_yaml(block(name, "yaml").encode()), strict=True)
    return found


@pytest.mark.parametrize(
    "name", ["hubspot", "pipedrive", "close", "freshsales", "salesforce", "dynamics", "zoho", *GENERIC]
)
def test_the_document_of_a_guide_can_be_put_as_it_stands(name: str) -> None:
    found = connection_of(name)
    assert found.kind in HOOKS
    assert f"Kind `{found.kind}`" in guide(name) or f"`{found.kind}`" in guide(name)
    assert f"/ingest/v1/hooks/{found.name}`" in guide(name)
    assert f"`{found.name}:" in guide(name) or name == "freshsales"


def test_the_guide_for_hubspot_names_every_property_that_is_read() -> None:
    properties = {name for names in WORK.values() for name in names} | PROPERTIES.keys()
    assert {name for name in properties if f"`{name}`" not in guide("hubspot")} == set()
    numbers = {number for number, thing in OBJECTS.items() if thing in WORK}
    assert {number for number in numbers if f"`{number}`" not in guide("hubspot")} == set()


def test_the_guide_for_close_names_every_object_that_is_read() -> None:
    assert {name for name in ("opportunity", *READERS) if f"`{name}`" not in guide("close")} == set()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("salesforce", [*platform.FIELDS, salesforce_records.STAGE, salesforce_records.AMOUNT, "meeting_outcome"]),
        ("dynamics", [*dynamics_records.WANTED, dynamics_records.STAGE, dynamics_records.CURRENCY, dynamics.HEADER]),
        ("zoho", [*zoho.WANTED, "meeting_outcome"]),
    ],
)
def test_these_guides_name_every_kind_of_record_and_every_field_that_matters(name: str, read: list[str]) -> None:
    assert {each for each in read if f"`{each}`" not in guide(name)} == set()
    assert {each for each in salesforce_records.WANTED if each not in guide("salesforce")} == set()


def test_what_the_guide_for_freshsales_lets_it_send_is_an_activity() -> None:
    filled = {
        "{deal id}": "812",
        "{updated at}": "24-11-2026 14:52",
        "{updated at, with its zone}": "2026-11-24T14:52:00+01:00",
        "{sales owner's e-mail}": "sanne@example.nl",
        "{deal value}": "1500.00",
        "{deal name}": "Ketel",
        "{deal stage}": "Won",
    }
    body = block("freshsales", "json")
    for place, value in filled.items():
        assert place in body
        body = body.replace(place, value)
    connection = connection_of("freshsales")
    headers = {"authorization": "Bearer geheim"}
    delivery = Delivery("application/json; charset=utf-8", headers, body.encode())
    cloudevents.verify(delivery, Connection("freshsales", "cloudevents", secrets=("geheim",)), datetime.now(UTC))
    (sent,) = cloudevents.read(delivery, connection)
    (claim,) = sent.claims
    assert (claim.type, claim.owner) == ("deal", "sanne@example.nl")
    assert claim.deal
    assert dict(claim.deal.set) == {"name": "Ketel", "stage": "Won", "amount": "1500.00", "currency": "EUR"}
    assert connection.stages["Won"].stage == "won"


@pytest.mark.parametrize("name", ["cloudevents", "standard-webhooks"])
def test_the_example_event_of_a_guide_is_an_activity(name: str) -> None:
    delivery = Delivery("application/json", {"webhook-id": "m"}, block(name, "json").encode())
    (sent,) = HOOKS[name].read(delivery, connection_of(name))
    assert sent.claims[0].type == "call"


def test_the_guide_for_telephony_names_every_type_of_work_and_every_field_that_is_checked() -> None:
    assert {each for each in (*TYPES_OF_WORK, *CONVENTIONS) if f"`{each}`" not in guide("cloudevents")} == set()


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"type": "deal"}', b'"text"'])
def test_plain_json_that_is_no_event_is_not_taken_for_one(body: bytes) -> None:
    (sent,) = cloudevents.read(Delivery("application/json", {}, body), connection_of("freshsales"))
    assert sent.problems
    assert not sent.claims
