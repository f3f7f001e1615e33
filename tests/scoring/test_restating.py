"""Restating: a new document has computed again what it can touch, whoever is at work meanwhile."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from services.scoring.domain.explain import is_settled
from services.scoring.domain.league import EVERYTHING, NOTHING, Touched, touched
from services.scoring.domain.rules import judge
from services.scoring.handlers import Scorer, build_league
from services.scoring.store import PACKAGE, Ledger, Reader, Transaction
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, PLAYBOOK, ROSTER, WON, at, call, deal, document

SANNE, BRAM, NOOR = ROSTER["reps"]
BRAM_MOVED = {**BRAM, "memberships": [{"team": "noord", "from": "2026-01-01"}]}
PRICES = {"call": {"points": 7}, "demo": {"points": 40}}
DEARER = {
    **PLAYBOOK,
    "rules": [{**rule, "credit": PRICES.get(rule["id"], rule["credit"])} for rule in PLAYBOOK["rules"]],
}


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    migrate(opened, PACKAGE)
    yield opened
    opened.dispose()


def _scorer(engine: Engine) -> Scorer:
    return Scorer(Ledger(engine), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))


def _put(scorer: Scorer, documents: Sequence[LeagueDocument]) -> None:
    for each in documents:
        scorer.put_document(each)
    while scorer.restate_some():
        pass


def _unsettled(engine: Engine) -> list[str]:
    reader = Reader(engine)
    league = build_league(0, reader.documents())
    found = reader.subjects()
    return [subject for subject, facts, lines in found if not is_settled(judge(facts, league).due, lines)]


def _roster(*reps: Mapping[str, Any], version: int = 2, **organisation: str) -> LeagueDocument:
    body = {**ROSTER, "reps": list(reps), "organisation": {**ROSTER["organisation"], **organisation}}
    return document("roster", body, version)


@pytest.mark.parametrize(
    ("added", "what"),
    [
        (_roster(SANNE, BRAM_MOVED, NOOR), Touched(reps=frozenset({"bram"}))),
        (_roster(SANNE, NOOR), Touched(reps=frozenset({"bram"}))),
        (_roster({**SANNE, "name": "Sanne de Vries"}, BRAM, NOOR), NOTHING),
        (_roster(SANNE, BRAM, NOOR, timezone="Europe/Lisbon"), EVERYTHING),
        (_roster(SANNE, BRAM, NOOR, currency="USD"), EVERYTHING),
        (_roster(SANNE, BRAM_MOVED, NOOR, version=0), NOTHING),
        (document("playbook", DEARER, 2, date(2026, 4, 1)), Touched(datetime(2026, 3, 31, 22, tzinfo=UTC))),
    ],
)
def test_what_a_document_touches(added: LeagueDocument, what: Touched) -> None:
    before, after = build_league(2, DOCUMENTS), build_league(3, [*DOCUMENTS, added])
    assert touched(before, after, added.effective_from) == what


def test_the_first_roster_touches_everything_and_without_one_nothing_is() -> None:
    roster, playbook = DOCUMENTS
    nobody, both = build_league(1, [playbook]), build_league(2, DOCUMENTS)
    assert touched(build_league(0, []), nobody, playbook.effective_from) == NOTHING
    assert touched(nobody, both, roster.effective_from) == EVERYTHING


def test_a_day_before_all_days_is_no_problem() -> None:
    early = document("playbook", DEARER, 2, date(1, 1, 1))
    assert touched(build_league(2, DOCUMENTS), build_league(3, [*DOCUMENTS, early]), early.effective_from).since


def test_only_touched_subjects_are_computed_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _scorer(engine)
    _put(scorer, DOCUMENTS)
    march = [*WON, call("sanne", "03-05 10"), call("bram", "03-05 10", rep="bram")]
    scorer.score([*march, call("april", "04-05 10"), deal("d2", "04-05 10", "D-2", stage="won", owner="bram")])
    seen: list[str] = []
    real = Transaction.histories

    def watched(self: Transaction, partition: int, subjects: Sequence[str]) -> Any:
        seen.extend(subjects)
        return real(self, partition, subjects)

    monkeypatch.setattr(Transaction, "histories", watched)
    _put(scorer, [document("playbook", DEARER, 2, date(2026, 4, 1))])
    assert sorted(seen) == ["activity:crm:april", "deal:D-2"]
    seen.clear()
    _put(scorer, [_roster(SANNE, BRAM_MOVED, NOOR)])
    assert sorted(seen) == ["activity:crm:bram", "deal:D-2"]
    assert _unsettled(engine) == []


def test_a_deal_is_touched_by_its_former_owner_and_by_who_called_about_it(engine: Engine) -> None:
    scorer = _scorer(engine)
    _put(scorer, DOCUMENTS)
    about = DealChange("D-9", {"owner": "sanne", "stage": "demo"})
    both = Activity("tel:1", "tel", "call", at("03-05 10"), "bram", 1, about, {"duration_s": 90})
    scorer.score([*WON, deal("move", "03-09 09", owner="bram"), deal("back", "03-10 09", owner="sanne"), both])
    _put(scorer, [_roster(SANNE, BRAM_MOVED, NOOR)])
    assert _unsettled(engine) == []


def test_two_documents_at_once_touch_what_either_touches(engine: Engine) -> None:
    scorer = _scorer(engine)
    _put(scorer, DOCUMENTS)
    scorer.score([*WON, call("early", "02-01 10", rep="bram"), call("late", "05-01 10")])
    scorer.put_document(document("playbook", DEARER, 2, date(2026, 4, 1)))
    scorer.restate_some()
    _put(scorer, [_roster(SANNE, BRAM_MOVED, NOOR)])
    assert _unsettled(engine) == []


def test_live_activities_are_scored_while_restating(engine: Engine) -> None:
    scorer, other = _scorer(engine), _scorer(engine)
    _put(scorer, DOCUMENTS)
    scorer.score([call(f"c{n}", "05-01 10") for n in range(300)])
    scorer.put_document(document("playbook", DEARER, 2))
    for n in range(40):
        other.score([call(f"l{n}", "05-02 10"), deal(f"w{n}", "05-02 10", f"D-{n}", stage="won", owner="bram")])
        scorer.restate_some()
    while scorer.restate_some():
        pass
    assert _unsettled(engine) == []
    assert Reader(engine).gaps() == {}


def test_a_document_that_comes_while_a_part_is_computed_again_is_not_forgotten(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer, other = _scorer(engine), _scorer(engine)
    _put(scorer, DOCUMENTS)
    scorer.score([call(f"c{n}", "05-01 10") for n in range(50)])
    scorer.put_document(_roster(SANNE, BRAM, NOOR, timezone="Europe/Lisbon"))
    real = Transaction.mark_restated
    arrived: list[threading.Thread] = []

    def meanwhile(self: Transaction, partition: int, subject: str | None) -> None:
        if not arrived:  # the partition was computed with the old playbook: now comes the new one
            newer = document("playbook", DEARER, 2)
            arrived.append(threading.Thread(target=other.put_document, args=[newer]))
            arrived[0].start()
            arrived[0].join(0.5)  # it may wait for this transaction, and should
        real(self, partition, subject)

    monkeypatch.setattr(Transaction, "mark_restated", meanwhile)
    while scorer.restate_some():
        pass
    arrived[0].join(30)
    assert not arrived[0].is_alive()
    while scorer.restate_some():
        pass
    assert _unsettled(engine) == []


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("step", ["lock", "restatement", "subjects_after", "standing", "append", "mark_restated"])
def test_a_crash_while_restating_changes_no_result(engine: Engine, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _scorer(engine)
    _put(scorer, DOCUMENTS)
    scorer.score([*WON, *[call(f"c{n}", "05-01 10", rep=("sanne", "bram")[n % 2]) for n in range(9)]])
    scorer.put_document(document("playbook", DEARER, 2))
    real = getattr(Transaction, step)

    def dies(*given: Any, **named: Any) -> Any:
        real(*given, **named)
        raise Crash

    monkeypatch.setattr(Transaction, step, dies)
    with pytest.raises(Crash):
        while scorer.restate_some():
            pass
    monkeypatch.undo()
    heir = _scorer(engine)
    while heir.restate_some():
        pass
    assert _unsettled(engine) == []
    assert Reader(engine).gaps() == {}


def test_a_crash_while_a_document_is_kept_keeps_nothing_of_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _scorer(engine)
    _put(scorer, DOCUMENTS)
    scorer.score([call("c", "05-01 10")])

    def dies(*_: Any) -> None:
        raise Crash

    monkeypatch.setattr(Transaction, "restate", dies)
    with pytest.raises(Crash):
        scorer.put_document(document("playbook", DEARER, 2))
    monkeypatch.undo()
    assert len(Reader(engine).documents()) == 2
    _put(_scorer(engine), [document("playbook", DEARER, 2)])
    assert _unsettled(engine) == []
    assert [line.amount for line in Reader(engine).subject("activity:crm:c")[1]] == [5, 2]
