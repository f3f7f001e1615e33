"""The draw of a plan: its schema, and the questions that it must answer."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from shared.contracts.documents import Exact, Part, PeriodField
from shared.contracts.draw import LOAN, NON_RECOVERABLE, RECOVERABLE, TOP_UP, Draw
from shared.contracts.plan_fields import NONE, Found, Ratio, asked, refuse
from shared.contracts.time_fields import Until
from shared.money import to_minor

ALL = "all"
ASK_KIND = (
    "has a draw to be earned back? kind: recoverable (what it advances is taken back from later earnings) or "
    "non_recoverable (it is not)"
)
ASK_MEANING = (
    "what does the draw do? meaning: top_up (brings a smaller payout up to the amount) or loan (pays the amount on "
    "top of what is earned)"
)
ASK_AMOUNT = 'how much is the draw for a whole period? amount: "2000.00"'
ASK_UNTIL = "how long is it paid? until: 2027-01-01 (not included), or none for no end"
ASK_PRORATED = "does the draw shrink with the days in the plan? prorated: yes or no"
ASK_FROM = "in which period does taking back begin? recover_from: 2026-04"
ASK_AT_MOST = (
    'which part of what is earned may be taken back in a period? at_most: "0.5", or all (of a top_up: of what is '
    "earned above its amount)"
)


class _AtMost(fields.Field[Any]):
    """A part of 1, or the word all."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        part = Ratio().deserialize("1" if value == ALL else value)
        if not 0 < part <= 1:
            raise ValidationError(ASK_AT_MOST)
        return part


class DrawSchema(Part):
    """The draw of a plan; `of` gives it in minor units."""

    kind = fields.String(validate=validate.OneOf((RECOVERABLE, NON_RECOVERABLE), error=ASK_KIND), **asked(ASK_KIND))
    meaning = fields.String(validate=validate.OneOf((TOP_UP, LOAN), error=ASK_MEANING), **asked(ASK_MEANING))
    amount = Exact(at_least=Decimal(0), **asked(ASK_AMOUNT))
    until = Until(**asked(ASK_UNTIL))
    prorated = fields.Boolean(**asked(ASK_PRORATED))
    recover_from = PeriodField(load_default=None)
    at_most = _AtMost(load_default=None)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask how a recoverable draw is taken back, and refuse that of one that is not."""
        refuse(_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Mapping[str, Any]:
        """Return what was said; the amount waits for the plan's currency."""
        return data


def _problems(data: Mapping[str, Any]) -> Found:
    for name, question in (("recover_from", ASK_FROM), ("at_most", ASK_AT_MOST)):
        if data["kind"] == RECOVERABLE and data[name] is None:
            yield [name], question
        if data["kind"] == NON_RECOVERABLE and data[name] is not None:
            yield [name], "a draw that is not recoverable is never taken back: leave this out"


def draw_of(said: Mapping[str, Any] | None, currency: str) -> Draw | None:
    """Build the draw of a plan that pays in `currency`."""
    if said is None:
        return None
    begins = said["recover_from"]
    return Draw(
        kind=said["kind"],
        meaning=said["meaning"],
        amount=to_minor(said["amount"], currency),
        until=None if said["until"] == NONE else said["until"],
        prorated=said["prorated"],
        recover_from=begins and begins.first,
        at_most=said["at_most"] or Fraction(1),
    )
