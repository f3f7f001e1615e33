"""Field types of the front door: lean (this is the hot path), each with one sentence that says what is expected."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from marshmallow import ValidationError
from marshmallow.fields import Field

T = TypeVar("T")

CONTROL = r"\x00-\x1f\x7f-\x9f"
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
EXACT_IN_JSON = 2**53
"""Up to here every JSON reader keeps a whole number exact."""

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
_KEY = re.compile(rf"[^{CONTROL}]{{1,64}}")
_MOST_KEYS, _LONGEST_TEXT = 64, 2000


class Expecting(Field[T]):
    """A field whose every refusal is the same sentence; `described` is its form in OpenAPI."""

    described: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, expected: str, about: str = "", **kwargs: Any) -> None:
        """Remember what is expected, as a noun phrase; `about` says more, in the description only."""
        self.expected = expected
        described = {"description": f"{expected}. {about}" if about else expected, **self.described}
        super().__init__(error_messages={"required": expected, "null": expected}, metadata=described, **kwargs)

    def read(self, value: Any) -> T:
        """Return what a value means, without asking whether it may be absent; raises ValidationError."""
        return self._deserialize(value, None, None)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> T:
        raise NotImplementedError


class Text(Expecting[str]):
    """Text on one line that matches a pattern."""

    described: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def __init__(self, expected: str, pattern: str = "", longest: int = 200, **kwargs: Any) -> None:
        """Compile the pattern; without one, anything visible up to `longest` characters."""
        self._matches = re.compile(pattern or rf"(?=.*\S)[^{CONTROL}]{{1,{longest}}}").fullmatch
        super().__init__(expected, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if isinstance(value, str) and self._matches(value):
            return value
        raise ValidationError(self.expected)


class Moment(Expecting[datetime]):
    """An instant with its zone."""

    described: ClassVar[Mapping[str, Any]] = {"type": "string", "format": "date-time"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None and EARLIEST <= at < LATEST:
                return at.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            pass
        raise ValidationError(self.expected)


class Amount(Expecting[str]):
    """An exact amount in major units, as plain decimal text; a JSON number is read by its shortest text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        text = value if isinstance(value, str) else repr(value)
        if not isinstance(value, bool) and _AMOUNT.fullmatch(text):
            return text
        raise ValidationError(self.expected)


class Count(Expecting[int]):
    """A whole number from 0."""

    described: ClassVar[Mapping[str, Any]] = {"type": "integer", "minimum": 0}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if type(value) is int and 0 <= value <= EXACT_IN_JSON:
            return value
        raise ValidationError(self.expected)


class Scalars(Expecting[dict[str, Any]]):
    """A flat object of texts, numbers, booleans and nulls."""

    described: ClassVar[Mapping[str, Any]] = {"type": "object"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or len(value) > _MOST_KEYS:
            raise ValidationError(self.expected)
        bad = {key: [self.expected] for key, inner in value.items() if not (_KEY.fullmatch(key) and _is_scalar(inner))}
        if bad:
            raise ValidationError(bad)
        return dict(value)


def _is_scalar(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and "\x00" not in value
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return True
    return isinstance(value, int) and abs(value) <= EXACT_IN_JSON
