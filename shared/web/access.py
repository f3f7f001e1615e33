"""Who may call a route: declared beside it, checked before anything of the request is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g

from shared.auth import SCOPES, Caller, Tokens
from shared.errors import Forbidden, Unauthenticated
from shared.sessions import Sessions

F = TypeVar("F", bound=Callable[..., Any])

COOKIE, SESSION = "samenspel", "samenspel_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_ACCESS, _BODY = "samenspel_access", "samenspel_max_body"


@dataclass(frozen=True, slots=True)
class Access:
    """Say which scopes open a route (any one of them), or why it is public.

    `bounded`: the route itself keeps a bounded caller to the own teams and numbers; any other refuses such a caller.
    """

    scopes: frozenset[str] = frozenset()
    public: str = ""
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """Keep what is checked before one method of one route runs; `max_body` in bytes, None: the service's."""

    access: Access
    max_body: int | None


class UndeclaredRoute(TypeError):
    """A route says neither `@requires(...)` nor `@public(...)`."""


def requires(*scopes: str, bounded: bool = False) -> Callable[[F], F]:
    """Let a caller in who holds one of the scopes.

    `bounded=True` says that the view asks `caller().sees_team(…)` or `caller().sees_rep(…)` and leaves out what is not
    the caller's; without it callers who see only their own teams or numbers are refused.
    """
    unknown = set(scopes) - SCOPES.keys()
    if unknown or not scopes:
        raise UndeclaredRoute(f"unknown scopes {sorted(unknown)}; there are {', '.join(SCOPES)}")
    named = sorted(scopes)
    refused = {"401": "UNAUTHORIZED", "403": "FORBIDDEN", "429": "TOO_MANY_REQUESTS"}
    doc = {"security": [{"token": named}, {"cookie": named}], "responses": refused}
    return _declare(Access(scopes=frozenset(scopes), bounded=bounded), doc)


def public(why: str) -> Callable[[F], F]:
    """Let everybody in, and say why that is right."""
    if not why.strip():
        raise UndeclaredRoute("a public route says why it is public")
    return _declare(Access(public=why), {"security": [], "x-public": why})


def limit_body(size: int) -> Callable[[F], F]:
    """Allow bodies of up to `size` bytes on this route instead of the service's limit."""

    def mark(view: F) -> F:
        setattr(view, _BODY, size)
        return view

    return mark


def caller() -> Caller:
    """Return who makes the present request; raises Unauthenticated on a public route without a token."""
    found = cast("Caller | None", g.get("caller"))
    if found is None:
        raise Unauthenticated("this needs a token")
    return found


def sign_in(response: Response, secret: str, *, secure: bool, days: int = 90) -> None:
    """Let a browser keep a token in a cookie that no script can read and no other site can send."""
    response.set_cookie(
        COOKIE, secret, max_age=days * 86_400, httponly=True, samesite="Strict", secure=secure, path="/"
    )


def sign_out(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


def rules(app: Flask, kit: frozenset[str] = frozenset()) -> dict[tuple[str, str], Rule]:
    """Return what every (endpoint, method) of an application declares; raises UndeclaredRoute naming the silent ones.

    Endpoints in `kit` are Flask's own static files: public.
    """
    found: dict[tuple[str, str], Rule] = {}
    silent: list[str] = []
    for rule in app.url_map.iter_rules():
        for method, view in _views(app, rule.endpoint, rule.methods or set()):
            access = Access(public="static files") if rule.endpoint in kit else getattr(view, _ACCESS, None)
            if access is None:
                silent.append(f"{method} {rule.rule}")
            else:
                found[rule.endpoint, method] = Rule(access, getattr(view, _BODY, None))
    if silent:
        raise UndeclaredRoute(f"say @requires(...) or @public(...) at: {', '.join(sorted(silent))}")
    return found


def identify(request: Request, tokens: Tokens, sessions: Sessions, now: datetime) -> Caller | None:
    """Return who calls: by a token in the Authorization header, or by a browser's cookie with a session or a token.

    A cookie counts for a changing request only when the browser vouches that this site's own page sent it.
    """
    header = request.headers.get("Authorization")
    if header is not None:
        kind, _, secret = header.partition(" ")
        return tokens.authenticate(secret.strip(), now) if kind.lower() == "bearer" else None
    if not (request.method in _SAFE or same_origin(request)):
        return None
    session, token = request.cookies.get(session_cookie(secure=request.is_secure)), request.cookies.get(COOKIE)
    who = None if session is None else sessions.authenticate(session, now)
    return tokens.authenticate(token, now) if who is None and token is not None else who


def session_cookie(*, secure: bool) -> str:
    """Return the name of the cookie that carries a session; over https no other host or path can have set it."""
    return f"__Host-{SESSION}" if secure else SESSION


def admit(access: Access, who: Caller | None) -> None:
    """Let the caller pass, or raise Unauthenticated or Forbidden."""
    if access.public:
        return
    if who is None:
        raise Unauthenticated("send a valid token: Authorization: Bearer …")
    if not access.scopes & who.scopes:
        raise Forbidden(f"this needs the scope {' or '.join(sorted(access.scopes))}")
    if who.bounded and not access.bounded:
        raise Forbidden("this shows everybody; your account is for your own team or numbers")


def same_origin(request: Request) -> bool:
    """Tell whether the browser vouches that this site's own page sent the request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _declare(access: Access, doc: dict[str, Any]) -> Callable[[F], F]:
    def mark(view: F) -> F:
        setattr(view, _ACCESS, access)
        apidoc = getattr(view, "_apidoc", {})
        manual = apidoc.get("manual_doc", {})
        responses = {**doc.get("responses", {}), **manual.get("responses", {})}
        merged = {**manual, **doc, **({"responses": responses} if responses else {})}
        setattr(view, "_apidoc", {**apidoc, "manual_doc": merged})  # noqa: B010  flask-smorest reads it from there
        return view

    return mark


def _views(app: Flask, endpoint: str, methods: set[str]) -> Iterator[tuple[str, Any]]:
    view = app.view_functions[endpoint]
    owner = getattr(view, "view_class", None)
    for method in methods - {"OPTIONS"}:
        named = "get" if method == "HEAD" and not hasattr(owner, "head") else method.lower()
        yield method, view if owner is None else getattr(owner, named)
