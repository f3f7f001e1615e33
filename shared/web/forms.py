"""Read what stands in the address or the form of a page, by the same schemas as the interface.

Empty fields count as absent: a browser sends every field of a form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError

from shared.errors import FieldProblem, InvalidInput
from shared.yaml12 import load

_FRAME = frozenset({"lang", "done"})
"""What the frame itself reads in an address."""


def query(schema: Schema, usual: Mapping[str, str] | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the checked query, and for each field that cannot be used why: that one is as `usual`, or absent."""
    otherwise = dict(usual or {})
    said = {**otherwise, **_filled(request.args.items(), _FRAME.__contains__)}
    try:
        return dict(schema.load(said, unknown=RAISE)), {}
    except ValidationError as error:
        good = error.valid_data if isinstance(error.valid_data, dict) else {}
        return {**schema.load(otherwise), **good}, _reasons(error)


def form(schema: Schema, beside: Callable[[str], bool] = lambda _: False) -> dict[str, Any]:
    """Return the checked form without the fields that stand `beside` it; raises InvalidInput."""
    try:
        return dict(schema.load(_filled(request.form.items(), beside), unknown=RAISE))
    except ValidationError as error:
        problems = [FieldProblem(f"/{name}", None, why) for name, why in _reasons(error).items()]
        raise InvalidInput("the form cannot be used", problems) from error


def document(text: str) -> Any:
    """Return what was pasted as YAML or JSON; raises InvalidInput."""
    try:
        return load(text)
    except ValueError as error:
        raise InvalidInput(str(error)) from error


def address(path: str, said: Mapping[str, Any], **more: Any) -> str:
    """Return a path with what was asked, changed by `more`; None takes a part away."""
    asked = {name: value for name, value in {**said, **more}.items() if value not in (None, "")}
    return f"{path}?{urlencode(asked)}" if asked else path


def _filled(fields: Iterable[tuple[str, str]], beside: Callable[[str], bool]) -> dict[str, str]:
    return {name: text.strip() for name, text in fields if text.strip() and not beside(name)}


def _reasons(error: ValidationError) -> dict[str, str]:
    return {name: " ".join(map(str, texts)) for name, texts in error.messages_dict.items()}
