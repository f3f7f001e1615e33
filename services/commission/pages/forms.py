"""Read what stands in an address or a form; what cannot be used is said on the page, or refused by name."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError

from services.commission.handlers.once import Request
from shared.errors import FieldProblem, InvalidInput
from shared.web import caller

_FRAME = frozenset({"lang", "done"})
ONCE, SEEN, PERIODS = "once", "seen", "payroll:"
"""Hidden fields: a key that makes a form count once, and the state of the run that was on the page; and the prefix
of the fields that hold the open payroll period of each employer."""


def query(schema: Schema) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the checked query, and for each field that cannot be used why; empty fields count as absent."""
    said = {name: value.strip() for name, value in request.args.items() if name not in _FRAME and value.strip()}
    try:
        return dict(schema.load(said, unknown=RAISE)), {}
    except ValidationError as error:
        good = error.valid_data if isinstance(error.valid_data, dict) else {}
        return {**schema.load({}), **good}, {
            name: " ".join(map(str, texts)) for name, texts in error.messages_dict.items()
        }


def form(schema: Schema) -> dict[str, Any]:
    """Return the checked form; raises InvalidInput. Empty fields count as absent."""
    hidden = {ONCE, SEEN}
    said = {
        name: value.strip()
        for name, value in request.form.items()
        if value.strip() and name not in hidden and not name.startswith(PERIODS)
    }
    try:
        return dict(schema.load(said, unknown=RAISE))
    except ValidationError as error:
        problems = [
            FieldProblem(f"/{name}", None, " ".join(map(str, said))) for name, said in error.messages_dict.items()
        ]
        raise InvalidInput("the form cannot be used", problems) from error


def payroll_periods() -> dict[str, str]:
    """Return the open payroll period of each employer as the form says."""
    said = request.form.items()
    return {name.removeprefix(PERIODS): value.strip() for name, value in said if name.startswith(PERIODS)}


def asked(now: datetime, reason: str | None = None) -> Request:
    """Return the form as a request to the handlers: once under its key, and for the state that was on the page."""
    said = f"{request.method} {request.path} {urlencode(sorted(request.form.items()))}".encode()
    key, seen = request.form.get(ONCE) or None, request.form.get(SEEN) or None
    return Request(caller().name, now, reason, key, sha256(said).hexdigest(), seen)


def address(path: str, said: Mapping[str, Any], **more: Any) -> str:
    """Return a path with what was asked, changed by `more`; None takes a part away."""
    wanted = {name: value for name, value in {**said, **more}.items() if value not in (None, "")}
    return f"{path}?{urlencode(wanted)}" if wanted else path
