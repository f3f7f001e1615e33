"""The laws: neither order nor repetition nor the cut of the batches changes a board, and a rebuilt one is identical."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from redis import Redis

from services.leaderboard.domain.agreement import between_periods, parts_of, scopes, within_period
from services.leaderboard.domain.boards import Board
from services.leaderboard.store import Applied, Standings, keys
from shared import periods
from shared.contracts.credit import Credit
from tests.leaderboard.sample import AT, NOW, REPS, apply, content, league, line, put, target

# with a server behind every step, making a failing case smaller takes minutes: it is shown as it was found
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target)
LAW = settings(
    max_examples=25, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
METRICS = ("revenue", "deals", "points")
PERIODS = ("2093-11-24", "2093-11-23", "2093-W48", "2093-W47", "2093-11", "2093-10", "2093-Q4", "2093")
TEAM_NAMES = ("noord", "zuid")

facts = st.tuples(
    st.integers(0, 2),
    st.sampled_from(("anna", "daan", "eva")),
    st.sampled_from(TEAM_NAMES),
    st.sampled_from(METRICS),
    st.integers(-3, 5),
    st.sampled_from((0, 1, 8, 40)),
    st.sampled_from(("won", "call~mentor")),
)


@st.composite
def ledgers(draw: st.DrawFn) -> dict[int, list[Credit]]:
    """Draw ledger lines, numbered 1, 2, 3 … in each partition."""
    numbers: Counter[int] = Counter()
    ledger: dict[int, list[Credit]] = {}
    for partition, rep, team, metric, amount, days, rule in draw(st.lists(facts, max_size=20)):
        numbers[partition] += 1
        subject = f"rhythm:{rep}" if metric == "points" and days else f"deal-{partition}-{days}"
        more = {"team": team, "metric": metric, "at": AT - timedelta(days=days), "subject": subject, "rule": rule}
        ledger.setdefault(partition, []).append(line(numbers[partition], rep, amount, partition=partition, **more))
    return ledger


@st.composite
def deliveries(draw: st.DrawFn, ledger: dict[int, list[Credit]]) -> list[Sequence[Credit]]:
    """Draw a way of at-least-once delivery: any cut, with repetitions, the partitions interleaved in any way."""
    parcels: list[Sequence[Credit]] = []
    left = dict.fromkeys(ledger, 0)
    while left:
        partition = draw(st.sampled_from(sorted(left)))
        lines, done = ledger[partition], left[partition]
        start, end = draw(st.integers(0, done)), draw(st.integers(done + 1, len(lines)))
        parcels.append(lines[start:end])
        left[partition] = end
        if end == len(lines):
            del left[partition]
    return parcels


@st.composite
def delivered(draw: st.DrawFn) -> tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]]:
    """Draw a ledger and two ways of delivering it."""
    ledger = draw(ledgers())
    return ledger, draw(deliveries(ledger)), draw(deliveries(ledger))


def begin(standings: Standings, url: str) -> None:
    with Redis.from_url(url) as client:
        client.flushdb()
    put(standings, league(target("1", rep="anna"), target("2", rep="daan"), target("7", team="noord")))


def deliver(standings: Standings, parcels: Sequence[Sequence[Credit]]) -> None:
    for parcel in parcels:
        apply(standings, parcel)


def standing(standings: Standings, url: str) -> dict[str, object]:
    """Return what the standings say: all totals and marks, and the boards as they are read (their version apart)."""
    kept = (keys.TOTALS, keys.SEEN, keys.GOAL, keys.WINS, keys.BOARDS, keys.DAYS, keys.ENTRIES, keys.MOMENTS)
    found = {key: value for key, value in content(url).items() if key.startswith(kept)}
    boards = [Board("revenue", name, scope, by) for name in PERIODS[2:] for scope in ("teams", "reps", "team:noord")
              for by in ("total", "per_fte", "attainment")]  # fmt: skip
    return found | {f"{board}": standings.board(board).rows for board in boards} | {"wins": standings.latest_wins()}


def test_neither_the_cut_nor_repetition_nor_interleaving_changes_anything(
    standings: Standings, fresh_redis_url: str
) -> None:
    @LAW
    @given(delivered())
    def law(case: tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]]) -> None:
        _, one_way, another_way = case
        begin(standings, fresh_redis_url)
        deliver(standings, one_way)
        first = standing(standings, fresh_redis_url)
        begin(standings, fresh_redis_url)
        deliver(standings, another_way)
        assert standing(standings, fresh_redis_url) == first

    law()


def test_the_boards_are_the_sums_of_the_ledger(standings: Standings, fresh_redis_url: str) -> None:
    @LAW
    @given(delivered())
    def law(case: tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]]) -> None:
        ledger, one_way, _ = case
        begin(standings, fresh_redis_url)
        for metric, name in ((metric, name) for metric in METRICS for name in PERIODS):
            standings.board(Board(metric, name, "reps"))  # looked at from the start: kept up to date by each step
        deliver(standings, one_way)
        for metric, name in ((metric, name) for metric in METRICS for name in PERIODS):
            period, expected = periods.parse(name), dict.fromkeys((rep["id"] for rep in REPS), 0)
            for each in (each for lines in ledger.values() for each in lines):
                if each.metric == metric and period.first <= each.at.date() < period.last:
                    expected[each.rep] += each.amount
            read = {row.id: row.amount for row in standings.board(Board(metric, name, "reps")).rows}
            assert read == expected
            if period.kind == "day":
                of_rep = dict.fromkeys(expected, 0)
                for entry in standings.entries(metric, [period.first])[0]:
                    of_rep[entry.rep] += entry.amount
                assert of_rep == expected

    law()


def test_team_totals_are_the_sums_of_their_reps_and_periods_of_their_parts(
    standings: Standings, fresh_redis_url: str
) -> None:
    @LAW
    @given(delivered())
    def law(case: tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]]) -> None:
        begin(standings, fresh_redis_url)
        deliver(standings, case[1])
        for metric, name in ((metric, name) for metric in METRICS for name in PERIODS):
            boards = scopes(metric, name, TEAM_NAMES)
            totals = {board.scope: found for board, found in zip(boards, standings.totals(boards), strict=True)}
            assert list(within_period(totals)) == []
            parts = parts_of(periods.parse(name), standings.documents().zone, NOW)
            added = standings.totals([Board(metric, part.id) for part in parts])
            assert not parts or list(between_periods(totals["teams"], added)) == []

    law()


def test_a_rebuilt_board_equals_the_one_that_grew(standings: Standings, fresh_redis_url: str) -> None:
    @LAW
    @given(delivered(), st.booleans(), st.data())
    def law(
        case: tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]],
        emptied: bool,
        data: st.DataObject,
    ) -> None:
        ledger, grown_by, republished = case
        begin(standings, fresh_redis_url)
        deliver(standings, grown_by)
        grown = standing(standings, fresh_redis_url)
        begin(standings, fresh_redis_url) if emptied else standings.wipe(NOW)
        for lines in (lines for lines in ledger.values() if len(lines) > 1):
            still_on_its_way = lines[data.draw(st.integers(1, len(lines) - 1)) :]
            assert apply(standings, still_on_its_way) == [Applied.EMPTY]
        deliver(standings, republished)
        assert standing(standings, fresh_redis_url) == grown

    law()


def test_the_generated_deliveries_do_repeat_cut_and_interleave() -> None:
    seen: set[str] = set()

    @settings(max_examples=200, database=None)
    @given(delivered())
    def look(case: tuple[dict[int, list[Credit]], list[Sequence[Credit]], list[Sequence[Credit]]]) -> None:
        _, parcels, _ = case
        ids = [each.id for parcel in parcels for each in parcel]
        filled = [parcel[0].partition for parcel in parcels if parcel]
        seen.update(
            name
            for name, found in {
                "repeated": len(ids) != len(set(ids)),
                "cut": len(filled) > len(set(filled)),
                "interleaved": len([key for key, _ in groupby(filled)]) > len(set(filled)),
            }.items()
            if found
        )

    look()
    assert seen == {"repeated", "cut", "interleaved"}
