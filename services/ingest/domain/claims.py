"""A claim: what a sender says happened, before it is known whose work it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.ingest.domain.peculiar import OWNERLESS, peculiar_problems
from shared.contracts.activity import DEAL, RETRACTION, Activity, DealChange, Scalar
from shared.contracts.times import from_text, to_text
from shared.errors import FieldProblem
from shared.money import exponent, to_minor


@dataclass(frozen=True, slots=True)
class Claim:
    """What a sender says happened, in their own names.

    `owner` is the sender's name for the rep; `owner_said` tells an owner taken away (None was said) from one that was
    not mentioned. `deal` never holds the owner.
    """

    id: str
    type: str
    occurred_at: datetime
    owner: str | None = None
    owner_said: bool = False
    actor: str | None = None
    deal: DealChange | None = None
    data: Mapping[str, Scalar] | None = None
    sequence: int = 0


def read(said: Mapping[str, Any]) -> Claim | list[FieldProblem]:
    """Make a claim of checked fields, or name every field that contradicts another."""
    problems = [*_contradictions(said), *misfits(said)]
    return problems or from_fields(said)


def from_fields(said: Mapping[str, Any]) -> Claim:
    """Make a claim of fields that are known to fit; `occurred_at` is an instant."""
    deal = said.get("deal")
    return Claim(
        id=said["id"],
        type=said["type"],
        occurred_at=said["occurred_at"],
        owner=said.get("owner"),
        owner_said="owner" in said,
        actor=said.get("actor"),
        deal=DealChange(deal["id"], {name: deal[name] for name in deal if name != "id"}) if deal else None,
        data=said.get("data"),
        sequence=said.get("sequence", 0),
    )


def to_json(claim: Claim) -> dict[str, Any]:
    """Give the JSON-ready form of a claim, the same for every way of writing the same thing."""
    form: dict[str, Any] = {"id": claim.id, "type": claim.type, "occurred_at": to_text(claim.occurred_at)}
    if claim.owner_said or claim.owner is not None:
        form["owner"] = claim.owner
    if claim.actor:
        form["actor"] = claim.actor
    if claim.deal:
        form["deal"] = {"id": claim.deal.id, **claim.deal.set}
    if claim.data:
        form["data"] = claim.data
    if claim.sequence:
        form["sequence"] = claim.sequence
    return form


def from_json(form: Mapping[str, Any]) -> Claim:
    """Read back what `to_json` wrote."""
    return from_fields({**form, "occurred_at": from_text(form["occurred_at"])})


def activity_id(connection: str, claim_id: str) -> str:
    """Return the id of an activity: the connection's name and the sender's id."""
    return f"{connection}:{claim_id}"


def to_activity(claim: Claim, connection: str, rep: str | None) -> Activity:
    """Turn a claim into an activity of `rep`; its inbox number (0 here) is known once it is stored.

    Only a change of the deal itself moves the deal to its owner: a colleague's call about it does not.
    """
    deal = claim.deal
    if deal and claim.owner_said and claim.type == DEAL:
        deal = DealChange(deal.id, {"owner": rep, **deal.set})
    data = claim.data or {}
    if claim.type == RETRACTION and data.get("of"):
        data = {**data, "of": activity_id(connection, str(data["of"]))}
    return Activity(
        id=activity_id(connection, claim.id),
        source=connection,
        type=claim.type,
        occurred_at=claim.occurred_at,
        rep=rep,
        inbox=0,
        deal=deal,
        data=data,
        actor=claim.actor,
        sequence=claim.sequence,
    )


def _contradictions(said: Mapping[str, Any]) -> Iterator[FieldProblem]:
    if said["type"] not in OWNERLESS and not said.get("owner"):
        yield FieldProblem("/owner", said.get("owner"), "whose work it was; only a change of a deal may leave it out")


def misfits(said: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Name what is missing of a deal, a retraction or a correction, and an amount that is finer than its currency."""
    yield from peculiar_problems(said["type"], said.get("data") or {})
    deal = said.get("deal")
    if said["type"] == DEAL and deal is None:
        yield FieldProblem("/deal", None, "the deal that changed: type is deal")
    if deal and deal.get("amount") and deal.get("currency") and not _fits(deal["amount"], deal["currency"]):
        decimals = exponent(deal["currency"])
        yield FieldProblem("/deal/amount", deal["amount"], f"at most {decimals} decimals, as {deal['currency']} has")


def _fits(amount: str, currency: str) -> bool:
    try:
        to_minor(amount, currency)
    except ValueError:
        return False
    return True
