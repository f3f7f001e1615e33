"""What the forms of pay have beside their fields: whose order it is, and for which state of the books."""

from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import request
from marshmallow import Schema

from services.commission.handlers.once import Request
from shared.web import caller, forms

ONCE, SEEN, PERIODS = "once", "seen", "payroll:"
"""Hidden fields: a key that makes a form count once, and the state of the run that was on the page; and the prefix
of the fields that hold the open payroll period of each employer."""


def form(schema: Schema) -> dict[str, Any]:
    """Return the checked form; raises InvalidInput. Empty fields count as absent."""
    return forms.form(schema, beside=lambda name: name in (ONCE, SEEN) or name.startswith(PERIODS))


def payroll_periods() -> dict[str, str]:
    """Return the open payroll period of each employer as the form says."""
    said = request.form.items()
    return {name.removeprefix(PERIODS): value.strip() for name, value in said if name.startswith(PERIODS)}


def asked(now: datetime, reason: str | None = None) -> Request:
    """Return the form as a request to the handlers: once under its key, and for the state that was on the page."""
    said = f"{request.method} {request.path} {urlencode(sorted(request.form.items()))}".encode()
    key, seen = request.form.get(ONCE) or None, request.form.get(SEEN) or None
    return Request(caller().name, now, reason, key, sha256(said).hexdigest(), seen)
