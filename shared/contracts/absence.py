"""Leave: the days on which a rep is away, with the kind that plans may name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from marshmallow import fields, post_load

from shared.contracts.documents import ID, Day, Exact, Part
from shared.contracts.league import Problem


@dataclass(frozen=True, slots=True)
class Absence:
    """Leave of some `kind` (unpaid, parental, …), from `start` up to and without `end`; `part` of each day is away."""

    kind: str
    start: date
    end: date
    part: Decimal


class AbsenceSchema(Part):
    """An absence as it is written."""

    kind = fields.String(required=True, validate=ID)
    start = Day(required=True, data_key="from")
    end = Day(required=True, data_key="to")
    part = Exact(load_default=Decimal(1), at_least=Decimal(0))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Absence:
        """Build the dataclass."""
        return Absence(**data)


def absence_problems(pointer: str, absences: Sequence[Absence]) -> Iterator[Problem]:
    """Yield what is wrong with the absences of one rep."""
    for i, absence in enumerate(absences):
        if absence.end <= absence.start:
            yield Problem(f"{pointer}/{i}/to", "is not after `from`: the last day is not included")
        if absence.part > 1:
            yield Problem(f"{pointer}/{i}/part", "is more than 1, a whole day")
    for before, after in pairwise(sorted(absences, key=lambda absence: absence.start)):
        if after.start < before.end:
            yield Problem(pointer, f"overlap on {after.start}: end the first by then")
