"""Who stands behind the owners that a CRM gives by id: e-mail addresses, as CRMs' APIs told them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from services.ingest.domain.directory import OWNERS
from shared.contracts.league import LeagueDocument
from shared.errors import Outdated

AUTHOR = "asker"


class Documents(Protocol):
    """Where document versions are kept."""

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        ...

    def add(
        self, kind: str, effective_from: date, author: str, body: Mapping[str, Any], at: datetime, *, after: int | None
    ) -> tuple[LeagueDocument, LeagueDocument | None]:
        """Append a version; raises Outdated when another than `after` is the latest."""
        ...


def learn(found: Mapping[str, str], documents: Documents, now: datetime) -> bool:
    """Remember addresses by the owners' names here; tells whether any was new.

    They are a version of a document that only the front door reads: whatever waits for one of these owners is looked
    at again by itself, as when a roster comes.
    """
    while True:
        latest = documents.latest(OWNERS)
        known: Mapping[str, str] = latest.body["owners"] if latest else {}
        if all(known.get(name) == email for name, email in found.items()):
            return False
        body = {"owners": {**known, **found}}
        try:
            documents.add(OWNERS, now.date(), AUTHOR, body, now, after=latest.version if latest else 0)
        except Outdated:
            continue  # somebody else learned something in the meantime
        return True
