"""Activities of payloads, as they are stored: of those with the same name the first, unless it is parked still."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from services.ingest.domain.arrivals import Part
from services.ingest.store import tables
from shared.sql import insert_all, insert_new

REPLACED = "what came later of the same work stands in its place: inbox {}"
KNOWN = "all of its work was known already: it stands in inbox {}"
OTHERWISE = "its work was known already and told otherwise; what came first counts: it stands in inbox {}"

_parts = tables.activities.c
_NAMED = _parts.name.is_not(None)
_LOOKED_UP = 500


def row_of(part: Part, inbox: int, checked: int) -> dict[str, Any]:
    """Return the row of an activity of payload `inbox`, held against the documents up to number `checked`."""
    held = part.held
    return {
        "inbox": inbox,
        "partition": part.partition,
        "body": part.body,
        "reason": held.reason if held else None,
        "reference": held.reference if held else None,
        "checked": checked if held else None,
        "name": part.name,
        "deal": part.deal,
        "rep": part.rep,
    }


def add(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> frozenset[tuple[int, str]]:
    """Store activities; returns payload and name of those that were there already and stay as they are.

    One that is there but parked gives way: a sender that says the same again usually knows more by then.
    """
    nameless = [row for row in rows if row["name"] is None]
    insert_all(conn, tables.activities, nameless)
    named = [row for row in rows if row["name"] is not None]
    firsts = {row["name"]: row for row in reversed(named)}
    in_order = [firsts[name] for name in sorted(firsts)]  # two that store the same names must not wait for each other
    new = insert_new(conn, tables.activities, in_order, ["name"], where=_NAMED)
    stored = {(row["inbox"], name) for name, row in firsts.items() if (name,) in new or _replaced(conn, row)}
    return frozenset((row["inbox"], row["name"]) for row in named) - stored


def note_known(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note of the payloads of these rows, all known already, where they are and whether they were told otherwise."""
    known = sorted(rows, key=lambda row: (row["inbox"], row["name"]))
    for start in range(0, len(known), _LOOKED_UP):
        some = known[start : start + _LOOKED_UP]
        query = select(_parts.name, _parts.inbox, _parts.body).where(_parts.name.in_([row["name"] for row in some]))
        found = {row.name: row for row in conn.execute(query)}
        for row in some:
            there = found[row["name"]]
            note(conn, row["inbox"], (KNOWN if there.body == row["body"] else OTHERWISE).format(there.inbox))


def note(conn: Connection, inbox: int, why: str) -> None:
    """Note why a payload has no activities."""
    conn.execute(update(tables.inbox).where(tables.inbox.c.id == inbox).values(ignored=why))


def _replaced(conn: Connection, row: Mapping[str, Any]) -> bool:
    """Put a row in the place of a parked one of the same name, of another payload; tell whether there was one."""
    query = select(_parts.number, _parts.inbox).where(_parts.name == row["name"], _parts.reason.is_not(None))
    old = conn.execute(query.with_for_update()).one_or_none()
    if old is None or old.inbox == row["inbox"]:
        return False
    conn.execute(update(tables.activities).where(_parts.number == old.number).values(**row))
    left = select(func.count()).select_from(tables.activities).where(_parts.inbox == old.inbox)
    if not conn.execute(left).scalar_one():
        note(conn, old.inbox, REPLACED.format(row["inbox"]))
    return True
