"""The directory of names, kept and built again when a document has come."""

from typing import Protocol

from services.ingest.domain.connections import SOURCES
from services.ingest.domain.directory import OWNERS, Directory, directory
from services.ingest.schemas.connections import parse_sources
from shared.contracts.league import PLAYBOOK, ROSTER, LeagueDocument
from shared.contracts.roster import parse_roster


class Documents(Protocol):
    """Where document versions are."""

    def number(self) -> int:
        """Return the number of the newest version of any kind; 0 when there is none."""
        ...

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        ...

    def versions(self, kind: str) -> list[LeagueDocument]:
        """Return every version of a kind, oldest first."""
        ...


class Names:
    """Give the present directory; asks for the newest number each time and reads documents only when it grew."""

    def __init__(self, documents: Documents) -> None:
        """Start without any."""
        self._documents = documents
        self._known = Directory()

    def now(self) -> Directory:
        """Return the directory as of the newest document."""
        number = self._documents.number()
        if number != self._known.number:
            self._known = self._built(number)
        return self._known

    def _built(self, number: int) -> Directory:
        roster, sources, owners = (self._documents.latest(kind) for kind in (ROSTER, SOURCES, OWNERS))
        playbooks = self._documents.versions(PLAYBOOK)
        in_order = sorted(playbooks, key=lambda each: (each.effective_from, each.version))
        return directory(
            number,
            parse_roster(roster.body) if roster else None,
            [version.body for version in playbooks],
            parse_sources(sources.body) if sources else (),
            owners.body["owners"] if owners else None,
            backdating=[(version.effective_from, version.body.get("backdating_days")) for version in in_order],
        )
