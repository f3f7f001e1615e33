"""What may be asked about the quality of the data, and what is answered."""

from marshmallow import Schema, fields, validate

from services.ingest.domain.quality import KINDS
from services.ingest.schemas.answers import Utc
from services.ingest.schemas.search import NAME, PLAIN, When


class QualityQuery(Schema):
    """Data that arrived in which time; without either the last 28 days."""

    since = When(data_key="from", metadata={"description": "from this day or instant on"})
    until = When(data_key="to", metadata={"description": "until the end of this day, or before this instant"})


class QualityPageQuery(QualityQuery):
    """What the page shows of it."""

    rep = fields.String(validate=NAME)
    kind = fields.String(validate=validate.OneOf(KINDS))
    all = fields.Boolean(load_default=False)


class SeenOrder(Schema):
    """A flag somebody has looked at."""

    flag = fields.String(required=True, validate=NAME)
    note = fields.String(load_default="", validate=validate.And(validate.Length(max=1000), PLAIN))


class SeenForm(SeenOrder):
    """The same from a page, with the address to go back to."""

    back = fields.String(load_default="/ingest/quality", validate=validate.Length(max=2000))


class QualityRow(Schema):
    """How late the work of one connection or rep arrived (seconds); `late`: more than 24 hours after it happened."""

    name = fields.String()
    count = fields.Integer()
    median_s = fields.Float(allow_none=True)
    p90_s = fields.Float(allow_none=True)
    late = fields.Integer()
    late_share = fields.Float(allow_none=True)
    flags = fields.Integer()
    parked = fields.Integer()


class FlagAnswer(Schema):
    """Something a person should look at; it has no consequence of its own."""

    id = fields.String()
    kind = fields.String(validate=validate.OneOf(KINDS))
    at = fields.String()
    rep = fields.String(allow_none=True)
    deal = fields.String(allow_none=True)
    evidence = fields.Dict()
    seen = fields.Dict(allow_none=True)


class QualityAnswer(Schema):
    """How good the data of a time is."""

    since = Utc(data_key="from", attribute="from")
    until = Utc(data_key="to", attribute="to")
    whole = fields.Nested(QualityRow)
    connections = fields.List(fields.Nested(QualityRow))
    reps = fields.List(fields.Nested(QualityRow))
    flags = fields.List(fields.Nested(FlagAnswer))
    complete = fields.Boolean(metadata={"description": "false: only the newest 200,000 activities were looked at"})
