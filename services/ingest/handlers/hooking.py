"""Take in what a CRM sends to the address of its connection: verify, read, store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.ingest.domain.arrivals import Origin
from services.ingest.domain.connections import Connection
from services.ingest.domain.directory import Directory
from services.ingest.handlers.taking import Inbox, take
from services.ingest.sources import Delivery, Reply, Replying
from services.ingest.sources.hooks import HOOKS, read
from shared import logs
from shared.errors import NotFound, SamenspelError, Unavailable

log = logs.get(__name__)


class NoSuchConnection(NotFound):
    """There is no connection of this name."""


class NotReady(Unavailable):
    """This connection cannot verify its senders at the moment; its operator is told why."""


class Secrets(Protocol):
    """Where secrets are."""

    def all(self, references: tuple[str, ...]) -> tuple[str, ...]:
        """Return the secrets that are there; raises Unavailable when none is."""
        ...


class Refusals(Protocol):
    """Where refused senders are counted."""

    def note(self, connection: str, why: str, at: datetime) -> None:
        """Count one."""
        ...


def connection_of(name: str, known: Directory) -> Connection:
    """Return a connection whose kind can be read here; raises NoSuchConnection."""
    found = known.connections.get(name)
    if found is None or found.kind not in HOOKS:
        raise NoSuchConnection
    return found


def ready(connection: Connection, secrets: Secrets) -> Connection:
    """Return the connection with its secrets in the place of their references; NotReady while none of them is there."""
    try:
        return replace(connection, secrets=secrets.all(connection.secrets))
    except Unavailable as error:
        log.warning("connection_without_secret", connection=connection.name, detail=error.detail)
        raise NotReady(retry_after=60) from error


def verify(delivery: Delivery, connection: Connection, refusals: Refusals, now: datetime) -> None:
    """Return when the sender is who it says; raises Unverified, or what keeps that from being found out."""
    try:
        HOOKS[connection.kind].verify(delivery, connection, now)
    except SamenspelError as error:
        refusals.note(connection.name, error.detail or error.title(), now)
        raise


def accept(
    delivery: Delivery, connection: Connection, known: Directory, inbox: Inbox, now: datetime
) -> tuple[Mapping[str, int], Reply | None]:
    """Read and store what a verified sender brought; how many became what, and what it must be answered."""
    hook = HOOKS[connection.kind]
    counts = take(read(delivery, connection), Origin(connection.name, hook.NAME), known, inbox, now)
    return counts, hook.reply(delivery) if isinstance(hook, Replying) else None
