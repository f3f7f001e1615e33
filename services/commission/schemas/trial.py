"""The results file of `try`: who is paid, against which targets, for which results; no roster or ledger needed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from shared.contracts.documents import ID, Day, Exact, Part, PeriodField, load
from shared.contracts.plan_fields import asked

RESULTS = "results"
ASK_PERIOD = "which period is paid? period: 2026-11, or several in their order: periods: [2026-10, 2026-11]"


def _amounts(**options: Any) -> fields.Dict:
    return fields.Dict(keys=fields.String(validate=ID), values=Exact(**options), load_default=dict)


class _Deal(Part):
    deal = fields.String(required=True, validate=validate.Length(1, 100))
    metric = fields.String(load_default=None, validate=ID)
    amount = Exact(**asked('how much does the deal count? amount: "12000"'))
    earned = Exact(load_default=None)
    on = Day(load_default=None)


class _Credit(Part):
    rep = fields.String(load_default="", validate=ID)
    team = fields.String(load_default=None, validate=ID)
    metric = fields.String(required=True, validate=ID)
    amount = Exact(**asked('how much is credited? amount: "12000"'))
    earned = Exact(load_default=None)
    on = Day(**asked("on which day? on: 2026-11-24"))
    deal = fields.String(load_default=None, validate=validate.Length(1, 100))


class _Owner(Part):
    name = fields.String(load_default=None, validate=validate.Length(1, 40))
    targets = _amounts(at_least=Decimal(0))
    results = _amounts()


class _Rep(_Owner):
    name = fields.String(load_default=None, validate=validate.Length(1, 100))
    team = fields.String(load_default=None, validate=ID)
    fte = fields.Raw(load_default="1")
    first = Day(load_default=date(2000, 1, 1), data_key="from")
    last = Day(load_default=None, data_key="to")
    memberships = fields.List(fields.Raw(), load_default=None)
    mentors = fields.List(fields.Raw(), load_default=list)
    absences = fields.List(fields.Raw(), load_default=list)
    start = fields.Raw(load_default=None)
    end = fields.Raw(load_default=None)
    deals = fields.List(fields.Nested(_Deal), load_default=list)
    by_period = fields.Dict(keys=fields.String(), values=_amounts(), load_default=dict)


class _Organisation(_Owner):
    name = fields.String(load_default="Try", validate=validate.Length(1, 100))
    timezone = fields.String(load_default="Europe/Amsterdam")
    currency = fields.String(load_default=None)
    holidays = fields.List(fields.Raw(), load_default=list)


class _Metric(fields.Field[dict[str, Any]]):
    """The unit of a metric, or {unit: …, label: {nl: …, en: …}}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, Any]:
        return dict(value) if isinstance(value, dict) else {"unit": str(value)}


class TrialSchema(Part):
    """The results to try plans on."""

    period = PeriodField(load_default=None)
    periods = fields.List(PeriodField(), load_default=list)
    metrics = fields.Dict(keys=fields.String(validate=ID), values=_Metric(), load_default=dict)
    organisation = fields.Nested(_Organisation, load_default=None)
    teams = fields.Dict(keys=fields.String(validate=ID), values=fields.Nested(_Owner), load_default=dict)
    reps = fields.Dict(keys=fields.String(validate=ID), values=fields.Nested(_Rep), **asked("whose results? reps: {…}"))
    targets = fields.List(fields.Raw(), load_default=list)
    credits = fields.List(fields.Nested(_Credit), load_default=list)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Ask which periods are paid, and refuse sums of periods that are none."""
        if (data["period"] is None) == (not data["periods"]):
            raise ValidationError(ASK_PERIOD, "period")
        for rep, one in data["reps"].items():
            for name in one["by_period"]:
                if name not in {period.id for period in data["periods"]}:
                    raise ValidationError({"reps": {rep: {"by_period": [f"{name} is none of the periods"]}}})

    @post_load
    def complete(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Give an organisation where none was written, and the periods in a list."""
        organisation = data["organisation"] or _Organisation().load({})
        return {**data, "organisation": organisation, "periods": data["periods"] or [data["period"]]}


def read_trial(body: Any) -> dict[str, Any]:
    """Read a results file's body; BadDocument names every problem."""
    loaded: dict[str, Any] = load(RESULTS, TrialSchema(), body, strict=True)
    return loaded
