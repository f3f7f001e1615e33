"""One way only to write a value as bytes, so that equal values have equal bytes and their SHA-256 names them.

Written is compact JSON with sorted keys: fractions as `2/3`, decimals, days and moments as text, dataclasses as
objects by field, mappings whose keys are no texts as sorted lists of pairs. A field that has its default is left out:
a dataclass that gains a field with a default writes old values as it did before, and reads what was written then.
Values of the types that stand apart (plans, documents) are written once, and named by their address where they occur.
"""

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

APART = "$"
"""The only key of an object that stands for a content of its own."""

T = TypeVar("T")
Read = Callable[[str], bytes]
"""Gives the content at an address."""

Write = Callable[[Any], Any]
"""Gives the JSON form of a value."""


def address(content: bytes) -> str:
    """Return the name of a content: its SHA-256."""
    return sha256(content).hexdigest()


def dumps(form: Any) -> bytes:
    """Write a JSON form in the one way."""
    return json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


class Writer:
    """Writes values; `contents` holds all that was written, by address."""

    def __init__(self, apart: Collection[type] = ()) -> None:
        """Write values of the types `apart` as contents of their own."""
        self.contents: dict[str, bytes] = {}
        self._apart = frozenset(apart)
        self._written: dict[int, tuple[object, str]] = {}  # by identity, with the object: so its id stays its own
        self._ways: dict[type, Write] = {}  # how values of a type are written, chosen once

    def put(self, value: Any) -> str:
        """Write a value and return its address."""
        content = dumps(self.form_of(value))
        name = address(content)
        self.contents[name] = content
        return name

    def hand_over(self) -> dict[str, bytes]:
        """Return what was written, and let go of it: what stands apart is written again when it occurs again."""
        contents, self.contents = self.contents, {}
        self._written.clear()
        return contents

    def form(self, value: Any) -> Any:
        """Return a value's JSON form; that of one which stands apart is its address."""
        kind = type(value)
        write = self._ways.get(kind)
        if write is None:
            write = self._ways[kind] = self._named if kind in self._apart else self._way(kind)
        return write(value)

    def form_of(self, value: Any) -> Any:
        """Return the JSON form of a value itself, also of one that stands apart."""
        return self._way(type(value))(value)

    def _named(self, value: Any) -> Any:
        held = self._written.get(id(value))
        if held is None:
            held = self._written[id(value)] = (value, self.put(value))
        return {APART: held[1]}

    def _way(self, kind: type) -> Write:
        """Return how values of a type are written."""
        if issubclass(kind, Fraction | Decimal | date):
            way: Write = _text
        elif issubclass(kind, int | str | float | NoneType):
            way = _as_it_is
        elif issubclass(kind, Mapping):
            way = self._mapping
        elif issubclass(kind, Sequence):
            way = self._sequence
        elif issubclass(kind, frozenset | set):
            way = self._set
        else:
            way = self._dataclass(kind)
        return way

    def _sequence(self, value: Sequence[Any]) -> Any:
        return [self.form(each) for each in value]

    def _set(self, value: Collection[Any]) -> Any:
        return sorted((self.form(each) for each in value), key=dumps)

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        if all(type(key) is str for key in value):
            return {key: self.form(each) for key, each in value.items()}
        pairs = ([self.form(key), self.form(each)] for key, each in value.items())
        return sorted(pairs, key=lambda pair: dumps(pair[0]))

    def _dataclass(self, kind: type) -> Write:
        fields, form = _fields(kind), self.form

        def write(value: Any) -> Any:
            held = ((name, getattr(value, name), default) for name, default in fields)
            return {name: form(each) for name, each, default in held if each is not default and each != default}

        return write


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Fraction | Decimal | date) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


_FIELDS: dict[type, tuple[tuple[str, Any], ...]] = {}


def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return a dataclass's fields with their defaults (MISSING: none); TypeError for anything else."""
    if kind not in _FIELDS:
        fields = dataclasses.fields(kind)
        _FIELDS[kind] = tuple((field.name, _default(field)) for field in fields)
    return _FIELDS[kind]


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


class Reader:
    """Reads values back, given where the contents are; each content that stands apart is read once."""

    def __init__(self, read: Read) -> None:
        """Read through `read`."""
        self._read = read
        self._known: dict[tuple[Any, str], Any] = {}

    def get(self, kind: type[T], name: str) -> T:
        """Return the value of a type at an address."""
        if (kind, name) not in self._known:
            self._known[kind, name] = self.value(kind, self.form(name))
        found: T = self._known[kind, name]
        return found

    def form(self, name: str) -> Any:
        """Return the JSON form at an address."""
        return json.loads(self._read(name))

    def value(self, hint: Any, form: Any) -> Any:
        """Return the value that a JSON form stands for, as the type hint says."""
        return _decoder(hint)(self, form)


Decode = Callable[[Reader, Any], Any]
_TEXTS: Mapping[Any, Callable[[str], Any]] = {
    Fraction: Fraction,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


@cache
def _decoder(hint: Any) -> Decode:
    """Return how values of a type are read."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _TEXTS:
        decode: Decode = lambda _, form: _TEXTS[hint](form)  # noqa: E731  one of several ways to read, chosen here
    elif dataclasses.is_dataclass(hint) and isinstance(hint, type):
        decode = _of_dataclass(hint)
    elif origin in (Union, UnionType):
        decode = _of_union(arguments)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        decode = _of_mapping(arguments[0], _decoder(arguments[0]), _decoder(arguments[1]))
    elif isinstance(origin, type) and issubclass(origin, Collection):
        decode = _of_several(origin, arguments)
    else:
        decode = lambda _, form: form  # noqa: E731  as above
    return decode


def _of_dataclass(kind: type) -> Decode:
    hints: dict[str, Any] = {}

    def decode(reader: Reader, form: Any) -> Any:
        if form.keys() == {APART}:
            return reader.get(kind, form[APART])
        if not hints:  # not before: two dataclasses may hold each other
            hints.update({name: _decoder(hint) for name, hint in get_type_hints(kind).items()})
        known = (name for name, _ in _fields(kind))
        return kind(**{name: hints[name](reader, form[name]) for name in known if name in form})

    return decode


def _of_union(arguments: Sequence[Any]) -> Decode:
    """Return how one of several types is read: a text, a dataclass by the fields it cannot lack, else what is left."""
    classes = [each for each in arguments if dataclasses.is_dataclass(each)]
    needed = [({n for n, d in _fields(each) if d is dataclasses.MISSING}, each) for each in classes]  # type: ignore[arg-type]  # is_dataclass also allows instances; type hints hold none
    others = [each for each in arguments if each not in (*classes, NoneType)]

    def decode(reader: Reader, form: Any) -> Any:
        if form is None:
            return None
        if isinstance(form, dict):
            fit = (each for names, each in needed if names <= form.keys() or form.keys() == {APART})
            chosen = next(fit, None) or next(each for each in others if get_origin(each) is not None)
            return reader.value(chosen, form)
        plain = str if isinstance(form, str) and str in others else next(iter(others), Any)
        return reader.value(plain, form)

    return decode


def _of_several(origin: type, arguments: Sequence[Any]) -> Decode:
    if origin is tuple and arguments[-1] is not Ellipsis:
        each = [_decoder(argument) for argument in arguments]
        return lambda reader, form: tuple(decode(reader, one) for decode, one in zip(each, form, strict=True))
    make, inner = (frozenset if origin is frozenset else tuple), _decoder(arguments[0])
    return lambda reader, form: make(inner(reader, one) for one in form)


def _of_mapping(key_type: Any, key: Decode, value: Decode) -> Decode:
    def decode(reader: Reader, form: Any) -> Any:
        pairs = form.items() if key_type is str or isinstance(form, dict) else form
        return {key(reader, name): value(reader, each) for name, each in pairs}

    return decode
