"""The routes and pages of accounts, put together."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import flask
from flask import request

from services.ingest.handlers.accounts import Desk
from services.ingest.handlers.arriving import Arrivals
from services.ingest.handlers.names import Names
from services.ingest.handlers.policy import Policy
from services.ingest.handlers.signing_in import Door
from services.ingest.identity.openid import OpenId
from services.ingest.pages import cookies
from services.ingest.pages.account import account_pages
from services.ingest.pages.accounts import accounts_pages
from services.ingest.pages.invitation import invitation_pages
from services.ingest.pages.sign_in import sign_in_pages
from services.ingest.pages.single_sign_on import single_sign_on
from services.ingest.store import Accounts, League, Secrets, SignIns
from shared.sessions import Sessions


def accounts(
    engine: Any, names: Names, secrets: Secrets, keys: Sequence[str], clock: Callable[[], datetime]
) -> tuple[Sessions, Sequence[flask.Blueprint]]:
    """Return who is believed, and the blueprints with which people sign in and accounts are looked after."""
    policy = Policy(League(engine))
    door = Door(Accounts(engine), SignIns(engine), clock, lambda role: policy.now().by_password(role))
    desk = Desk(Accounts(engine), SignIns(engine), names, clock)
    sessions = Sessions(keys, door.holds)
    return sessions, [
        sign_in_pages(door, policy, sessions, clock),
        single_sign_on(
            door,
            policy,
            Arrivals(Accounts(engine), names, clock),
            OpenId(clock),
            secret=secrets.find,
            sessions=sessions,
            clock=clock,
        ),
        invitation_pages(door, sessions),
        account_pages(door, desk, names, lambda: cookies.mark(request, sessions, clock())),
        accounts_pages(desk, names, policy),
    ]
