"""What an operator is told of asking back."""

from marshmallow import Schema, fields

from services.ingest.schemas.answers import Utc


class Question(Schema):
    """One object that a CRM was asked about in vain so far."""

    object = fields.String(metadata={"description": "deal, call, owner, …"})
    id = fields.String(metadata={"description": "its id in the CRM"})
    state = fields.String(metadata={"description": "waiting, gone (the CRM has no such object) or given-up"})
    reason = fields.String(metadata={"description": "why there is no answer"})
    attempts = fields.Integer()
    since = Utc(metadata={"description": "when it was first wanted"})
    due_at = Utc(metadata={"description": "when it may be asked again"})


class Line(Schema):
    """One connection whose API is asked."""

    connection = fields.String()
    state = fields.String(metadata={"description": "open, paused (the CRM asks to wait, or is in trouble) or stopped"})
    reason = fields.String(allow_none=True, metadata={"description": "why nothing is asked at the moment"})
    until = Utc(allow_none=True, metadata={"description": "nothing is asked before"})
    waiting = fields.Integer(metadata={"description": "questions that wait"})
    gone = fields.Integer(metadata={"description": "objects that the CRM does not have"})
    given_up = fields.Integer(metadata={"description": "questions that were given up"})
    refused = fields.Integer(metadata={"description": "wants that a full queue had no room for, ever"})
    troubles = fields.List(fields.Nested(Question), metadata={"description": "the latest questions without an answer"})


class Lines(Schema):
    """Every connection whose API is asked."""

    lines = fields.List(fields.Nested(Line))


class Resumed(Schema):
    """What an order to go on changed."""

    opened = fields.Boolean(metadata={"description": "whether the line was closed before"})
    asked_again = fields.Integer(metadata={"description": "questions that had been given up and wait again"})
