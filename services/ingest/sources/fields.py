"""Values as CRMs write them: ids, moments, amounts. What does not fit is named, never bent into shape."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from services.ingest.schemas.activities import echo
from services.ingest.schemas.fields import CONTROL, EARLIEST, LATEST
from shared.errors import FieldProblem
from shared.money import is_currency

LONGEST_ID, LONGEST_NAME = 200, 300

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = re.compile(rf"(?=.*\S)[^{CONTROL}]{{1,{LONGEST_ID}}}")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")
_BREAKS = re.compile(rf"[{CONTROL}]+")
_INTEGER_DIGITS = 15


class Unreadable(ValueError):
    """A value that has to be known cannot be read; `problem` names it."""

    def __init__(self, pointer: str, value: Any, expected: str) -> None:
        """Point at the value by JSON pointer and say, as a noun phrase, what was expected."""
        super().__init__(expected)
        self.problem = FieldProblem(pointer, echo(value), expected)


def can_be_kept(value: Any) -> bool:
    """Tell whether JSON that was read can be written again: what comes from outside may be nested without end."""
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True


def digest_of(value: Any) -> str:
    """Return a key for what JSON says, however it was written (SHA-256, hexadecimal)."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def object_in(value: Any) -> Mapping[str, Any]:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def name_of(value: Any) -> str | None:
    """Return an id as text: CRMs write the same one as a number and as text. None when it is empty or no id."""
    text = str(value) if type(value) is int else value
    return text.strip() if isinstance(text, str) and _ID.fullmatch(text) else None


def id_of(value: Any, pointer: str) -> str:
    """Return an id as text; Unreadable when there is none."""
    name = name_of(value)
    if name is None:
        raise Unreadable(pointer, value, f"an id: a whole number, or text of at most {LONGEST_ID} characters")
    return name


def line_of(value: Any, longest: int = LONGEST_NAME) -> str | None:
    """Return text on one line, cut to its longest; None when there is none."""
    return (_BREAKS.sub(" ", value).strip()[:longest].strip() or None) if isinstance(value, str) else None


def amount_of(value: Any, pointer: str) -> str | None:
    """Return an exact amount as plain decimal text ("1234.5"); None when it is empty, Unreadable when it is no amount.

    A JSON number is read by its shortest text.
    """
    if value is None or value == "":
        return None
    text = _decimal_text(value)
    if text is None or not _AMOUNT.fullmatch(text):
        raise Unreadable(pointer, value, "an amount of at most 15 digits and 4 decimals")
    return text


def currency_of(value: Any, pointer: str) -> str | None:
    """Return an ISO 4217 code; None when it is empty, Unreadable when it is none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not is_currency(value):
        raise Unreadable(pointer, value, "an ISO 4217 code such as EUR")
    return value


def seconds_of(value: Any) -> int | None:
    """Return a length in whole seconds; None when it is not known."""
    return value if type(value) is int and 0 <= value < 10**9 else None


def instant_of_ms(value: Any, pointer: str) -> datetime:
    """Return the instant of a count of milliseconds since 1970; Unreadable when it is none."""
    return _after_epoch(value, 1000, pointer, "an instant in milliseconds since 1970")


def instant_of_us(value: Any, pointer: str) -> datetime:
    """Return the instant of a count of microseconds since 1970; Unreadable when it is none."""
    return _after_epoch(value, 1, pointer, "an instant in microseconds since 1970")


def instant_of_s(value: Any, pointer: str) -> datetime:
    """Return the instant of a count of seconds since 1970; Unreadable when it is none."""
    return _after_epoch(value, 1_000_000, pointer, "an instant in seconds since 1970")


def instant_of_text(value: Any, pointer: str) -> datetime:
    """Return the instant of an ISO 8601 text, in UTC where it names no zone; Unreadable when it is none."""
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        at = LATEST
    if EARLIEST <= at < LATEST:
        return at
    raise Unreadable(pointer, value, "an instant from 1970 to 2099, such as 2026-11-24T13:52:00Z")


def ms_of(at: datetime) -> int:
    """Return an instant as a count of milliseconds since 1970."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _after_epoch(value: Any, microseconds: int, pointer: str, expected: str) -> datetime:
    count = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value) else value
    if type(count) is int and 0 <= count * microseconds < (LATEST - _EPOCH) / timedelta(microseconds=1):
        return _EPOCH + timedelta(microseconds=count * microseconds)
    raise Unreadable(pointer, value, expected)


def _decimal_text(value: Any) -> str | None:
    try:
        number = Decimal(value if isinstance(value, str) else repr(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    if number is None or not number.is_finite() or not -_INTEGER_DIGITS <= number.adjusted() < _INTEGER_DIGITS:
        return "0" if number is not None and number.is_finite() and not number else None
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if not number else text
