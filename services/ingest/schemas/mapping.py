"""The mapping of a table: the YAML that tells the importer how rows become activities."""

import codecs
from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import Schema, ValidationError, fields, validate

from services.ingest.domain.mapping import AMOUNT, KINDS, MOMENT, TEXT, Cell, Dialect, TableMapping, Template, pointers
from services.ingest.schemas.activities import ActivitySchema, DealSchema
from shared.contracts.documents import load
from shared.contracts.league import BadDocument, Problem

KIND = "mapping"

_NATURAL_KINDS = {"/occurred_at": MOMENT, "/deal/amount": AMOUNT}
_NEEDED = ("/id", "/type", "/occurred_at")
_NUMBERS = ("/sequence",)


class CellField(fields.Field[Mapping[str, Any]]):
    """Text with {columns} in it, or an object with `text` or `column`, `values`, `others`, `kind`; also a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Mapping[str, Any]:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return {"text": value}
        if isinstance(value, Mapping):
            return _CELL.load(value)  # type: ignore[no-any-return]
        raise ValidationError(f"{value!r} is no value: write text with {{columns}} in it")


class _Cell(Schema):
    column = fields.String()
    text = fields.String()
    values = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    others = fields.String(load_default="refuse", validate=validate.OneOf(("refuse", "keep")))
    kind = fields.String(validate=validate.OneOf(KINDS))


_CELL = _Cell()


class _Deal(Schema):
    class Meta:
        """The fields of a deal."""

        include = {name: CellField() for name in DealSchema().declared_fields}  # noqa: RUF012  marshmallow's own way


class _Activity(Schema):
    class Meta:
        """The fields of an activity, each filled from the row."""

        include = {  # noqa: RUF012  marshmallow's own way
            name: CellField() for name in ActivitySchema().declared_fields if name not in {"deal", "data"}
        }

    when = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), load_default=dict)
    deal = fields.Nested(_Deal)
    data = fields.Dict(keys=fields.String(), values=CellField())


class _Skip(Schema):
    when = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    reason = fields.String(required=True)


class _File(Schema):
    encoding = fields.String(load_default="utf-8-sig")
    delimiter = fields.String(load_default=",", validate=validate.Length(1, 1))


class _Dates(Schema):
    format = fields.String(load_default="%Y-%m-%d")
    time = fields.Time(load_default=time(12))
    zone = fields.String(load_default="UTC", validate=validate.OneOf(available_timezones(), error="is no time zone"))


class _Amounts(Schema):
    decimal = fields.String(load_default=".", validate=validate.OneOf((".", ",")))
    thousands = fields.String(load_default="", validate=validate.OneOf(("", ".", ",", " ", "'")))


class MappingSchema(Schema):
    """The whole mapping."""

    connection = fields.String(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)"))
    file = fields.Nested(_File, load_default=lambda: _File().load({}))
    dates = fields.Nested(_Dates, load_default=lambda: _Dates().load({}))
    amounts = fields.Nested(_Amounts, load_default=lambda: _Amounts().load({}))
    activities = fields.List(fields.Nested(_Activity), required=True, validate=validate.Length(1, 20))
    skip = fields.List(fields.Nested(_Skip), load_default=list)


def parse_mapping(body: Any) -> TableMapping:
    """Read a mapping; BadDocument names every problem."""
    parts = load(KIND, MappingSchema(), body, strict=True)
    problems = [
        Problem(f"/activities/{i}{pointer}", "is missing: every activity needs it")
        for i, activity in enumerate(parts["activities"])
        for pointer in _NEEDED
        if pointer[1:] not in activity
    ]
    problems += [Problem("/file/encoding", "is no encoding")] if not _is_encoding(parts["file"]["encoding"]) else []
    if problems:
        raise BadDocument(KIND, problems)
    return _mapping(parts)


def _mapping(parts: Mapping[str, Any]) -> TableMapping:
    dates, amounts = parts["dates"], parts["amounts"]
    return TableMapping(
        connection=parts["connection"],
        dialect=Dialect(
            dates["format"], dates["time"], ZoneInfo(dates["zone"]), amounts["decimal"], amounts["thousands"]
        ),
        templates=tuple(_template(activity) for activity in parts["activities"]),
        skip=tuple((_when(skip["when"]), skip["reason"]) for skip in parts["skip"]),
        **parts["file"],
    )


def _template(activity: Mapping[str, Any]) -> Template:
    content = {name: value for name, value in activity.items() if name != "when"}
    return Template(_when(activity["when"]), {pointer: _cell(pointer, cell) for pointer, cell in pointers(content)})


def _cell(pointer: str, said: Mapping[str, Any]) -> Cell:
    text = f"{{{said['column']}}}" if "column" in said else str(said["text"])
    natural = "number" if pointer in _NUMBERS else _NATURAL_KINDS.get(pointer, TEXT)
    kind = said.get("kind", natural)
    return Cell(text, kind, said.get("values") or {}, keep_others=said.get("others") == "keep")


def _when(said: Mapping[str, list[str]]) -> Mapping[str, frozenset[str]]:
    return {column: frozenset(values) for column, values in said.items()}


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
