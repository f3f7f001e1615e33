"""Sample days: the same ones every time, and such as an office could have had."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from statistics import median

import orjson
import pytest

from deploy import sampleday
from deploy.office import Office, documents, office
from deploy.sampleday import Event
from services.ingest.schemas import activities
from shared.contracts.playbook import parse_playbook
from shared.contracts.roster import parse_roster

TODAY = date(2026, 11, 24)
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@cache
def the_office(seed: int = 2026) -> Office:
    return office(documents(TODAY, TODAY)["roster"], TODAY, seed)


@cache
def days() -> list[Event]:
    return sampleday.history(the_office(), START, END)


def deals() -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in days():
        if "deal" in event:
            found[event["deal"]["id"]].append(event)
    return found


def began_inside() -> list[list[Event]]:
    """Return the deals whose lead is in the stretch and that had forty days to come to an end."""
    all_deals = deals().values()
    return [d for d in all_deals if d[0]["deal"]["stage"] == "lead" and d[0]["occurred_at"] < END - timedelta(days=40)]


def ids(events: Iterable[Event]) -> list[str]:
    return [event["id"] for event in events]


def test_the_same_office_has_the_same_days() -> None:
    assert sampleday.history(the_office(), START, END) == days()


def test_another_seed_has_other_days() -> None:
    assert sampleday.history(the_office(7), START, END) != days()


@pytest.mark.parametrize("cut", [datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 12, 13, 7, 20, tzinfo=UTC)])
def test_two_stretches_that_meet_miss_nothing_and_repeat_nothing(cut: datetime) -> None:
    halves = [*sampleday.history(the_office(), START, cut), *sampleday.history(the_office(), cut, END)]
    assert halves == days()


def test_every_event_has_its_own_id() -> None:
    assert len(set(ids(days()))) == len(days())


def test_events_are_in_order_and_inside_the_stretch() -> None:
    moments = [event["occurred_at"] for event in days()]
    assert moments == sorted(moments)
    assert moments[0] >= START
    assert moments[-1] < END


def test_every_event_has_the_form_that_the_front_door_takes() -> None:
    sent = orjson.loads(orjson.dumps(days()[:2000], option=orjson.OPT_UTC_Z))
    assert [item for item in activities.read(sent) if isinstance(item, list)] == []


def test_every_owner_is_known_and_every_stage_is_one_of_the_playbook() -> None:
    bodies = documents(TODAY, TODAY)
    roster, playbook = parse_roster(bodies["roster"]), parse_playbook(bodies["playbook"])
    assert all(roster.resolve(event["owner"]) for event in days())
    stages = {stage.id for pipeline in playbook.pipelines.values() for stage in pipeline.stages}
    assert {event["deal"]["stage"] for event in days() if "deal" in event} <= stages


def test_work_is_done_on_working_days_during_office_hours() -> None:
    local = [event["occurred_at"].astimezone(the_office().zone) for event in days()]
    assert all(moment.weekday() < 5 for moment in local)
    assert all(8 * 60 + 45 <= moment.hour * 60 + moment.minute <= 18 * 60 + 30 for moment in local)


def test_lunch_is_quiet() -> None:
    local = [event["occurred_at"].astimezone(the_office().zone) for event in days()]
    at_lunch = sum(1 for moment in local if (12, 15) <= (moment.hour, moment.minute) < (13, 0))
    before = sum(1 for moment in local if (11, 30) <= (moment.hour, moment.minute) < (12, 15))
    assert at_lunch < before / 2


def test_part_timers_have_their_days_off_and_do_less() -> None:
    calls: dict[str, set[int]] = defaultdict(set)
    for event in days():
        if event["type"] == "call":
            calls[event["owner"]].add(event["occurred_at"].astimezone(the_office().zone).weekday())
    worked = {seller.id: len(calls[seller.reference]) for seller in the_office().sellers}
    assert all(worked[seller.id] == round(float(seller.fte) * 5) for seller in the_office().sellers)


def test_nobody_works_before_the_first_day() -> None:
    noor = next(seller for seller in the_office().sellers if seller.id == "noor")
    earlier = sampleday.history(the_office(), START - timedelta(days=30), START)
    assert earlier
    assert noor.reference not in {event["owner"] for event in earlier if event["type"] == "call"}


def test_a_full_timer_calls_about_a_dozen_times_a_day() -> None:
    sanne = next(seller for seller in the_office().sellers if seller.id == "sanne")
    worked = sum(sampleday.works(sanne, START.date() + timedelta(days=n)) for n in range(54))
    calls = sum(1 for event in days() if event["type"] == "call" and event["owner"] == sanne.reference)
    assert 10 < calls / worked < 14


def test_most_calls_are_short_and_most_are_outbound() -> None:
    calls = [event["data"] for event in days() if event["type"] == "call"]
    assert 120 < median(call["duration_s"] for call in calls) < 240
    assert 0.7 < sum(call["direction"] == "outbound" for call in calls) / len(calls) < 0.8
    assert 0.05 < sum(call["duration_s"] < 60 for call in calls) / len(calls) < 0.25


def test_amounts_are_euros_and_cents_with_a_long_tail() -> None:
    amounts = [float(deal[0]["deal"]["amount"]) for deal in deals().values()]
    assert 2_000 < median(amounts) < 2_800
    assert sum(amounts) / len(amounts) > 1.2 * median(amounts)
    assert all(sampleday.LOWEST * 0.5 <= amount <= sampleday.HIGHEST * 1.5 for amount in amounts)
    assert len({f"{amount:.2f}"[-2:] for amount in amounts}) > 20


def test_a_deal_moves_forward_in_time_through_its_stages() -> None:
    for deal in deals().values():
        moments = [event["occurred_at"] for event in deal]
        assert all(earlier < later for earlier, later in pairwise(moments))
    first_visits = [list(dict.fromkeys(event["deal"]["stage"] for event in deal)) for deal in began_inside()]
    order = ["lead", "afspraak", "demo", "voorstel", "won", "lost"]
    assert all(stages == sorted(stages, key=order.index) for stages in first_visits)


def test_about_a_quarter_of_the_deals_is_won_and_the_rest_is_lost() -> None:
    ends = [deal[-1]["deal"]["status"] for deal in began_inside()]
    assert len(ends) > 200
    assert 0.18 < ends.count("won") / len(ends) < 0.36
    assert ends.count("lost") > ends.count("won")
    assert ends.count("open") < 0.05 * len(ends)


def test_some_deals_are_reopened_revalued_reassigned_and_deleted() -> None:
    statuses = [[event["deal"]["status"] for event in deal] for deal in deals().values()]
    assert any("open" in deal[deal.index("won") :] for deal in statuses if "won" in deal)
    assert any(deal[-1] == "deleted" for deal in statuses)
    assert any(len({event["deal"]["amount"] for event in deal}) > 1 for deal in deals().values())
    assert any(len({event["owner"] for event in deal}) > 1 for deal in deals().values())


def test_a_won_deal_is_sometimes_put_right_afterwards() -> None:
    won = [[e["deal"]["amount"] for e in deal if e["deal"]["status"] == "won"] for deal in deals().values()]
    assert any(len(set(amounts)) > 1 for amounts in won)


def test_the_office_comes_near_its_target() -> None:
    october = [event for event in days() if event["occurred_at"].month == 10 and "deal" in event]
    won = {event["deal"]["id"]: float(event["deal"]["amount"]) for event in october if event["deal"]["status"] == "won"}
    assert 0.6 < sum(won.values()) / 454_500 < 1.4


def test_the_live_row_is_the_same_for_the_same_name_and_has_no_moments() -> None:
    first, again = (list(islice(sampleday.live(the_office(), "r1"), 300)) for _ in range(2))
    assert first == again
    assert list(islice(sampleday.live(the_office(), "r2"), 300)) != first
    assert {event["occurred_at"] for event in first} == {None}


def test_the_live_row_lives() -> None:
    row = list(islice(sampleday.live(the_office(), "r1"), 2_000))
    assert len(set(ids(row))) == len(row)
    kinds = [event["deal"]["status"] if "deal" in event else event["type"] for event in row]
    assert kinds.count("won") > 40  # better than one in fifty: every minute or two at two seconds each
    assert "won" in kinds[:150]  # and the first one soon
    assert kinds.count("call") > kinds.count("meeting") > 0
    assert kinds.count("lost") > kinds.count("won")


def test_live_ids_never_meet_those_of_the_history() -> None:
    assert not set(ids(islice(sampleday.live(the_office(), "r1"), 2_000))) & set(ids(days()))
