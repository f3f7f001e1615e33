"""A token bucket for each caller, in the process."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from shared.errors import RateLimited


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limiter:
    """Allow each name `rate` requests per second on average and twice as many at once; rate 0: no limit."""

    def __init__(self, rate: float) -> None:
        """Start with full buckets."""
        self._rate, self._size = rate, max(1.0, 2 * rate)
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, name: str, now: float) -> None:
        """Count one request at `now` (seconds of a steady clock); raises RateLimited."""
        if self._rate <= 0:
            return
        with self._lock:
            bucket = self._buckets.setdefault(name, _Bucket(self._size, now))
            level = min(self._size, bucket.level + (now - bucket.at) * self._rate)
            bucket.at = now
            bucket.level = level - 1 if level >= 1 else level
        if level < 1:
            raise RateLimited(f"at most {self._rate:g} requests per second", retry_after=(1 - level) / self._rate)
