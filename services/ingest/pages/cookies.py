"""The two cookies of somebody who is signed in: the session for every service, and what renews it, for ingest only."""

from datetime import datetime

from flask import Request, Response

from services.ingest.handlers.signing_in import Begun, From
from shared.sessions import LASTS, Session, Sessions, sign, verify
from shared.web import COOKIE
from shared.web.access import session_cookie

SIGNED_IN, PATH = "samenspel_signed_in", "/ingest"
_GOES_BEFORE = 30
"""Seconds before its end at which a browser drops a session: it is renewed rather than refused."""

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def keep(response: Response, begun: Begun, key: str, request: Request) -> Response:
    """Let the browser keep a session, and what renews it; a token that it kept goes."""
    secure = request.is_secure
    lasts = int(LASTS.total_seconds()) - _GOES_BEFORE
    name = session_cookie(secure=secure)
    response.set_cookie(
        name, sign(begun.session, key), max_age=lasts, httponly=True, samesite="Lax", secure=secure, path="/"
    )
    if begun.secret:
        until = begun.expires_at if begun.stays else None
        response.set_cookie(
            _renewing(request), begun.secret, expires=until, httponly=True, samesite="Lax", secure=secure, path=PATH
        )
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    response.headers["Cache-Control"] = "no-store"
    return response


def kept(request: Request) -> str:
    """Return what renews the browser's session; empty when it has nothing."""
    return request.cookies.get(_renewing(request), "")


def mark(request: Request, sessions: Sessions, now: datetime) -> int:
    """Return the number of the sign-in that the browser's session belongs to; 0: none."""
    session = session_of(request, sessions, now)
    return int(session.mark) if session and session.mark.isdecimal() else 0


def session_of(request: Request, sessions: Sessions, now: datetime) -> Session | None:
    """Return the session that a browser presents."""
    return verify(request.cookies.get(session_cookie(secure=request.is_secure), ""), sessions.keys, now)


def drop(response: Response, request: Request) -> Response:
    """Take both cookies back, and a token's."""
    secure = request.is_secure
    response.delete_cookie(session_cookie(secure=secure), path="/", httponly=True, samesite="Lax", secure=secure)
    response.delete_cookie(_renewing(request), path=PATH, httponly=True, samesite="Lax", secure=secure)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    response.headers["Cache-Control"] = "no-store"
    return response


def where(request: Request, *, stays: bool = False) -> From:
    """Return where somebody signs in."""
    return From(request.remote_addr or "", agent(request.headers.get("User-Agent", "")), stays)


def agent(said: str) -> str:
    """Name a browser and its system in two words; more is nobody's business."""
    words = (next((word for sign, word in table if sign in said), "") for table in (_BROWSERS, _SYSTEMS))
    return " · ".join(word for word in words if word)


def _renewing(request: Request) -> str:
    return f"__Secure-{SIGNED_IN}" if request.is_secure else SIGNED_IN
