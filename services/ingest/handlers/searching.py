"""Turn what people type into a question to the inbox, and its answer into JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote

from services.ingest.domain.directory import REASONS
from services.ingest.domain.search import Answer, Asked, Found, Trace
from shared.contracts.roster import Roster
from shared.periods import midnight

USUAL_DAYS = 28
_PLAIN = ("deal", "id", "connection", "status", "reason", "before", "after", "limit")


def asked(query: Mapping[str, Any], roster: Roster | None) -> Asked:
    """Return the question; days are the organisation's, a name becomes a rep where the roster knows it."""
    plain = {name: query[name] for name in _PLAIN if query.get(name) is not None}
    said = query.get("rep")
    rep = roster.resolve(said) if said and roster else None
    return Asked(
        rep=rep,
        reference=None if rep else said,
        since=_instant(query.get("since"), roster),
        until=_instant(query.get("until"), roster, days=1),
        **plain,
    )


def answered(answer: Answer) -> dict[str, Any]:
    """Return a page as it is sent."""
    return {"items": [to_json(each) for each in answer.found], "newer": answer.newer, "older": answer.older}


def to_json(found: Found) -> dict[str, Any]:
    """Return one payload, without its text, as it is sent."""
    return {
        "inbox": found.inbox,
        "connection": found.connection,
        "id": found.key,
        "source": found.source,
        "received_at": found.received_at,
        "status": found.status,
        "ignored": found.ignored,
        "again": found.again,
        "pruned_at": found.pruned_at,
        "activities": [_trace(each) for each in found.activities],
    }


def span(query: Mapping[str, Any], roster: Roster | None, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when data arrived that is asked for; by default USUAL_DAYS up to the end of today."""
    until = query.get("until", now.astimezone(zone_of(roster)).date())
    before = timedelta(days=USUAL_DAYS if isinstance(until, datetime) else USUAL_DAYS - 1)
    since = query.get("since", until - before)
    first, last = _instant(since, roster) or now, _instant(until, roster, days=1) or now
    return first, max(first, last)


def zone_of(roster: Roster | None) -> tzinfo:
    """Return the organisation's time zone; UTC while there is no roster."""
    return roster.zone if roster else UTC


def credits_of(trace: Trace) -> str | None:
    """Return where the lines are that an activity led to: of its deal, or its own."""
    if trace.held:
        return None
    subject = f"deal:{trace.deal}" if trace.deal else f"activity:{trace.id}"
    return f"/scoring/v1/subjects/{quote(subject, safe=':/')}"


def _trace(trace: Trace) -> dict[str, Any]:
    held, lines = trace.held, credits_of(trace)
    why = {"reason": held.reason, "reference": held.reference, "remedy": REASONS[held.reason]} if held else {}
    return {
        "id": trace.id,
        "type": trace.said.get("type"),
        "occurred_at": trace.said.get("occurred_at"),
        "deal": trace.deal,
        "rep": trace.rep,
        "status": trace.status,
        **why,
        "published_at": trace.published_at,
        **({"credits": lines} if lines else {}),
    }


def _instant(value: date | datetime | None, roster: Roster | None, days: int = 0) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    day = value + timedelta(days=days)
    return midnight(day, roster.zone) if roster else datetime(day.year, day.month, day.day, tzinfo=UTC)
