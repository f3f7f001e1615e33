"""A process whose clock is wrong by SKEW_SECONDS: found on its PYTHONPATH before anything else is imported."""

import datetime as dt
import os
import time

SECONDS = float(os.environ["SKEW_SECONDS"])
_time, _time_ns = time.time, time.time_ns
_datetime = dt.datetime
_SHIFT = dt.timedelta(seconds=SECONDS)


class _Any(type(_datetime)):  # type: ignore[misc]
    def __instancecheck__(cls, found):  # type: ignore[no-untyped-def]
        return isinstance(found, _datetime)


class Skewed(_datetime, metaclass=_Any):
    """Makes ordinary moments; only its present is wrong."""

    def __new__(cls, *parts, **named):  # type: ignore[no-untyped-def]
        """Return an ordinary moment."""
        return _datetime(*parts, **named)

    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        """Return the wrong present."""
        return _datetime.now(tz) + _SHIFT


for _name in ("fromisoformat", "fromtimestamp", "combine", "strptime", "fromordinal", "fromisocalendar"):
    setattr(Skewed, _name, staticmethod(getattr(_datetime, _name)))
dt.datetime = Skewed  # type: ignore[misc]
time.time = lambda: _time() + SECONDS
time.time_ns = lambda: _time_ns() + int(SECONDS * 1e9)
