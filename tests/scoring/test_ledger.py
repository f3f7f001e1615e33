"""The ledger on real engines: crashes, zombies, races, a bus that lost its data."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from services.scoring.domain.rules import judge
from services.scoring.handlers import Scorer
from services.scoring.store import PACKAGE, Asked, Ledger, Reader, Transaction
from shared.contracts import credit as credit_contract
from shared.contracts import wire
from shared.contracts.activity import Activity
from shared.contracts.credit import Credit
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, LEAGUE, PLAYBOOK, ROSTER, WON, call, deal, document

EVER = Asked(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
STORY: Sequence[Activity] = (
    *WON,
    *[call(f"c{n}", f"03-{n + 1:02d} 10", rep=("sanne", "bram")[n % 2]) for n in range(20)],
    *[deal(f"w{n}", "04-01 09", f"D-{n}", stage="won", owner="bram", amount="10", currency="EUR") for n in range(9)],
    deal("move", "03-09 09", owner="bram"),
    deal("more", "03-10 09", amount="2000"),
)  # fmt: skip


class Crash(BaseException):
    """The process dies here."""


class Outside:
    """The bus as scoring sees it; it may be told to fail."""

    def __init__(self) -> None:
        self.lines: list[Credit] = []
        self.fail = False

    def publish(self, records: Sequence[Any]) -> None:
        if self.fail:
            raise Crash
        for record in records:
            self.lines += wire.decode(
                "credits", record.value, partial(credit_contract.from_wire, partition=record.partition)
            )


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    migrate(opened, PACKAGE)
    yield opened
    opened.dispose()


@pytest.fixture
def outside() -> Outside:
    return Outside()


def _scorer(engine: Engine, outside: Outside) -> Scorer:
    scorer = Scorer(Ledger(engine), outside.publish, lambda: datetime(2026, 12, 31, tzinfo=UTC))
    for each in DOCUMENTS:
        scorer.put_document(each)
    while scorer.restate_some():
        pass
    return scorer


def _read_back(lines: Sequence[Credit]) -> dict[str, Credit]:
    """Apply lines as a reader does: skip what was seen, and insist on the next number."""
    seen: dict[int, int] = {}
    applied = {}
    for line in lines:
        if line.seq <= seen.get(line.partition, 0):
            continue
        assert line.seq == seen.get(line.partition, 0) + 1
        seen[line.partition] = line.seq
        applied[line.id] = line
    return applied


def _totals(engine: Engine) -> dict[str, Any]:
    reader = Reader(engine)
    return {
        metric: reader.totals(Asked(EVER.start, EVER.end, metric=metric), "rep")
        for metric in ("points", "revenue", "deals")
    }


def test_a_story_ends_in_its_totals(engine: Engine, outside: Outside) -> None:
    for fact in STORY:
        _scorer(engine, outside).score([fact])
    assert _totals(engine) == _whole(engine)
    assert Reader(engine).gaps() == {}


def _whole(engine: Engine) -> dict[str, Any]:
    """Compute the totals from the subjects' histories alone."""
    sums: dict[str, dict[str, int]] = {"points": {}, "revenue": {}, "deals": {}}
    reader = Reader(engine)
    for _, facts, _ in reader.subjects():
        for key, due in judge(facts, LEAGUE).due.items():
            owners = sums[key.metric]
            owners[key.rep] = owners.get(key.rep, 0) + due.amount
    for metric, found in _totals(engine).items():
        sums[metric] |= {rep: 0 for rep in found if rep not in sums[metric]}
    return sums


STEPS = ("lock", "add", "histories", "standing", "append", "lines_after", "mark_published", "_set_head")


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_changes_no_result(
    engine: Engine, outside: Outside, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = _scorer(engine, outside)
    real: Callable[..., Any] = getattr(Transaction, step)

    def dies(*given: Any, **named: Any) -> Any:
        real(*given, **named)
        raise Crash

    monkeypatch.setattr(Transaction, step, dies)
    with pytest.raises(Crash):
        scorer.score(STORY)
    monkeypatch.undo()
    _scorer(engine, outside).score(STORY)
    assert _totals(engine) == _whole(engine)
    assert len(_read_back(outside.lines)) == Reader(engine).progress()["lines"]


def test_lines_that_a_dead_bus_refused_go_out_later_in_order(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    outside.fail = True
    with pytest.raises(Crash):
        scorer.score(STORY[:10])
    outside.fail = False
    scorer.score(STORY[10:])
    scorer.hand_on_the_rest()
    assert Reader(engine).progress()["unpublished"] == 0
    assert len(_read_back(outside.lines)) == Reader(engine).progress()["lines"]


def test_known_activities_write_nothing(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    scorer.score(STORY)
    before = Reader(engine).progress()
    scorer.score(STORY[::-1])
    assert Reader(engine).progress() == before


def test_two_scorers_on_the_same_partitions_leave_no_gap_and_no_double(engine: Engine, outside: Outside) -> None:
    first, second = _scorer(engine, outside), _scorer(engine, outside)
    start = threading.Barrier(2)

    def work(scorer: Scorer, facts: Sequence[Activity]) -> None:
        start.wait()
        for fact in facts:
            scorer.score([fact])

    zombie = threading.Thread(target=work, args=(first, STORY))
    zombie.start()
    work(second, STORY[::-1])
    zombie.join(60)
    assert not zombie.is_alive()
    assert _totals(engine) == _whole(engine)
    assert Reader(engine).gaps() == {}


def test_a_reader_that_lost_everything_gets_the_lines_again(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    scorer.score(STORY)
    everything = _read_back(outside.lines)
    outside.lines.clear()
    scorer.publish_again(None)
    assert _read_back(outside.lines) == everything


def test_a_bus_that_lost_its_data_gets_the_lines_again_once(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    scorer.notice_new_bus("first")
    scorer.score(STORY)
    everything = _read_back(outside.lines)
    outside.lines.clear()
    scorer.notice_new_bus("first")
    assert outside.lines == []
    scorer.notice_new_bus("second")
    assert _read_back(outside.lines) == everything


def test_a_new_playbook_restates_what_it_touches_and_nothing_else(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    scorer.score(STORY)
    before = Reader(engine).progress()["lines"]
    rules = [{**rule, "credit": {"points": 7}} if rule["id"] == "call" else rule for rule in PLAYBOOK["rules"]]
    scorer.put_document(document("playbook", {**PLAYBOOK, "rules": rules}, 2))
    while scorer.restate_some():
        pass
    points = Reader(engine).totals(Asked(EVER.start, EVER.end, rep="sanne", metric="points"), "rep")
    assert points == {"sanne": 7 * 10}
    assert Reader(engine).progress()["lines"] == before + 20  # one line of difference for each of the calls
    assert len(_read_back(outside.lines)) == before + 20


def test_a_restatement_that_was_interrupted_goes_on(engine: Engine, outside: Outside) -> None:
    scorer = _scorer(engine, outside)
    scorer.score(STORY)
    moved = {**ROSTER["reps"][1], "memberships": [{"team": "noord", "from": "2026-01-01"}]}
    scorer.put_document(document("roster", {**ROSTER, "reps": [ROSTER["reps"][0], moved]}, 2))
    scorer.restate_some()
    assert Reader(engine).progress()["restating"] > 0
    heir = Scorer(Ledger(engine), outside.publish, lambda: datetime(2026, 12, 31, tzinfo=UTC))
    while heir.restate_some():
        pass
    teams = Reader(engine).totals(Asked(EVER.start, EVER.end, metric="deals"), "team")
    assert teams == {"noord": 9, "zuid": 0}


def test_lines_are_paged_latest_first_without_losing_any(engine: Engine, outside: Outside) -> None:
    _scorer(engine, outside).score(STORY)
    reader, pages, last = Reader(engine), [], None
    while page := reader.lines(EVER, 7, last):
        pages += page
        last = page[-1]
    assert pages == reader.lines(EVER, 10_000)
    assert pages == sorted(pages, key=lambda line: (line.at, line.partition, line.seq), reverse=True)
