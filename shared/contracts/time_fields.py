"""Answers of more than one shape: a day or none, counts or kinds of leave, exact or a number of decimals."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields

from shared.contracts.documents import Day
from shared.contracts.plan_fields import NONE
from shared.contracts.time_questions import (
    ASK_FACTOR,
    ASK_HOLIDAYS,
    ASK_LEAVE,
    EXACT,
    ORGANISATION,
)
from shared.contracts.timing import COUNTS, SHRINKS

_LENGTH = re.compile(r"([1-9][0-9]{0,2}) months?")


class Holidays(fields.Field[frozenset[date] | str]):
    """The word organisation, or a list of days."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> frozenset[date] | str:
        if value == ORGANISATION:
            return ORGANISATION
        if not isinstance(value, list):
            raise ValidationError(ASK_HOLIDAYS)
        days: list[Any] = [Day().deserialize(day) for day in value]
        return frozenset(days)


class Leave(fields.Field[tuple[str, frozenset[str]]]):
    """The words counts or shrinks, or the kinds of absence that shrink."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[str, frozenset[str]]:
        if value in (COUNTS, SHRINKS):
            return value, frozenset()
        kinds = value.get(SHRINKS) if isinstance(value, Mapping) and len(value) == 1 else None
        if not isinstance(kinds, list) or not kinds or not all(isinstance(kind, str) for kind in kinds):
            raise ValidationError(ASK_LEAVE)
        return SHRINKS, frozenset(kinds)


class Factor(fields.Field[int | str]):
    """The word exact, or a number of decimals from 0 to 12."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int | str:
        if value == EXACT:
            return EXACT
        if type(value) is not int or not 0 <= value <= 12:
            raise ValidationError(ASK_FACTOR)
        return value


class Until(fields.Field[date | str]):
    """A day, or the word none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date | str:
        return NONE if value == NONE else Day().deserialize(value)


class Months(fields.Field[int]):
    """A length in months: "12 months"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        match = _LENGTH.fullmatch(str(value))
        if match is None:
            raise ValidationError(f'{value!r} is no length: write "12 months"')
        return int(match[1])
