"""How a league document's body is read: a marshmallow schema, then checks across its parts."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from shared import periods
from shared.contracts.league import BadDocument, Problem

# `$` alone lets a line break through behind the last letter, and \Z is no pattern of JSON Schema
ID = validate.Regexp(
    r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)",
    error="is no id: use small letters, digits, dot, dash or underscore, at most 64",
)


SMALLEST, LARGEST = Decimal("0.000000000001"), Decimal(10**15)


class Part(Schema):
    """A part of a document; unknown keys are passed over here and named at the door (`load`)."""

    class Meta:
        """Marshmallow's options."""

        unknown = EXCLUDE


class PeriodField(fields.Field[periods.Period]):
    """A period by its id (2026-11, 2026-Q4, …)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> periods.Period:
        try:
            return periods.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Day(fields.Field[date]):
    """A calendar day, written 2026-11-24 (YAML may already have read it as a date)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        try:
            return value if type(value) is date else date.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError(f"{value!r} is not a day: write 2026-11-24") from error


class Exact(fields.Field[Decimal]):
    """An exact decimal: text or a whole number; binary fractions are read by their shortest text.

    A short text such as 1e999999999 stands for a number that nothing can reckon with, and is refused.
    """

    def __init__(self, *, at_least: Decimal | None = None, **kwargs: Any) -> None:
        """Refuse numbers below `at_least`."""
        super().__init__(**kwargs)
        self.at_least = at_least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise ValidationError(f'{value!r} is not an amount: write a number such as "1234.50"')
        try:
            number = Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(f'{value!r} is not an amount: write "1234.50"') from error
        if not number.is_finite() or (self.at_least is not None and number < self.at_least):
            raise ValidationError(f"{value!r} must be {self.at_least} or more")
        if number and not SMALLEST <= number.copy_abs() < LARGEST:
            raise ValidationError(f"{value!r} must be from {SMALLEST:f} to {LARGEST:,f} in size")
        return number


def load(kind: str, schema: Schema, body: Any, *, strict: bool) -> Any:
    """Load `body`; BadDocument lists every problem with its JSON pointer.

    `strict` refuses unknown keys (the front door, where they are typos); on the bus they are
    passed over (a newer sender may know more).
    """
    problems = list(_unknown(schema, body)) if strict else []
    try:
        loaded = schema.load(body)
    except ValidationError as error:
        raise BadDocument(kind, [*problems, *_problems(error.messages)]) from error
    if problems:
        raise BadDocument(kind, problems)
    return loaded


def _problems(messages: Any, pointer: str = "") -> Iterator[Problem]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _problems(inner, pointer if key == "_schema" else f"{pointer}/{key}")
    else:
        for message in messages:
            yield Problem(pointer, str(message).rstrip("."))


def _unknown(field: Any, value: Any, pointer: str = "") -> Iterator[Problem]:
    match field:
        case Schema() if isinstance(value, Mapping):
            known = {f.data_key or name: f for name, f in field.load_fields.items()}
            for key, inner in value.items():
                if key in known:
                    yield from _unknown(known[key], inner, f"{pointer}/{key}")
                else:
                    expected = ", ".join(sorted(known))
                    yield Problem(f"{pointer}/{key}", f"is not known here; known are: {expected}")
        case fields.Nested():
            yield from _unknown(field.schema, value, pointer)
        case fields.List() if isinstance(value, list):
            for i, inner in enumerate(value):
                yield from _unknown(field.inner, inner, f"{pointer}/{i}")
        case fields.Dict() if isinstance(value, Mapping):
            for key, inner in value.items():
                yield from _unknown(field.value_field, inner, f"{pointer}/{key}")


def twice(pointer: str, ids: list[str]) -> Iterator[Problem]:
    """Yield a problem for each id that stands in the list for a second time."""
    seen: set[str] = set()
    for i, name in enumerate(ids):
        if name in seen:
            yield Problem(f"{pointer}/{i}/id", f"{name!r} stands here twice: give each its own id")
        seen.add(name)
