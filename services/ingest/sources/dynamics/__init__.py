"""Microsoft Dynamics 365 (Dataverse): a service endpoint of kind webhook posts a RemoteExecutionContext for each step.

Dataverse signs nothing: the endpoint is registered with a static header or a key in the address, which is the
connection's secret. The key in the address is Dataverse's own way (`?code=`); it is never logged here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.ingest.domain.connections import Connection
from services.ingest.domain.results import Sent
from services.ingest.sources import Delivery, Unverified, bearer, in_query, json_of, matches_any
from services.ingest.sources.dynamics import context, records
from services.ingest.sources.fields import Unreadable, can_be_kept

NAME = "dynamics"
HEADER, IN_ADDRESS = "x-samenspel-secret", "code"

_ORGANISATION = "x-ms-dynamics-organization"


def verify(delivery: Delivery, connection: Connection, now: datetime) -> None:
    """Return when the sender shows a secret and is the connection's organisation; else raise Unverified.

    Raises Malformed when an organisation is to be checked and the body is no JSON.
    """
    shown = (delivery.headers.get(HEADER, ""), bearer(delivery), in_query(delivery, IN_ADDRESS))
    matches = [matches_any(each, connection.secrets) for each in shown]
    if not any(matches):
        raise Unverified(f"show one of the connection's secrets: as {HEADER}, as a bearer token, or as ?{IN_ADDRESS}=")
    if connection.account and connection.account.lower() not in _organisations(delivery):
        raise Unverified("this is not the organisation that is the connection's `account`")


def read(delivery: Delivery, connection: Connection) -> list[Sent]:
    """Read the one message of a request; raises Malformed."""
    body = json_of(delivery.body)
    if not isinstance(body, dict) or not can_be_kept(body):
        return [Sent(None, body, problems=(Unreadable("", body, "a RemoteExecutionContext").problem,))]
    try:
        return [records.read(context.read(body), connection, body)]
    except Unreadable as error:
        return [Sent(_name(body), body, problems=(error.problem,))]


def _organisations(delivery: Delivery) -> set[str]:
    """Return the names by which a request says whose it is, in small letters."""
    body = json_of(delivery.body)
    said: Mapping[str, Any] = body if isinstance(body, dict) else {}
    names = (delivery.headers.get(_ORGANISATION), said.get("OrganizationId"), said.get("OrganizationName"))
    return {name.lower() for name in names if isinstance(name, str)}


def _name(body: Mapping[str, Any]) -> str | None:
    try:
        return context.name_of_message(body)
    except Unreadable:
        return None
