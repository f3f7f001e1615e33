"""Salesforce's REST API: records by id, and users' e-mail addresses.

Documented: `GET /services/data/vXX.X/sobjects/{type}/{id}` gives every field that the token may see; with `fields` a
name that the organisation does not have is answered with 400, and CurrencyIsoCode exists only where several currencies
are used: so no `fields` are named. Errors are an array of `errorCode` and `message`: 401 INVALID_SESSION_ID, 403
REQUEST_LIMIT_EXCEEDED (which passes), 404 NOT_FOUND. Not verified on a live account: LastStageChangeDate on the record
of every edition; where it is absent, the stage is told as of the last change.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.ingest.domain.asking import LATER
from services.ingest.domain.asking import meaning as plain_meaning
from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources.apis import OWNER, Answer, Found, Request, parsed, picked
from services.ingest.sources.fields import Unreadable
from services.ingest.sources.salesforce import records, soap
from services.ingest.sources.salesforce.facts import instant_or_none
from shared.contracts.activity import DealChange

NAME = "salesforce api"
VERSION = "v62.0"
_TYPES = {**{wanted: entity for entity, wanted in records.WANTED.items()}, "call": "Task", OWNER: "User"}
OBJECTS = dict.fromkeys(_TYPES, 1)

_FIELDS = (
    *("Id", "OwnerId", "StageName", "RecordTypeId", "Amount", "CurrencyIsoCode", "IsClosed", "IsWon", "IsDeleted"),
    *("LastModifiedDate", "SystemModstamp", "LastStageChangeDate", "CreatedDate", "Status", "TaskSubtype", "Type"),
    *("CallType", "CallDurationInSeconds", "CallDisposition", "CompletedDateTime", "IsRecurrence", "IsChild"),
    *("ActivityDateTime", "DurationInMinutes", "EndDateTime", "GroupEventType", "WhatId", "WhoId"),
    *("IsConverted", "ConvertedDate", "ConvertedOpportunityId"),
)
_PLACE = ("stage", "status", "pipeline")


def headers(token: str) -> Mapping[str, str]:
    """Show who asks."""
    return {"authorization": f"Bearer {token}"}


def request(kind: str, ids: list[str], _connection: Connection) -> Request:
    """Ask for one record."""
    return Request(f"/services/data/{VERSION}/sobjects/{_TYPES[kind]}/{ids[0]}")


def meaning(answer: Answer) -> str:
    """Return what an answer means; the limit of a day comes as 403."""
    if answer.status == 403 and b"REQUEST_LIMIT_EXCEEDED" in answer.body:
        return LATER
    return plain_meaning(answer.status, answer.headers)


def read(kind: str, ids: list[str], answer: Answer, connection: Connection) -> Found:
    """Read one record, as the state of it that an outbound message tells would be read."""
    record = parsed(answer)
    if kind == OWNER:
        return Found(owners={ids[0]: record["Email"]} if record.get("Email") else {})
    kept = picked(record, (*_FIELDS, *connection.fields.values()))
    name = f"api:{kind}:{ids[0]}@{kept.get('LastModifiedDate')}"
    try:
        facts = soap.state(_TYPES[kind], kept)
    except Unreadable as error:
        return Found((Sent(name, kept, problems=(error.problem,)),))
    sent = replace(records.read(facts, connection, kept), id=name)
    return Found((_since_the_stage_changed(sent, kept) if kind == "deal" else sent,))


def _since_the_stage_changed(sent: Sent, record: Mapping[str, Any]) -> Sent:
    """Tell the stage since it changed; the rest of the record is known as of its last change."""
    moved = instant_or_none(record.get("LastStageChangeDate"))
    claim = sent.claims[0] if len(sent.claims) == 1 else None
    if not moved or not claim or not claim.deal:
        return sent
    said, deal = claim.deal.set, claim.deal.id
    rest = {name: value for name, value in said.items() if name not in {"stage", "status"}}
    place = {name: said[name] for name in _PLACE if name in said}
    since = replace(
        claim, id=f"{claim.id}:stage", occurred_at=moved, owner=None, owner_said=False, deal=DealChange(deal, place)
    )
    return replace(sent, claims=(replace(claim, deal=DealChange(deal, rest)), since))
