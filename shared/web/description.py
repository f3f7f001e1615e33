"""Turn an OpenAPI description into what a page shows: groups of operations with flat tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared.errors import SamenspelError
from shared.web.problems import STATUS, status_of

Json = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table: `name` is dotted, `[]` marks the items of a list."""

    name: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status an operation may answer with."""

    status: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `access` tells who may call it."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    access: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    example: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one blueprint."""

    name: str
    about: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of problem a caller may meet."""

    code: str
    status: int
    title: str


def groups(spec: Json) -> list[Group]:
    """Return the operations by tag, in the order of the description."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in spec.get("tags", [])}
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                tag = item[method].get("tags", [""])[0]
                found.setdefault(tag, []).append(_operation(spec, path, method, item))
    about = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", [])}
    return [Group(name, about.get(name, ""), tuple(listed)) for name, listed in found.items() if listed]


def refusals() -> list[Refusal]:
    """Return every kind of problem a caller can meet, by status; what stops a process from starting is none."""
    kinds = {kind.code: kind for kind in _below(SamenspelError) if status_of(kind) < 500 or kind in STATUS}
    listed = [Refusal(code, status_of(kind), kind.title()) for code, kind in kinds.items()]
    return sorted(listed, key=lambda each: (each.status, each.code))


def _below(kind: type[SamenspelError]) -> Iterator[type[SamenspelError]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


def _operation(spec: Json, path: str, method: str, item: Json) -> Operation:
    operation = item[method]
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    media = _media(operation.get("requestBody", {}))
    return Operation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=operation.get("description", ""),
        access=_access(operation),
        parameters=tuple(_parameter(_resolved(spec, each)) for each in parameters),
        body=tuple(fields(spec, media.get("schema", {}))),
        example=_example(media),
        answers=tuple(_answers(spec, operation.get("responses", {}))),
    )


def _access(operation: Json) -> str:
    if "x-public" in operation:
        return f"Public: {operation['x-public']}."
    scopes = sorted({scope for way in operation.get("security", []) for named in way.values() for scope in named})
    return f"Needs a token with {' or '.join(scopes)}."


def _parameter(parameter: Json) -> Field:
    about = parameter.get("description", "") or parameter.get("schema", {}).get("description", "")
    name = f"{parameter['name']} ({parameter['in']})"
    return Field(name, _type(parameter.get("schema", {})), bool(parameter.get("required")), about)


def _answers(spec: Json, responses: Json) -> Iterator[Answer]:
    for status, response in sorted(responses.items(), key=lambda each: (each[0] == "default", str(each[0]))):
        found = _resolved(spec, response)
        told = () if str(status) == "default" or str(status) >= "4" else tuple(fields(spec, _schema(found)))
        yield Answer("others" if status == "default" else str(status), found.get("description", ""), told)


def fields(spec: Json, schema: Json, prefix: str = "", depth: int = 0) -> Iterator[Field]:
    """Yield the fields of a schema, those inside others right behind them."""
    schema = _resolved(spec, schema)
    if schema.get("type") == "array":
        yield from fields(spec, schema.get("items", {}), f"{prefix}[]", depth)
        return
    needed = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        found = _resolved(spec, inner)
        path = f"{prefix}.{name}" if prefix else name
        about = inner.get("description", "") or found.get("description", "")
        yield Field(path, _type(found), name in needed, about)
        if depth < DEEPEST:
            yield from fields(spec, found, path, depth + 1)


def _type(schema: Json) -> str:
    """Say a type in a few words: `text (date-time)`, `list`, `one of a, b`."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    said = " or ".join(
        {"string": "text", "array": "list", "number": "number", "null": "nothing"}.get(k, k) for k in kinds
    )
    detail = schema.get("format") or _range(schema)
    return f"{said} ({detail})" if detail else said


def _range(schema: Json) -> str:
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"exactly {low}" if low == high else f"{low} to {high}"


def _media(holder: Json) -> Json:
    return next(iter(holder.get("content", {}).values()), {})


def _schema(holder: Json) -> Json:
    found: Json = _media(holder).get("schema", {})
    return found


def _example(media: Json) -> str:
    example = media.get("example") or next((each.get("value") for each in media.get("examples", {}).values()), None)
    return "" if example is None else orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()


def _resolved(spec: Json, node: Json) -> Json:
    """Follow `$ref` inside the description."""
    while "$ref" in node:
        target: Any = spec
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node
