"""AFAS Profit: the UpdateConnector HrCompMut, a JSON body for each pay line.

Element attributes and fields as public client code sends them (@Year, @PeId, @EmId, @ErId, @Sc02, @PtId; VaD1 holds the
value); not tried against an AFAS environment. `line` names the pay line beside the body, so that a part that was sent
already can be told from the rest: AFAS itself would book it again.
"""

from decimal import Decimal
from typing import Any

import orjson

from services.commission.domain.booking import Booking, Entry
from shared.money import to_major

CONTENT_TYPE = "application/json"


def write(booking: Booking) -> bytes:
    """Return the array of mutations, each with the pay line that it is for."""
    made = [_mutation(booking, entry) for entry in booking.entries if entry.line.amount]
    return orjson.dumps(made, default=_number, option=orjson.OPT_INDENT_2)


def _mutation(booking: Booking, entry: Entry) -> dict[str, Any]:
    employer, period, line = booking.employer, booking.period, entry.line
    element = {
        "@Year": period.year,
        "@PeId": period.number,
        "@EmId": entry.employment.number,
        "@ErId": employer.number,
        "@PtId": employer.period_table,
        "@Sc02": entry.component,
        "Fields": {"VaD1": Decimal(to_major(line.amount, line.currency))},
    }
    about = {"run": line.run, "line": line.line_id, "description": line.description}
    return {**about, "body": {"HrCompMut": {"Element": element}}}


def _number(value: Any) -> Any:
    """Write an amount as a JSON number with the decimals that it has."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"{value!r} is no part of a mutation")
