"""Is the process alive, can it work, which version is it, and what does it count."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, jsonify

from shared import logs
from shared.metrics import CONTENT_TYPE, Metrics, exposition
from shared.web.access import public, requires
from shared.web.blueprint import Blueprint

Check = Callable[[], object]
TIMEOUT_SECONDS = 2.0
KEEP_SECONDS = 1.0

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """Tell how one check ended; `ms` is how long it took, `reason` never holds addresses or secrets."""

    ok: bool
    ms: float
    reason: str = ""


class Readiness:
    """Run named checks side by side, each with a time-out; a check that hangs is not started a second time."""

    def __init__(self, checks: Mapping[str, Check], timeout: float = TIMEOUT_SECONDS) -> None:
        """Remember the checks; nothing runs and no thread starts before the first question."""
        self._checks, self._timeout = dict(checks), timeout
        self._running: dict[str, Future[Result]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(self._checks)), thread_name_prefix="check")
        self._last: tuple[float, dict[str, Result]] | None = None

    def ask(self) -> dict[str, Result]:
        """Return every check's result, at most KEEP_SECONDS old."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > KEEP_SECONDS:
                self._last = (time.monotonic(), self._run())
            return self._last[1]

    def _run(self) -> dict[str, Result]:
        end = time.monotonic() + self._timeout
        for name, check in self._checks.items():
            if name not in self._running:
                self._running[name] = self._pool.submit(_measure, name, check)
        return {name: self._collect(name, end) for name in self._checks}

    def _collect(self, name: str, end: float) -> Result:
        try:
            result = self._running[name].result(timeout=max(0.0, end - time.monotonic()))
        except Late:
            return Result(False, round(self._timeout * 1000, 1), "no answer in time")
        del self._running[name]
        return result


def _measure(name: str, check: Check) -> Result:
    began = time.perf_counter()
    try:
        check()
    except Exception as error:  # noqa: BLE001  whatever stops a check is what the check has found
        log.warning("check_failed", check=name, error=str(error))
        return Result(False, _ms_since(began), type(error).__name__)
    return Result(True, _ms_since(began))


def _ms_since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)


def operations(service: str, version: str, readiness: Readiness, metrics: Metrics, run_dir: Path) -> Blueprint:
    """Return the routes every service has for its operators."""
    blueprint = Blueprint("operations", __name__, url_prefix=f"/{service}", description="For those who run it.")

    @blueprint.get("/healthz")
    @public("says only that the process lives")
    @blueprint.response(200)
    def healthz() -> Response:
        """Tell that the process lives."""
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    @public("says only which parts work")
    @blueprint.response(200)
    @blueprint.alt_response(503, description="A part does not work")
    def readyz() -> tuple[Response, int]:
        """Tell which parts work; 503 when one does not."""
        results = readiness.ask()
        ok = all(result.ok for result in results.values())
        body = jsonify(status="ok" if ok else "failed", checks={name: _shown(r) for name, r in results.items()})
        return body, 200 if ok else 503

    @blueprint.get("/version")
    @public("the source is open")
    @blueprint.response(200)
    def show_version() -> Response:
        """Tell which version this is."""
        return jsonify(service=service, version=version)

    @blueprint.get("/metrics")
    @requires("operator")
    @blueprint.response(200, content_type="text/plain")
    def show_metrics() -> Response:
        """Return the metrics of this process and of the service's consumers, for Prometheus."""
        return Response(exposition(metrics, run_dir, service, time.time()), content_type=CONTENT_TYPE)

    return blueprint


def _shown(result: Result) -> dict[str, Any]:
    shown: dict[str, Any] = {"status": "ok" if result.ok else "failed", "ms": result.ms}
    return {**shown, "reason": result.reason} if result.reason else shown
