"""What does not fit together in a playbook: names that stand twice or for nothing, shares, limits, conditions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.contracts.activity import CORRECTION, DEAL, RETRACTION
from shared.contracts.contests import contest_problems
from shared.contracts.documents import twice
from shared.contracts.league import Problem
from shared.contracts.limits import Cap, groups, limit_problems, mixed_periods
from shared.contracts.rhythm import rhythm_problems
from shared.contracts.rules import ACTIVITY, DEAL_AMOUNT, OWNER, Metric, Rule, Trigger

_TAKEN = {DEAL: "changes a deal", RETRACTION: "takes work back", CORRECTION: "corrects what was credited"}
"""Types of activity that mean the same in every playbook."""


def cross_checks(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what does not fit together in a playbook whose parts could be read."""
    activities = [activity["id"] for activity in parts["activities"]]
    for name, ids in (
        ("pipelines", [p.id for p in parts["pipelines"]]),
        ("activities", activities),
        ("metrics", [m.id for m in parts["metrics"]]),
        ("rules", [r.id for r in parts["rules"]]),
        ("caps", [cap.id for cap in parts["caps"]]),
        ("contests", [contest.id for contest in parts["contests"]]),
    ):
        yield from twice(f"/{name}", ids)
    for i, pipeline in enumerate(parts["pipelines"]):
        yield from twice(f"/pipelines/{i}/stages", [stage.id for stage in pipeline.stages])
    for name, what in _TAKEN.items():
        if name in activities:
            yield Problem(f"/activities/{activities.index(name)}/id", f"{name!r} is the type that {what}")
    stages = {stage.id for pipeline in parts["pipelines"] for stage in pipeline.stages}
    metrics = {metric.id: metric for metric in parts["metrics"]}
    for i, rule in enumerate(parts["rules"]):
        yield from _rule_checks(f"/rules/{i}", rule, set(activities), stages)
        yield from _grant_checks(f"/rules/{i}", rule, metrics)
        yield from _share_checks(f"/rules/{i}", rule)
        yield from limit_problems(f"/rules/{i}/limits", rule.limits)
        for j, cap in enumerate(rule.limits.caps):
            yield from _cap_checks(f"/rules/{i}/limits/caps/{j}", cap, [rule], metrics)
    yield from _shared_cap_checks(parts["caps"], parts["rules"], metrics)
    yield from _period_checks(parts["caps"], parts["rules"])
    yield from contest_problems(parts["contests"], set(metrics), {rule.id for rule in parts["rules"]})
    yield from _during_checks(parts["rules"], {name for c in parts["contests"] for name in (c.id, c.series) if name})
    decimals = {metric.id: metric.decimals for metric in parts["metrics"]}
    yield from rhythm_problems(parts["rhythm"], decimals, [rule.id for rule in parts["rules"]])


def _rule_checks(pointer: str, rule: Rule, activities: set[str], stages: set[str]) -> Iterator[Problem]:
    match rule.trigger:
        case Trigger("activity", name) if name not in activities:
            yield Problem(f"{pointer}/on/activity", _unknown(name, "activity", activities))
        case Trigger("entered", name) if name not in stages:
            yield Problem(f"{pointer}/on/stage", _unknown(name, "stage", stages))


def _grant_checks(pointer: str, rule: Rule, metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    for grant in rule.grants:
        where, metric = f"{pointer}/credit/{grant.metric}", metrics.get(grant.metric)
        if metric is None:
            yield Problem(where, _unknown(grant.metric, "metric", set(metrics)))
        elif grant.fixed is not None and grant.fixed.scaleb(metric.decimals) % 1:
            yield Problem(where, f"{grant.fixed} is finer than {metric.id} counts: it has {metric.decimals} decimals")
        if grant.fixed is None and grant.per == DEAL_AMOUNT and rule.trigger.kind == ACTIVITY:
            yield Problem(where, "work done has no deal.amount: give a number")


def _share_checks(pointer: str, rule: Rule) -> Iterator[Problem]:
    whole = sum(share.share for share in rule.shares)
    if rule.shares and whole != 1:
        yield Problem(f"{pointer}/to", f"shares sum to {whole}, not to 1: who gets the rest?")
    roles = [share.role for share in rule.shares]
    for i, role in enumerate(roles):
        if role in roles[:i]:
            yield Problem(f"{pointer}/to/{i}/role", f"{role!r} stands here twice: add its shares together")


def _during_checks(rules: Sequence[Rule], contests: set[str]) -> Iterator[Problem]:
    for i, rule in enumerate(rules):
        if rule.during is not None and rule.during not in contests:
            yield Problem(f"/rules/{i}/during", _unknown(rule.during, "contest", contests))


def _cap_checks(pointer: str, cap: Cap, rules: Sequence[Rule], metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    metric, given = metrics.get(cap.metric), {grant.metric for rule in rules for grant in rule.grants}
    if metric is None:
        yield Problem(f"{pointer}/of", _unknown(cap.metric, "metric", set(metrics)))
    elif cap.metric not in given:
        yield Problem(f"{pointer}/of", f"nothing it caps gives {cap.metric}; given are: {', '.join(sorted(given))}")
    elif cap.most.scaleb(metric.decimals) % 1:
        yield Problem(f"{pointer}/most", f"{cap.most} is finer than {metric.id} counts")


def _shared_cap_checks(caps: Sequence[Cap], rules: Sequence[Rule], metrics: Mapping[str, Metric]) -> Iterator[Problem]:
    known = {rule.id: rule for rule in rules}
    for i, cap in enumerate(caps):
        unknown = [name for name in cap.rules if name not in known]
        for name in unknown:
            yield Problem(f"/caps/{i}/rules", _unknown(name, "rule", set(known)))
        if not unknown:
            yield from _cap_checks(f"/caps/{i}", cap, [known[name] for name in cap.rules], metrics)


def _period_checks(caps: Sequence[Cap], rules: Sequence[Rule]) -> Iterator[Problem]:
    """Refuse limits that no one window can hold."""
    group = groups((rule.id for rule in rules if rule.limits), (cap for cap in caps if _all_known(cap, rules)))
    kinds: dict[str, frozenset[str]] = {}
    for rule in rules:
        own = {cap.every for cap in caps if rule.id in cap.rules} | rule.limits.periods
        if rule.id in group:
            kinds[group[rule.id]] = kinds.get(group[rule.id], frozenset()) | own
    for i, rule in enumerate(rules):
        if rule.id in group and mixed_periods(kinds[group[rule.id]]):
            yield Problem(f"/rules/{i}/limits", "weeks do not fit into months: use day or week, or day and month")


def _all_known(cap: Cap, rules: Sequence[Rule]) -> bool:
    return {*cap.rules} <= {rule.id for rule in rules}


def condition_checks(parts: Mapping[str, Any]) -> Iterator[Problem]:
    """Check conditions, and fields of data, where a document comes in.

    On the bus a newer sender's may say more than is known here.
    """
    from shared.contracts.conditions import problems_of, type_problems  # noqa: PLC0415  only the front door needs CEL

    declared = {activity["id"]: activity["data"] for activity in parts["activities"]}
    for i, rule in enumerate(parts["rules"]):
        data = declared.get(rule.trigger.name) if rule.trigger.kind == ACTIVITY else None
        if rule.when:
            found = list(problems_of(rule.when)) or list(type_problems(rule.when, data))
            yield from (Problem(f"/rules/{i}/when", what) for what in found)
        if data is not None:
            yield from _data_checks(f"/rules/{i}", rule, data)


def _data_checks(pointer: str, rule: Rule, data: Mapping[str, str]) -> Iterator[Problem]:
    """Hold what a rule takes from an activity's data against what that declares."""
    known = ", ".join(f"data.{name}" for name in sorted(data)) or "none"
    for grant in rule.grants:
        name = grant.per.removeprefix("data.")
        if grant.fixed is None and grant.per != DEAL_AMOUNT and data.get(name) not in ("whole", "number"):
            yield Problem(
                f"{pointer}/credit/{grant.metric}/per", f"{grant.per} is no declared number; declared: {known}"
            )
    for i, once in enumerate(rule.limits.once):
        if once.field.startswith("data.") and once.field.removeprefix("data.") not in data:
            yield Problem(f"{pointer}/limits/once/{i}/field", f"{once.field} is not declared; declared: {known}")
    for i, share in enumerate(rule.shares):
        if share.role != OWNER and data.get(share.role) != "text":
            yield Problem(f"{pointer}/to/{i}/role", f"data.{share.role} is no declared text; declared: {known}")


def _unknown(name: str | None, what: str, known: set[str]) -> str:
    return f"{name!r} is no {what} of this playbook; known are: {', '.join(sorted(known)) or 'none'}"
