"""The directory: what the league documents say about the names that senders use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.peculiar import AGELESS, OWNERLESS
from services.ingest.domain.translation import UNMAPPED_ACTIVITY, UNMAPPED_STAGE, Ignored, Untranslated, translate
from shared.contracts.activity import DealChange
from shared.contracts.roster import Roster

NO_ROSTER, UNKNOWN_OWNER, UNKNOWN_STAGE, NO_RATE = "no-roster", "unknown-owner", "unknown-stage", "no-rate"
UNREADABLE, MISSING_OWNER, BACKDATED = "unreadable", "missing-owner", "backdated"

REASONS: Mapping[str, str] = {
    NO_ROSTER: "there is no roster yet: put one with PUT /ingest/v1/league/roster",
    UNKNOWN_OWNER: "nobody on the roster is known by this name: add it to a rep's identities",
    UNKNOWN_STAGE: "no playbook has this pipeline or stage: add it, or release it as it is",
    NO_RATE: "no playbook has a rate for this currency: add it to `rates`, or release it as it is",
    UNMAPPED_STAGE: "the connection's mapping has no such stage or pipeline: add it, or release it as it is",
    UNMAPPED_ACTIVITY: "the connection's mapping has no such activity: add it in `sources`, perhaps as `ignore`",
    BACKDATED: "entered later after it was done than the playbook's `backdating_days`: look at it, release it as it is",
    MISSING_OWNER: "the sender names nobody whose work it was: name an owner there, or give the connection an `api`",
    UNREADABLE: "a verified sender's payload that cannot be read: see what was expected, repair the connection in "
    "`sources` or the sender, and release it",
}
"""Why an activity is parked, and what releases it."""

OWNERS = "owners"
"""The kind of document with the e-mail addresses of owners that a CRM gives by id; made here, read here only."""

PASSABLE = frozenset({UNKNOWN_STAGE, NO_RATE, UNMAPPED_STAGE, BACKDATED})
"""What a person may let through as it is; without a rep there is nobody to credit."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why an activity is parked: a reason of REASONS and the name that nobody knows."""

    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whose work a claim is and what it is in the playbook's words (`claim`), or why it cannot be used (yet).

    `ignored` tells in a sentence why it is left out for good.
    """

    claim: Claim
    rep: str | None = None
    held: Held | None = None
    ignored: str | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """The names that are known; `number` grows with every document version.

    `stages` maps each pipeline of any playbook version to its stages, `currencies` holds those with a rate and
    `activities` every type; they are empty while there is nothing to hold a name against. `owners` holds the e-mail
    addresses of owners whom a CRM gives by id. `backdating` tells from which day on work may be entered how many days
    after it was done (None: any number).
    """

    number: int = 0
    roster: Roster | None = None
    stages: Mapping[str, frozenset[str]] | None = None
    currencies: frozenset[str] = frozenset()
    activities: frozenset[str] = frozenset()
    connections: Mapping[str, Connection] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    backdating: Sequence[tuple[date, int | None]] = ()


def directory(
    number: int,
    roster: Roster | None,
    playbooks: Iterable[Mapping[str, Any]],
    connections: Iterable[Connection] = (),
    owners: Mapping[str, str] | None = None,
    *,
    backdating: Sequence[tuple[date, int | None]] = (),
) -> Directory:
    """Build the directory from the latest roster and every version of the playbook.

    All versions count, whatever day they begin: an activity of last year may name a stage of last year.
    """
    stages: dict[str, frozenset[str]] = {}
    currencies: set[str] = set()
    activities: set[str] = set()
    for playbook in playbooks:
        for pipeline in playbook.get("pipelines") or ():
            known = stages.get(pipeline["id"], frozenset())
            stages[pipeline["id"]] = known | {stage["id"] for stage in pipeline.get("stages") or ()}
        currencies |= {roster.organisation.currency} if roster else set()
        currencies |= set(playbook.get("rates") or ())
        activities |= {activity["id"] for activity in playbook.get("activities") or ()}
    with_rate = frozenset(currencies) if roster else frozenset[str]()
    by_name = {each.name: each for each in connections}
    return Directory(number, roster, stages, with_rate, frozenset(activities), by_name, owners or {}, backdating)


def resolve(
    said: Claim,
    known: Directory,
    passable: frozenset[str] = frozenset(),
    connection: str | None = None,
    *,
    received_at: datetime | None = None,
) -> Resolution:
    """Translate a claim by the mapping of its connection and find the rep, or say why it is parked or left out.

    Reasons in `passable` do not hold it up. Without `received_at` it may be as old as it likes.
    """
    claim = _translated(said, known, passable, connection)
    if not isinstance(claim, Claim):
        return claim
    rep = None
    if claim.owner is not None:
        if known.roster is None:
            return Resolution(claim, held=Held(NO_ROSTER, claim.owner))
        rep, name = _rep(claim.owner, known, known.roster)
        if rep is None:
            return Resolution(claim, held=Held(UNKNOWN_OWNER, name))
    elif claim.type not in OWNERLESS:
        return Resolution(claim, held=Held(MISSING_OWNER, claim.type))
    held = _held_up_by_deal(claim.deal, known) if claim.deal and claim.deal.set else None
    held = held or _held_up_by_age(claim, rep or "", known, received_at)
    return Resolution(claim, held=held) if held and held.reason not in passable else Resolution(claim, rep)


def _rep(owner: str, known: Directory, roster: Roster) -> tuple[str | None, str]:
    """Return the rep, and the name by which nobody is known: of an owner given by id the e-mail address, if known."""
    rep, email = roster.resolve(owner), known.owners.get(owner)
    if rep is not None or email is None:
        return rep, owner
    return roster.resolve(email), email


def _translated(said: Claim, known: Directory, passable: frozenset[str], connection: str | None) -> Claim | Resolution:
    of = known.connections.get(connection) if connection else None
    if of is None:
        return said
    found = translate(said, of, known.stages or {}, known.activities, as_it_is=UNMAPPED_STAGE in passable)
    if isinstance(found, Untranslated):
        return Resolution(said, held=Held(found.reason, found.word))
    return Resolution(said, ignored=found.why) if isinstance(found, Ignored) else found


def _held_up_by_age(claim: Claim, rep: str, known: Directory, received_at: datetime | None) -> Held | None:
    """Hold up work that was entered too late; a deal is what the CRM says it is, whenever it says so."""
    if claim.type in AGELESS or received_at is None or not known.backdating:
        return None
    day = received_at.astimezone(known.roster.zone if known.roster else UTC).date()
    begun = [days for start, days in known.backdating if start <= day]
    if not begun or begun[-1] is None or received_at - claim.occurred_at <= timedelta(days=begun[-1]):
        return None
    return Held(BACKDATED, rep)


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
