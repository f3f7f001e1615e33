"""Where time, people and currencies meet a plan: the schema of these parts, and the questions they must answer."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from shared.contracts.documents import ID, Day, Exact, Part
from shared.contracts.plan import PERIOD, QUARTER, YEAR
from shared.contracts.plan_fields import NONE, Found, Ratio, asked, refuse
from shared.contracts.time_fields import Factor, Holidays, Leave, Months, Until
from shared.contracts.time_questions import (
    ASK_AGAINST,
    ASK_DAYS,
    ASK_EXCHANGE_AT,
    ASK_GUARANTEE_PRORATED,
    ASK_GUARANTEED,
    ASK_HELD,
    ASK_HELD_UNTIL,
    ASK_LATE,
    ASK_LEAVERS,
    ASK_MENTEES,
    ASK_MONTHS,
    ASK_RAMPED,
    ASK_RELEASE,
    ASK_RESETS,
    ASK_REVERSALS,
    ASK_SHARES,
    ASK_SINCE,
    ASK_TEAM_TARGET,
    ASK_THEN,
    ASK_TRANSFERS,
    ASK_UNPAID,
    ASK_UNTIL,
    ASK_WHAT,
    ASK_WITHIN,
    EXACT,
    ORGANISATION,
)
from shared.contracts.timing import (
    ADJUSTED,
    AS_IT_COMES,
    AT_ONCE,
    CALENDAR,
    CALENDAR_MONTHS,
    COUNTS,
    EVENT,
    FIXED,
    FORFEITED,
    FULL,
    IN_TEAM,
    INCENTIVE,
    KEPT,
    LOWERED,
    PAID,
    PERIOD_END,
    RAMPED,
    RECOVERED,
    REFUSED,
    SEGMENTS,
    SERVICE_MONTHS,
    START,
    TARGET,
    TO_DATE,
    WHOLE,
    WORKING,
    WRITTEN_OFF,
    Exchange,
    ExchangeRate,
    Guarantee,
    Holdback,
    Late,
    Leavers,
    Proration,
    Ramp,
    Timing,
)
from shared.money import is_currency, to_minor

MOST_MONTHS = 120


def choice(*options: str, question: str) -> Any:
    """Return the check that a text is one of the options; anything else is answered with the question."""
    return validate.OneOf(options, error=question)


def required_choice(*options: str, question: str) -> fields.String:
    """Return a field with one of the options, whose absence is answered with the question."""
    return fields.String(validate=choice(*options, question=question), **asked(question))


class _Ramp(Part):
    shares = fields.List(
        Ratio(), validate=validate.Length(1, MOST_MONTHS, error=ASK_SHARES), data_key="share_of_target",
        **asked(ASK_SHARES),
    )  # fmt: skip
    since = fields.String(data_key="from", validate=choice(START, IN_TEAM, question=ASK_SINCE), **asked(ASK_SINCE))
    months = required_choice(CALENDAR_MONTHS, SERVICE_MONTHS, question=ASK_MONTHS)
    incentive = required_choice(FULL, RAMPED, question=ASK_RAMPED)
    team_target = required_choice(LOWERED, KEPT, question=ASK_TEAM_TARGET)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a part of nothing, which no result could be held against."""
        refuse(
            (["share_of_target", i], "is 0: no attainment of it exists") for i, s in enumerate(data["shares"]) if not s
        )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Ramp:
        """Build the dataclass."""
        return Ramp(**{**data, "shares": tuple(data["shares"])})


class _Leavers(Part):
    unpaid = required_choice(PAID, FORFEITED, question=ASK_UNPAID)
    reversals = fields.String(
        data_key="reversals_after", validate=choice(RECOVERED, WRITTEN_OFF, question=ASK_REVERSALS),
        **asked(ASK_REVERSALS),
    )  # fmt: skip

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Leavers:
        """Build the dataclass."""
        return Leavers(**data)


class _Guarantee(Part):
    amount = Exact(at_least=Decimal(0), **asked(ASK_GUARANTEED))
    until = Until(**asked(ASK_UNTIL))
    prorated = fields.Boolean(**asked(ASK_GUARANTEE_PRORATED))
    first = Months(load_default=None)


class _Rate(Part):
    source = fields.String(data_key="from", **asked("which currency is exchanged? from: USD"))
    target = fields.String(data_key="to", **asked("into which currency? to: EUR"))
    rate = Ratio(**asked('how many units of `to` is one unit of `from`? rate: "0.92"'))
    on = Day(**asked("of which day is the rate? on: 2026-01-02"))
    said_by = fields.String(data_key="source", **asked("who published the rate? source: ECB"))

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse what is no rate between two currencies."""
        refuse(_rate_problems(data))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ExchangeRate:
        """Build the dataclass."""
        return ExchangeRate(**data)


def _rate_problems(data: Mapping[str, Any]) -> Found:
    for name, key in (("from", "source"), ("to", "target")):
        if not is_currency(data[key]):
            yield [name], "is no ISO 4217 currency: EUR"
    if data["source"] == data["target"]:
        yield ["to"], "is the same currency"
    if data["rate"] == 0:
        yield ["rate"], "is 0: what is one unit worth?"


class _Late(Part):
    months = Months(data_key="adjust_within", **asked(ASK_WITHIN))
    then = required_choice(REFUSED, ADJUSTED, question=ASK_THEN)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Late:
        """Build the dataclass."""
        return Late(**data)


class _Holdback(Part):
    share = Ratio(**asked(ASK_HELD))
    until = fields.String(validate=ID, **asked(ASK_HELD_UNTIL))
    release = required_choice(AT_ONCE, AS_IT_COMES, question=ASK_RELEASE)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a part that is nothing or more than all."""
        if not 0 < data["share"] <= 1:
            refuse(iter([(["share"], "is not between 0 and 1: which part of the pay waits?")]))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Holdback:
        """Build the dataclass."""
        return Holdback(**data)


class _Mentees(Part):
    share = Ratio(**asked(ASK_MENTEES))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Fraction:
        """Return the share."""
        return Fraction(data["share"])


class TimeOfPlan(Part):
    """The fields of a plan where time, people and currencies meet it."""

    prorate_what = fields.List(fields.String(validate=choice(INCENTIVE, TARGET, question=ASK_WHAT)), load_default=None)
    days = fields.String(load_default=None, validate=choice(CALENDAR, WORKING, question=ASK_DAYS))
    holidays = Holidays(load_default=None)
    leave = Leave(load_default=None)
    factor = Factor(load_default=None)
    transfers = fields.String(load_default=None, validate=choice(WHOLE, SEGMENTS, question=ASK_TRANSFERS))
    ramp = fields.Nested(_Ramp, load_default=None)
    leavers = fields.Nested(_Leavers, **asked(ASK_LEAVERS))
    guarantee = fields.Nested(_Guarantee, load_default=None)
    exchange = fields.List(fields.Nested(_Rate), load_default=list)
    exchange_at = fields.String(load_default=None, validate=choice(PERIOD_END, EVENT, question=ASK_EXCHANGE_AT))
    late = fields.Nested(_Late, **asked(ASK_LATE))


class TimeOfComponent(Part):
    """The fields of a component where time and people meet it."""

    holdback = fields.Nested(_Holdback, load_default=None)
    mentees = fields.Nested(_Mentees, load_default=None)
    against = fields.String(load_default=None, validate=choice(TO_DATE, WHOLE, question=ASK_AGAINST))
    resets = fields.String(load_default=None, validate=choice(PERIOD, QUARTER, YEAR, question=ASK_RESETS))


def timing_of(data: dict[str, Any]) -> Timing:
    """Take the fields of time out of a plan as it was read, and build what they say."""
    named = {name: data.pop(name) for name in TimeOfPlan().fields}
    guarantee = named["guarantee"]
    return Timing(
        proration=_proration(named),
        transfers=named["transfers"] or WHOLE,
        ramp=named["ramp"],
        leavers=named["leavers"],
        guarantee=guarantee and _guarantee(guarantee, data["currency"]),
        exchange=Exchange(tuple(named["exchange"]), named["exchange_at"] or FIXED),
        late=named["late"],
    )


def _proration(named: Mapping[str, Any]) -> Proration:
    leave, kinds = named["leave"] or (COUNTS, frozenset())
    return Proration(
        what=frozenset(named["prorate_what"] or ()),
        days=named["days"] or CALENDAR,
        holidays=None if named["holidays"] == ORGANISATION else named["holidays"] or frozenset(),
        leave=leave,
        kinds=kinds,
        decimals=None if named["factor"] in {None, EXACT} else named["factor"],
    )


def _guarantee(said: Mapping[str, Any], currency: str) -> Guarantee:
    until = None if said["until"] == NONE else said["until"]
    return Guarantee(to_minor(said["amount"], currency), until, said["prorated"], said["first"])
