"""Insight: what may be asked, and what callers get; the answers are described by the dataclasses themselves."""

from dataclasses import fields as parts
from dataclasses import is_dataclass
from datetime import date, datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from marshmallow import Schema, fields

from services.scoring.domain.insight.shapes import RepInsight, TeamInsight, TeamRow, WhatIf
from services.scoring.schemas import ID
from services.scoring.schemas.pages import TeamQuery

InsightQuery = TeamQuery
"""Which period and metric; this month, and the first metric that has goals, unless something else is said."""

_FIELDS: dict[Any, type[fields.Field[Any]]] = {
    int: fields.Integer,
    float: fields.Float,
    str: fields.String,
    bool: fields.Boolean,
    datetime: fields.DateTime,
    date: fields.Date,
}


class MovesQuery(TeamQuery):
    """Who would move to which team, from which day on."""

    rep = fields.String(required=True, validate=ID)
    to = fields.String(required=True, validate=ID)
    day = fields.Date(required=True)


class MarkBody(Schema):
    """Whether a signal of a period is dealt with."""

    done = fields.Boolean(required=True)


@cache
def schema_of(shape: type) -> type[Schema]:
    """Return a schema that describes a dataclass, with the first line of its docstring."""
    hints = get_type_hints(shape)
    made: dict[str, Any] = {each.name: _field(hints[each.name]) for each in parts(shape)}
    return type(shape.__name__, (Schema,), {**made, "__doc__": (shape.__doc__ or "").splitlines()[0]})


def _field(hint: Any) -> fields.Field[Any]:
    """Return the field of a type: one of _FIELDS, a dataclass, a tuple of such, or one of them or None."""
    inside = get_args(hint)
    if isinstance(hint, UnionType):
        found = _field(next(each for each in inside if each is not type(None)))
        found.allow_none = True
        return found
    if get_origin(hint) is tuple:
        return fields.List(_field(inside[0]) if inside[-1] is Ellipsis else fields.Raw())
    if isinstance(hint, type) and is_dataclass(hint):
        return fields.Nested(schema_of(hint))
    return _FIELDS[hint]()


TeamInsightView, RepInsightView = schema_of(TeamInsight), schema_of(RepInsight)
WhatIfView = schema_of(WhatIf)


class Teams(Schema):
    """Teams side by side."""

    teams = fields.List(fields.Nested(schema_of(TeamRow)), required=True)


class Mark(Schema):
    """A signal, and whether it is dealt with."""

    signal = fields.String(required=True)
    done = fields.Boolean(required=True)
