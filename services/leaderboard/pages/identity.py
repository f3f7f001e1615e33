"""Who a screen is: paired screens have a cookie of their own, which belongs to no person and can be revoked."""

from __future__ import annotations

from flask import Response, g, request

from services.leaderboard.live import ScreenRevoked
from services.leaderboard.live.desk import Desk
from shared.auth import Caller
from shared.errors import Unauthenticated

COOKIE = "samenspel_screen"
SCOPES = frozenset({"screen", "boards:read"})
OPEN = "open"
_DAYS = 400
"""Browsers keep no cookie for longer; the page renews it each time that it is loaded."""


def keep(response: Response, secret: str) -> None:
    """Let a screen keep its secret where no script can read it and no other site can send it."""
    response.set_cookie(
        COOKIE, secret, max_age=_DAYS * 86_400, httponly=True, samesite="Strict", secure=request.is_secure, path="/"
    )


def renew(response: Response) -> None:
    """Let a screen keep its secret for as long again."""
    if secret := request.cookies.get(COOKIE):
        keep(response, secret)


def forget(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


def screen(desk: Desk) -> str | None:
    """Return the id of the paired screen that makes the present request; None: it is none, or was revoked."""
    found = _presented(desk)
    return None if found is None or found[1] else found[0]


def admit(desk: Desk, access: str) -> str | None:
    """Return the id of the screen that may see the TV, None for one without a seat of its own.

    A paired screen may, and a token or account that may see boards, and (`access` OPEN) everybody. Raises
    ScreenRevoked, Unauthenticated.
    """
    found = _presented(desk)
    if found is not None and not found[1]:
        return found[0]
    who: Caller | None = g.get("caller")
    if access == OPEN or (who is not None and who.scopes & SCOPES):
        return None
    raise ScreenRevoked if found else Unauthenticated("pair this screen at /tv, or send a token")


def _presented(desk: Desk) -> tuple[str, bool] | None:
    secret = request.cookies.get(COOKIE)
    return desk.screens.presenting(secret) if secret else None
