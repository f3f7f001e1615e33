"""From a CRM's own words to the playbook's, by the mapping of its connection as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import IGNORE, Connection, Place
from shared.contracts.activity import DEAL, RETRACTION, DealChange

UNMAPPED_STAGE, UNMAPPED_ACTIVITY = "unmapped-stage", "unmapped-activity"

WORK: Mapping[str, str] = {
    "call": "a call made or taken",
    "meeting": "a meeting that was held",
    "meeting-booked": "a meeting that was put in the calendar",
    "meeting-no-show": "a meeting to which nobody came",
    "meeting-cancelled": "a meeting that was called off",
    "email": "an e-mail sent",
    "task": "a task done",
    "lead-qualified": "a lead that became an opportunity",
}
"""Types of work that mean the same in every connection, before any mapping; a playbook may count them or not."""

Stages = Mapping[str, frozenset[str]]
"""Each pipeline of any playbook version, with its stages."""


@dataclass(frozen=True, slots=True)
class Untranslated:
    """A word of the CRM for which nothing stands in the mapping, with the reason of the kind it is."""

    reason: str
    word: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A type of work that the mapping says to leave out."""

    why: str


def translate(
    claim: Claim, connection: Connection, stages: Stages, activities: frozenset[str], *, as_it_is: bool = False
) -> Claim | Untranslated | Ignored:
    """Put a claim into the playbook's words. What stands in no mapping is kept where the playbook knows it itself.

    `as_it_is`: a stage that nobody translates stays as the CRM calls it.
    """
    if claim.type == RETRACTION:
        return claim
    if claim.type != DEAL:
        return _work(claim, connection, activities)
    deal = claim.deal
    if deal is None or not (deal.set.get("stage") or deal.set.get("pipeline")):
        return claim
    changed = _placed(deal, connection, stages)
    if isinstance(changed, Untranslated):
        return claim if as_it_is else changed
    return replace(claim, deal=changed)


def _work(claim: Claim, connection: Connection, activities: frozenset[str]) -> Claim | Untranslated | Ignored:
    wanted = connection.activities.get(claim.type)
    if wanted == IGNORE:
        return Ignored(f"the mapping of {connection.name} leaves activities of type {claim.type} out")
    if wanted is not None:
        return replace(claim, type=wanted)
    if claim.type in WORK or claim.type in activities:
        return claim
    return Untranslated(UNMAPPED_ACTIVITY, claim.type)


def _placed(deal: DealChange, connection: Connection, stages: Stages) -> DealChange | Untranslated:
    stage, pipeline = deal.set.get("stage"), deal.set.get("pipeline")
    place = _place(stage, pipeline, connection, stages) if stage else None
    if stage and place is None:
        return Untranslated(UNMAPPED_STAGE, f"{pipeline}/{stage}" if pipeline else stage)
    said = dict(deal.set)
    if place:
        said["stage"] = place.stage
    if place and place.pipeline:
        said["pipeline"] = place.pipeline
    elif pipeline:
        found = _pipeline(pipeline, connection, stages)
        if isinstance(found, Untranslated):
            return found
        said["pipeline"] = found or ""
    return DealChange(deal.id, {name: value for name, value in said.items() if (name, value) != ("pipeline", "")})


def _place(stage: str, pipeline: str | None, connection: Connection, stages: Stages) -> Place | None:
    """Return where the mapping puts a stage, else the playbook's own stage of that id; names may say the pipeline."""
    mapped = connection.stages.get(f"{pipeline}/{stage}") or connection.stages.get(stage)
    if mapped or any(stage in known for known in stages.values()):
        return mapped or Place(stage)
    return None


def _pipeline(name: str, connection: Connection, stages: Stages) -> str | Untranslated | None:
    """Return the playbook's pipeline; None where the mapping tells none apart: the stage says enough."""
    if name in connection.pipelines:
        return connection.pipelines[name]
    if name in stages:
        return name
    return Untranslated(UNMAPPED_STAGE, f"{name}/") if connection.pipelines else None
