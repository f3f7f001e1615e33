"""From a CRM's words to the playbook's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection, Place
from services.ingest.domain.translation import WORK, Ignored, Untranslated, translate
from shared.contracts.activity import DealChange

AT = datetime(2026, 11, 24, tzinfo=UTC)
STAGES = {"nieuw": frozenset({"demo", "won"}), "verleng": frozenset({"won", "opgezegd"})}
KNOWN = frozenset({"call", "bezoek"})
MAPPING = Connection(
    "crm",
    "hubspot",
    pipelines={"default": "nieuw"},
    stages={"closedwon": Place("won"), "7": Place("opgezegd", "verleng"), "p2/new": Place("demo"), "new": Place("won")},
    activities={"Demo gehouden": "meeting", "lunch": "ignore", "meeting": "bezoek"},
)


def deal(**said: str | None) -> Claim:
    return Claim("1", "deal", AT, deal=DealChange("D-1", said))


def translated(claim: Claim, mapping: Connection = MAPPING, *, as_it_is: bool = False) -> Any:
    found = translate(claim, mapping, STAGES, KNOWN, as_it_is=as_it_is)
    return dict(found.deal.set) if isinstance(found, Claim) and found.deal else found


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"stage": "closedwon"}, {"stage": "won"}),
        ({"stage": "closedwon", "pipeline": "default"}, {"stage": "won", "pipeline": "nieuw"}),
        ({"stage": "closedwon", "pipeline": "verleng"}, {"stage": "won", "pipeline": "verleng"}),
        ({"stage": "7"}, {"stage": "opgezegd", "pipeline": "verleng"}),
        ({"stage": "7", "pipeline": "unheard of"}, {"stage": "opgezegd", "pipeline": "verleng"}),
        ({"stage": "new", "pipeline": "p2"}, Untranslated("unmapped-stage", "p2/")),
        ({"stage": "new"}, {"stage": "won"}),
        ({"stage": "demo"}, {"stage": "demo"}),
        ({"pipeline": "default"}, {"pipeline": "nieuw"}),
        ({"pipeline": "other"}, Untranslated("unmapped-stage", "other/")),
        ({"stage": "dream"}, Untranslated("unmapped-stage", "dream")),
        ({"stage": "dream", "pipeline": "default"}, Untranslated("unmapped-stage", "default/dream")),
        ({"stage": None, "pipeline": None}, {"stage": None, "pipeline": None}),
        ({"amount": "5", "status": "won"}, {"amount": "5", "status": "won"}),
        ({"stage": "closedwon", "amount": "5", "pipeline": None}, {"stage": "won", "amount": "5", "pipeline": None}),
    ],
)
def test_stages_and_pipelines(said: dict[str, Any], means: Any) -> None:
    assert translated(deal(**said)) == means


def test_a_stage_of_one_pipeline_may_be_mapped_apart_from_its_namesakes() -> None:
    mapping = Connection("crm", "x", stages={"p2/new": Place("demo"), "new": Place("won")})
    assert translated(deal(stage="new", pipeline="p2"), mapping) == {"stage": "demo"}
    assert translated(deal(stage="new", pipeline="p3"), mapping) == {"stage": "won"}


def test_a_mapping_that_tells_no_pipelines_apart_leaves_them_out() -> None:
    mapping = Connection("crm", "x", stages={"closedwon": Place("won")})
    assert translated(deal(stage="closedwon", pipeline="default"), mapping) == {"stage": "won"}
    assert translated(deal(pipeline="default"), mapping) == {}


def test_a_stage_may_pass_as_the_crm_calls_it() -> None:
    assert translated(deal(stage="dream", pipeline="default"), as_it_is=True) == {
        "stage": "dream",
        "pipeline": "default",
    }


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("Demo gehouden", "meeting"),
        ("meeting", "bezoek"),
        ("call", "call"),
        ("bezoek", "bezoek"),
        ("lunch", Ignored("the mapping of crm leaves activities of type lunch out")),
        ("fax", Untranslated("unmapped-activity", "fax")),
    ],
)
def test_types_of_work(said: str, means: Any) -> None:
    found = translated(Claim("1", said, AT, "sanne"))
    assert (found.type if isinstance(found, Claim) else found) == means


def test_work_that_means_the_same_everywhere_needs_no_mapping_and_no_playbook() -> None:
    for kind in WORK:
        assert translate(Claim("1", kind, AT, "sanne"), Connection("crm", "x"), {}, frozenset()) is not None


def test_without_a_playbook_only_what_is_mapped_is_understood() -> None:
    mapping = Connection("crm", "x", stages={"closedwon": Place("won")})
    found = translate(deal(stage="closedwon"), mapping, {}, frozenset())
    assert isinstance(found, Claim)
    assert translate(deal(stage="demo"), mapping, {}, frozenset()) == Untranslated("unmapped-stage", "demo")
