from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.auth import ROLES, SCOPES, Caller
from shared.sessions import LASTS, Session, sign, verify

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY, OTHER = "k" * 32, "o" * 32
SANNE = Caller("sanne@voorbeeld.example", ROLES["seller"], "seller", rep="sanne", account="17")
LEAD = Caller("lead@voorbeeld.example", ROLES["manager"], "manager", teams=frozenset({"utrecht"}), account="18")
CHIEF = Caller("chief@voorbeeld.example", ROLES["manager"], "manager", rep="kees", account="19")


@pytest.mark.parametrize("who", [SANNE, LEAD, CHIEF])
def test_a_session_tells_every_service_who_signed_in(who: Caller) -> None:
    session = Session(who, NOW + LASTS, "s1")
    assert verify(sign(session, KEY), [KEY], NOW) == session


def test_a_session_ends() -> None:
    signed = sign(Session(SANNE, NOW + LASTS), KEY)
    assert verify(signed, [KEY], NOW + LASTS - timedelta(seconds=1))
    assert verify(signed, [KEY], NOW + LASTS) is None


def test_a_key_is_changed_by_adding_the_new_one_before_the_old_one() -> None:
    signed = sign(Session(SANNE, NOW + LASTS), OTHER)
    assert verify(signed, [KEY, OTHER], NOW)
    assert verify(signed, [KEY], NOW) is None


def test_nobody_makes_a_session_of_their_own() -> None:
    body, _, mac = sign(Session(SANNE, NOW + LASTS), KEY).partition(".")
    raised, _, _ = sign(Session(replace(SANNE, role="admin"), NOW + LASTS), OTHER).partition(".")
    for forged in ("", ".", body, f"{body}.", f".{mac}", f"{raised}.{mac}", f"{body}.{mac}x", "é.é", "x" * 9000):
        assert verify(forged, [KEY], NOW) is None
    assert verify(f"{body}.{mac}", [], NOW) is None


def test_a_role_that_is_no_longer_known_opens_nothing() -> None:
    assert verify(sign(Session(replace(SANNE, role="boss"), NOW + LASTS), KEY), [KEY], NOW) is None


def test_roles_hold_known_scopes_and_nobody_both_makes_and_approves_a_pay_run() -> None:
    assert all(scopes <= SCOPES.keys() for scopes in ROLES.values())
    assert not [role for role, scopes in ROLES.items() if {"runs:write", "runs:approve"} <= scopes]


def test_a_token_sees_everybody_a_seller_only_himself_a_manager_the_own_teams() -> None:
    token = Caller("manager", frozenset({"credits:read"}))
    assert not token.bounded and token.sees_team("utrecht") and token.sees_rep("sanne")  # noqa: PT018  one sentence
    assert SANNE.sees_rep("sanne")
    assert not SANNE.sees_rep("amina", ["utrecht"])
    assert not SANNE.sees_team("utrecht")
    assert LEAD.sees_team("utrecht")
    assert not LEAD.sees_team("rotterdam")
    assert LEAD.sees_rep("sanne", ["groningen", "utrecht"])
    assert not LEAD.sees_rep("amina", ["rotterdam"])
    assert not LEAD.sees_rep("amina")


def test_a_manager_of_all_teams_is_not_bounded_although_he_sells_too() -> None:
    assert not CHIEF.bounded


def test_a_seller_without_a_place_on_the_roster_sees_nobody() -> None:
    lost = replace(SANNE, rep=None)
    assert lost.bounded
    assert not lost.sees_rep("sanne", ["utrecht"])
