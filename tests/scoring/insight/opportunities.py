"""The public sales-opportunities data in scoring's ledger, as the front door's importer would hand it in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from services.scoring.domain.insight.accuracy import Check, look_back
from services.scoring.domain.insight.clock import Span
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looks import Record, record_of
from services.scoring.handlers.scene import Scene
from services.scoring.store.insight import Looks
from shared import periods
from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from tests.e2e import office
from tests.scoring.test_laws import Machine

FIRST_DAY = datetime(2016, 1, 1, tzinfo=UTC)
AFTERWARDS = datetime(2018, 1, 2, 12, tzinfo=UTC)
BATCH = 2000

QUARTERS = ["2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4"]
PARTS = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
"""At which parts of the working time forecasts are looked back on."""


def documents() -> Iterator[LeagueDocument]:
    """Yield roster, playbook and targets, in force before the first opportunity."""
    for kind in ("roster", "playbook", "targets"):
        yield LeagueDocument(kind, 1, FIRST_DAY.date(), "test", FIRST_DAY, getattr(office, kind)())


def activities() -> list[Activity]:
    """Return what the file says: a deal engaged, and closed with its amount (only a won one has one)."""
    return [fact for row in office.rows() if row["engage_date"] for fact in _of(row)]


def _of(row: dict[str, str]) -> Iterator[Activity]:
    name, owner = row["opportunity_id"], office.slug(row["sales_agent"])
    begun = {"pipeline": "sales", "stage": "engaging", "owner": owner}
    yield _fact(f"{name}:engaged", row["engage_date"], 9, DealChange(name, begun))
    if row["deal_stage"] == "Won":
        won = {"stage": "won", "amount": row["close_value"], "currency": "EUR"}
        yield _fact(f"{name}:closed", row["close_date"], 12, DealChange(name, won))
    if row["deal_stage"] == "Lost":
        yield _fact(f"{name}:closed", row["close_date"], 12, DealChange(name, {"stage": "lost"}))


def _fact(name: str, day: str, hour: int, change: DealChange) -> Activity:
    at = datetime.strptime(day, "%m/%d/%Y").replace(tzinfo=UTC) + timedelta(hours=hour)
    return Activity(f"file:{name}", "file", "deal", at, change.set.get("owner"), 1, change)


def machine() -> Machine:
    """Return a ledger that holds all of it."""
    found = Machine()
    for document in documents():
        found.put(document)
    facts = activities()
    for start in range(0, len(facts), BATCH):
        found.scorer.score(facts[start : start + BATCH])
    return found


def records(machine: Machine) -> dict[str, Record]:
    """Return what each team had earned, and its deals, when the year was over."""
    leagues = Leagues(machine.reader)
    league = leagues.now()
    edition = league.edition(AFTERWARDS)
    if league.roster is None or edition is None:
        raise LookupError("the league was not put")
    metric = edition.playbook.metrics["revenue"]
    scene = Scene(league, league.roster, edition, leagues.targets(), metric, AFTERWARDS)
    with Looks(machine.engine).moment() as look:
        return {team: record_of(scene, look, team=team) for team in office.TEAM_REVENUE}


def spans(record: Record, names: Sequence[str]) -> list[Span]:
    """Return periods by their names."""
    return record.scene.spans([periods.parse(name) for name in names])


def looked_back(found: Mapping[str, Record], names: Sequence[str], parts: Sequence[float]) -> list[Check]:
    """Return what would have been forecast for every team in periods, at each part of their time."""
    return [check for record in found.values() for check in look_back(record.case, spans(record, names), parts)]
