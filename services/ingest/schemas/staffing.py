"""What may stand beside a personnel file, and what is told of it."""

from marshmallow import Schema, fields


class ImportQuery(Schema):
    """How a personnel file is taken."""

    dry_run = fields.Boolean(load_default=False, metadata={"description": "tell what would change, and change nothing"})
    as_of = fields.Date(load_default=None, metadata={"description": "the day of what has no day; default: today"})
    new_teams = fields.Boolean(load_default=False, metadata={"description": "make teams that are not there yet"})


class ImportAnswer(Schema):
    """What a file changed, or would change."""

    changes = fields.List(fields.String(), metadata={"description": "in sentences; empty: nothing"})
    notes = fields.List(fields.String(), metadata={"description": "what was left as it is, and columns not used"})
    version = fields.Integer(allow_none=True, metadata={"description": "null: nothing was changed"})
