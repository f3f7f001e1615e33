"""Names are looked up; what nobody knows is parked with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ingest.domain.claims import Claim
from services.ingest.domain.directory import (
    NO_RATE,
    NO_ROSTER,
    PASSABLE,
    UNKNOWN_OWNER,
    UNKNOWN_STAGE,
    Directory,
    Held,
    Resolution,
    directory,
    resolve,
)
from shared.contracts.activity import DealChange
from shared.contracts.roster import parse_roster

AT = datetime(2026, 11, 24, tzinfo=UTC)


def deal(**said: str | None) -> Claim:
    return Claim("1", "deal", AT, "sanne@example.nl", owner_said=True, deal=DealChange("D-1", said))


@pytest.fixture
def known(roster: dict[str, Any], playbook: dict[str, Any]) -> Directory:
    return directory(2, parse_roster(roster), [playbook])


@pytest.mark.parametrize("name", ["sanne@example.nl", " SANNE@Example.NL ", "sanne"])
def test_a_rep_is_known_by_every_identity_however_it_is_written(known: Directory, name: str) -> None:
    claim = Claim("1", "call", AT, name, owner_said=True)
    assert resolve(claim, known) == Resolution(claim, "sanne")


def test_an_unknown_owner_is_kept_by_the_name_that_was_given(known: Directory) -> None:
    claim = Claim("1", "call", AT, "Els@Example.nl", owner_said=True)
    assert resolve(claim, known) == Resolution(claim, held=Held(UNKNOWN_OWNER, "Els@Example.nl"))
    assert resolve(claim, Directory()) == Resolution(claim, held=Held(NO_ROSTER, "Els@Example.nl"))


def test_a_change_of_a_deal_without_an_owner_needs_no_roster() -> None:
    claim = Claim("1", "deal", AT, deal=DealChange("D-1", {"amount": "5"}))
    assert resolve(claim, Directory()) == Resolution(claim)


@pytest.mark.parametrize(
    ("said", "reference"),
    [
        ({"stage": "demo"}, None),
        ({"stage": "demo", "pipeline": "nieuw"}, None),
        ({"stage": None, "pipeline": None}, None),
        ({"stage": "droom"}, "droom"),
        ({"stage": "demo", "pipeline": "oud"}, "oud"),
        ({"stage": "droom", "pipeline": "nieuw"}, "nieuw/droom"),
    ],
)
def test_a_stage_that_no_playbook_has_is_named(known: Directory, said: dict[str, Any], reference: str | None) -> None:
    held = Held(UNKNOWN_STAGE, reference) if reference else None
    assert resolve(deal(**said), known).held == held


def test_stages_are_not_held_against_a_playbook_that_names_none(roster: dict[str, Any]) -> None:
    assert resolve(deal(stage="droom"), directory(1, parse_roster(roster), [])).held is None
    assert resolve(deal(stage="droom"), directory(1, parse_roster(roster), [{"pipelines": []}])).held is None


def test_a_stage_of_any_version_of_the_playbook_is_known(roster: dict[str, Any], playbook: dict[str, Any]) -> None:
    older = {**playbook, "pipelines": [{"id": "nieuw", "stages": [{"id": "offerte"}]}]}
    assert resolve(deal(stage="offerte"), directory(3, parse_roster(roster), [older, playbook])).held is None


@pytest.mark.parametrize(
    ("currency", "held"), [("EUR", None), ("USD", None), ("GBP", Held(NO_RATE, "GBP")), (None, None)]
)
def test_a_currency_needs_a_rate_unless_it_is_the_organisations_own(
    known: Directory, currency: str | None, held: Held | None
) -> None:
    assert resolve(deal(currency=currency), known).held == held


@pytest.mark.parametrize(
    ("days", "late", "held"), [(30, 29, False), (30, 31, True), (None, 4000, False), (1, 0, False), (1, -1, False)]
)
def test_work_that_was_entered_too_late_waits_for_somebodys_yes(
    roster: dict[str, Any], playbook: dict[str, Any], days: int | None, late: int, *, held: bool
) -> None:
    limits = [(date(2026, 1, 1), 1), (date(2026, 11, 1), days), (date(2027, 1, 1), 1)]
    known = directory(2, parse_roster(roster), [playbook], backdating=limits)
    call, change = Claim("1", "call", AT, "sanne", owner_said=True), deal(stage="demo")
    received = AT + timedelta(days=late)
    found = resolve(call, replace(known, backdating=limits[:2]), received_at=received)
    assert found.held == (Held("backdated", "sanne") if held else None)
    assert resolve(call, known, PASSABLE, received_at=received).rep == "sanne"
    assert resolve(change, known, received_at=received).held is None, "a deal is what the CRM says it is"
    assert resolve(call, known).held is None, "history may be as old as it likes"


def test_what_is_let_through_keeps_its_rep(known: Directory) -> None:
    claim = deal(stage="droom", currency="GBP")
    assert resolve(claim, known, PASSABLE) == Resolution(claim, "sanne")
    unknown = Claim("1", "call", AT, "els", owner_said=True)
    assert resolve(unknown, known, PASSABLE).held == Held(UNKNOWN_OWNER, "els")
