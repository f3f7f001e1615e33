"""Rates, funnels, signals, goals and suggestions: small cases with their arithmetic, and how rarely chance is told."""

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import orjson
import pytest

import services.scoring
from services.scoring.domain.insight.clock import in_day, span_of, workdays
from services.scoring.domain.insight.episodes import EVER, LOST, OPEN, WON, Spell, episodes
from services.scoring.domain.insight.goals import goal, goal_of
from services.scoring.domain.insight.known import Sums
from services.scoring.domain.insight.mentors import mentors
from services.scoring.domain.insight.people import Flow, mix, past, stuck
from services.scoring.domain.insight.rates import interval, lasting, lower, rate
from services.scoring.domain.insight.shapes import SET, SPREAD, SUMMED, Clock
from services.scoring.domain.insight.signals import (
    BEHIND,
    BEST,
    DOWN,
    KINDS,
    QUIET,
    WORK_DOWN,
    Seen,
    signals,
)
from services.scoring.domain.insight.stages import Cohort, Passage, cohorts, funnel, passages
from services.scoring.domain.insight.suggestion import Room, Was, suggest
from shared import periods
from tests.scoring.office import LEAGUE

LOCALE = Path(services.scoring.__file__).parent / "locale"
LEAD, DEMO = ("new", "lead"), ("new", "demo")
ORDER = {LEAD: 0, DEMO: 1}
WORK = workdays(2025, 2027, frozenset({date(2026, 12, 25)}))


def test_an_interval_is_that_of_wilson() -> None:
    low, high = interval(7, 39)
    assert (round(low, 4), round(high, 4)) == (0.0898, 0.3267)
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(0, 10)[0] == 0.0


def test_three_deals_are_no_rate_and_no_alarm() -> None:
    assert rate(0, 3).rate is None
    assert not lower(rate(0, 3), rate(90, 100))


def test_a_time_that_is_not_over_counts_as_at_least_so_long() -> None:
    assert lasting(dict.fromkeys([(1, True), (2, True), (3, True), (4, True)], 1)) == 2
    assert lasting({(1, True): 1, (9, False): 3}) is None
    assert lasting(dict.fromkeys([(1, True), (2, False), (3, True), (4, True)], 1)) == 3  # 3/4, then 3/4 * 1/2
    assert lasting({(1, True): 2, (2, False): 2, (3, True): 4}) == 3


def spell(deal: str, since: int, until: int, stage: tuple[str, str], *, status: str = OPEN, begun: int = 0) -> Spell:
    return Spell(deal, begun or since, since, until, status, "sanne", stage, None)


def test_deals_go_further_or_are_gone_or_are_still_there() -> None:
    rows = [
        *(spell("a", 10, 12, LEAD), spell("a", 12, 20, DEMO), spell("a", 20, EVER, DEMO, status=WON, begun=12)),
        *(spell("b", 10, 15, LEAD), spell("b", 15, EVER, LEAD, status=LOST, begun=10)),
        *(spell("c", 10, 12, DEMO), spell("c", 12, EVER, LEAD)),
        spell("d", 10, 14, LEAD),  # went to another team
    ]
    found = {(one.deal, one.stage): (one.fate, one.time[0]) for one in passages(episodes(rows), ORDER, today=30)}
    assert found == {
        ("a", LEAD): ("further", 2),
        ("a", DEMO): ("further", 8),
        ("b", LEAD): ("gone", 5),
        ("c", DEMO): ("gone", 2),
        ("c", LEAD): ("there", 18),
    }


def test_a_deal_that_is_opened_again_is_another_episode() -> None:
    rows = [
        spell("a", 10, 12, LEAD),
        spell("a", 12, 20, LEAD, status=LOST, begun=10),
        spell("a", 20, 25, LEAD, begun=10),
        spell("a", 25, EVER, LEAD, status=WON, begun=10),
    ]
    assert [(each.begin, each.end, each.outcome) for each in episodes(rows)] == [(10, 12, LOST), (20, 25, WON)]


def passed(rep: str, stage: tuple[str, str], further: int, gone: int, days: int = 5) -> list[Passage]:
    fates = ["further"] * further + ["gone"] * gone
    return [Passage(stage, f"{rep}{n}", rep, 100, (days, True), fate) for n, fate in enumerate(fates)]


def test_a_funnel_stands_beside_its_baseline_and_says_where_deals_stick() -> None:
    now = cohorts([*passed("a", LEAD, 20, 5), *passed("a", DEMO, 4, 16, days=30)])
    base = cohorts([*passed("a", LEAD, 40, 10), *passed("a", DEMO, 60, 40, days=9)])
    lead, demo = funnel(now, base, list(ORDER))
    assert (lead.entered, lead.moved.rate, lead.baseline.rate, lead.sticks) == (25, 0.8, 0.8, False)
    assert (demo.median_days, demo.baseline_days, demo.sticks) == (30, 9, True)


def seen(**said: object) -> Seen:
    usual: dict[str, object] = {
        "rep": "sanne",
        "period": "2026-11",
        "today": date(2026, 11, 24),
        **{name: {} for name in ("now", "own", "team", "work")},
        "still": rate(0, 0),
        "still_team": rate(0, 0),
        "active": 40,
        "silent": 0,
        "amount": 0,
        "past": [],
        "part": 0.7,
        **dict.fromkeys(("since", "window"), date(2026, 11, 1)),
    }
    return Seen(**{**usual, **said})  # type: ignore[arg-type]  # each test says what it is about


def kinds(**said: object) -> list[str]:
    return [each.kind for each in signals(seen(**said))]


def test_a_signal_names_its_evidence() -> None:
    mine, before = cohorts(passed("sanne", DEMO, 7, 32)), cohorts(passed("sanne", DEMO, 60, 60))
    (found,) = signals(seen(now=mine, own=before))
    evidence = found.evidence
    assert (found.kind, found.subject, found.tone) == (DOWN, "demo", "attention")
    assert (evidence.k, evidence.n, evidence.baseline_k, evidence.baseline_n, evidence.against) == (
        7,
        39,
        60,
        120,
        "own",
    )


def test_rules_find_what_they_say() -> None:
    assert kinds(work={"call": (40, 100)}) == [WORK_DOWN]
    assert kinds(work={"call": (8, 19)}) == []
    assert kinds(silent=6) == [QUIET]
    assert kinds(silent=6, active=2) == []
    assert kinds(amount=900, past=[500, 600, 700]) == [BEST]
    assert kinds(amount=100, past=[500, 600, 700, 800]) == [BEHIND]
    assert kinds(amount=100, past=[500, 600, 700, 800], part=0.1) == []


def test_who_is_like_the_rest_hardly_ever_gets_a_signal() -> None:
    """Of 2,000 people who convert half of 40 deals as everybody does, about one in a hundred is told so by chance."""
    chance = Random(7)
    team = cohorts(passed("others", DEMO, 250, 250))
    told = 0
    for _ in range(2000):
        k = sum(chance.random() < 0.5 for _ in range(40))
        told += bool(kinds(now=cohorts(passed("sanne", DEMO, k, 40 - k)), team=team))
    assert told < 40


def test_a_mark_stays_while_the_signal_is_about_the_same() -> None:
    one, two = (signals(seen(silent=days))[0].id for days in (6, 7))
    other = signals(seen(silent=6, period="2026-12"))[0].id
    assert one == two != other


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_of_signal_has_its_words_and_its_rule(language: str) -> None:
    texts = orjson.loads((LOCALE / f"{language}.json").read_bytes())
    assert not [kind for kind in KINDS if not {f"signal.{kind}", f"signal.{kind}.rule"} <= texts.keys()]


def test_a_mentor_is_strong_where_the_other_is_weak_and_has_room() -> None:
    by_rep = {
        "weak": cohorts(passed("weak", DEMO, 6, 34)),
        "strong": cohorts(passed("strong", DEMO, 30, 10)),
        "stronger": cohorts(passed("stronger", DEMO, 36, 4)),
    }
    rest = {rep: cohorts([p for other in by_rep if other != rep for p in everything(by_rep[other])]) for rep in by_rep}
    (found,) = mentors(by_rep, rest, {"stronger": ["x", "y"]})
    assert (found.rep, found.mentor, found.stage, found.guides) == ("weak", "strong", "demo", 0)
    assert mentors(by_rep, rest, {"stronger": ["x", "y"], "strong": ["weak"]}) == ()


def everything(by_stage: dict[tuple[str, str], Cohort]) -> list[Passage]:
    return [one for stage, c in by_stage.items() for one in passed("other", stage, c.further, c.gone)]


def test_a_goal_is_what_was_set_else_the_sum_of_the_months_else_a_part_of_the_longer_period() -> None:
    only = {"2026-11": 2100}
    assert wanted("2026-11", only) == (2100, SET)
    assert wanted("2026-11-24", only) == (100, SPREAD)
    assert wanted("2026-W48", only) == (500, SPREAD)
    assert wanted("2026-11-22", only) == (0, SPREAD)  # a Sunday
    assert wanted("2026-Q4", only) is None
    assert wanted("2026-W49", only) is None  # most of its days are in December, which has none
    assert wanted("2026-W49", {**only, "2026-12": 2200}) == (500, SPREAD)
    assert wanted("2026-Q4", {"2026-10": 10, "2026-11": 11, "2026-12": 12}) == (33, SUMMED)


def wanted(period: str, goals: dict[str, int]) -> tuple[int, str] | None:
    known = {name: Fraction(amount) for name, amount in goals.items()}
    found = goal_of(periods.parse(period), lambda each: known.get(each.id), WORK)
    return (int(found[0]), found[1]) if found else None


def test_pace_and_what_is_needed_a_day() -> None:
    clock = Clock("2026-11", "month", date(2026, 11, 1), date(2026, 12, 1), 21, 5, 0.8)
    found = goal(clock, "revenue", 600, (Fraction(1000), SET))
    assert (found.expected, found.pace, found.needed, found.needed_per_day) == (800, 0.75, 400, 80)
    assert goal(clock, "revenue", 1200, (Fraction(1000), SET)).needed == 0


def test_a_suggestion_is_the_median_and_the_upper_quartile_of_the_own_past() -> None:
    past_ = [Was(f"2026-{n:02d}", amount, 20, 4.0) for n, amount in enumerate((800, 1000, 1200, 1600), 1)]
    found = suggest(past_, Room("2026-05", 20, 4.0, None))
    assert (found.realistic, found.ambitious, found.trend) == (1100, 1300, None)
    assert (found.realistic_per_day, found.realistic_per_fte) == (55, 275)
    larger = suggest(past_, Room("2026-05", 10, 8.0, None))
    assert larger.realistic == 1100  # half the days, twice the people
    assert suggest(past_[:2], Room("2026-05", 20, 4.0, None)).lacking == ("history",)


def test_a_trend_leads_from_the_middle_of_the_periods_that_a_suggestion_rests_on() -> None:
    rising = [Was(f"p{n}", (100 + n) * 1000, 1, 1.0) for n in range(1, 13)]
    found = suggest(rising, Room("p13", 1, 1.0, None))
    assert found.trend == pytest.approx(4.5 / 108.5 / 2)  # half the way from the median of the last eight to the next


def test_own_periods_are_held_against_each_other_at_the_same_working_time() -> None:
    october, november = (span_of(periods.parse(each)) for each in ("2026-10", "2026-11"))
    begin = date(2026, 10, 1).toordinal()
    sums = Sums(dict.fromkeys(WORK.within(begin, november.last), 10))
    (found,) = past(sums, WORK, [october], 0.5, begin=begin)
    assert (found.at_point, found.final) == (110, 220)


def test_half_a_day_is_held_against_half_of_the_day_before() -> None:
    yesterday = span_of(periods.parse("2026-11-23"))
    sums, zone = Sums({yesterday.first: 80}), ZoneInfo("Europe/Amsterdam")
    (found,) = past(sums, WORK, [yesterday], 0.5, begin=yesterday.first)
    assert (found.at_point, found.final) == (40, 80)
    assert in_day(*WORK.point(yesterday, 0.5), zone) == datetime(2026, 11, 23, 13, 30, tzinfo=zone)
    assert in_day(*WORK.point(yesterday, 1), zone) == datetime(2026, 11, 24, tzinfo=zone)


def test_deals_that_stand_still_are_named_with_what_is_usual() -> None:
    quick = [
        row
        for n in range(20)
        for row in (spell(f"q{n}", 900, 905, LEAD), spell(f"q{n}", 905, EVER, LEAD, status=WON, begun=900))
    ]
    rows = [*quick, spell("old", 940, EVER, LEAD), spell("new", 997, EVER, LEAD)]
    done = episodes(rows)
    flow = Flow(1000, done, passages(done, ORDER, 1000))
    assert LEAGUE.roster
    (found,) = stuck(flow.open(), flow.usual, 1000, LEAGUE.roster.zone)
    assert (found.deal, found.days, found.usual_days) == ("old", 60, 5)


def test_work_is_a_mix_beside_that_of_before_and_of_the_team() -> None:
    (calls, visits) = mix({"call": 30, "visit": 10}, {"call": 10}, {"call": 50, "visit": 50})
    assert (calls.share_now, calls.share_before, calls.team_share) == (0.75, 1.0, 0.5)
    assert (visits.now, visits.before) == (10, 0)
