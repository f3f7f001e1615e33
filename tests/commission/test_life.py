"""A period from open to closed, on both engines: who may do what, what never changes, what is handed over once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from services.commission.domain.batches import ExportOver, NotExported, NothingToExport
from services.commission.domain.runs import (
    APPROVE,
    CLOSE,
    DISCARD,
    SUBMIT,
    AnotherRun,
    FourEyes,
    NoReason,
    NotOver,
    OutOfOrder,
    UnknownRun,
    WrongState,
)
from services.commission.handlers.calculating import calculate
from services.commission.handlers.exporting import cancel, confirm, download, export
from services.commission.handlers.reviewing import standing, take
from services.commission.store import Books
from services.commission.store.trail import KeyUsed
from shared import periods
from shared.errors import Outdated, SamenspelError
from tests.commission.life import ENGINE, ORDER, Life

OCTOBER, NOVEMBER = periods.parse("2026-10"), periods.parse("2026-11")


@pytest.fixture
def life(books: Books) -> Life:
    made = Life(books)
    made.league()
    made.earn(1000, "2026-10-05")
    return made


@pytest.fixture
def quick(sqlite_books: Books) -> Life:
    made = Life(sqlite_books)
    made.league()
    made.earn(1000, "2026-10-05")
    return made


def test_a_period_goes_from_open_to_closed_and_every_step_is_in_the_trail(life: Life) -> None:
    with life.desks.reading() as desk:
        assert standing(desk, OCTOBER).state == "open"
    run = life.close("2026-10")
    assert (run.id, run.state, run.totals, run.payees) == ("2026-10.1", "closed", {"EUR": 10000}, 3)
    with life.desks.reading() as desk:
        said = [(e.actor, e.action, e.before, e.after) for e in desk.trail.of(run=run.id)]
        assert standing(desk, OCTOBER).state == "closed"
    assert said == [
        ("hr", "calculate", "open", "calculated"),
        ("hr", "submit", "calculated", "in_review"),
        ("finance", "approve", "in_review", "approved"),
        ("hr", "export", "approved", "exported"),
        ("hr", "confirm", "exported", "exported"),
        ("hr", "close", "exported", "closed"),
    ]


def test_the_header_names_what_the_run_was_made_of(life: Life) -> None:
    run = life.calculate("2026-10")
    assert (run.engine, run.operator, run.plans) == (ENGINE, "hr", {1: "hr"})
    assert (run.ledger, run.documents["plans"]) == ({0: 1}, 1)
    assert len(run.inputs) == len(run.outputs) == 64


def test_a_run_computed_again_from_its_stored_inputs_is_the_same_to_the_byte(life: Life) -> None:
    run = life.close("2026-10")
    before = everything(life, run.id)
    life.earn(500, "2026-10-06", deal="deal:2")
    life.league(version=2, targets=[])
    verdict = life.verify(run)
    assert (verdict.same, verdict.payees) == (True, 3)
    assert everything(life, run.id) == before


def everything(life: Life, run: str) -> list[Any]:
    """Return every byte that is stored of a run."""
    with life.desks.reading() as desk:
        header = desk.runs.get(run)
        parts = [desk.contents.read(one.content) for one in desk.runs.payees(run)]
        return [header, *parts, desk.contents.read(header.inputs), desk.runs.lines(run), desk.runs.balances(run)]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE run_lines SET amount = amount + 1", "sanne: the lines in the table are not those"),
        ("UPDATE run_lines SET held = held + 1", "sanne: the lines in the table are not those"),
        ("UPDATE run_balances SET opening = opening + 1", "sanne: the balances in the table are not those"),
        ("UPDATE run_balances SET closing = closing + 1", "sanne: the balances in the table are not those"),
        (
            "UPDATE contents SET body = (SELECT body FROM contents c WHERE c.sha256 <> contents.sha256 LIMIT 1)",
            "has been",
        ),
    ],
)
def test_verifying_notices_what_was_changed_behind_its_back(quick: Life, damage: str, said: str) -> None:
    quick.adjust("2026-10", -200)  # more than was earned: so that there is a balance
    run = quick.calculate("2026-10")
    with quick.books.engine.begin() as conn:
        for name in ("run_lines_update", "run_balances_update", "contents_update"):
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        conn.exec_driver_sql(damage)
    verdict = quick.verify(run)
    assert not verdict.same
    assert any(said in one for one in verdict.differences)


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE runs SET state = 'calculated'",
        "UPDATE runs SET operator = 'me'",
        "DELETE FROM runs",
        "UPDATE run_lines SET amount = 0",
        "DELETE FROM run_lines",
        "INSERT INTO run_payees VALUES ('2026-10.1', 'me', 'Me', '')",
        "UPDATE run_balances SET closing = 0",
        "UPDATE contents SET body = body",
        "DELETE FROM events",
        "UPDATE events SET actor = 'nobody'",
        "UPDATE export_lines SET amount = 0",
    ],
)
def test_closed_is_closed_whoever_asks(life: Life, attempt: str) -> None:
    life.adjust("2026-10", -200)  # more than was earned: so that there is a balance
    life.close("2026-10")
    with pytest.raises(IntegrityError), life.books.engine.begin() as conn:
        conn.exec_driver_sql(attempt)


def test_closed_runs_cannot_be_emptied_either(life: Life) -> None:
    life.close("2026-10")
    if life.books.engine.dialect.name == "postgresql":  # SQLite knows no TRUNCATE
        with pytest.raises(IntegrityError), life.books.engine.begin() as conn:
            conn.exec_driver_sql("TRUNCATE run_lines")
    assert life.verify(life.held[0]).same


def test_the_header_of_a_run_never_changes_before_it_is_closed_either(life: Life) -> None:
    life.calculate("2026-10")
    with pytest.raises(IntegrityError), life.books.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE runs SET operator = 'me'")
    with life.books.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE runs SET state = 'in_review'")


def test_whoever_calculated_it_cannot_approve_it_nor_can_the_author_of_the_plan(quick: Life) -> None:
    run = quick.calculate("2026-10", actor="anna")
    take(quick.desks, run.id, SUBMIT, quick.request("anna"))
    for actor in ("anna", "hr"):  # hr wrote the plans document
        with pytest.raises(FourEyes, match=f"{actor} .*somebody else has to approve"):
            take(quick.desks, run.id, APPROVE, quick.request(actor))
    assert take(quick.desks, run.id, APPROVE, quick.request("finance")).state == "approved"


WRONG: list[tuple[str, Callable[[Life], object], type[SamenspelError]]] = [
    (
        "approve what is not in review",
        lambda life: take(life.desks, "2026-10.1", APPROVE, life.request("x")),
        WrongState,
    ),
    ("close what is not exported", lambda life: take(life.desks, "2026-10.1", CLOSE, life.request()), WrongState),
    ("discard without a reason", lambda life: take(life.desks, "2026-10.1", DISCARD, life.request()), NoReason),
    ("export what is not approved", lambda life: export(life.desks, "2026-10.1", ORDER, life.request()), WrongState),
    ("a run that is not there", lambda life: take(life.desks, "2026-12.1", SUBMIT, life.request()), UnknownRun),
    ("another period meanwhile", lambda life: life.calculate("2026-11"), AnotherRun),
    ("an old state", lambda life: take(life.desks, "2026-10.1", SUBMIT, life.request(seen="2026-10.1.0")), Outdated),
]


@pytest.mark.parametrize(("what", "step", "refusal"), WRONG, ids=[what for what, _, _ in WRONG])
def test_a_step_that_is_not_next_is_refused_by_name(
    quick: Life, what: str, step: Callable[[Life], object], refusal: type[SamenspelError]
) -> None:
    before = quick.calculate("2026-10")
    with pytest.raises(refusal):
        step(quick)
    with quick.desks.reading() as desk:
        assert desk.runs.get("2026-10.1") == before


def test_a_period_is_not_calculated_before_it_is_over(quick: Life) -> None:
    quick.now = datetime(2026, 10, 31, 22, 0, tzinfo=UTC)  # 23:00 in Amsterdam
    with pytest.raises(NotOver):
        quick.calculate("2026-10")
    quick.now = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    assert quick.calculate("2026-10").state == "calculated"


def test_periods_of_a_kind_are_closed_one_after_the_other(quick: Life) -> None:
    quick.close("2026-10")
    for period in ("2026-10", "2026-09", "2026-12"):
        with pytest.raises(OutOfOrder, match="2026-11 is next"):
            quick.calculate(period)
    assert quick.calculate("2026-W45").state == "calculated"
    assert quick.close("2026-11").state == "closed"


def test_calculated_again_with_nothing_changed_it_is_the_same_run(quick: Life) -> None:
    first = quick.calculate("2026-10")
    assert quick.calculate("2026-10", actor="other") == first
    quick.earn(10, "2026-10-07", deal="deal:9")
    second = quick.calculate("2026-10")
    assert (second.id, second.totals) == ("2026-10.2", {"EUR": 10100})
    with quick.desks.reading() as desk:
        assert desk.runs.get(first.id).state == "discarded"


def test_what_is_under_review_is_not_calculated_again_until_it_is_discarded(quick: Life) -> None:
    run = quick.calculate("2026-10")
    take(quick.desks, run.id, SUBMIT, quick.request())
    with pytest.raises(WrongState, match="discard it before calculating again"):
        quick.calculate("2026-10")
    take(quick.desks, run.id, DISCARD, quick.request(reason="a target was wrong"))
    assert quick.calculate("2026-10").id == "2026-10.2"


def test_a_standing_says_when_the_books_have_moved_on(quick: Life) -> None:
    quick.calculate("2026-10")
    with quick.desks.reading() as desk:
        assert not standing(desk, OCTOBER).stale
    quick.earn(1, "2026-11-08")
    with quick.desks.reading() as desk:
        assert not standing(desk, OCTOBER).stale  # the next month is sold on meanwhile
    quick.earn(1, "2026-10-08")
    with quick.desks.reading() as desk:
        assert standing(desk, OCTOBER).stale


def test_a_standing_says_when_money_by_hand_is_not_in_the_run(quick: Life) -> None:
    quick.adjust("2026-10", 50)
    quick.calculate("2026-10")
    with quick.desks.reading() as desk:
        assert not standing(desk, OCTOBER).stale
    quick.adjust("2026-11", 50)
    with quick.desks.reading() as desk:
        assert not standing(desk, OCTOBER).stale  # the next month pays it
    quick.adjust("2026-10", 50)
    with quick.desks.reading() as desk:
        assert standing(desk, OCTOBER).stale
    quick.calculate("2026-10")
    with quick.desks.reading() as desk:
        assert not standing(desk, OCTOBER).stale


def test_two_who_calculate_at_once_make_one_run(life: Life) -> None:
    requests = [life.request("anna"), life.request("bert")]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda each: calculate(life.desks, OCTOBER, each, ENGINE), requests))
    assert found[0] == found[1]
    with life.desks.reading() as desk:
        assert [run.state for run in desk.runs.of_period("2026-10")] == ["calculated"]


def test_two_who_approve_at_once_approve_once(life: Life) -> None:
    run = life.calculate("2026-10")
    take(life.desks, run.id, SUBMIT, life.request())
    requests = [life.request("finance"), life.request("director")]

    def approve(request: Any) -> str:
        try:
            return take(life.desks, run.id, APPROVE, request).state
        except WrongState:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, requests)) == ["approved", "refused"]


def test_two_who_export_at_once_pay_once(life: Life) -> None:
    run = life.approve(life.calculate("2026-10"))
    requests = [life.request("hr"), life.request("other")]

    def hand_over(request: Any) -> int:
        try:
            return sum(export(life.desks, run.id, ORDER, request).lines.values())
        except NothingToExport:
            return 0

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(hand_over, requests)) == [0, 10000]


def test_a_file_is_the_same_every_time_and_nothing_is_exported_twice(life: Life) -> None:
    run = life.approve(life.calculate("2026-10"))
    made = export(life.desks, run.id, ORDER, life.request())
    assert made.id == "2026-10.1-x1"
    assert made.sums["EUR"].amount == 10000
    with life.desks.reading() as desk:
        first = download(desk, made.id, made.files[0].name)
    assert first[1] == b"2026-10.1;sanne:earned:sales.v1/own;sanne;own;10000;EUR"
    with pytest.raises(NothingToExport, match=r"everything of run 2026-10.1 is in 2026-10.1-x1"):
        export(life.desks, run.id, ORDER, life.request())
    with life.desks.reading() as desk:
        assert download(desk, made.id, made.files[0].name) == first
    with pytest.raises(NotExported, match="confirm or cancel"):
        take(life.desks, run.id, CLOSE, life.request())


def test_an_export_that_payroll_never_took_in_is_void_and_made_again(quick: Life) -> None:
    run = quick.approve(quick.calculate("2026-10"))
    made = export(quick.desks, run.id, ORDER, quick.request())
    with pytest.raises(NoReason):
        cancel(quick.desks, made.id, ORDER, quick.request(), imported=False)
    gone = cancel(quick.desks, made.id, ORDER, quick.request(reason="wrong month"), imported=False)
    assert gone.state == "void"
    with quick.desks.reading() as desk:
        assert desk.runs.get(run.id).state == "approved"
    again = export(quick.desks, run.id, ORDER, quick.request())
    assert (again.id, again.lines) == ("2026-10.1-x2", made.lines)


def test_an_export_that_payroll_took_in_is_taken_back_with_opposite_lines(quick: Life) -> None:
    run = quick.approve(quick.calculate("2026-10"))
    made = export(quick.desks, run.id, ORDER, quick.request())
    confirm(quick.desks, made.id, quick.request())
    with pytest.raises(ExportOver):
        confirm(quick.desks, made.id, quick.request())
    back = cancel(quick.desks, made.id, ORDER, quick.request(reason="wrong run"), imported=True)
    assert back.state == "countered"
    with quick.desks.reading() as desk:
        counter = desk.exports.of_run(run.id)[-1]
        assert (counter.counters, counter.lines) == (made.id, {"sanne:earned:sales.v1/own": -10000})
        assert desk.runs.get(run.id).state == "exported"
    confirm(quick.desks, counter.id, quick.request())
    with quick.desks.reading() as desk:
        assert desk.runs.get(run.id).state == "approved"
    take(quick.desks, run.id, DISCARD, quick.request("hr", reason="calculated with a wrong target"))
    assert quick.close("2026-10").id == "2026-10.2"


def test_a_calculation_sent_again_under_its_key_is_answered_with_its_run_wherever_that_is_now(quick: Life) -> None:
    once = quick.request(key="k-1", fingerprint="calculate")
    run = calculate(quick.desks, OCTOBER, once, ENGINE)
    quick.approve(run)
    again = calculate(quick.desks, OCTOBER, once, ENGINE)
    assert (again.id, again.state) == (run.id, "approved")


def test_a_request_sent_twice_under_its_key_is_done_once(life: Life) -> None:
    run = life.approve(life.calculate("2026-10"))
    once = life.request(key="k-1", fingerprint="export")
    made = export(life.desks, run.id, ORDER, once)
    assert export(life.desks, run.id, ORDER, once) == made
    with pytest.raises(KeyUsed):
        take(life.desks, run.id, CLOSE, life.request(key="k-1", fingerprint="close"))


def test_a_period_in_which_nobody_earned_can_be_closed_too(quick: Life) -> None:
    quick.close("2026-10")
    empty = quick.close("2026-11")
    assert (empty.totals, empty.state) == ({"EUR": 0}, "closed")
