"""Read what stands in an address or a form."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError

from shared.errors import FieldProblem, InvalidInput

_FRAME = frozenset({"lang", "done"})


def query(schema: Schema, usual: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the checked query and, for each field that cannot be used, why; empty fields are as `usual`."""
    said = {
        **usual,
        **{name: text.strip() for name, text in request.args.items() if name not in _FRAME and text.strip()},
    }
    try:
        return dict(schema.load(said, unknown=RAISE)), {}
    except ValidationError as error:
        wrong = {name: " ".join(map(str, texts)) for name, texts in error.messages_dict.items()}
        good = {name: text for name, text in said.items() if name not in wrong and name in schema.fields}
        return dict(schema.load({**usual, **good}, unknown=RAISE)), wrong


def form(schema: Schema) -> dict[str, Any]:
    """Return the checked form; raises InvalidInput. Empty fields count as absent."""
    said = {name: text.strip() for name, text in request.form.items() if text.strip()}
    try:
        return dict(schema.load(said, unknown=RAISE))
    except ValidationError as error:
        problems = [FieldProblem(f"/{name}", said.get(name), str(texts)) for name, texts in error.messages_dict.items()]
        raise InvalidInput("; ".join(f"{each.pointer}: {each.expected}" for each in problems)) from error


def address(path: str, said: Mapping[str, Any], **more: Any) -> str:
    """Return a path with what was asked, changed by `more`; None takes a part away."""
    asked = {name: value for name, value in {**said, **more}.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path
