"""The service's description in OpenAPI 3.1, with the access of each route and problem details as its errors."""

from __future__ import annotations

import http
from typing import Any, ClassVar

import flask_smorest
import marshmallow as ma
from flask import Flask
from flask_smorest.utils import prepare_response

from shared.web.access import COOKIE
from shared.web.problems import CONTENT_TYPE


class FieldProblemSchema(ma.Schema):
    """One field that cannot be used."""

    pointer = ma.fields.String(metadata={"description": "JSON pointer into the body, or query/<name>"})
    value = ma.fields.Raw(metadata={"description": "What stood there"})
    expected = ma.fields.String(metadata={"description": "What was expected"})


class ProblemSchema(ma.Schema):
    """Problem details (RFC 9457)."""

    type = ma.fields.String(required=True, metadata={"description": "Where the problem is described"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True, metadata={"description": "Stable name, for programs to compare"})
    detail = ma.fields.String(required=True)
    request_id = ma.fields.String(required=True, metadata={"description": "Quote it when you report a problem"})
    errors = ma.fields.List(ma.fields.Nested(FieldProblemSchema))


class Api(flask_smorest.Api):  # type: ignore[misc]  # the library ships no types
    """Collect the description; errors and pages are the kit's own."""

    ERROR_SCHEMA: ClassVar[type[ma.Schema]] = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to `shared.web.problems`."""

    def _register_responses(self) -> None:
        """Describe every error as problem details, under the content type that is really sent."""
        for status in http.HTTPStatus:
            self._register_response(status.name, status.phrase, described=status >= 400)
        self._register_response("DEFAULT_ERROR", "Any other error", described=True)

    def _register_response(self, name: str, phrase: str, *, described: bool) -> None:
        response: dict[str, Any] = {"description": phrase}
        if described:
            response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, CONTENT_TYPE)
        self.spec.components.response(name, response, lazy=True)


def describe(app: Flask, service: str, version: str, summary: str) -> Api:
    """Return the collector of an application's description."""
    app.config.update(API_TITLE=f"Samenspel {service}", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    api = Api(app, spec_kwargs={"info": {"description": summary}})
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("cookie", {"type": "apiKey", "in": "cookie", "name": COOKIE})
    return api
