"""What the parts of a plan's schema are made of: exact numbers, questions, and refusals at their places."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields

NONE = "none"
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15}|/0*[1-9][0-9]{0,14})?")

Found = Iterator[tuple[Sequence[str | int], str]]
"""Problems: the path to the part (empty: the whole), and what is wrong or asked."""


class Ratio(fields.Field[Fraction]):
    """An exact number of zero or more: a decimal ("0.5") or a fraction ("1/3")."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Fraction:
        if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
            raise ValidationError(f'{value!r} is no number of 0 or more: write "0.5" or "1/3"')
        return Fraction(str(value))


class OrNone(fields.Field[Fraction | str]):
    """A number, or the word none: that there is no limit has to be said."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Fraction | str:
        return NONE if value == NONE else Ratio().deserialize(value)


def asked(question: str) -> dict[str, Any]:
    """Return the options of a field whose absence is answered with `question`."""
    # marshmallow formats its messages: braces are doubled to be read as braces
    return {"required": True, "error_messages": {"required": question.replace("{", "{{").replace("}", "}}")}}


def refuse(found: Found) -> None:
    """Raise every problem at once, each at its own place."""
    messages: dict[str | int, Any] = {}
    for path, message in found:
        place = messages
        for step in path:
            place = place.setdefault(step, {})
        place.setdefault("_schema", []).append(message)
    if messages:
        raise ValidationError(messages)
