"""Errors as named facts: one base, a few kinds, a stable code each.

A service names its own errors by subclassing a kind; the HTTP status belongs to the kind and stands in
one table, `shared.web.problems.STATUS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """Name one field that cannot be used: where, what stood there, what was expected.

    `pointer` is a JSON pointer into the body (`/deal/amount`), or `query/<name>` and the like elsewhere; `line` the
    line of a document that was written as text, from 1.
    """

    pointer: str
    value: Any
    expected: str
    line: int | None = None


class SamenspelError(Exception):
    """Something that has a name went wrong."""

    code: ClassVar[str] = "error"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give every subclass a stable code: its class name in kebab case, unless it names one."""
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def __init__(self, detail: str = "") -> None:
        """Remember `detail`: one sentence about this occurrence, fit to be shown to the caller."""
        super().__init__(detail or self.title())
        self.detail = detail

    @classmethod
    def title(cls) -> str:
        """Return the message of the kind: the first line of its docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class Malformed(SamenspelError):
    """The request cannot be read."""


class InvalidInput(SamenspelError):
    """The input was read, and some of it cannot be used."""

    def __init__(self, detail: str = "", problems: Sequence[FieldProblem] = ()) -> None:
        """Carry every problem found, so that a caller can repair all of them at once."""
        super().__init__(detail)
        self.problems = tuple(problems)


class Unauthenticated(SamenspelError):
    """A valid token is needed."""


class Forbidden(SamenspelError):
    """The token does not allow this."""


class NotFound(SamenspelError):
    """There is nothing here."""


class MethodNotAllowed(SamenspelError):
    """This path does not know that method."""


class Conflict(SamenspelError):
    """This contradicts what is already stored."""


class Outdated(SamenspelError):
    """What you changed has changed in the meantime."""


class TooLarge(SamenspelError):
    """The request is larger than allowed."""


class UnsupportedMedia(SamenspelError):
    """The content type is not one that can be read here."""


class RateLimited(SamenspelError):
    """Too many requests."""

    def __init__(self, detail: str = "", retry_after: float = 1.0) -> None:
        """Say after how many seconds a repetition makes sense."""
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(SamenspelError):
    """Something this needs cannot be reached at the moment."""

    def __init__(self, detail: str = "", retry_after: float = 5.0) -> None:
        """Say after how many seconds a repetition makes sense."""
        super().__init__(detail)
        self.retry_after = retry_after


class Broken(SamenspelError):
    """Something is wrong here, and it has been recorded."""
