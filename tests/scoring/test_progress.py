"""How much is left to compute again: over HTTP, as a command and as a metric."""

from pathlib import Path

from click.testing import CliRunner

from services.scoring.cli import cli
from services.scoring.consumer import shown
from services.scoring.settings import ConsumerSettings
from services.scoring.store.remaining import Remaining, remaining
from shared.metrics import Metrics
from tests.scoring.office import LABEL, document
from tests.scoring.test_limits import MENTORED, call, call_rule, playbook
from tests.scoring.test_rhythm import METRICS, STREAK
from tests.scoring.test_web import Web

RHYTHM = {"streaks": [{**STREAK, "text": LABEL}]}


def test_what_is_left_shrinks_to_nothing(tmp_path: Path, database_url: str) -> None:
    web = Web(tmp_path, database_url)
    caps = {"caps": [{"most": 10, "of": "calls", "every": "day"}]}
    book = playbook(call_rule(credit={"calls": 1}, limits=caps), metrics=METRICS, rhythm=RHYTHM)
    for each in (document("roster", MENTORED), document("playbook", book)):
        web.scorer.put_document(each)
    while web.scorer.restate_some() or web.scorer.refresh_some():
        pass
    web.scorer.score([call(f"c{n}", "03-02 10", "bram") for n in range(9)])
    assert web.get("/scoring/v1/progress") == {"partitions": 0, "subjects": 0, "windows": 0, "prizes": 1}
    web.scorer.put_document(document("playbook", {**book, "rules": [call_rule(credit={"calls": 2}, text=LABEL)]}, 2))
    before = web.get("/scoring/v1/progress")
    assert (before["subjects"], before["prizes"]) == (9, 3)
    given = ConsumerSettings(str(web.engine.url.render_as_string(hide_password=False)), "", tmp_path, "INFO")
    said = CliRunner().invoke(cli, ["progress"], obj=given).output
    assert said.startswith(f"9 subjects in {before['partitions']} partitions")
    while web.scorer.restate_some() or web.scorer.refresh_some():
        pass
    assert remaining(web.engine) == Remaining(0, 0, 0, 0)
    web.engine.dispose()


def test_it_is_a_metric(tmp_path: Path) -> None:
    metrics = Metrics("scoring-consumer")
    shown(metrics, lambda: Remaining(2, 30, 4, 1))()
    metrics.write(tmp_path)
    assert 'samenspel_scoring_remaining{what="subjects"} 30.0' in (tmp_path / "scoring-consumer.prom").read_text()
