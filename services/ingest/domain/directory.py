"""The directory: what the league documents say about the names that senders use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.claims import Claim
from shared.contracts.activity import DealChange
from shared.contracts.roster import Roster

NO_ROSTER, UNKNOWN_OWNER, UNKNOWN_STAGE, NO_RATE = "no-roster", "unknown-owner", "unknown-stage", "no-rate"

REASONS: Mapping[str, str] = {
    NO_ROSTER: "there is no roster yet: put one with PUT /ingest/v1/league/roster",
    UNKNOWN_OWNER: "nobody on the roster is known by this name: add it to a rep's identities",
    UNKNOWN_STAGE: "no playbook has this pipeline or stage: add it, or release it as it is",
    NO_RATE: "no playbook has a rate for this currency: add it to `rates`, or release it as it is",
}
"""Why an activity is parked, and what releases it."""

PASSABLE = frozenset({UNKNOWN_STAGE, NO_RATE})
"""What a person may let through as it is; without a rep there is nobody to credit."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why an activity is parked: a reason of REASONS and the name that nobody knows."""

    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whose work a claim is, or why that cannot be used yet."""

    rep: str | None = None
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """The names that are known; `number` grows with every document version.

    `stages` maps each pipeline of any playbook version to its stages, `currencies` holds those with a rate; both are
    empty while there is nothing to hold a name against.
    """

    number: int = 0
    roster: Roster | None = None
    stages: Mapping[str, frozenset[str]] | None = None
    currencies: frozenset[str] = frozenset()


def directory(number: int, roster: Roster | None, playbooks: Iterable[Mapping[str, Any]]) -> Directory:
    """Build the directory from the latest roster and every version of the playbook.

    All versions count, whatever day they begin: an activity of last year may name a stage of last year.
    """
    stages: dict[str, frozenset[str]] = {}
    currencies: set[str] = set()
    for playbook in playbooks:
        for pipeline in playbook.get("pipelines") or ():
            known = stages.get(pipeline["id"], frozenset())
            stages[pipeline["id"]] = known | {stage["id"] for stage in pipeline.get("stages") or ()}
        currencies |= {roster.organisation.currency} if roster else set()
        currencies |= set(playbook.get("rates") or ())
    return Directory(number, roster, stages, frozenset(currencies) if roster else frozenset())


def resolve(claim: Claim, known: Directory, passable: frozenset[str] = frozenset()) -> Resolution:
    """Find the rep, or say why the claim is parked; reasons in `passable` do not hold it up."""
    rep = None
    if claim.owner is not None:
        if known.roster is None:
            return Resolution(held=Held(NO_ROSTER, claim.owner))
        rep = known.roster.resolve(claim.owner)
        if rep is None:
            return Resolution(held=Held(UNKNOWN_OWNER, claim.owner))
    held = _held_up_by_deal(claim.deal, known) if claim.deal and claim.deal.set else None
    return Resolution(held=held) if held and held.reason not in passable else Resolution(rep)


def _held_up_by_deal(deal: DealChange, known: Directory) -> Held | None:
    unknown = _unknown_stage(deal, known.stages or {})
    if unknown is not None:
        return Held(UNKNOWN_STAGE, unknown)
    currency = deal.set.get("currency")
    if currency and known.currencies and currency not in known.currencies:
        return Held(NO_RATE, currency)
    return None


def _unknown_stage(deal: DealChange, stages: Mapping[str, frozenset[str]]) -> str | None:
    """Return the name that no playbook has, as `pipeline`, `stage` or `pipeline/stage`."""
    pipeline, stage = deal.set.get("pipeline"), deal.set.get("stage")
    if not stages or (pipeline and pipeline not in stages):
        return pipeline if stages else None
    if not stage or any(stage in stages[name] for name in ([pipeline] if pipeline else stages)):
        return None
    return f"{pipeline}/{stage}" if pipeline else stage
