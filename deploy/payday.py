"""The example office's pay of last month: calculated once its sales are in the books, for HR to go on with."""

from __future__ import annotations

from datetime import date
from typing import Any

from deploy.frontdoor import FrontDoor, Refused, Stopped
from shared import logs, periods

QUIET_SECONDS = 5.0
"""What does not change for so long is in the books."""

log = logs.get(__name__)


def last_month(today: date) -> str:
    """Return the month before the present one: 2026-10."""
    return periods.of_day(today, "month").previous().id


def calculate(hr: FrontDoor, period: str) -> bool:
    """Calculate a period that is still open, as soon as its payouts stay the same; tells whether that was needed."""
    try:
        _settled(hr, period)
        if hr.call("GET", f"/commission/v1/periods/{period}")["state"] != "open":
            return False
        hr.call("POST", "/commission/v1/runs", {"period": period})
    except Refused as why:
        log.warning("not_calculated", period=period, why=str(why))
        return False
    return True


def _settled(hr: FrontDoor, period: str) -> None:
    """Wait until the payouts of a period stay the same; raises Stopped."""
    seen: Any = None
    while not hr.stop.wait(QUIET_SECONDS):
        found = hr.call("GET", f"/commission/v1/payouts?period={period}")["control"]
        if found == seen and any(one["minor"] for one in found):
            return
        seen = found
    raise Stopped
