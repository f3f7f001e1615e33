"""Read what stands in an address or a form, with problems to show beside the fields."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError

from shared.errors import InvalidInput

_FRAME = frozenset({"lang", "done", "count"})


def query(schema: Schema) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the checked query, and for each field that cannot be used why; empty fields count as absent."""
    said = {name: value.strip() for name, value in request.args.items() if name not in _FRAME and value.strip()}
    try:
        return dict(schema.load(said, unknown=RAISE)), {}
    except ValidationError as error:
        good = error.valid_data if isinstance(error.valid_data, dict) else {}
        absent = schema.load({})
        messages = error.messages if isinstance(error.messages, dict) else {}
        return {**absent, **good}, {name: " ".join(map(str, texts)) for name, texts in messages.items()}


def form(schema: Schema) -> dict[str, Any]:
    """Return the checked form; raises InvalidInput. Empty fields count as absent."""
    said = {name: value.strip() for name, value in request.form.items() if value.strip()}
    try:
        return dict(schema.load(said, unknown=RAISE))
    except ValidationError as error:
        raise InvalidInput("; ".join(f"{name}: {texts}" for name, texts in error.messages_dict.items())) from error


def address(path: str, said: Mapping[str, str], **more: Any) -> str:
    """Return a path with what was asked, changed by `more`; None takes a part away."""
    asked = {name: value for name, value in {**said, **more}.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path
