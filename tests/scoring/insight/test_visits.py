"""Visits: what a deal was when, kept in the transaction that judges it."""

import random

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine

from services.scoring.domain.insight.visits import Visit, visits
from services.scoring.handlers.visiting import visit_again
from services.scoring.store import Ledger
from services.scoring.store.tables import activities
from services.scoring.store.tables import visits as table
from shared.contracts.activity import Activity
from tests.scoring.office import DOCUMENTS, LEAGUE, WON, at, call, deal
from tests.scoring.test_laws import Machine, facts


def kept(engine: Engine) -> list[Visit]:
    with engine.connect() as conn:
        return [
            Visit(*tuple(row)) for row in conn.execute(sa.select(*columns()).order_by(table.c.deal, table.c.number))
        ]


def columns() -> list[sa.Column[object]]:
    return [table.c[name] for name in Visit._fields]


def expected(history: list[Activity]) -> list[Visit]:
    names = sorted({fact.deal.id for fact in history if fact.deal})
    return [v for n in names for v in visits([f for f in history if f.deal and f.deal.id == n], LEAGUE)]


def test_a_deal_is_a_row_of_visits_that_join_without_a_gap() -> None:
    found = visits(WON, LEAGUE)
    assert [(v.stage, v.status, v.since, v.until) for v in found] == [
        ("lead", "open", at("03-01 09"), at("03-02 09")),
        ("demo", "open", at("03-02 09"), at("03-03 09")),
        ("won", "won", at("03-03 09"), None),
    ]
    assert {(v.rep, v.team, v.amount, v.created) for v in found} == {("sanne", "noord", "1000.00", at("03-01 09"))}


def test_an_amount_that_came_later_is_not_known_before() -> None:
    told = visits([*WON[:1], deal("dear", "03-01 15", amount="2000.00"), *WON[1:]], LEAGUE)
    assert [(v.stage, v.amount) for v in told][:2] == [("lead", "1000.00"), ("lead", "2000.00")]
    assert told[1].stage_since == told[0].since


def test_a_deal_that_waits_while_its_owner_moves_is_with_both_teams_in_turn() -> None:
    found = visits([deal("new", "06-20 09", stage="lead", owner="sanne")], LEAGUE)
    assert [(v.team, v.since, v.until) for v in found] == [
        ("noord", at("06-20 09"), at("06-30 22")),
        ("zuid", at("06-30 22"), None),
    ]


def test_a_deleted_deal_is_not_open() -> None:
    assert visits([*WON[:2], deal("gone", "03-05 09", status="deleted")], LEAGUE)[-1].status == "deleted"


def test_work_that_only_names_a_deal_makes_no_visit() -> None:
    assert not visits([call("c", "03-01 09")], LEAGUE)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts())
def test_order_repetition_and_late_documents_leave_no_trace_in_the_visits(history: list[Activity]) -> None:
    machine, arriving = Machine(), [*history, *history[: len(history) // 2]]
    random.Random(len(history)).shuffle(arriving)
    half = len(arriving) // 2
    machine.scorer.score(arriving[:half])
    for document in DOCUMENTS:
        machine.put(document)
    machine.scorer.score(arriving[half:])
    machine.restate()
    assert kept(machine.engine) == expected(history)


def test_visits_from_before_they_were_kept_are_made_again() -> None:
    machine = Machine()
    for document in DOCUMENTS:
        machine.put(document)
    machine.scorer.score([*WON, call("c", "03-01 09")])
    before = kept(machine.engine)
    with machine.engine.begin() as conn:
        conn.execute(table.delete())
        conn.execute(activities.update().values(type=None))
    assert visit_again(Ledger(machine.engine)) == 2
    assert kept(machine.engine) == before
    with machine.engine.connect() as conn:
        assert set(conn.execute(sa.select(activities.c.type)).scalars()) == {"deal", "call"}
