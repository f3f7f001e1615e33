"""A front door with accounts, as a browser meets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from services.ingest.domain.accounts import Event, Person
from services.ingest.domain.passwords import Cost, hashed
from services.ingest.settings import SecretsSettings, Settings
from services.ingest.store import Accounts
from services.ingest.web import create_app
from shared.auth import SCOPES, mint
from shared.settings import WebSettings

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
KEY = "k" * 40
PASSWORD = "fiets kaas molen regen"
SAME = {"Sec-Fetch-Site": "same-origin"}
HTML = {"Accept": "text/html"}

SANNE = Person("sanne@example.nl", "Sanne de Vries", "seller", rep="sanne")
LEAD = Person("lead@example.nl", "Kees Bakker", "manager", teams=frozenset({"noord"}))
ADMIN = Person("admin@example.nl", "Ada Smit", "admin")


@dataclass
class Office:
    """A front door whose clock can be moved."""

    engine: Engine
    url: str
    folder: Path
    now: datetime = NOW
    secrets: SecretsSettings = field(default_factory=SecretsSettings)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        mint(self.folder / "tokens.json", "all", SCOPES)
        web = WebSettings(self.folder / "run", self.folder / "tokens.json", rate_limit=0, session_keys=(KEY,))
        self.app = create_app(Settings(self.url, web, self.secrets), lambda: self.now)

    def add(self, person: Person, password: str | None = PASSWORD) -> int:
        """Add an account whose password costs little to compare."""
        event = Event(self.now, "test", "added", "")
        number = Accounts(self.engine).add(person, event)
        assert number is not None
        if password is not None:
            kept = hashed(password, b"s" * 16, Cost(4, 8, 1))
            Accounts(self.engine).change(number, {"password": kept}, event)
        return number

    def browser(self) -> FlaskClient:
        """Return a browser that sends what browsers send."""
        client = self.app.test_client()
        client.environ_base.update(HTTP_SEC_FETCH_SITE="same-origin", HTTP_ACCEPT="text/html")
        return client

    def signed_in(self, person: Person, password: str = PASSWORD, **more: str) -> FlaskClient:
        """Return a browser in which somebody has signed in."""
        client = self.browser()
        assert sign_in(client, person.login, password, **more).status_code == 303
        return client


def sign_in(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/ingest/sign-in", data={"login": login, "password": password, **more})


def code_in(answer: TestResponse) -> str:
    """Return the code of the link that a page shows."""
    found = re.search(r"/ingest/invitation#c=([\w-]+)", unescape(answer.text))
    assert found, answer.text
    return found[1]


def cookies(answer: TestResponse) -> Iterator[str]:
    yield from answer.headers.getlist("Set-Cookie")
