"""What the parts of a plan's schema are made of: exact numbers, questions, and refusals at their places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields

NONE = "none"
UNREADABLE = object()
"""Stands for a part that has a problem of its own already."""

Found = Iterator[tuple[Sequence[str | int], str]]
"""Problems: the path to the part (empty: the whole), and what is wrong or asked."""

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15}|/0*[1-9][0-9]{0,14})?")


class Ratio(fields.Field[Fraction]):
    """An exact number of zero or more: a decimal ("0.5") or a fraction ("1/3")."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Fraction:
        if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
            raise ValidationError(f'{value!r} is no number of 0 or more: write "0.5" or "1/3"')
        return Fraction(str(value))


class Cells(fields.Field[tuple[Fraction, ...]]):
    """A number, or a list of them: one for each column of a table."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[Fraction, ...]:
        cells = value if isinstance(value, list) else [value]
        read = (Ratio().deserialize(cell) for cell in cells)
        return tuple(cell for cell in read if cell is not None)


class Measured(fields.Field[Any]):
    """A number, the word none, or a number that says what it is of: {amount: "500"}.

    Loads as a Fraction, NONE or a pair (name, Fraction).
    """

    def __init__(self, names: Sequence[str], question: str, *, bare: bool = True, **kwargs: Any) -> None:
        """Know the `names` of what it may be of; without `bare` a number alone is refused with the question."""
        super().__init__(load_default=None, **kwargs)
        self.names, self.question, self.bare = names, question, bare

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if value == NONE:
            return NONE
        if isinstance(value, Mapping):
            if len(value) != 1 or not set(value) <= set(self.names):
                raise ValidationError(self.question)
            [(name, number)] = value.items()
            return name, Ratio().deserialize(number)
        if not self.bare:
            raise ValidationError(self.question)
        return Ratio().deserialize(value)


def braced(question: str) -> str:
    """Return a message for marshmallow, which formats its messages: braces are doubled to be read as braces."""
    return question.replace("{", "{{").replace("}", "}}")


def asked(question: str) -> dict[str, Any]:
    """Return the options of a field whose absence is answered with `question`."""
    return {"required": True, "error_messages": {"required": braced(question)}}


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


def part(whole: Any, name: str) -> Any:
    """Return an attribute of what was built, or of the mapping that could not be built for another reason."""
    return whole.get(name, UNREADABLE) if isinstance(whole, Mapping) else getattr(whole, name)


def twice(path: Sequence[str | int], ids: Sequence[Any]) -> Found:
    """Yield every id that stands in the list for a second time."""
    for i, name in enumerate(ids):
        if name in ids[:i] and name is not UNREADABLE:
            yield [*path, i, "id"], f"{name!r} stands here twice: give each its own id"
