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


class MineQuery(Schema):
    """Which period and metric of the own page."""

    period = fields.String(required=True, validate=_period)
    metric = fields.String(required=True, validate=ID)


class RehearsalForm(Schema):
    """A rehearsal as the form asks for it: a file or a pasted text; neither: the playbook in force."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    text = fields.String(validate=validate.Length(max=200_000))


class TeamQuery(Schema):
    """What is shown of a team or a person; without a period this month, without a metric the first that has goals."""

    period = fields.String(validate=_period)
    metric = fields.String(validate=ID)


class TeamsQuery(TeamQuery):
    """Teams side by side, in which order."""

    by = fields.String(load_default="share", validate=validate.OneOf(("share", "per-fte", "amount")))


class MoveQuery(TeamQuery):
    """Who would move where; without a day tomorrow."""

    rep = fields.String(validate=ID)
    to = fields.String(validate=ID)
    day = fields.Date()


class MarkForm(Schema):
    """Whether a signal is dealt with; `rep`: the page of that person is shown again."""

    done = fields.Boolean(required=True)
    rep = fields.String(validate=ID)
