"""HubSpot's deals: an event tells one property; the deal is put together from them wherever deals are folded.

Nothing is remembered here: each property's last word wins, so that the order of events leaves no trace. The status is
never said, the stage implies it: HubSpot closes a deal by its stage alone.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.sources.fields import Unreadable, amount_of, currency_of, id_of, line_of, ms_of
from shared.contracts.activity import DEAL, DealChange

REDACTED = "REDACTED"
"""What stands in place of the value of a sensitive property."""

UNUSED: Mapping[str, str] = {
    "closedate": "the moment at which a deal enters a stage counts, not the close date that was typed",
    **dict.fromkeys(
        ("hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost"),
        "HubSpot computes this from the stage, which is read itself",
    ),
}
"""Properties that one could expect to be read, and why they are not."""

_CREATED, _PIPELINE, _OTHER, _STAGE, _ENDED, _RESTORED = range(6)
"""What of one instant comes first: a stage is understood by its pipeline, and a deletion is about all of it."""

_VALUE = "/propertyValue"


@dataclass(frozen=True, slots=True)
class Happening:
    """What an event says beside its content: which deal of which connection, when, and who did it."""

    connection: Connection
    deal: str
    at: datetime
    actor: str | None = None

    def claim(self, what: str, said: Mapping[str, str | None], sequence: int) -> Claim:
        """Return the claim that the deal changed; `what` tells it from others of the same instant."""
        return Claim(
            id=f"deal:{self.deal}:{what}:{ms_of(self.at)}",
            type=DEAL,
            occurred_at=self.at,
            actor=self.actor,
            deal=DealChange(self.connection.deal(self.deal), said),
            sequence=sequence,
        )


def created(event: Happening) -> tuple[Claim, ...]:
    """Claim that there is a deal, and nothing else about it."""
    return (event.claim("created", {}, _CREATED),)


def deleted(event: Happening) -> tuple[Claim, ...]:
    """Claim that a deal was deleted, for good or for the time being."""
    return (event.claim("deleted", {"status": "deleted"}, _ENDED),)


def restored(event: Happening) -> tuple[Claim, ...]:
    """Claim that a deletion was undone: no status is said any longer, so the stage implies it again."""
    return (event.claim("restored", {"status": None}, _RESTORED),)


def merged(event: Happening, losing: list[str]) -> tuple[Claim, ...]:
    """Claim that deals were merged into `event.deal`.

    HubSpot makes a new deal of the two and hides both. So the losing ids are deleted at that moment: what they had
    earned is taken back, and is earned by the deal that stays as soon as its properties are known. HubSpot gives it
    their combined history, which only its API tells; without an API the new deal is known from its next changes on.
    """
    lost = [replace(event, deal=each).claim("merged", {"status": "deleted"}, _ENDED) for each in losing]
    return (*created(event), *(replace(claim, data={"merged_into": event.deal}) for claim in lost))


def changed(event: Happening, name: str, value: Any) -> tuple[Claim, ...]:
    """Claim that a property of PROPERTIES changed; raises Unreadable when its value cannot be used."""
    if value == REDACTED:
        raise Unreadable(_VALUE, value, f"the value of {name}: HubSpot withholds sensitive ones from this subscription")
    if not isinstance(value, str | int | float | None):
        raise Unreadable(_VALUE, value, "text, or null")
    digest = hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    change = PROPERTIES[name](event, value)
    return (replace(change, id=f"{change.id}:{digest}"),)


def _owner(event: Happening, value: Any) -> Claim:
    owner = event.connection.owner(id_of(value, _VALUE)) if value not in {None, ""} else None
    return replace(event.claim("hubspot_owner_id", {}, _OTHER), owner=owner, owner_said=True)


def _amount(event: Happening, value: Any) -> Claim:
    """Claim an amount, in the currency of the connection where the document names the only one."""
    amount, currency = amount_of(value, _VALUE), event.connection.currency
    said = {"amount": amount} | ({"currency": currency} if amount is not None and currency else {})
    return event.claim("amount", said, _OTHER)


def _currency(event: Happening, value: Any) -> Claim:
    currency, only = currency_of(value, _VALUE), event.connection.currency
    if currency and only and currency != only:
        expected = f"{only}, as the connection says of every amount: leave out its `currency` where deals have several"
        raise Unreadable(_VALUE, value, expected)
    return event.claim("deal_currency_code", {"currency": currency or only}, _OTHER)


def _name(event: Happening, value: Any) -> Claim:
    return event.claim("dealname", {"name": line_of(value)}, _OTHER)


def _place(name: str, field: str, sequence: int) -> Callable[[Happening, Any], Claim]:
    def claim(event: Happening, value: Any) -> Claim:
        place = id_of(value, _VALUE) if value not in {None, ""} else None
        return event.claim(name, {field: place}, sequence)

    return claim


PROPERTIES: Mapping[str, Callable[[Happening, Any], Claim]] = {
    "dealstage": _place("dealstage", "stage", _STAGE),
    "pipeline": _place("pipeline", "pipeline", _PIPELINE),
    "dealname": _name,
    "amount": _amount,
    "deal_currency_code": _currency,
    "hubspot_owner_id": _owner,
}
"""The properties of a deal that are read."""
