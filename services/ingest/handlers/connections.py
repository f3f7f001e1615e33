"""How each connection is doing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from services.ingest.domain.arrivals import Sender
from services.ingest.domain.connections import Connection
from services.ingest.domain.directory import Directory
from services.ingest.schemas.hooks import path_of


class Senders(Protocol):
    """Where it is counted what connections sent."""

    def all(self) -> Mapping[str, Sender]:
        """Return what is known of each connection that ever sent anything."""
        ...

    def parked(self) -> Mapping[str, int]:
        """Return how much of each connection is parked now."""
        ...


class Secrets(Protocol):
    """Where secrets are."""

    def problems(self, references: Sequence[str]) -> Mapping[str, str]:
        """Tell for each reference that leads nowhere what to do."""
        ...


def statuses(known: Directory, senders: Senders, secrets: Secrets) -> Iterator[dict[str, Any]]:
    """Yield the status of every connection, by its name."""
    sent, parked = senders.all(), senders.parked()
    for name, connection in sorted(known.connections.items()):
        counts = asdict(sent.get(name, Sender(name)))
        status = {**counts, **_secrets(connection, secrets), "parked_now": parked.get(name, 0)}
        yield {**status, "name": name, "kind": connection.kind, "url": path_of(connection)}


def _secrets(connection: Connection, secrets: Secrets) -> dict[str, Any]:
    references = [*connection.secrets, *([connection.api.token] if connection.api else [])]
    missing = secrets.problems(references)
    told = [{"reference": each, "present": each not in missing, "problem": missing.get(each)} for each in references]
    return {"secrets": told, "ready": any(each not in missing for each in connection.secrets)}
