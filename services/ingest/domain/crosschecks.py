"""What one document names and another does not have: a warning, because they are put one after the other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.connections import IGNORE, SOURCES
from services.ingest.domain.translation import WORK
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
    """Names of a kind of thing: the document that uses them (`kind`), the one that has them (`known_in`).

    `has` gives the names there are; by default the ids of the list that is called as the thing, in the plural.
    """

    thing: str
    kind: str
    known_in: str
    used: Callable[[Mapping[str, Any]], Iterator[Named]]
    has: Callable[[Mapping[str, Any]], set[str]] | None = None


def crosschecks(kind: str, bodies: Bodies) -> list[Warned]:
    """List unknown names that a new document of `kind` brings or leaves behind; `bodies` are the latest ones."""
    return [
        warned
        for check in _CHECKS
        if kind in (check.kind, check.known_in) and check.kind in bodies and check.known_in in bodies
        for warned in _unknown(check, bodies)
    ]


def _unknown(check: _Check, bodies: Bodies) -> Iterator[Warned]:
    body = bodies[check.known_in]
    known = check.has(body) if check.has else {item["id"] for item in body.get(f"{check.thing}s") or ()}
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


def _of_plans(body: Mapping[str, Any]) -> Iterator[Named]:
    """Yield the metrics of plans, wherever they stand: components, gates, columns, modifiers, rewards, what waits."""
    yield from _metrics("/plans", body["plans"])


def _metrics(pointer: str, part: Any) -> Iterator[Named]:
    inner = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inner:
        if isinstance(value, str) and (key == "metric" or (pointer.endswith("/holdback") and key == "until")):
            yield f"{pointer}/{key}", value
        else:
            yield from _metrics(f"{pointer}/{key}", value)


def _of_incentives(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, plan in enumerate(body["plans"]):
        for rep in plan.get("incentives") or ():
            yield f"/plans/{i}/incentives/{rep}", rep


def _of_stages(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, source in enumerate(body["sources"]):
        for word, place in (source.get("stages") or {}).items():
            yield f"/sources/{i}/stages/{word}", place["stage"] if isinstance(place, Mapping) else place


def _of_pipelines(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, source in enumerate(body["sources"]):
        for word, pipeline in (source.get("pipelines") or {}).items():
            yield f"/sources/{i}/pipelines/{word}", pipeline
        for word, place in (source.get("stages") or {}).items():
            if isinstance(place, Mapping):
                yield f"/sources/{i}/stages/{word}/pipeline", place["pipeline"]


def _of_activities(body: Mapping[str, Any]) -> Iterator[Named]:
    for i, source in enumerate(body["sources"]):
        for word, activity in (source.get("activities") or {}).items():
            yield f"/sources/{i}/activities/{word}", None if activity == IGNORE else activity


def _stages(body: Mapping[str, Any]) -> set[str]:
    return {stage["id"] for pipeline in body.get("pipelines") or () for stage in pipeline.get("stages") or ()}


def _activities(body: Mapping[str, Any]) -> set[str]:
    return {*WORK, *(activity["id"] for activity in body.get("activities") or ())}


_CHECKS = (
    _Check("rep", TARGETS, ROSTER, _of_targets("rep")),
    _Check("team", TARGETS, ROSTER, _of_targets("team")),
    _Check("metric", TARGETS, PLAYBOOK, _of_targets("metric")),
    _Check("rep", PLANS, ROSTER, _of_payees("reps")),
    _Check("team", PLANS, ROSTER, _of_payees("teams")),
    _Check("rep", PLANS, ROSTER, _of_incentives),
    _Check("metric", PLANS, PLAYBOOK, _of_plans),
    _Check("stage", SOURCES, PLAYBOOK, _of_stages, _stages),
    _Check("pipeline", SOURCES, PLAYBOOK, _of_pipelines),
    _Check("activity", SOURCES, PLAYBOOK, _of_activities, _activities),
)
