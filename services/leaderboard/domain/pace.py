"""How much may be expected by now, and whether the data is late: working days are Monday to Friday without holidays."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from shared.periods import Period, is_working_day

AHEAD, ON_TRACK, BEHIND = "ahead", "on_track", "behind"

OFFICE_OPENS, OFFICE_CLOSES = time(9), time(18)
QUIET_FOR = timedelta(hours=4)
"""So long without any new line during office hours is unusual enough to be said."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """The working days of a period: how many were over when today began, have begun, and there are."""

    over: int
    begun: int
    total: int

    @property
    def expected(self) -> Fraction | None:
        """The share of the target expected by the end of today; None in a period without working days."""
        return Fraction(self.begun, self.total) if self.total else None

    def pace(self, amount: int, target: int | None) -> str | None:
        """Compare an amount with an even spread of the target over the working days.

        Behind is who has less than was asked for before today; ahead who has what today asks for as well.
        """
        if not target or not self.total:
            return None
        done = Fraction(amount, target)
        if done >= Fraction(self.begun, self.total):
            return AHEAD
        return ON_TRACK if done >= Fraction(self.over, self.total) else BEHIND


def workdays(period: Period, today: date, holidays: Container[date] = ()) -> Workdays:
    """Count the period's working days, seen from `today`."""
    days = [day for day in period.days() if is_working_day(day, holidays)]
    return Workdays(sum(day < today for day in days), sum(day <= today for day in days), len(days))


def quiet(
    last_booked_at: datetime | None, now: datetime, zone: ZoneInfo, holidays: Container[date] = ()
) -> tuple[datetime, datetime] | None:
    """Return from when until when on today it is worth saying that nothing new came (UTC); None: today it is not."""
    today = now.astimezone(zone).date()
    if not is_working_day(today, holidays) or last_booked_at is None:
        return None
    opens, closes = (
        datetime.combine(today, hour, tzinfo=zone).astimezone(UTC) for hour in (OFFICE_OPENS, OFFICE_CLOSES)
    )
    since = max(last_booked_at, opens) + QUIET_FOR
    return (since, closes) if since < closes else None
