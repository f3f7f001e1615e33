"""Work that a CRM takes back: a record that was deleted, restored, or is no longer done."""

from collections.abc import Sequence
from datetime import datetime

from services.ingest.domain.claims import Claim
from services.ingest.domain.connections import Connection
from services.ingest.sources.fields import ms_of
from shared.contracts.activity import RETRACTION, Scalar

_MEETINGS = ("booked", "held", "no-show", "cancelled")
"""Ends of the business keys of a meeting, beside the words that a connection has for what came of one."""


def taken_back(works: Sequence[str], at: datetime, actor: str | None = None) -> tuple[Claim, ...]:
    """Claim that work is taken back, each by its business key; what never counted is not missed."""
    return tuple(_claim("retracted", work, at, actor) for work in works)


def counts_again(works: Sequence[str], at: datetime, actor: str | None = None) -> tuple[Claim, ...]:
    """Claim that work that may have been taken back before counts again."""
    return tuple(_claim("restored", work, at, actor) for work in works)


def of_meeting(record: str, connection: Connection) -> list[str]:
    """Return every business key that a meeting can have; `record` is that of the meeting without an end."""
    return [f"{record}:{end}"[:200] for end in dict.fromkeys((*_MEETINGS, *connection.activities))]


def _claim(what: str, work: str, at: datetime, actor: str | None) -> Claim:
    data: dict[str, Scalar] = {"of": work} if what == "retracted" else {"of": work, "restored": True}
    return Claim(f"{what}:{work}:{ms_of(at)}", RETRACTION, at, actor=actor, data=data)
