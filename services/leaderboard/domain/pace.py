"""How much may be expected by now, and whether the data is late: working days are Monday to Friday."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from shared.periods import Period

OFFICE_OPENS, OFFICE_CLOSES = time(9), time(18)
QUIET_FOR = timedelta(hours=4)
"""So long without any new line during office hours is unusual enough to be said."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days of a period: how many have begun, today's included, and how many there are."""

    begun: int
    total: int

    @property
    def expected(self) -> Fraction | None:
        """The share of the target expected by the end of today; None in a period without working days."""
        return Fraction(self.begun, self.total) if self.total else None


def workdays(period: Period, today: date) -> Workdays:
    """Count the period's working days, seen from `today`."""
    days = [day for day in period.days() if day.weekday() < 5]
    return Workdays(sum(day <= today for day in days), len(days))


def quiet(last_booked_at: datetime | None, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return from when until when on today it is worth saying that nothing new came (UTC); None: today it is not."""
    today = now.astimezone(zone).date()
    if today.weekday() >= 5 or last_booked_at is None:
        return None
    opens, closes = (
        datetime.combine(today, hour, tzinfo=zone).astimezone(UTC) for hour in (OFFICE_OPENS, OFFICE_CLOSES)
    )
    since = max(last_booked_at, opens) + QUIET_FOR
    return (since, closes) if since < closes else None
