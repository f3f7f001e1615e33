"""The laws of the ledger, for any history: order, batches and repetition leave no trace."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from services.scoring.domain.ledger import Standing, difference
from services.scoring.domain.rules import Key, judge
from services.scoring.handlers import Scorer, build_league
from services.scoring.store import Asked, Ledger, Reader
from services.scoring.store.tables import _metadata
from shared.contracts import credit as credit_contract
from shared.contracts import wire
from shared.contracts.activity import Activity, DealChange
from shared.contracts.credit import Credit
from shared.contracts.league import LeagueDocument
from tests.scoring.office import DOCUMENTS, LEAGUE, at

EVER = Asked(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
owners = st.sampled_from(["sanne", "bram", "noor", None])
said = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from(["lead", "demo", "won", "lost", "elsewhere"]),
        "status": st.sampled_from(["open", "won", "lost", "deleted", None]),
        "owner": owners,
        "amount": st.sampled_from(["0", "0.01", "999.99", "1000", "123456.78", None]),
        "currency": st.sampled_from(["EUR", "USD", "SEK", None]),
    },
)
moments = st.integers(0, 400).map(lambda hours: at("06-25 00") + timedelta(hours=hours))


@st.composite
def facts(draw: st.DrawFn) -> list[Activity]:
    """Some deals and calls with ids of their own."""
    found = []
    for n in range(draw(st.integers(1, 25))):
        when, sequence = draw(moments), draw(st.integers(0, 2))
        if draw(st.booleans()):
            change = DealChange(draw(st.sampled_from(["D-1", "D-2", "D-3"])), draw(said))
            found.append(Activity(f"crm:{n}", "crm", "deal", when, None, n, change, sequence=sequence))
        else:
            data = {"duration_s": draw(st.integers(0, 200))}
            found.append(Activity(f"crm:{n}", "crm", "call", when, draw(owners.filter(bool)), n, None, data))
    return found


class Machine:
    """A scorer on an SQLite of its own in memory, and what it published."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
        _metadata.create_all(self.engine)
        self.published: list[Credit] = []
        self.scorer = Scorer(Ledger(self.engine), self._publish, lambda: at("12-31 00"))
        self.reader = Reader(self.engine)

    def _publish(self, records: Sequence[Any]) -> None:
        for record in records:
            self.published += wire.decode(
                "credits", record.value, partial(credit_contract.from_wire, partition=record.partition)
            )

    def put(self, document: LeagueDocument) -> None:
        self.scorer.put_document(document)

    def restate(self) -> None:
        while self.scorer.restate_some():
            pass

    def totals(self) -> Counter[tuple[Any, ...]]:
        sums: Counter[tuple[Any, ...]] = Counter()
        for line in self.reader.lines(EVER, 100_000):
            sums[line.rep, line.team, line.metric, line.at] += line.amount
        return Counter({key: total for key, total in sums.items() if total})


def _batches(history: Sequence[Activity], cuts: Sequence[int]) -> Iterator[Sequence[Activity]]:
    edges = sorted({0, len(history), *(cut % (len(history) + 1) for cut in cuts)})
    return (history[a:b] for a, b in pairwise(edges))


def _expected(history: Sequence[Activity]) -> Counter[tuple[Any, ...]]:
    subjects: dict[str, list[Activity]] = {}
    for fact in history:
        subjects.setdefault(fact.deal.id if fact.deal else fact.id, []).append(fact)
    sums: Counter[tuple[Any, ...]] = Counter()
    for group in subjects.values():
        for key, due in judge(group, LEAGUE).due.items():
            sums[key.rep, key.team, key.metric, key.at] += due.amount
    return Counter({key: total for key, total in sums.items() if total})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts(), st.randoms(), st.lists(st.integers(0, 60)), st.integers(0, 30), st.integers(0, 30))
def test_order_batches_repetition_and_late_documents_leave_no_trace(
    history: list[Activity], random: Any, cuts: list[int], roster_at: int, playbook_at: int
) -> None:
    machine, arriving = Machine(), [*history, *random.choices(history, k=len(history) // 2)]
    random.shuffle(arriving)
    for n, batch in enumerate(_batches(arriving, cuts)):
        if n == roster_at:
            machine.put(DOCUMENTS[0])
        if n == playbook_at:
            machine.put(DOCUMENTS[1])
        machine.scorer.score(batch)
        if n % 3 == 0:
            machine.scorer.restate_some()
    for document in DOCUMENTS:
        machine.put(document)
    machine.restate()
    assert machine.totals() == _expected(history)
    _numbers_have_no_gap(machine)


def _numbers_have_no_gap(machine: Machine) -> None:
    assert machine.reader.gaps() == {}
    seen: Counter[int] = Counter()
    for line in machine.published:
        seen[line.partition] += 1
        assert line.seq == seen[line.partition]
    assert sum(seen.values()) == machine.reader.progress()["lines"]


@given(facts())
def test_the_difference_settles_and_a_second_one_is_empty(history: list[Activity]) -> None:
    group = [fact for fact in history if fact.deal and fact.deal.id == "D-1"]
    verdict = judge(group, LEAGUE)
    lines = difference(verdict.due, {}, None)
    standing = {line.key: Standing(line.amount, "", 0, 1) for line in lines}
    assert difference(verdict.due, standing, None) == []
    nothing = judge([], LEAGUE)
    back = difference(nothing.due, standing, group[0] if group else None)
    sums: Counter[Key] = Counter()
    for line in [*lines, *back]:
        sums[line.key] += line.amount
        assert line.reason
        assert line.activity or not group
    assert not any(sums.values())


@given(facts())
def test_team_totals_are_the_sums_of_their_members(history: list[Activity]) -> None:
    machine = Machine()
    for document in DOCUMENTS:
        machine.put(document)
    machine.scorer.score(history)
    for metric, total in machine.reader.sums(EVER).items():
        asked = Asked(EVER.start, EVER.end, metric=metric)
        teams, reps = machine.reader.totals(asked, "team"), machine.reader.totals(asked, "rep")
        assert sum(teams.values()) == sum(reps.values()) == total


def test_reversing_everything_returns_to_zero() -> None:
    machine = Machine()
    for document in DOCUMENTS:
        machine.put(document)
    won = {"stage": "won", "owner": "sanne", "amount": "10", "currency": "EUR"}
    machine.scorer.score([Activity("a", "crm", "deal", at("03-01 09"), None, 1, DealChange("D", won))])
    assert machine.totals()
    gone = DealChange("D", {"status": "deleted"})
    machine.scorer.score([Activity("b", "crm", "deal", at("03-02 09"), None, 2, gone)])
    assert not machine.totals()


def test_a_league_of_other_versions_is_built_from_the_latest_roster() -> None:
    older = DOCUMENTS[0]
    assert build_league(2, [older, LeagueDocument("roster", 7, *_rest(older))]).roster_version == 7


def _rest(document: LeagueDocument) -> tuple[Any, ...]:
    return (document.effective_from, document.author, document.recorded_at, document.body)
