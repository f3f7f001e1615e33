"""An accepted objection, from the ledger to the front door and back: what is handed in is all they share."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from services.ingest.settings import SecretsSettings
from services.ingest.settings import Settings as FrontDoorSettings
from services.ingest.store import tables
from services.ingest.web import create_app as front_door
from services.scoring.handlers import Scorer
from services.scoring.settings import Settings
from services.scoring.store import PACKAGE, Ledger
from services.scoring.web import create_app as ledger
from shared.auth import SCOPES, mint
from shared.contracts import activity
from shared.settings import WebSettings
from shared.sql import migrate, open_engine, reading
from tests.scoring.office import DOCUMENTS, PLAYBOOK, ROSTER, call

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_what_an_acceptance_says_is_taken_as_it_is_and_closes_the_objection(tmp_path: Path) -> None:
    urls = {name: f"sqlite:///{tmp_path / name}.db" for name in ("ingest", "scoring")}
    tokens = tmp_path / "tokens.json"
    seller, manager = (mint(tokens, name, SCOPES) for name in ("sanne", "els"))
    web = WebSettings(tmp_path, tokens, rate_limit=0)
    engine = open_engine(urls["scoring"])
    migrate(engine, PACKAGE)
    scorer = Scorer(Ledger(engine), lambda _: None, lambda: NOW)
    for document in DOCUMENTS:
        scorer.put_document(document)
    scorer.score([call("a", "03-02 10")])
    why = ledger(Settings(urls["scoring"], web), lambda: NOW).test_client()
    door = front_door(FrontDoorSettings(urls["ingest"], web, SecretsSettings({}, tmp_path)), lambda: NOW).test_client()

    def ask(client: Any, method: str, path: str, body: Any = None, token: str = manager) -> Any:
        answer = client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code < 300, answer.text
        return answer.json

    for kind, body in (("roster", ROSTER), ("playbook", PLAYBOOK)):
        ask(door, "PUT", f"/ingest/v1/league/{kind}?effective_from=2026-01-01", body)
    [line] = ask(why, "GET", "/scoring/v1/credits?period=2026")["credits"]
    said = {"line": line["id"], "text": "it was a demo"}
    name = ask(why, "POST", "/scoring/v1/objections", said, seller)["id"]
    step = {"kind": "accepted", "text": "it was", "amount": "10"}
    todo = ask(why, "POST", f"/scoring/v1/objections/{name}/steps", step)["hand_in"]

    receipt = ask(door, "POST", todo["post"], todo["body"])["results"][0]
    assert receipt["status"] == "accepted"
    with reading(open_engine(urls["ingest"])) as conn:
        [wire] = conn.execute(sa.select(tables.activities.c.body)).scalars()
    scorer.score([activity.from_wire({**orjson.loads(wire), "inbox": receipt["inbox"]})])

    closed = ask(why, "GET", f"/scoring/v1/objections/{name}")
    assert (closed["state"], closed["trail"][-1]["by"]) == ("closed", "els")
    [total] = ask(why, "GET", "/scoring/v1/credits?period=2026-03-02&metric=points")["totals"]
    assert total["amount"] == 15
