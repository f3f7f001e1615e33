"""RFC 9457 problem details for every error, and the one table of HTTP statuses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from shared import errors, logs
from shared.errors import FieldProblem, InvalidInput, SamenspelError
from shared.web.encoding import default
from shared.web.pages import page

STATUS: dict[type[SamenspelError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.Outdated: 412,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.InvalidInput: 422,
    errors.RateLimited: 429,
    errors.Broken: 500,
    errors.Unavailable: 503,
}
_KIND = {status: kind for kind, status in STATUS.items()}
_LONGEST_VALUE = 200
CONTENT_TYPE = "application/problem+json"

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """Describe one refusal as RFC 9457 does; `code` is the stable name that programs compare."""

    status: int
    code: str
    title: str
    detail: str = ""
    errors: tuple[FieldProblem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    documented: bool = True


def install(app: Flask, service: str) -> None:
    """Answer every error of the application with problem details."""

    def named(error: SamenspelError) -> Response:
        return answer(of_error(error), service)

    def http(error: HTTPException) -> Any:
        return error if (error.code or 500) < 400 else answer(of_http(error), service)

    def unknown(error: Exception) -> Response:
        log.error("request_failed", route=str(request.url_rule), method=request.method, exc_info=error)
        return answer(of_error(errors.Broken("Quote the request id when you report this.")), service)

    app.register_error_handler(SamenspelError, named)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unknown)


def status_of(kind: type[SamenspelError]) -> int:
    """Return the HTTP status of a kind of error: its own or that of its nearest ancestor in the table."""
    return next((STATUS[base] for base in kind.__mro__ if base in STATUS), 500)


def of_error(error: SamenspelError) -> Problem:
    """Describe one of our own errors."""
    status = status_of(type(error))
    retry = getattr(error, "retry_after", None)
    headers = {} if retry is None else {"Retry-After": str(math.ceil(retry))}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="samenspel"'
    problems = error.problems if isinstance(error, InvalidInput) else ()
    return Problem(status, error.code, error.title(), error.detail, problems, headers)


def of_http(error: HTTPException) -> Problem:
    """Describe an error that Flask or Werkzeug raised."""
    status = error.code or 500
    kind = _KIND.get(status)
    code = kind.code if kind else error.name.lower().replace(" ", "-")
    title = kind.title() if kind else f"{error.name}."
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Content-Range")}
    return Problem(status, code, title, error.description or "", (), kept, documented=kind is not None)


def answer(problem: Problem, service: str) -> Response:
    """Return the response: JSON, or a page for a browser that asked for one."""
    body = _body(problem, service)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        response = Response(page("samenspel/problem.html", title="", problem=body), problem.status)
    else:
        response = Response(orjson.dumps(body, default=default), problem.status, content_type=CONTENT_TYPE)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _body(problem: Problem, service: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"/{service}/docs#problem-{problem.code}" if problem.documented else "about:blank",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": g.get("request_id", ""),
    }
    if problem.errors:
        body["errors"] = [_told(each) for each in problem.errors]
    return body


def _told(each: FieldProblem) -> dict[str, Any]:
    said = {**asdict(each), "value": _shortened(each.value)}
    return said if each.line is not None else {name: value for name, value in said.items() if name != "line"}


def _shortened(value: Any) -> Any:
    """Echo a value as it is when it is small, else its beginning: a report is not a mirror."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return value if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
