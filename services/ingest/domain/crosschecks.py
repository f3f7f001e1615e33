"""What one document names and another does not have: a warning, because they are put one after the other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.league import PLANS, PLAYBOOK, ROSTER, TARGETS

Bodies = Mapping[str, Mapping[str, Any]]
Named = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Warned:
    """A name that is not known: in which document, where (JSON pointer), and what it should be."""

    kind: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class _Check:
    """Names of a kind of thing: the document that uses them (`kind`), the one that has them (`known_in`)."""

    thing: str
    kind: str
    known_in: str
    used: Callable[[Mapping[str, Any]], Iterator[Named]]


def crosschecks(kind: str, bodies: Bodies) -> list[Warned]:
    """List unknown names that a new document of `kind` brings or leaves behind; `bodies` are the latest ones."""
    return [
        warned
        for check in _CHECKS
        if kind in (check.kind, check.known_in) and check.kind in bodies and check.known_in in bodies
        for warned in _unknown(check, bodies)
    ]


def _unknown(check: _Check, bodies: Bodies) -> Iterator[Warned]:
    known = {item["id"] for item in bodies[check.known_in].get(f"{check.thing}s") or ()}
    for pointer, name in check.used(bodies[check.kind]):
        if name is not None and name not in known:
            message = f"the {check.known_in} has no {check.thing} {name!r}; there are: {', '.join(sorted(known))}"
            yield Warned(check.kind, pointer, message)


def _of_targets(field: str) -> Callable[[Mapping[str, Any]], Iterator[Named]]:
    def used(body: Mapping[str, Any]) -> Iterator[Named]:
        for i, target in enumerate(body["targets"]):
            yield f"/targets/{i}/{field}", target.get(field)

    return used


def _of_payees(field: str) -> Callable[[Mapping[str, Any]], Iterator[Named]]:
    def used(body: Mapping[str, Any]) -> Iterator[Named]:
        for i, plan in enumerate(body["plans"]):
            for j, name in enumerate((plan.get("who") or {}).get(field) or ()):
                yield f"/plans/{i}/who/{field}/{j}", name

    return used


def _of_components(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, plan in enumerate(body["plans"]):
        for j, component in enumerate(plan.get("components") or ()):
            yield f"/plans/{i}/components/{j}/metric", component.get("metric")


def _of_incentives(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, plan in enumerate(body["plans"]):
        for rep in plan.get("incentives") or ():
            yield f"/plans/{i}/incentives/{rep}", rep


_CHECKS = (
    _Check("rep", TARGETS, ROSTER, _of_targets("rep")),
    _Check("team", TARGETS, ROSTER, _of_targets("team")),
    _Check("metric", TARGETS, PLAYBOOK, _of_targets("metric")),
    _Check("rep", PLANS, ROSTER, _of_payees("reps")),
    _Check("team", PLANS, ROSTER, _of_payees("teams")),
    _Check("rep", PLANS, ROSTER, _of_incentives),
    _Check("metric", PLANS, PLAYBOOK, _of_components),
)
