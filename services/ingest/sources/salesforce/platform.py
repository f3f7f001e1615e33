"""Platform events: what a customer's own automation publishes, by fields of agreed names.

Salesforce fixes CreatedById and CreatedDate of an event, and its replay id. The rest is the customer's, so an event
that is to be counted carries the fields of FIELDS; any other event cannot be read and is kept as such.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.fields import Unreadable, amount_of, currency_of, id_of, line_of, name_of, seconds_of
from services.ingest.sources.salesforce.facts import instant_of, plain
from services.ingest.sources.salesforce.ids import long_form
from shared.contracts.activity import DEAL, STATUSES, DealChange

TYPE, MOMENT, OWNER, OPPORTUNITY = "ActivityType__c", "OccurredAt__c", "Owner__c", "OpportunityId__c"
KEYS = ("EventKey__c", "EventUuid")

_DEAL_FIELDS: Mapping[str, tuple[str, Callable[[Any, str], str | None]]] = {
    "stage": ("StageName__c", lambda value, _: line_of(value, 100)),
    "amount": ("Amount__c", amount_of),
    "currency": ("CurrencyIsoCode__c", currency_of),
    "name": ("OpportunityName__c", lambda value, _: line_of(value)),
}

FIELDS = (*KEYS, TYPE, MOMENT, OWNER, OPPORTUNITY, *(field for field, _ in _DEAL_FIELDS.values()), "Status__c")


def key_of(record: Mapping[str, Any], replay: Any, schema: Any) -> str | None:
    """Return what makes an event unique: its own key, else its place in the channel; two of them may look alike."""
    own = next((name for name in (name_of(plain(record.get(key))) for key in KEYS) if name), None)
    place = name_of(replay)
    return f"event:{own}" if own else f"event:{name_of(schema) or ''}:{place}" if place else None


def read(record: Mapping[str, Any], key: str | None, connection: Connection, raw: Any) -> Sent:
    """Return what a platform event claims; without the agreed fields it cannot be read."""
    said = {name: plain(record.get(name)) for name in (*FIELDS, "CreatedDate", "CreatedById", "DurationInSeconds__c")}
    try:
        return Sent(key, raw, (_claim(said, key, connection),))
    except Unreadable as error:
        return Sent(key, raw, problems=(error.problem,))


def _claim(said: Mapping[str, Any], key: str | None, connection: Connection) -> Claim:
    kind, named = line_of(said[TYPE], 64), id_of(key, f"/{KEYS[0]}")
    if kind is None:
        raise Unreadable(f"/{TYPE}", said[TYPE], "a change event, or an event that says its kind in this field")
    moment = MOMENT if said[MOMENT] is not None else "CreatedDate"
    duration = seconds_of(said["DurationInSeconds__c"])
    return Claim(
        id=named,
        type=kind,
        occurred_at=instant_of(said[moment], f"/{moment}"),
        owner=_owner(said[OWNER], connection),
        owner_said=said[OWNER] is not None,
        actor=name_of(said["CreatedById"]),
        deal=_deal(said, connection, needed=kind == DEAL),
        data={"duration_s": duration} if duration is not None else None,
    )


def _owner(value: Any, connection: Connection) -> str | None:
    """Return an e-mail address as it is, and a user by its id."""
    if value is None:
        return None
    name = id_of(value, f"/{OWNER}")
    return name if "@" in name else connection.owner(long_form(name, f"/{OWNER}"))


def _deal(said: Mapping[str, Any], connection: Connection, *, needed: bool) -> DealChange | None:
    if said[OPPORTUNITY] is None and not needed:
        return None
    deal = connection.deal(long_form(said[OPPORTUNITY], f"/{OPPORTUNITY}"))
    fields = {
        ours: read(said[theirs], f"/{theirs}")
        for ours, (theirs, read) in _DEAL_FIELDS.items()
        if said[theirs] is not None
    }
    status = said["Status__c"]
    if status is not None and status not in STATUSES:
        raise Unreadable("/Status__c", status, f"one of {', '.join(STATUSES)}")
    return DealChange(deal, {**fields, "status": status} if status else fields)
