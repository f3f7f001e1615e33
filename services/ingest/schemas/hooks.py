"""What those who call the address of a connection are answered, and what its operator sees."""

from marshmallow import Schema, fields

from services.ingest.domain.connections import Connection
from services.ingest.schemas.answers import Utc


class Taken(Schema):
    """How many things of the request became what; all of them are kept, whatever they became."""

    accepted = fields.Integer()
    duplicate = fields.Integer()
    parked = fields.Integer(metadata={"description": "known to the operator, released when what is missing comes"})
    ignored = fields.Integer()
    unreadable = fields.Integer(metadata={"description": "parked whole, read again after a repair"})


class SecretStatus(Schema):
    """A reference to a secret, and whether something is there."""

    reference = fields.String()
    present = fields.Boolean()
    problem = fields.String(allow_none=True, metadata={"description": "what to do"})


class ConnectionStatus(Schema):
    """A connection, what it sent so far by what became of it on arrival, and whether its senders can be verified."""

    name = fields.String()
    kind = fields.String()
    url = fields.String(metadata={"description": "where its sender is to send: after scheme and host"})
    ready = fields.Boolean(
        metadata={"description": "false while no secret of it is there: its senders are answered 503"}
    )
    secrets = fields.List(fields.Nested(SecretStatus))
    accepted = fields.Integer()
    duplicate = fields.Integer()
    parked = fields.Integer()
    ignored = fields.Integer()
    unreadable = fields.Integer()
    parked_now = fields.Integer(metadata={"description": "what waits at this moment, the unreadable included"})
    received_at = Utc(allow_none=True, metadata={"description": "when something of a verified sender came last"})
    refused = fields.Integer(metadata={"description": "requests whose sender could not be verified"})
    refused_at = Utc(allow_none=True)
    refusal = fields.String(allow_none=True, metadata={"description": "why the last of them was refused"})


class ConnectionStatuses(Schema):
    """Every connection of the document `sources`."""

    connections = fields.List(fields.Nested(ConnectionStatus))


def path_of(connection: Connection) -> str:
    """Return where the sender of a connection is to send."""
    return f"/ingest/v1/hooks/{connection.name}"
