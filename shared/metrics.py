"""Metrics: one registry a process; consumers leave theirs in a file that the service's web process serves.

    metrics = Metrics("ingest-consumer")
    published = metrics.counter("samenspel_published_total", "Records handed to the bus.", ["topic"])
    metrics.write(run_dir)                       # <run_dir>/ingest-consumer.prom, replaced in one step

`exposition` merges a web process's own registry with `<run_dir>/<service>-*.prom`; every sample gets a `process` label,
and `samenspel_metrics_age_seconds{process}` shows a process that has stopped writing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
AGE = "samenspel_metrics_age_seconds"

disable_created_metrics()  # type: ignore[no-untyped-call]  # they double every counter and nobody reads them


class Metrics:
    """Keep the metrics of one process; `process` is `<service>-web`, `<service>-consumer` and so on."""

    def __init__(self, process: str) -> None:
        """Start with an empty registry."""
        self.process = process
        self.registry = CollectorRegistry()

    def counter(self, name: str, about: str, labels: Sequence[str] = ()) -> Counter:
        """Return a counter, which only grows."""
        return Counter(name, about, labels, registry=self.registry)

    def gauge(self, name: str, about: str, labels: Sequence[str] = ()) -> Gauge:
        """Return a gauge, which shows the present value."""
        return Gauge(name, about, labels, registry=self.registry)

    def histogram(
        self, name: str, about: str, labels: Sequence[str] = (), buckets: Sequence[float] = BUCKETS
    ) -> Histogram:
        """Return a histogram; its unit is seconds unless the buckets are given."""
        return Histogram(name, about, labels, buckets=buckets, registry=self.registry)

    def write(self, run_dir: Path) -> None:
        """Leave the present values in `<run_dir>/<process>.prom`; a reader sees the old or the new file."""
        run_dir.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=run_dir, prefix=f".{self.process}.")
        with os.fdopen(handle, "wb") as file:
            file.write(generate_latest(self.registry))
        Path(draft).replace(run_dir / f"{self.process}.prom")


def exposition(own: Metrics, run_dir: Path, service: str, now: float) -> bytes:
    """Return one valid exposition of this process and of the files of its service; `now` is seconds since 1970."""
    left = [each for each in _left_behind(run_dir, service) if each.process != own.process]
    sources = [(own.process, own.registry.collect()), *((each.process, each.families) for each in left)]
    merged = CollectorRegistry()
    merged.register(_Families([*_merge(sources), _ages(left, now)]))
    return generate_latest(merged)


@dataclass(frozen=True, slots=True)
class _Left:
    """What one process left in its file, and when (seconds since 1970)."""

    process: str
    families: list[Metric]
    at: float


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        return iter(self._families)


def _left_behind(run_dir: Path, service: str) -> Iterator[_Left]:
    """Yield what the files hold; one that is gone or unreadable must not take the others down with it."""
    for path in sorted(run_dir.glob(f"{service}-*.prom")):
        with suppress(OSError, ValueError):
            families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
            yield _Left(path.stem, families, path.stat().st_mtime)


def _ages(left: Iterable[_Left], now: float) -> Metric:
    age = Metric(AGE, "Seconds since a process wrote its metrics.", "gauge")
    for each in left:
        age.add_sample(AGE, {"process": each.process}, max(0.0, now - each.at))
    return age


def _merge(sources: Iterable[tuple[str, Iterable[Metric]]]) -> list[Metric]:
    merged: dict[str, Metric] = {}
    for process, families in sources:
        for family in families:
            target = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                target.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
    return list(merged.values())
