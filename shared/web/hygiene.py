"""What happens around every request: its id, the guard, headers, counting."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, g, request

from shared import logs
from shared.auth import Tokens
from shared.errors import TooLarge
from shared.metrics import Metrics
from shared.sessions import Sessions
from shared.web.access import Rule, admit, identify
from shared.web.limits import Limiter
from shared.web.renewal import may_renew, renewal

if TYPE_CHECKING:  # the module exists for type checkers only
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
HSTS = ("Strict-Transport-Security", "max-age=31536000")
SLOW_SECONDS = 1.0
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

log = logs.get(__name__)


class Guard:
    """Decide before a view runs: body limit, who calls, may they, how often."""

    def __init__(
        self, tokens: Tokens, sessions: Sessions, limiter: Limiter, clock: Callable[[], datetime], max_body: int
    ) -> None:
        """Know tokens and sessions; the rules follow when all routes are there."""
        self._tokens, self._sessions = tokens, sessions
        self._limiter, self._clock, self._max_body = limiter, clock, max_body
        self.rules: Mapping[tuple[str, str], Rule] = {}

    def check(self) -> Response | None:
        """Raise Unauthenticated, Forbidden, RateLimited, TooLarge; return the way to renew a session that is over."""
        rule = self.rules.get((request.endpoint or "", request.method))
        if rule is None:
            return None  # 404, 405, OPTIONS: Flask answers
        limit = request.max_content_length = rule.max_body or self._max_body
        who = identify(request, self._tokens, self._sessions, self._clock())
        g.caller = who
        if who is None and not rule.access.public and self._sessions.keys and may_renew(request):
            return renewal(request)
        admit(rule.access, who)
        if who is not None:
            self._limiter.take(who.name, g.began)
        if "Transfer-Encoding" in request.headers:
            _read_unannounced(limit)
        return None


def _read_unannounced(limit: int) -> None:
    """Read a body whose length was not announced; Werkzeug would cut it off at the limit without a word."""
    request.max_content_length = limit + 1
    if len(request.get_data()) > limit:
        raise TooLarge(f"at most {limit} bytes")


def install(app: Flask, service: str, guard: Guard, metrics: Metrics) -> None:
    """Wrap every request of the application."""
    seconds = metrics.histogram("samenspel_request_seconds", "Time until the answer began.", ["route", "method"])
    answers = metrics.counter("samenspel_requests_total", "Answers by status.", ["route", "method", "status"])

    def before() -> Response | None:
        g.began = time.perf_counter()
        g.request_id = _request_id(request.headers.get("X-Request-ID"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(service=service, request_id=g.request_id)
        return guard.check()

    def after(response: Response) -> Response:
        _label(response)
        route = request.url_rule.rule if request.url_rule else "(none)"
        took = time.perf_counter() - g.began
        seconds.labels(route, request.method).observe(took)
        answers.labels(route, request.method, response.status_code).inc()
        _log(route, response.status_code, took)
        return response

    app.before_request(before)
    app.after_request(after)
    app.wsgi_app = protected(app.wsgi_app)  # type: ignore[assignment,method-assign]


def _request_id(offered: str | None) -> str:
    return offered if offered and _SANE_ID.fullmatch(offered) else secrets.token_hex(8)


def protected(app: WSGIApplication) -> WSGIApplication:
    """Add the security headers to every answer that has not set its own.

    Outside Flask on purpose: there they cost a tenth, and answers that never reached Flask have them too.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            present = {name for name, _ in headers}
            headers.extend(pair for pair in HEADERS if pair[0] not in present)
            if environ["wsgi.url_scheme"] == "https":
                headers.append(HSTS)
            return start_response(status, headers, exc_info)

        return app(environ, start)

    return call


def _label(response: Response) -> None:
    headers = response.headers
    headers["X-Request-ID"] = g.request_id
    if "Cache-Control" in headers:
        return
    if response.mimetype == "text/html" and response.status_code == 200 and not response.is_streamed:
        headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        response.make_conditional(request)
    else:
        headers["Cache-Control"] = "private, no-store"


def _log(route: str, status: int, took: float) -> None:
    """Log refusals, failures and slow answers; a fast success is only counted. Routes, never paths or queries."""
    if status >= 500:
        log.error("answered", route=route, method=request.method, status=status, ms=round(took * 1000, 1))
    elif status >= 400 or took > SLOW_SECONDS:
        log.info("answered", route=route, method=request.method, status=status, ms=round(took * 1000, 1))
