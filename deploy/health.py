"""Is every part of this machine's installation up? Web parts answer `/readyz`, the others touch a file."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("ingest", "scoring", "leaderboard", "commission")
BEHIND = (*(f"{service}-consumer" for service in SERVICES), "ingest-asker")
"""The processes that serve nobody."""

ANSWER_SECONDS = 5.0
FRESH_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Health:
    """Where to look: the web parts behind `base`, the others' files in `run_dir`; older than `since` is no sign."""

    base: str
    run_dir: Path
    since: float

    def late(self) -> list[str]:
        """Name the parts that are not up, with what they say."""
        return [*self._late_webs(), *self._late_behind()]

    def _late_webs(self) -> Iterator[str]:
        for service in SERVICES:
            said = _readiness(f"{self.base}/{service}/readyz")
            if said:
                yield f"{service}-web ({said})"

    def _late_behind(self) -> Iterator[str]:
        for process in BEHIND:
            alive = self.run_dir / f"{process}.alive"
            touched = alive.stat().st_mtime if alive.exists() else 0.0
            if touched < self.since or time.time() - touched > FRESH_SECONDS:
                yield process


def _readiness(url: str) -> str:
    """Return what is wrong, empty when nothing is."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):  # noqa: S310  our own address
            return ""
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except (OSError, http.client.HTTPException):
        return "does not answer yet"
