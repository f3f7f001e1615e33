"""Close's opportunities are the deals. Each event carries the whole of one, so the latest word stands."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.sources.close.events import Event, owned
from services.ingest.sources.fields import Unreadable, amount_of, currency_of, id_of, line_of, name_of
from shared.contracts.activity import DEAL, DealChange, Scalar

ONE_TIME = "one_time"

_STATUSES: Mapping[str, str] = {"active": "open", "won": "won", "lost": "lost"}
_CLOSINGS: Mapping[str, str] = {"won": "date_won", "lost": "date_lost"}


def read(event: Event, connection: Connection) -> tuple[Claim, ...]:
    """Claim what an opportunity is now, or that it was deleted: then Close sends nothing of it but its id."""
    deal = connection.deal(event.object)
    if event.action == "deleted":
        return (event.claim(event.key, DEAL, DealChange(deal, {"status": "deleted"})),)
    if not event.now:
        raise Unreadable("/event/data", None, "the opportunity as it is now")
    status = _status(event)
    said = {**_place(event, connection), **_amount(event, connection), **status}
    if "lead_name" in event.now:
        said["name"] = line_of(event.now["lead_name"])
    now = owned(event.claim(event.key, DEAL, DealChange(deal, said), **_recurring(event)), event, "user_id", connection)
    return (now, *_closing(event, status.get("status"), deal, connection))


def _place(event: Event, connection: Connection) -> dict[str, str | None]:
    """Return pipeline and stage: a stage by its id, or by its label where the mapping names only that."""
    said: dict[str, str | None] = {}
    if event.now.get("pipeline_id") is not None:
        said["pipeline"] = id_of(event.now["pipeline_id"], "/event/data/pipeline_id")
    if event.now.get("status_id") is not None:
        stage, label = id_of(event.now["status_id"], "/event/data/status_id"), name_of(event.now.get("status_label"))
        said["stage"] = label if label in connection.stages and stage not in connection.stages else stage
    return said


def _status(event: Event) -> dict[str, str | None]:
    said = event.now.get("status_type")
    if said is None:
        return {}
    if not isinstance(said, str) or said not in _STATUSES:
        raise Unreadable("/event/data/status_type", said, f"one of {', '.join(_STATUSES)}")
    return {"status": _STATUSES[said]}


def _amount(event: Event, connection: Connection) -> dict[str, str | None]:
    """Return amount and currency.

    A value per month or year is no amount beside values of once: it is left out (and kept as data), unless the
    connection names the field that holds what counts for every opportunity.
    """
    field = connection.fields.get("amount", "value")
    if field not in event.now:
        return {}
    counts = field != "value" or event.now.get("value_period") in (None, ONE_TIME)
    currency = currency_of(event.now.get("value_currency"), "/event/data/value_currency") or connection.currency
    amount = _major(event.now[field], f"/event/data/{field}") if counts else None
    return {"amount": amount} | ({"currency": currency} if currency else {})


def _recurring(event: Event) -> dict[str, Scalar]:
    """Return a value per month or year, for conditions of the playbook to see."""
    period = name_of(event.now.get("value_period"))
    if period is None or period == ONE_TIME:
        return {}
    return {"value_period": period, "value": _major(event.now.get("value"), "/event/data/value")}


def _major(cents: Any, pointer: str) -> str | None:
    """Turn cents, as Close writes every currency, into the exact amount."""
    text = amount_of(cents, pointer)
    return None if text is None else amount_of(str(Decimal(text).scaleb(-2)), pointer)


def _closing(event: Event, status: str | None, deal: str, connection: Connection) -> tuple[Claim, ...]:
    """Claim that an opportunity was won or lost on an earlier day than it was told: it was imported, or dated back.

    Close gives a day without a time; the beginning of that day in the connection's time zone stands for it.
    """
    day = event.now.get(_CLOSINGS.get(status or "", ""))
    if not day or status is None:
        return ()
    zone = ZoneInfo(connection.timezone or "UTC")
    try:
        at = datetime.combine(date.fromisoformat(day), datetime.min.time(), zone)
        told = event.at.astimezone(zone)
    except (TypeError, ValueError) as error:
        raise Unreadable(f"/event/data/{_CLOSINGS[status]}", day, "a day such as 2026-11-24") from error
    if at.date() >= told.date():
        return ()
    change = DealChange(deal, {"status": status})
    claim = event.claim(f"opportunity:{event.object}:{status}:{at.date()}", DEAL, change)
    return (replace(claim, occurred_at=at.astimezone(UTC), sequence=0),)
