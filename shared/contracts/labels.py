"""Texts in both languages, and amounts that must be more than nothing."""

from decimal import Decimal
from fractions import Fraction
from functools import partial

from marshmallow import ValidationError, fields, validate

from shared.contracts.documents import Part


class LabelSchema(Part):
    """A text in both languages."""

    nl = fields.String(required=True, validate=validate.Length(1, 200))
    en = fields.String(required=True, validate=validate.Length(1, 200))


label = partial(fields.Nested, LabelSchema, required=True)


def positive(number: Decimal | Fraction) -> None:
    """Refuse zero and less."""
    if number <= 0:
        raise ValidationError("must be more than 0")
