"""Documented routes: flask-smorest's blueprint with a typed face, strict arguments and our errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

import flask_smorest
import marshmallow as ma
import orjson
from flask import Request, request
from webargs.flaskparser import FlaskParser

from shared.errors import FieldProblem, InvalidInput
from shared.web.encoding import json_body

F = TypeVar("F", bound=Callable[..., Any])
SchemaLike = ma.Schema | type[ma.Schema]
ABSENT = "(absent)"


class Parser(FlaskParser):
    """Read arguments strictly: unknown names are refused, every problem is reported at once."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE}  # noqa: RUF012

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Return the parsed body; raises Malformed or UnsupportedMedia."""
        return json_body()

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_kwargs: Any) -> NoReturn:
        """Turn marshmallow's messages into a list of field problems."""
        raise InvalidInput(problems=list(field_problems(error.messages_dict))) from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # the library ships no types
    """A group of documented routes; `url_prefix` is written out: `/ingest/v1`.

    Decorate in this order: `@blueprint.get(...)`, `@requires(...)`, `@blueprint.arguments(...)`,
    `@blueprint.response(...)`.
    """

    ARGUMENTS_PARSER = Parser()

    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Add and document a route."""
        return super().route(rule, **options)  # type: ignore[no-any-return]

    def get(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Add and document a GET route."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Add and document a POST route."""
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Add and document a PUT route."""
        return self.route(rule, methods=["PUT"], **options)

    def delete(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Add and document a DELETE route."""
        return self.route(rule, methods=["DELETE"], **options)

    def arguments(self, schema: SchemaLike, **options: Any) -> Callable[[F], F]:
        """Load and validate arguments; `location` is `json` (default), `query`, `form`, `headers` or `path`."""
        return super().arguments(schema, **options)  # type: ignore[no-any-return]

    def response(self, status_code: int, schema: SchemaLike | None = None, **options: Any) -> Callable[[F], F]:
        """Document the answer and dump it through the schema."""
        return super().response(status_code, schema, **options)  # type: ignore[no-any-return]

    def alt_response(self, status_code: int, **options: Any) -> Callable[[F], F]:
        """Document another answer."""
        return super().alt_response(status_code, **options)  # type: ignore[no-any-return]

    @staticmethod
    def doc(**kwargs: Any) -> Callable[[F], F]:
        """Add to the description of a route."""
        return flask_smorest.Blueprint.doc(**kwargs)  # type: ignore[no-any-return]


def field_problems(messages: Mapping[Any, Any]) -> Iterator[FieldProblem]:
    """Turn `{location: {field: … [messages]}}` into problems with pointers and the values that stood there."""
    for location, nested in messages.items():
        if location == "json":
            yield from _walk(nested, "", _parsed())
        else:
            yield from _walk(nested, str(location), request.args if location == "query" else {})


def _walk(messages: Any, pointer: str, value: Any) -> Iterator[FieldProblem]:
    if not isinstance(messages, Mapping):
        yield FieldProblem(pointer, value, " ".join(map(str, messages)))
        return
    for key, nested in messages.items():
        if key == "_schema":
            yield from _walk(nested, pointer, value)
        else:
            yield from _walk(nested, f"{pointer}/{key}", _inside(value, key))


def _inside(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return ABSENT


def _parsed() -> Any:
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return ABSENT
