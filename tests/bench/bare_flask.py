"""The floor of the front door's bench: a Flask endpoint that only validates with marshmallow, and keeps nothing.

gunicorn --config deploy/gunicorn.conf.py 'tests.bench.bare_flask:create_app()'
"""

from flask import Flask, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate

from shared.contracts.activity import STATUSES


class Deal(Schema):
    """What changed in a deal."""

    id = fields.String(required=True, validate=validate.Length(1, 200))
    stage = fields.String(allow_none=True, validate=validate.Length(1, 100))
    status = fields.String(validate=validate.OneOf(STATUSES))
    amount = fields.Decimal(allow_none=True)
    currency = fields.String(allow_none=True, validate=validate.Regexp(r"[A-Z]{3}"))
    name = fields.String(allow_none=True, validate=validate.Length(max=300))
    pipeline = fields.String(allow_none=True, validate=validate.Length(max=100))


class Activity(Schema):
    """One fact from outside."""

    id = fields.String(required=True, validate=validate.Length(1, 420))
    type = fields.String(required=True, validate=validate.Regexp(r"[a-z0-9][a-z0-9._-]{0,63}"))
    occurred_at = fields.AwareDateTime(required=True)
    owner = fields.String(allow_none=True, validate=validate.Length(max=200))
    actor = fields.String(allow_none=True, validate=validate.Length(max=200))
    deal = fields.Nested(Deal, allow_none=True)
    data = fields.Dict(keys=fields.String(), allow_none=True)
    sequence = fields.Integer()


def create_app() -> Flask:
    """Put the application together."""
    app, one, many = Flask(__name__), Activity(), Activity(many=True)

    @app.post("/ingest/v1/activities")
    def post() -> ResponseReturnValue:
        body = request.get_json()
        found = (many if isinstance(body, list) else one).load(body)
        return {"accepted": len(found) if isinstance(body, list) else 1}, 202

    return app
