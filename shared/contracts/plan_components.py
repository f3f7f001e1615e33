"""The schema of a plan's component, and what is wrong or open in one."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain
from typing import Any

from marshmallow import fields, post_load, validate, validates_schema

from shared.contracts.curve import AMOUNT, ATTAINMENT, FROM_ZERO, LINEAR, MONEY, POINTED, STEPS, TIERED
from shared.contracts.documents import ID, Exact
from shared.contracts.plan import (
    ACCUMULATES,
    AFTER,
    BASE,
    BEFORE,
    COMMISSION,
    DEAL,
    GROUPS,
    INDIVIDUAL,
    ORDERS,
    ORIGINAL_RATE,
    PERIOD,
    RERATE,
    RUNNING,
    SCOPES,
    TEAM,
    TIME,
    WHOLE,
    Component,
    Curve,
    Pool,
)
from shared.contracts.plan_curves import CurveSchema, OpenCurve
from shared.contracts.plan_fields import NONE, UNREADABLE, Found, Ratio, asked, refuse
from shared.contracts.plan_parts import GateSchema, PoolSchema, labels
from shared.contracts.plan_questions import (
    ASK_ACCUMULATE,
    ASK_BASIS,
    ASK_DEAL_CAP,
    ASK_KIND,
    ASK_ORDER,
    ASK_OVER,
    ASK_POOL,
    ASK_RATES,
    ASK_REVERSALS,
    ASK_SCOPE,
    ASK_SPLITS,
    ASK_TIER_OF,
)
from shared.contracts.plan_time import TimeOfComponent
from shared.contracts.time_questions import component_time_problems
from shared.contracts.timing import TO_DATE

_BASES = ("weight", "amount", "rate", "pool")


class ComponentSchema(TimeOfComponent):
    """One part of a plan."""

    id = fields.String(required=True, validate=ID)
    label = labels()
    scope = fields.String(validate=validate.OneOf(SCOPES, error=ASK_SCOPE), **asked(ASK_SCOPE))
    metric = fields.String(validate=ID, **asked("which metric counts?"))
    weight = Ratio(load_default=None)
    amount = Exact(load_default=None, at_least=Decimal(0))
    rate = Ratio(load_default=None)
    pool = fields.Nested(PoolSchema, load_default=None)
    curve = fields.Nested(CurveSchema, load_default=None)
    accumulate = fields.String(load_default=None, validate=validate.OneOf(ACCUMULATES, error=ASK_ACCUMULATE))
    order = fields.String(load_default=None, validate=validate.OneOf(ORDERS, error=ASK_ORDER))
    tier_of = fields.String(load_default=None, validate=validate.OneOf((BEFORE, AFTER), error=ASK_TIER_OF))
    splits = fields.String(load_default=None, validate=validate.OneOf((BASE, COMMISSION), error=ASK_SPLITS))
    reversals = fields.String(load_default=None, validate=validate.OneOf((RERATE, ORIGINAL_RATE), error=ASK_REVERSALS))
    gate = fields.List(fields.Nested(GateSchema), load_default=list)
    section = fields.String(load_default=None, validate=ID)

    @validates_schema(skip_on_field_errors=False)
    def check(self, data: dict[str, Any], **_: Any) -> None:
        """Hold the curve against what the component is paid by."""
        if set(_BASES) <= data.keys():
            refuse(chain(component_problems(data), component_time_problems(data)))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Component:
        """Build the dataclass; a bare rate is the rate times the amount, without a cap.

        Money stays as it was read: the plan, which knows the currency, turns it into minor units.
        """
        pool, curve, gates = data.pop("pool"), data.pop("curve"), data.pop("gate")
        if pool is not None:
            data |= {"rate": pool["rate"], "amount": pool["amount"]}
        chosen: dict[str, Any] = {name: usual if data[name] is None else data[name] for name, usual in _USUAL.items()}
        settled = curve.settle(over=curve.over or ATTAINMENT, money=_money(curve, data)) if curve else None
        return Component(
            **{**data, **chosen},
            curve=settled or Curve(LINEAR, AMOUNT, None),
            pool=pool and Pool(pool["shared_by"], pool["ties"], pool["weights"]),
            gates=tuple(gates),
        )


_USUAL = {
    "accumulate": PERIOD,
    "order": TIME,
    "tier_of": AFTER,
    "splits": BASE,
    "reversals": RERATE,
    "against": TO_DATE,
    "resets": PERIOD,
}
"""What holds where the choice makes no difference (else it is asked for)."""


def _money(curve: OpenCurve, data: Mapping[str, Any]) -> bool:
    """Tell whether a limit that names no unit is in money: where there is no 100 % that it could be a multiple of."""
    return curve.rates == MONEY or (data["rate"] is not None and curve.over == AMOUNT)


def component_problems(component: Mapping[str, Any]) -> Found:
    """Yield what is wrong or open in a component, as far as its parts could be read."""
    curve, pool = component.get("curve", UNREADABLE), component["pool"]
    money = isinstance(curve, OpenCurve) and curve.rates == MONEY
    bases = list(_paid_by(component))
    if len(bases) + money > 1:
        yield [], ASK_BASIS
        return
    if component["weight"] == 0:
        yield ["weight"], "is 0: what does the component pay? leave it out when nothing"
    if pool is not None and not bases and not money and isinstance(curve, OpenCurve | None):
        yield ["pool"], ASK_POOL
    if pool is not None and component.get("scope", TEAM) not in GROUPS:
        yield ["scope"], "a pool is of a group: write team or organisation"
    basis = bases[0] if bases else None
    if curve is None and basis != "rate":
        yield ["curve"], ASK_KIND
    elif isinstance(curve, OpenCurve):
        yield from _unit_problems(curve) if basis == "rate" or money else _base_problems(curve, basis)
    if isinstance(curve, OpenCurve | None) and {"accumulate", "scope"} <= component.keys():
        yield from _accumulation_problems(component, by_unit=basis == "rate" or money)


def _paid_by(component: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the component says it is paid by, that of its pool instead of the pool."""
    yield from (name for name in _BASES if name != "pool" and component[name] is not None)
    if component["pool"] is not None:
        yield from (name for name in ("rate", "amount") if component["pool"].get(name) is not None)


def _unit_problems(curve: OpenCurve) -> Found:
    """Yield what is open where each unit is paid for, or the curve pays money."""
    if not curve.over:
        yield ["curve", "over"], ASK_OVER
    if curve.kind in TIERED and curve.rates is None:
        yield ["curve", "rates"], ASK_RATES
    if curve.kind == LINEAR and curve.rates == MONEY:
        yield ["curve", "rates"], "linear has no rates of its own: write rate beside the curve"
    for name in ("cap", "floor"):
        if _without_target(curve, name):
            yield ["curve", name], "there is no 100 % that this could be a multiple of: write {amount: …}"
    if curve.kind == STEPS and curve.rates is None:
        yield ["curve", "kind"], "a step pays an amount, no rate: write whole, or rates: money and leave rate out"


def _without_target(curve: OpenCurve, name: str) -> bool:
    """Tell whether a limit is a multiple where nothing is paid at 100 %."""
    limit = getattr(curve, name)
    return isinstance(limit, tuple) and limit[0] == "multiple" and (curve.rates == MONEY or curve.over == AMOUNT)


def _base_problems(curve: OpenCurve, basis: str | None) -> Found:
    """Yield what is open where a part of the target incentive, or an amount, is paid at 100 %."""
    if curve.over == AMOUNT and curve.kind not in POINTED:
        what = f"a{'n' if basis == 'amount' else ''} {basis or 'factor'}"
        yield ["curve", "over"], f"{what} pays by attainment: write over: attainment, or pay by rate"
    if basis != "weight" and curve.kind in POINTED and not curve.over:
        yield ["curve", "over"], ASK_OVER
    cap = curve.cap[1] if isinstance(curve.cap, tuple) and curve.cap[0] == "multiple" else curve.cap
    if curve.kind == LINEAR and cap not in (None, NONE) and not isinstance(cap, tuple) and cap < 1:
        yield ["curve", "cap"], "is below 1: is the target incentive not paid at 100 %?"


def _accumulation_problems(component: Mapping[str, Any], *, by_unit: bool) -> Found:
    curve, accumulate = component["curve"], component["accumulate"]
    plain = curve is None or curve.plain or (curve.kind in POINTED and curve.over == ATTAINMENT)
    by_deal = accumulate in (DEAL, RUNNING)
    if by_unit and not plain and accumulate is None:
        yield ["accumulate"], ASK_ACCUMULATE
    if by_deal:
        yield from _deal_problems(component, by_unit=by_unit)
    for name in ("order", "tier_of"):
        if component.get(name) is not None and accumulate != RUNNING:
            yield [name], "matters only for accumulate: running, leave it out"
    if component.get("splits") is not None and accumulate != DEAL:
        yield ["splits"], "matters only for accumulate: deal, leave it out"
    if component.get("reversals") == ORIGINAL_RATE and not by_deal:
        yield ["reversals"], "a total has no rate of each deal: write accumulate: running or deal, or reversals: rerate"
    if curve is not None and isinstance(curve.deal_cap, tuple) and not by_deal:
        yield ["curve", "deal_cap"], "a total has no deals: write accumulate: deal or running"


def _deal_problems(component: Mapping[str, Any], *, by_unit: bool) -> Found:
    curve, accumulate = component["curve"], component["accumulate"]
    if not by_unit:
        yield ["accumulate"], "a deal is paid by its units: write rate, or a curve with rates: money"
        return
    if component["scope"] != INDIVIDUAL or component["pool"] is not None:
        yield ["scope"], "deals are paid one by one to the rep: write individual"
    if curve is None:
        return
    if curve.deal_cap is None:
        yield ["curve", "deal_cap"], ASK_DEAL_CAP
    if component.get("reversals", UNREADABLE) is None and not curve.plain:
        yield ["reversals"], ASK_REVERSALS
    yield from _one_deal_problems(component) if accumulate == DEAL else _running_problems(component)


def _one_deal_problems(component: Mapping[str, Any]) -> Found:
    curve = component["curve"]
    if curve.over == ATTAINMENT:
        yield ["curve", "over"], "a deal alone attains no target: write over: amount, or accumulate: running"
    if component.get("splits", UNREADABLE) is None and not curve.plain:
        yield ["splits"], ASK_SPLITS


def _running_problems(component: Mapping[str, Any]) -> Found:
    curve = component["curve"]
    if curve.kind == WHOLE and curve.threshold is not None and curve.threshold.then != FROM_ZERO:
        yield ["curve", "threshold", "then"], "a deal is paid whole: write from_zero"
    if component.get("order", UNREADABLE) is None and not curve.plain:
        yield ["order"], ASK_ORDER
    if component.get("tier_of", UNREADABLE) is None and curve.kind in (WHOLE, STEPS):
        yield ["tier_of"], ASK_TIER_OF
