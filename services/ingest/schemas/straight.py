"""Read what is in order without the detours that tell what is not: the fields are the schema's own."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError
from marshmallow.fields import Field, Nested

from services.ingest.schemas.fields import Expecting

Load = Callable[[Any], dict[str, Any] | None]
"""Returns what the schema would, or None where only the schema itself can say what to do."""


def straight(schema: Schema) -> Load:
    """Return how to load one object by this schema, whose fields have neither defaults nor validators of their own.

    Most of what comes is in order, and this takes it in in a quarter of the time.
    """
    readers: Mapping[str, Callable[[Any], Any]] = {name: _reader(field) for name, field in schema.fields.items()}
    required = [name for name, field in schema.fields.items() if field.required]

    def load(item: Any) -> dict[str, Any] | None:
        if type(item) is not dict:
            return None
        try:
            found = {name: readers[name](value) for name, value in item.items()}
        except (KeyError, ValidationError):
            return None
        return found if all(name in found for name in required) else None

    return load


def _reader(field: Field[Any]) -> Callable[[Any], Any]:
    """Return how to read a value of a field; raises ValidationError."""
    if isinstance(field, Expecting):
        return _unless_none(field.read) if field.allow_none else field.read
    if not isinstance(field, Nested):
        return field.deserialize
    inside = straight(field.schema)

    def read(value: Any) -> Any:
        found = inside(value)
        if found is None:
            raise ValidationError("ask the schema")
        return found

    return _unless_none(read) if field.allow_none else read


def _unless_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
