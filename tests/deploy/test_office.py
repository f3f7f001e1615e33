"""The example office: documents that the front door takes on any day, and sellers that follow from them."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest

from deploy import office
from shared import periods
from shared.contracts.contests import Contest
from shared.contracts.league import KINDS
from shared.contracts.plans import parse_plans
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import Roster, parse_roster
from shared.contracts.targets import Targets, parse_targets

TODAY = date(2026, 11, 24)
DAYS = [TODAY, date(2027, 1, 1), date(2028, 2, 29), date(2031, 12, 31)]
PARSERS = {"roster": parse_roster, "playbook": parse_playbook, "targets": parse_targets, "plans": parse_plans}


@cache
def roster(day: date = TODAY) -> Roster:
    return parse_roster(office.documents(day, day)["roster"])


@cache
def targets(day: date = TODAY) -> Targets:
    return parse_targets(office.documents(day, day)["targets"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_itself_is_a_valid_document(kind: str) -> None:
    PARSERS[kind](office._read(kind), strict=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", DAYS)
def test_the_document_is_valid_whenever_it_is_loaded(kind: str, day: date) -> None:
    PARSERS[kind](office.documents(day, day)[kind], strict=True)


def test_documents_are_the_same_when_loaded_again_the_same_month() -> None:
    assert office.documents(TODAY, TODAY) == office.documents(TODAY, TODAY.replace(day=2))


def test_teams_are_of_unequal_size() -> None:
    sizes = {team: len(list(roster().members(team, TODAY))) for team in roster().teams}
    assert sizes == {"groningen": 3, "utrecht": 7, "eindhoven": 5, "rotterdam": 5}


def test_the_office_has_part_timers_a_newcomer_with_a_mentor_and_a_transfer() -> None:
    reps = roster().reps.values()
    assert {member.fte for rep in reps for member in rep.memberships} == {Decimal(1), Decimal("0.8"), Decimal("0.6")}
    newcomers = [rep for rep in reps if rep.memberships[0].start >= date(2026, 10, 1)]
    assert [rep.id for rep in newcomers if rep.mentors] == ["noor"]
    assert [rep.id for rep in reps if len({member.team for member in rep.memberships}) > 1] == ["zoe"]


@pytest.mark.parametrize("day", DAYS)
def test_the_newcomer_came_and_the_transfer_was_last_month_whenever_it_is_first_started(day: date) -> None:
    last_month = periods.of_day(day, "month").previous()
    reps = roster(day).reps
    assert periods.of_day(reps["noor"].memberships[0].start, "month") == last_month
    assert periods.of_day(reps["zoe"].memberships[1].start, "month") == last_month


def test_only_some_reps_are_shown_by_name_on_the_tv() -> None:
    shown = [rep.on_tv for rep in roster().reps.values()]
    assert any(shown)
    assert not all(shown)


def test_the_organisation_says_that_it_is_made_up() -> None:
    assert "voorbeeldgegevens / sample data" in roster().organisation.name


def test_nobody_can_be_reached_at_the_addresses() -> None:
    addresses = [identity for rep in roster().reps.values() for identity in rep.identities]
    assert addresses
    assert all(address.endswith(".example") for address in addresses)


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_everybody_has_a_target_for_the_present(day: date, kind: str) -> None:
    period = periods.of_day(day, kind)
    assert all(targets(day).of_rep(rep, "revenue", period) for rep in roster(day).reps)


@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_a_teams_target_is_the_sum_of_its_members(kind: str) -> None:
    period = periods.of_day(TODAY, kind)
    for team in roster().teams:
        members = [targets().of_rep(rep.id, "revenue", period) or 0 for rep, _ in roster().members(team, TODAY)]
        assert targets().of_team(team, "revenue", period) == sum(members)


def contests(today: date, anchor: date = TODAY) -> list[Contest]:
    return list(parse_playbook(office.documents(anchor, today)["playbook"], strict=True).contests)


@pytest.mark.parametrize("day", DAYS)
def test_each_month_has_a_theme_week_and_a_power_hour_on_a_friday(day: date) -> None:
    week, hour = contests(day, day)[-2:]
    zone = roster(day).zone
    assert (week.id, hour.id) == (f"themaweek-{day:%Y-%m}", f"power-hour-{day:%Y-%m}")
    begins, ends = week.start.astimezone(zone), week.end.astimezone(zone)
    assert (begins.month, begins.isoweekday(), begins.hour, ends.isoweekday()) == (day.month, 1, 0, 6)
    assert hour.end - hour.start == timedelta(hours=1)
    assert (hour.start.astimezone(zone).isoweekday(), hour.start.astimezone(zone).hour) == (5, 14)


def test_a_contest_that_was_stays_as_it_was_when_the_office_is_started_again_later() -> None:
    before, after = contests(TODAY), contests(date(2027, 3, 1))
    assert after[: len(before)] == before
    assert len(after) == len(before) + 2 * 4


def test_every_seller_is_paid_by_exactly_one_plan() -> None:
    plans = parse_plans(office.documents(TODAY, TODAY)["plans"])
    teams = {rep.id: roster().team_of(rep.id, periods.midnight(TODAY, roster().zone)) for rep in roster().reps.values()}
    assert all(team is not None and plans.of(rep, team) for rep, team in teams.items())


def test_sellers_follow_from_the_roster() -> None:
    sellers = office.office(office.documents(TODAY, TODAY)["roster"], TODAY, 1).sellers
    assert len(sellers) == 20
    assert len({seller.reference for seller in sellers}) == 20
    assert {seller.id for seller in sellers if seller.fte < 1} == {"wiebe", "joost", "lotte", "meilin", "eline"}


def test_a_newcomer_learns_over_three_months() -> None:
    noor = next(s for s in office.office(office.documents(TODAY, TODAY)["roster"], TODAY, 1).sellers if s.id == "noor")
    assert noor.learned(date(2026, 10, 1)) == 0.5
    assert 0.5 < noor.learned(TODAY) < 1
    assert noor.learned(date(2027, 3, 1)) == 1
