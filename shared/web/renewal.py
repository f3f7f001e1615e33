"""A page whose session is over is sent once to ingest, which knows whether the person is signed in still."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Request, Response

from shared.web.access import session_cookie

RENEW, SIGN_IN = "/ingest/sign-in/renew", "/ingest/sign-in"


def may_renew(request: Request) -> bool:
    """Tell whether a browser opens a page, and presents no session: one that is not believed is not asked for again."""
    wanted = request.accept_mimetypes.best_match(["application/json", "text/html"])
    opens = request.method == "GET" and wanted == "text/html" and "Authorization" not in request.headers
    inside = request.headers.get("Sec-Fetch-Dest", "document") != "document"
    return opens and not inside and session_cookie(secure=request.is_secure) not in request.cookies


def renewal(request: Request) -> Response:
    """Return the way over ingest, and back to the same page."""
    back = request.full_path if request.query_string else request.path
    location = f"{RENEW}?{urlencode({'next': back})}"
    return Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
