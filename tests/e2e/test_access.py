"""The page that says who may call what is what the routes say, and no route is without a decision."""

from __future__ import annotations

import pytest
from flask import Flask

from shared.auth import ROLES
from tests.e2e.access import EVERYBODY, NOBODY, OWN, PAGE, WHO, Row, apps, rows, written

NAMED = ("<rep>", "<team>", "<member>", "<line>", "/me", "/profile")
"""What the path of a route about people or teams names."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Flask]:
    """Every service, whose start already demands that each route says who may call it."""
    return apps(tmp_path_factory.mktemp("access"))


def every(services: dict[str, Flask]) -> list[Row]:
    return [row for app in services.values() for row in rows(app)]


def test_the_page_says_what_the_routes_say(services: dict[str, Flask]) -> None:
    assert PAGE.read_text("utf-8") == written(services), "write it anew: python -m tests.e2e.access"


def test_a_seller_is_never_shown_everybody(services: dict[str, Flask]) -> None:
    private = [row for row in every(services) if not row.access.public]
    assert {row.cell("seller") for row in private} == {OWN, NOBODY}
    assert {row.cell("leader") for row in private} == {OWN, NOBODY}
    assert {row.cell("admin") for row in private} == {EVERYBODY, NOBODY}


def test_what_a_seller_may_open_at_all_is_kept_inside_or_written_down_here(services: dict[str, Flask]) -> None:
    closed = {row.path for row in every(services) if row.access.scopes & ROLES["seller"] and not row.access.bounded}
    assert closed == {"/scoring/v1/progress"}


def test_no_role_but_payroll_lists_pay(services: dict[str, Flask]) -> None:
    lists = [row for row in every(services) if row.access.scopes & {"payouts:read", "payouts:export"}]
    alone = [row for row in lists if not row.access.scopes & {"disputes:write", "operator"}]
    assert alone
    for row in alone:
        assert {role for role in WHO if row.cell(role) != NOBODY} <= {"hr", "finance"}, row


def test_people_and_teams_are_named_behind_a_door(services: dict[str, Flask]) -> None:
    about = [row for row in every(services) if any(name in row.path for name in NAMED)]
    assert len(about) > 15
    assert [row for row in about if row.access.public] == []
