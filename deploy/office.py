"""The example office, fitted to the present: its league documents and its sellers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.sources.documents import from_yaml
from shared import periods
from shared.contracts.league import KINDS, PLAYBOOK, ROSTER, TARGETS
from shared.contracts.roster import Membership, Rep, Roster, parse_roster

FOLDER = Path(__file__).parent / "example"
PAYROLL = "payroll"
WRITTEN_FOR = date(2026, 11, 1)
"""The month that the files speak of."""

MONTHS_BEFORE, MONTHS_AFTER = 3, 3
"""For how many months around the present targets are set."""

MONTHS_TO_LEARN = 3

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Seller:
    """A rep as the sample day needs one.

    `reference` is how the CRM names them, `fte` the part of a full week they work, `skill` 1 for the average, and
    `since` the day they came.
    """

    id: str
    reference: str
    fte: Decimal
    skill: float
    since: date

    def learned(self, day: date) -> float:
        """Return which part of the usual work a newcomer does on `day`: half at first, all after three months."""
        return min(1.0, 0.5 + 0.5 * max(0, (day - self.since).days) / (30 * MONTHS_TO_LEARN))


@dataclass(frozen=True, slots=True)
class Office:
    """Everything the sample days depend on; the same office gives the same days."""

    sellers: tuple[Seller, ...]
    zone: ZoneInfo
    seed: int


def documents(anchor: date, today: date) -> dict[str, dict[str, Any]]:
    """Return the body of each league document.

    `anchor` is the month in which the example was first started: the newcomer and the transfer are told as of then.
    """
    bodies = {kind: _read(kind) for kind in KINDS}
    bodies[ROSTER] = _moved(bodies[ROSTER], _months(WRITTEN_FOR, anchor))
    bodies[TARGETS] = {"targets": list(_targets_around(bodies[TARGETS]["targets"], today))}
    zone = ZoneInfo(bodies[ROSTER]["organisation"]["timezone"])
    held = _contests_until(bodies[PLAYBOOK]["contests"], later(anchor.replace(day=1), -MONTHS_BEFORE), today, zone)
    bodies[PLAYBOOK] = {**bodies[PLAYBOOK], "contests": list(held)}
    return bodies


def payroll(anchor: date) -> dict[str, Any]:
    """Return the body of the payroll document, as of the same month."""
    body: dict[str, Any] = _moved(_read(PAYROLL), _months(WRITTEN_FOR, anchor))
    return body


def office(roster: Mapping[str, Any], today: date, seed: int) -> Office:
    """Return the office of a roster's body; who is in no team today does not work."""
    parsed = parse_roster(roster)
    sellers = (_seller(rep, parsed, today, seed) for rep in parsed.reps.values())
    return Office(tuple(seller for seller in sellers if seller), parsed.zone, seed)


def _seller(rep: Rep, roster: Roster, today: date, seed: int) -> Seller | None:
    member: Membership | None = roster.membership(rep.id, today)
    if member is None or not rep.identities:
        return None
    skill = Random(f"{seed}:{rep.id}").uniform(0.75, 1.3)
    since = min(membership.start for membership in rep.memberships)
    return Seller(rep.id, rep.identities[0], member.fte, skill, since)


def _read(kind: str) -> dict[str, Any]:
    """Read a file as the front door would."""
    body: dict[str, Any] = from_yaml((FOLDER / f"{kind}.yaml").read_bytes())
    return body


def _moved(value: Any, months: int) -> Any:
    """Return the same with every date so many months later."""
    match value:
        case dict():
            return {key: _moved(inner, months) for key, inner in value.items()}
        case list():
            return [_moved(inner, months) for inner in value]
        case str() if _DAY.fullmatch(value):
            return later(date.fromisoformat(value), months).isoformat()
    return value


def later(day: date, months: int) -> date:
    """Return the same day of another month; the files use no day after the 28th."""
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)


def _months(first: date, second: date) -> int:
    return (second.year - first.year) * 12 + second.month - first.month


def _contests_until(
    written: list[dict[str, Any]], first: date, today: date, zone: ZoneInfo
) -> Iterator[dict[str, Any]]:
    """Yield the contests of each month from `first` to this one; those of the past stay, so that they keep counting."""
    for month in (later(first, n) for n in range(_months(first, today) + 1)):
        for contest in written:
            start, end = (datetime.fromisoformat(contest[name]) for name in ("from", "to"))
            day = _same_weekday(start.date(), month)
            bounds = {"from": (day, start), "to": (day + (end.date() - start.date()), end)}
            moved = {name: datetime.combine(on, at.time(), zone).isoformat() for name, (on, at) in bounds.items()}
            yield {**contest, **moved, "id": f"{contest['id']}-{month:%Y-%m}", "series": contest["id"]}


def _same_weekday(day: date, month: date) -> date:
    """Return the day of another month that is the same weekday as often: the second Monday."""
    first = month.replace(day=1)
    return first + timedelta(days=(day.weekday() - first.weekday()) % 7 + 7 * ((day.day - 1) // 7))


def _targets_around(written: list[dict[str, Any]], today: date) -> Iterator[dict[str, Any]]:
    first = today.replace(day=1)
    months = [later(first, n) for n in range(-MONTHS_BEFORE, MONTHS_AFTER + 1)]
    quarters = dict.fromkeys(periods.of_day(month, "quarter").id for month in months)
    for target in written:
        yield from ({**target, "period": periods.of_day(month, "month").id} for month in months)
        amount = str(3 * Decimal(target["amount"]))
        yield from ({**target, "period": quarter, "amount": amount} for quarter in quarters)
