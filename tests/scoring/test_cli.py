"""The operator's commands, on a real database and a real bus."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from services.scoring.cli import cli
from services.scoring.handlers import Scorer
from services.scoring.settings import ConsumerSettings
from services.scoring.store import PACKAGE, Ledger, Reader
from shared.bus import open_bus
from shared.contracts import credit, wire
from shared.sql import migrate, open_engine
from tests.scoring.office import DOCUMENTS, PLAYBOOK, WON, call


@pytest.fixture
def settings(database_url: str, redis_bus_url: str, tmp_path: Path) -> ConsumerSettings:
    return ConsumerSettings(database_url, redis_bus_url, tmp_path, "error")


@pytest.fixture
def engine(settings: ConsumerSettings) -> Iterator[Engine]:
    opened = open_engine(settings.database_url)
    migrate(opened, PACKAGE)
    scorer = Scorer(Ledger(opened), lambda _: None, lambda: datetime(2026, 12, 31, tzinfo=UTC))
    for each in DOCUMENTS:
        scorer.put_document(each)
    scorer.score([*WON, call("c", "03-02 10")])
    yield opened
    opened.dispose()


def _run(settings: ConsumerSettings, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, obj=settings)


def _break(engine: Engine, statement: str) -> None:
    with engine.begin() as conn:
        conn.execute(text(statement))


def test_migrate_makes_the_tables_and_may_be_repeated(settings: ConsumerSettings) -> None:
    for _ in range(2):
        assert _run(settings, "migrate").output == "the tables are up to date\n"
    assert Reader(open_engine(settings.database_url)).progress()["lines"] == 0


@pytest.mark.usefixtures("engine")
def test_verify_finds_nothing_wrong_with_a_sound_ledger(settings: ConsumerSettings) -> None:
    result = _run(settings, "verify")
    assert result.output == "2 subjects and 5 lines checked, 0 differences\n"
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE ledger SET amount = amount + 1 WHERE metric = 'revenue'", "deal:D-1: its lines do not add up"),
        ("DELETE FROM ledger WHERE rule = 'call'", "activity:crm:c: its lines do not add up"),
        ("DELETE FROM ledger WHERE seq = 1", "lines"),
        ("UPDATE ledger_heads SET seq = seq + 1 WHERE seq > 0", "partition"),
        ("DELETE FROM activities WHERE id = 'crm:c'", "activity:crm:c: it has lines, and no activity"),
    ],
)
def test_verify_names_what_is_wrong_and_exits_with_1(
    settings: ConsumerSettings, engine: Engine, damage: str, said: str
) -> None:
    _break(engine, damage)
    result = _run(settings, "verify")
    assert said in result.output
    assert result.exit_code == 1


@pytest.mark.usefixtures("engine")
def test_republish_hands_every_line_on_again(settings: ConsumerSettings) -> None:
    assert _run(settings, "republish").output == "published again\n"
    bus = open_bus(settings.bus_url)
    consumer = bus.consumer(["credits"], "test", "test")
    lines = []
    for _ in range(100):
        for record in consumer.poll(0.1):
            lines += wire.decode("credits", record.value, lambda line: credit.from_wire(line, 0))
        if len(lines) == 5:
            break
    assert len(lines) == 5
    consumer.close()
    bus.close()


@pytest.mark.usefixtures("engine")
def test_rehearse_shows_what_a_draft_would_give(settings: ConsumerSettings, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(json.dumps({**PLAYBOOK, "rules": [{**PLAYBOOK["rules"][0], "credit": {"points": 8}}]}))
    asked = ("rehearse", "--from", "2026-03-01", "--to", "2026-04-01")
    shown = _run(settings, *asked, "--playbook", str(draft)).output
    assert re.search(r"^call +points +5 +8 +3( |$)", shown, re.MULTILINE)
    assert re.search(r"^won +revenue +1000.00 +0.00 +-1000.00( |$)", shown, re.MULTILINE)
    same = _run(settings, *asked)
    assert same.exit_code == 0
    assert {line.split()[-1] for line in same.output.splitlines() if " points " in line} == {"0"}
    draft.write_text("rules: [{id: a, id: b}]")
    refused = _run(settings, *asked, "--playbook", str(draft))
    assert (refused.exit_code, "stands here twice" in refused.output) == (1, True)
