"""What insight reads again after something was booked: deals that changed only, and its answer is as if all were."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from sqlalchemy import event

from services.scoring.domain.insight.shapes import TeamInsight
from services.scoring.handlers.insight import Insight
from services.scoring.handlers.leagues import Leagues
from services.scoring.store.insight import Looks
from shared import periods
from shared.contracts.activity import Activity
from tests.scoring.office import DOCUMENTS, LABEL, PLAYBOOK, WON, at, deal, document
from tests.scoring.test_laws import Machine, facts

NOW = at("12-30 12")
YEAR = periods.parse("2026")


def machine() -> Machine:
    made = Machine()
    for each in DOCUMENTS:
        made.put(each)
    return made


def insight_of(one: Machine) -> Insight:
    return Insight(Looks(one.engine), Leagues(one.reader))


def looked(insight: Insight, team: str, hour: int) -> TeamInsight:
    return replace(insight.team(team, YEAR, "revenue", NOW + timedelta(hours=hour)), accuracy=None)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts())
def test_what_is_read_in_parts_says_the_same_as_what_is_read_at_once(history: list[Activity]) -> None:
    one = machine()
    insight, half = insight_of(one), len(history) // 2
    for hour, some in enumerate((history[:half], history[half:])):
        one.scorer.score(some)
        for team in ("noord", "zuid"):
            assert looked(insight, team, hour) == looked(insight_of(one), team, hour)


def test_a_metric_of_a_playbook_that_is_not_in_force_yet_is_not_the_usual_one() -> None:
    one = machine()
    later = {**PLAYBOOK, "metrics": [{"id": "stars", "unit": "points", "label": LABEL}, *PLAYBOOK["metrics"]]}
    one.put(document("playbook", later, 2, date(2027, 1, 1)))
    assert insight_of(one).metric_of(None, NOW).id == PLAYBOOK["metrics"][0]["id"]


def test_a_deal_that_changed_is_read_again_and_no_other() -> None:
    one = machine()
    one.scorer.score([*WON, *(deal(f"o{n}", "07-01 09", f"O-{n}", stage="lead", owner="sanne") for n in range(30))])
    insight, read = insight_of(one), list[str]()
    insight.team("zuid", YEAR, "revenue", NOW)
    event.listen(one.engine, "before_cursor_execute", lambda *said: read.append(f"{said[2]} {said[3]}"))
    one.scorer.score([deal("again", "07-02 09", "O-7", stage="demo")])
    read.clear()
    assert insight.team("zuid", YEAR, "revenue", NOW + timedelta(minutes=1)).coverage.deals == 30
    [of_visits] = [said for said in read if "FROM visits" in said]
    assert "O-7" in of_visits
    assert "O-8" not in of_visits
