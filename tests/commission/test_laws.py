"""Laws of pay: what adds up, what never depends on order, what a reversal restores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.commission.domain.curves import evaluate
from services.commission.domain.ledger import cut, sums, take
from services.commission.domain.payroll import control_totals
from services.commission.domain.statements import Statement
from services.commission.handlers import Leagues, payouts_of
from services.commission.store import Books
from shared import periods
from shared.contracts.credit import Credit
from shared.contracts.plan import Curve, Limit, Point, Tier
from tests.commission.lines import NOW, by_partition, line
from tests.commission.office import LINEAR, Office, component, document, plan, playbook_body, roster_body, targets

ratios = st.fractions(0, 5, max_denominator=60)
rates = st.fractions(0, 4, max_denominator=20)
euros = st.integers(0, 10**9).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
instants = st.datetimes(datetime(2026, 10, 30), datetime(2026, 12, 3), timezones=st.just(UTC))


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    starts = sorted(draw(st.sets(st.fractions(Fraction(1, 60), 4, max_denominator=60), max_size=5)))
    return tuple(Tier(start, draw(rates)) for start in (Fraction(0), *starts))


@st.composite
def rising_points(draw: st.DrawFn) -> tuple[Point, ...]:
    at = sorted(draw(st.sets(st.fractions(Fraction(1, 60), 4, max_denominator=60), min_size=1, max_size=4)))
    pays = sorted(draw(st.lists(ratios, min_size=len(at) + 1, max_size=len(at) + 1)))
    return tuple(Point(a, p) for a, p in zip((Fraction(0), *at), pays, strict=True))


caps = st.none() | st.builds(
    Limit, st.fractions(Fraction(1, 10), 6, max_denominator=20), money=st.sampled_from([False])
)
marginal_curves = st.builds(Curve, st.just("marginal"), st.just("attainment"), caps, tiers())
interpolated_curves = st.builds(
    Curve,
    st.just("interpolated"),
    st.just("attainment"),
    caps,
    st.just(()),
    rising_points(),
    st.sampled_from(["flat", "slope"]),
)
continuous_curves = st.one_of(
    marginal_curves, interpolated_curves, st.builds(Curve, st.just("linear"), st.just("attainment"), caps)
)
whole_curves = st.builds(Curve, st.just("whole"), st.just("attainment"), caps, tiers())


def pays(curve: Curve, at: Fraction) -> Fraction:
    return evaluate(curve, at, most(curve)).pays


def most(curve: Curve) -> Fraction | None:
    return curve.cap.value if curve.cap else None


@given(continuous_curves, ratios, ratios)
def test_a_continuous_curve_never_pays_less_for_more(curve: Curve, a: Fraction, b: Fraction) -> None:
    assert pays(curve, min(a, b)) <= pays(curve, max(a, b))


@given(continuous_curves, ratios)
def test_a_continuous_curve_never_jumps(curve: Curve, at: Fraction) -> None:
    step = Fraction(1, 10**9)
    steepest = max([Fraction(1), *(t.rate for t in curve.tiers), *(_slope(a, b) for a, b in pairwise(curve.points))])
    assert pays(curve, at + step) - pays(curve, at) <= steepest * step


@given(tiers(), ratios)
def test_marginal_slices_cover_the_result_once(bands: tuple[Tier, ...], result: Fraction) -> None:
    payoff = evaluate(Curve("marginal", "attainment", None, bands), result, None)
    assert sum(part.width for part in payoff.slices) == result
    assert result == 0 or all(part.width > 0 for part in payoff.slices)
    assert sum(part.width * part.rate for part in payoff.slices) == payoff.pays


@given(whole_curves, ratios)
def test_whole_tiers_pay_one_rate_on_everything(curve: Curve, result: Fraction) -> None:
    [only] = evaluate(curve, result, None).slices
    assert only.pays == result * only.rate
    assert only.start <= result
    assert only.end is None or result < only.end


@given(st.one_of(continuous_curves, whole_curves), ratios)
def test_a_cap_is_never_passed_and_loses_nothing_below_it(curve: Curve, result: Fraction) -> None:
    payoff, cap = evaluate(curve, result, most(curve)), most(curve)
    assert payoff.pays == (payoff.uncapped if cap is None else min(payoff.uncapped, cap))
    assert payoff.capped == (payoff.pays != payoff.uncapped)


@given(st.one_of(continuous_curves, whole_curves), st.fractions(-5, 0))
def test_what_is_below_zero_counts_as_zero(curve: Curve, result: Fraction) -> None:
    assert pays(curve, result) == pays(curve, Fraction(0))


@given(st.integers(1, 8), euros, euros)
def test_equal_weights_pay_what_one_component_pays(parts: int, own: str, target: str) -> None:
    wanted = targets(sanne=target)
    one = Office([plan(component())], wanted, {"revenue": own}).statement()
    split = [component(f"c{i}", weight=f"1/{parts}") for i in range(parts)]
    many = Office([plan(*split)], wanted, {"revenue": own}).statement()
    assert sum(line.unrounded for line in many.lines) == sum(line.unrounded for line in one.lines)
    assert abs(many.totals["EUR"] - one.totals["EUR"]) <= parts // 2 + 1


@st.composite
def careers(draw: st.DrawFn) -> list[dict[str, Any]]:
    days = sorted(draw(st.sets(st.integers(0, 45), min_size=2, max_size=6)))
    dates = [(date(2026, 10, 24) + timedelta(days=n)).isoformat() for n in days]
    return [
        {
            "team": draw(st.sampled_from(["noord", "zuid"])),
            "from": first,
            "to": last,
            "fte": draw(st.sampled_from(["1", "0.5"])),
        }
        for first, last in pairwise(dates)
    ]


@given(careers(), euros)
def test_the_segments_of_a_transfer_add_up_to_the_whole(career: Sequence[dict[str, Any]], result: str) -> None:
    """With the same attainment of both teams a transfer changes nothing: shares add up to the days in any team."""
    team = component("team", "team", weight="1")
    both = {("noord", "revenue"): result, ("zuid", "revenue"): result}
    office = Office([plan(team)], targets(noord="50000", zuid="50000"), teams=both, memberships=career)
    lines = office.statement().lines
    in_any = sum(date(2026, 11, 1) + timedelta(days=n) in _days(career) for n in range(30))
    assert sum(line.unrounded for line in lines) == 1000 * Fraction(in_any, 30) * Fraction(result) / 50000


def _days(career: Sequence[dict[str, Any]]) -> set[date]:
    first, last = date.fromisoformat(career[0]["from"]), date.fromisoformat(career[-1]["to"])
    return {first + timedelta(days=n) for n in range((last - first).days)}


def _slope(a: Point, b: Point) -> Fraction:
    return (b.pays - a.pays) / (b.at - a.at)


@given(instants, st.integers(0, 10**13), st.lists(instants, max_size=20))
def test_a_stretch_is_cut_into_days_and_edges_that_hold_each_moment_once(
    start: datetime, length: int, moments: Sequence[datetime]
) -> None:
    end = start + timedelta(microseconds=length)
    parts = cut(start, end)
    for at in (*moments, start, end - timedelta(microseconds=1), end):
        in_days = parts.first <= at.date() < parts.last
        in_edges = [a <= at < b for a, b in parts.edges]
        assert in_days + sum(in_edges) == (start <= at < end)


REPS = {"sanne": "noord", "bram": "noord", "noa": "zuid"}
ROSTER = roster_body(
    more=[
        {"id": rep, "name": rep.title(), "memberships": [{"team": team, "from": "2026-01-01"}]}
        for rep, team in REPS.items()
        if rep != "sanne"
    ]
)
HALF: dict[str, Any] = {"weight": "0.5", "curve": LINEAR}
DOCUMENTS = [
    document("roster", ROSTER),
    document("playbook", playbook_body()),
    document("targets", {"targets": targets(sanne="10000", noord="20000", zuid="5000")}),
    document("plans", {"plans": [plan(component("own", **HALF), component("team", "team", **HALF))]}),
]
events = st.tuples(st.integers(0, 2), st.sampled_from(sorted(REPS)), st.integers(-(10**6), 10**7), instants)


def ledger(history: Sequence[tuple[int, str, int, datetime]]) -> list[Credit]:
    """Number the lines of each partition 1, 2, 3 …"""
    found: dict[int, list[Credit]] = {}
    for partition, rep, amount, at in history:
        lines = found.setdefault(partition, [])
        lines.append(line(len(lines) + 1, amount, partition=partition, rep=rep, team=REPS[rep], at=at))
    return [each for lines in found.values() for each in lines]


def paid(batches: Sequence[Sequence[Any]]) -> tuple[Statement, ...]:
    """Send batches of lines and documents to empty books and return November's statements."""
    with TemporaryDirectory() as folder:
        books = Books.open(f"sqlite:///{Path(folder) / 'commission.db'}")
        books.migrate()
        for batch in batches:
            books.keep([each for each in batch if not isinstance(each, Credit)], NOW)
            books.apply(by_partition(each for each in batch if isinstance(each, Credit)), NOW)
        with books.page() as page:
            assert list(page.disagreements()) == []
            found = payouts_of(page, Leagues().of(page, page.marks()), periods.parse("2026-11"))
        books.close()
        return found.statements


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Credit], list[list[Any]]]:
    """A ledger, and one way in which it and the documents may arrive: interleaved, in batches, again and again."""
    lines = ledger(draw(st.lists(events, max_size=12)))
    queues: list[list[Any]] = [[each for each in lines if each.partition == p] for p in range(3)]
    queues.append(draw(st.permutations(DOCUMENTS)))
    order = draw(st.permutations([n for n, queue in enumerate(queues) for _ in queue]))
    arrived: list[Any] = []
    for n in order:
        arrived.append(queues[n][sum(each in queues[n] for each in arrived)])
    for again in draw(st.lists(st.sampled_from(arrived), max_size=5)):
        arrived.insert(draw(st.integers(arrived.index(again), len(arrived))), again)
    marks = sorted(draw(st.lists(st.integers(0, len(arrived)), max_size=4)))
    return lines, [arrived[a:b] for a, b in pairwise([0, *marks, len(arrived)])]


@settings(max_examples=40, deadline=None)
@given(deliveries())
def test_statements_do_not_depend_on_how_credits_and_documents_arrive(
    case: tuple[list[Credit], list[list[Any]]],
) -> None:
    lines, batches = case
    assert paid(batches) == paid([[*DOCUMENTS, *lines]])


@settings(max_examples=20, deadline=None)
@given(st.lists(events, max_size=8))
def test_reversing_every_line_restores_zero(history: list[tuple[int, str, int, datetime]]) -> None:
    taken_back = [(partition, rep, -amount, at) for partition, rep, amount, at in history]
    assert [each.totals for each in paid([[*DOCUMENTS, *ledger([*history, *taken_back])]])] == [{"EUR": 0}] * 3


@settings(max_examples=20, deadline=None)
@given(st.lists(events, max_size=8))
def test_control_totals_are_the_sums_of_the_lines(history: list[tuple[int, str, int, datetime]]) -> None:
    statements = paid([[*DOCUMENTS, *ledger(history)]])
    [total] = control_totals(statements)
    assert total.sum == sum(each.amount for one in statements for each in one.lines)
    assert (total.payees, total.paid) == (3, sum(one.totals["EUR"] > 0 for one in statements))


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(0, 4))
def test_whatever_arrives_the_lines_taken_follow_one_another(numbers: list[int], seen: int) -> None:
    """A reader that waits takes each line at most once and in order; it never raises before the first is taken."""
    arriving = [line(n) for n in dict.fromkeys(numbers) if n <= seen] + [line(n) for n in range(seen + 1, 10)]
    taken = take(seen, arriving, waiting=True)
    assert [each.seq for each in taken.lines] == list(range(seen + 1, 10))


@given(st.lists(events, max_size=20))
def test_sums_lose_nothing(history: list[tuple[int, str, int, datetime]]) -> None:
    assert sum(sums(ledger(history)).values()) == sum(amount for _, _, amount, _ in history)
