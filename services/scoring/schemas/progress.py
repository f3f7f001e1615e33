"""What is left to compute again."""

from marshmallow import Schema, fields


class Progress(Schema):
    """How much is left; all 0: everything that is known is in the ledger."""

    partitions = fields.Integer(required=True, metadata={"description": "that wait because of a new document"})
    subjects = fields.Integer(required=True, metadata={"description": "deals and activities in them"})
    windows = fields.Integer(required=True, metadata={"description": "subjects with a limit that others moved"})
    prizes = fields.Integer(required=True, metadata={"description": "subjects that are made from days"})
