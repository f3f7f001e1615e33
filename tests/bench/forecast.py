"""Forecasts of the past on the public sales opportunities, each made with what was known at its moment only."""

from collections.abc import Iterator

from services.scoring.domain.insight.accuracy import Check, accuracy
from tests.e2e import office
from tests.scoring.insight.opportunities import PARTS, QUARTERS, looked_back, machine, records


def run() -> Iterator[str]:
    """Yield coverage of the 80 % range and errors beside the plain run rate, for quarters and for months."""
    if not office.PIPELINE.exists():
        yield f"the public data set is not at {office.DATA}"
        return
    found = records(machine())
    for title, names in (("quarter", QUARTERS), ("month", office.MONTHS)):
        checks = looked_back(found, names, PARTS)
        yield _told(f"every {title}", checks)
        if title == "quarter":
            yield from (_told(name, [each for each in checks if each.span == name]) for name in names)
            yield from (_told(f"at {part:.0%}", [each for each in checks if each.part == part]) for part in PARTS)


def _told(title: str, checks: list[Check]) -> str:
    found = accuracy(checks)
    if found is None:
        return f"{title:<14} not known from its beginning: not looked back on"
    return (
        f"{title:<14}{found.origins:>4} forecasts, {found.coverage:.0%} within the 80 % range, "
        f"error {found.error:.1%}, run rate {found.run_rate_error:.1%}, bias {found.bias:+.1%}, "
        f"range {found.width:.0%} wide"
    )
