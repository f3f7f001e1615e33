from __future__ import annotations

import os
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from shared.metrics import Metrics, exposition

NOW = 1_800_000_000.0


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(text.decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def consumer(run_dir: Path, process: str, published: int, written_at: float = NOW) -> None:
    metrics = Metrics(process)
    metrics.counter("published_total", "Records handed on.", ["topic"]).labels("credits").inc(published)
    metrics.histogram("turn_seconds", "One turn.").observe(0.02)
    metrics.write(run_dir)
    os.utime(run_dir / f"{process}.prom", (written_at, written_at))


def test_the_consumers_files_are_merged_into_one_valid_exposition(tmp_path: Path) -> None:
    consumer(tmp_path, "scoring-consumer", 3)
    consumer(tmp_path, "scoring-consumer-2", 4)
    own = Metrics("scoring-web")
    own.counter("published_total", "Records handed on.", ["topic"]).labels("credits").inc()
    text = exposition(own, tmp_path, "scoring", NOW)
    assert text.count(b"# TYPE published_total counter") == 1
    found = samples(text)
    assert {dict(labels)["process"]: value for (name, labels), value in found.items() if name == "published_total"} == {
        "scoring-web": 1,
        "scoring-consumer": 3,
        "scoring-consumer-2": 4,
    }
    assert found["turn_seconds_bucket", (("le", "0.025"), ("process", "scoring-consumer"))] == 1
    assert found["turn_seconds_count", (("process", "scoring-consumer"),)] == 1


def test_files_of_other_services_are_left_out(tmp_path: Path) -> None:
    consumer(tmp_path, "ingest-consumer", 3)
    assert b"ingest" not in exposition(Metrics("scoring-web"), tmp_path, "scoring", NOW)


def test_a_process_that_stopped_writing_is_visible_by_its_age(tmp_path: Path) -> None:
    consumer(tmp_path, "scoring-consumer", 3, written_at=NOW - 600)
    found = samples(exposition(Metrics("scoring-web"), tmp_path, "scoring", NOW))
    assert found["samenspel_metrics_age_seconds", (("process", "scoring-consumer"),)] == 600


def test_a_file_cut_in_half_or_gone_spoils_nothing_else(tmp_path: Path) -> None:
    consumer(tmp_path, "scoring-consumer", 3)
    (tmp_path / "scoring-broken.prom").write_bytes(b'published_total{topic="cre')
    found = samples(exposition(Metrics("scoring-web"), tmp_path, "scoring", NOW))
    assert found["published_total", (("process", "scoring-consumer"), ("topic", "credits"))] == 3


def test_no_run_directory_yet_is_no_error(tmp_path: Path) -> None:
    assert samples(exposition(Metrics("scoring-web"), tmp_path / "missing", "scoring", NOW)) == {}


def test_writing_replaces_the_file_and_leaves_no_drafts(tmp_path: Path) -> None:
    consumer(tmp_path / "run", "scoring-consumer", 3)
    consumer(tmp_path / "run", "scoring-consumer", 4)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["scoring-consumer.prom"]
    assert b"4.0" in (tmp_path / "run" / "scoring-consumer.prom").read_bytes()
