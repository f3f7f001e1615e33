"""Files for payroll packages: one layout a file, each a function from a booking to bytes.

Amounts are gross. Every file is made for the payroll period that is open, so that no package starts a retro calculation
by itself; where a line stems from stands in its description. Nothing is written for an amount of zero, since packages
book it. The same booking always gives the same bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.commission.domain.booking import Booking
from services.commission.domain.employers import AFAS, LOKET, NEUTRAL, NMBRS
from services.commission.exports import afas, loket, neutral, nmbrs


@dataclass(frozen=True, slots=True)
class File:
    """A file to download."""

    name: str
    content_type: str
    body: bytes


Write = Callable[[Booking], bytes]
LAYOUTS: Mapping[str, tuple[str, str, Write]] = {
    NEUTRAL: ("csv", neutral.CONTENT_TYPE, neutral.write),
    NMBRS: ("xlsx", nmbrs.CONTENT_TYPE, nmbrs.write),
    LOKET: ("csv", loket.CONTENT_TYPE, loket.write),
    AFAS: ("json", afas.CONTENT_TYPE, afas.write),
}
"""By layout: the ending of the file's name, its content type, and what writes it."""


def files(export: str, bookings: Sequence[Booking]) -> list[File]:
    """Return the file of each employer in its layout, and with each the control file that lists every line of it."""
    found: list[File] = []
    for booking in bookings:
        ending, content_type, write = LAYOUTS[booking.employer.layout]
        name = f"{export}-{booking.employer.id}-{booking.period.id}"
        found.append(File(f"{name}.{ending}", content_type, write(booking)))
        found.append(File(f"{name}-control.csv", neutral.CONTENT_TYPE, neutral.control(booking)))
    return found
