"""How people sign in at this moment: the latest document `access`, read again when it changes."""

from typing import Protocol

from services.ingest.domain.access import ACCESS, Access
from services.ingest.schemas.access import parse_access
from shared.contracts.league import LeagueDocument


class Documents(Protocol):
    """Where document versions are."""

    def number(self) -> int:
        """Return the number of the newest version of any kind; 0 when there is none."""
        ...

    def latest(self, kind: str) -> LeagueDocument | None:
        """Return the latest version of a kind."""
        ...


class Policy:
    """Give the present rules of signing in; without a document, passwords and nothing else."""

    def __init__(self, documents: Documents) -> None:
        """Start with the rules of no document."""
        self._documents = documents
        self._known: tuple[int, Access] = 0, Access()

    def now(self) -> Access:
        """Return the rules of the latest document."""
        number = self._documents.number()
        if number != self._known[0]:
            found = self._documents.latest(ACCESS)
            self._known = number, parse_access(found.body) if found else Access()
        return self._known[1]
