"""What may be asked of the pages."""

from marshmallow import Schema, ValidationError, fields, validate

from services.scoring.schemas import ID
from shared import periods


def _period(text: str) -> None:
    try:
        periods.parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class LinesQuery(Schema):
    """Which lines."""

    rep = fields.String(validate=ID)
    team = fields.String(validate=ID)
    metric = fields.String(validate=ID)
    period = fields.String(required=True, validate=_period)
    after = fields.String(validate=validate.Regexp(r"^\d{1,4}-\d{1,18}$(?!\n)"))


class RehearsalForm(Schema):
    """A rehearsal as the form asks for it: a file or a pasted text; neither: the playbook in force."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    text = fields.String(validate=validate.Length(max=200_000))
