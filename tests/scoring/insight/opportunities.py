"""The public sales-opportunities data in scoring's ledger, as the front door's importer would hand it in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shared.contracts.activity import Activity, DealChange
from shared.contracts.league import LeagueDocument
from tests.e2e import office
from tests.scoring.test_laws import Machine

FIRST_DAY = datetime(2016, 1, 1, tzinfo=UTC)
BATCH = 2000


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
