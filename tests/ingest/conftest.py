from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from services.ingest.settings import SecretsSettings, Settings
from services.ingest.store import Inbox, League, Outbox, Parking
from services.ingest.web import create_app
from shared.auth import SCOPES, mint
from shared.settings import WebSettings
from shared.sql import migrate, open_engine
from tests.ingest.senders import SECRET, VARIABLE, Senders

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty front door's database, on both engines."""
    opened = open_engine(database_url)
    migrate(opened, "services.ingest")
    yield opened
    opened.dispose()


@pytest.fixture
def inbox(engine: Engine) -> Inbox:
    return Inbox(engine)


@pytest.fixture
def league(engine: Engine) -> League:
    return League(engine)


@pytest.fixture
def outbox(engine: Engine) -> Outbox:
    return Outbox(engine)


@pytest.fixture
def parking(engine: Engine) -> Parking:
    return Parking(engine)


@pytest.fixture
def roster() -> dict[str, Any]:
    return {
        "organisation": {"name": "Voorbeeld BV", "timezone": "Europe/Amsterdam", "currency": "EUR"},
        "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
        "reps": [
            {
                "id": "sanne",
                "name": "Sanne de Vries",
                "identities": ["sanne@example.nl"],
                "memberships": [{"team": "noord", "from": "2026-01-01"}],
            }
        ],
    }


@pytest.fixture
def playbook() -> dict[str, Any]:
    label = {"nl": "…", "en": "…"}
    return {
        "pipelines": [
            {
                "id": "nieuw",
                "label": label,
                "stages": [{"id": "demo", "label": label}, {"id": "won", "label": label, "closes": "won"}],
            }
        ],
        "activities": [{"id": "call", "label": label}],
        "metrics": [{"id": "points", "unit": "points", "label": label}],
        "rates": {"USD": "0.92"},
        "rules": [{"id": "gesprek", "on": {"activity": "call"}, "credit": {"points": 5}, "text": label}],
    }


@pytest.fixture
def call() -> dict[str, Any]:
    return {
        "id": "8812",
        "type": "call",
        "occurred_at": "2026-11-24T14:52:00+01:00",
        "owner": "sanne@example.nl",
        "data": {"duration_s": 340, "direction": "outbound"},
    }


@pytest.fixture
def won() -> dict[str, Any]:
    return {
        "id": "D-1/won",
        "type": "deal",
        "occurred_at": "2026-11-24T13:00:00Z",
        "owner": "sanne@example.nl",
        "deal": {"id": "D-1", "stage": "won", "status": "won", "amount": "1234.50", "currency": "EUR"},
    }


@pytest.fixture
def new_client(engine: Engine, database_url: str, tmp_path: Path) -> Callable[..., FlaskClient]:
    """Give a client of the front door whose token has a name and scopes."""
    tokens = tmp_path / "tokens.json"

    def new(name: str = "crm", *scopes: str) -> FlaskClient:
        token = mint(tokens, name, scopes or SCOPES)
        web = WebSettings(tmp_path / "run", tokens, rate_limit=0)
        secrets = SecretsSettings({VARIABLE: SECRET}, tmp_path / "secrets")
        app = create_app(Settings(database_url, web, secrets), lambda: NOW)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    return new


@pytest.fixture
def client(new_client: Callable[..., FlaskClient]) -> FlaskClient:
    """A client that may do everything."""
    return new_client()


@pytest.fixture
def senders(client: FlaskClient) -> Senders:
    """Whoever sends to the connections of this front door."""
    return Senders(client, NOW)
