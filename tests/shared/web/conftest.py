from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
from flask import Blueprint as PlainBlueprint
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient

from shared.auth import mint
from shared.errors import Conflict, Unavailable
from shared.settings import WebSettings
from shared.web import Blueprint, caller, create_service, etagged, json_body, limit_body, public, requires


class PeriodClosed(Conflict):
    """The period is closed."""


class DealSchema(ma.Schema):
    amount = ma.fields.String(required=True)
    currency = ma.fields.String(validate=ma.validate.Length(equal=3))


class ActivitySchema(ma.Schema):
    id = ma.fields.String(required=True, metadata={"description": "The source's own id"})
    deal = ma.fields.Nested(DealSchema)
    tags = ma.fields.List(ma.fields.Integer())


class PageQuery(ma.Schema):
    limit = ma.fields.Integer(load_default=20, validate=ma.validate.Range(1, 100))


def activities() -> Blueprint:
    blueprint = Blueprint("activities", __name__, url_prefix="/ingest/v1", description="What sellers did.")

    @blueprint.post("/activities")
    @requires("activities:write")
    @blueprint.arguments(ActivitySchema)
    @blueprint.response(202)
    def hand_in(body: dict[str, Any]) -> dict[str, Any]:
        """Hand in an activity."""
        return {"by": caller().name, "id": body["id"]}

    @blueprint.get("/activities")
    @requires("activities:write", "operator")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ActivitySchema(many=True))
    def list_activities(query: dict[str, Any]) -> list[dict[str, Any]]:
        """List activities."""
        return [{"id": str(query["limit"])}]

    @blueprint.post("/raw")
    @requires("activities:write")
    @limit_body(50)
    def raw() -> Response:
        """Take anything small."""
        return jsonify(got=json_body())

    return blueprint


def oddities() -> PlainBlueprint:
    blueprint = PlainBlueprint("oddities", __name__, url_prefix="/ingest")

    @blueprint.get("/boom")
    @public("shows what a defect looks like")
    def boom() -> str:
        raise ZeroDivisionError("secret detail with sanne@example.nl")

    @blueprint.get("/closed")
    @public("shows a named fact")
    def closed() -> str:
        raise PeriodClosed("2026-11 was closed on 3 December")

    @blueprint.get("/down")
    @public("shows a named fact")
    def down() -> str:
        raise Unavailable(retry_after=2.5)

    @blueprint.get("/state")
    @public("shows caching")
    def state() -> Response:
        return etagged("v17", lambda: {"v": 17})

    return blueprint


@pytest.fixture
def tokens_file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


@pytest.fixture
def headers(tokens_file: Path) -> Callable[..., dict[str, str]]:
    """Return a function that makes a token and gives the header that carries it."""

    def make(*scopes: str, name: str = "crm") -> dict[str, str]:
        return {"Authorization": f"Bearer {mint(tokens_file, name, scopes)}"}

    return make


@pytest.fixture
def make_app(tmp_path: Path, tokens_file: Path) -> Callable[..., Flask]:
    """Return a function that puts an example service together."""
    if not tokens_file.exists():
        mint(tokens_file, "nobody", [])

    def make(
        rate_limit: int = 0,
        trusted_proxies: int = 0,
        checks: Mapping[str, Callable[[], object]] | None = None,
        **more: Any,
    ) -> Flask:
        web = WebSettings(tmp_path, tokens_file, rate_limit=rate_limit, trusted_proxies=trusted_proxies)
        more = {"blueprints": [activities(), oddities()], "package": "tests.shared.sample", **more}
        return create_service("ingest", web=web, checks=checks, **more)

    return make


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app().test_client()
