"""Ask a CRM's API for what payloads lacked: one request at a time, its answer taken in as any payload is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.ingest.domain import asking
from services.ingest.domain.asking import Line, Question
from services.ingest.domain.connections import Connection
from services.ingest.domain.directory import UNKNOWN_OWNER, Held
from services.ingest.domain.results import Sent, Want
from services.ingest.sources.apis import OWNER, Answer, Api, Found, Request, api_of
from services.ingest.sources.fields import can_be_kept

Ask = Callable[[Connection, Api, Request], Answer]
"""Send a request and return what came back; never raises because of what the other side does."""


class Queue(Protocol):
    """Where questions wait."""

    def due(self, connection: str, at: datetime, at_once: Mapping[str, int]) -> list[Question]:
        """Return questions about one kind of object whose turn has come."""
        ...

    def settle(self, asked: Sequence[Question], after: Mapping[str, Question], line: Line | None) -> None:
        """Store what became of questions: those without an entry in `after` are answered."""
        ...


@dataclass(frozen=True, slots=True)
class Taking:
    """What is done with an answer: take things in, remember owners' e-mail addresses by their names here."""

    take: Callable[[Sequence[Sent], Connection, Api], None]
    learn: Callable[[Mapping[str, str]], None]


def wants_of(sent: Sent, held: Iterable[Held | None], connection: Connection | None) -> tuple[Want, ...]:
    """Return what is to be asked because of a thing that came: what it lacks, and who its owner is.

    Nothing where there is no API to ask, and nothing that cannot stand in an address.
    """
    api = api_of(connection.kind) if connection and connection.api else None
    if connection is None or api is None:
        return ()
    wanted = [*sent.wants, *_owners(held, connection)]
    return tuple(each for each in wanted if each.object in api.OBJECTS and asking.ASKABLE.fullmatch(each.id))


def _owners(held: Iterable[Held | None], connection: Connection) -> Iterable[Want]:
    prefix = connection.owner("")
    for each in held:
        if each and each.reason == UNKNOWN_OWNER and each.reference.startswith(prefix):
            yield Want(OWNER, each.reference.removeprefix(prefix))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was made: about what, over which line, when, and a number from 0 to 1 left to chance."""

    connection: Connection
    api: Api
    asked: Sequence[Question]
    line: Line
    at: datetime
    chance: float


def ask_next(attempt: Attempt, queue: Queue, ask: Ask, taking: Taking) -> None:
    """Make one request and settle what became of it; the answer is stored before the question goes."""
    connection, api = attempt.connection, attempt.api
    kind, ids = attempt.asked[0].object, [each.id for each in attempt.asked]
    answer = ask(connection, api, api.request(kind, ids, connection))
    meaning = api.meaning(answer)
    if meaning == asking.ANSWERED:
        queue.settle(attempt.asked, *_answered(attempt, answer, taking))
    else:
        after, line = _unanswered(attempt, answer, meaning)
        queue.settle(attempt.asked, after, line)


def _answered(attempt: Attempt, answer: Answer, taking: Taking) -> tuple[Mapping[str, Question], Line | None]:
    kind, ids = attempt.asked[0].object, [each.id for each in attempt.asked]
    try:
        found = attempt.api.read(kind, ids, answer, attempt.connection)
    except (ValueError, KeyError, TypeError, AttributeError):
        found = None
    if found is None or not all(can_be_kept(each.raw) for each in found.sent):
        return _failed(attempt, "the answer is not of the documented form"), _opened(attempt.line)
    taking.take([replace(each, wants=()) for each in found.sent], attempt.connection, attempt.api)  # asked already
    if found.owners:
        taking.learn({attempt.connection.owner(owner): email for owner, email in found.owners.items()})
    return _gone(attempt, found), _opened(attempt.line)


def _gone(attempt: Attempt, found: Found) -> Mapping[str, Question]:
    reason = "the CRM does not have it (any longer)"
    missing = [each for each in attempt.asked if each.id in found.gone]
    return {each.id: asking.ended(each, asking.GONE, reason, attempt.at) for each in missing}


def _opened(line: Line) -> Line | None:
    return asking.answered(line) if line.failures else None


def _failed(attempt: Attempt, reason: str) -> Mapping[str, Question]:
    return {each.id: asking.failed(each, reason, attempt.at, attempt.chance) for each in attempt.asked}


def _unanswered(attempt: Attempt, answer: Answer, meaning: str) -> tuple[Mapping[str, Question], Line | None]:
    """Return the questions and the line after an answer that is none, by what it means."""
    at, line = attempt.at, attempt.line
    said = f"the CRM answered {answer.status}" if answer.status else f"the CRM did not answer: {answer.trouble}"
    if meaning == asking.REFUSED:
        reason = f"{said}: put a token that may read this where `api.token` of the connection points"
        return _unchanged(attempt), asking.stopped(line, reason, at)
    if meaning == asking.LATER:
        wait = asking.retry_after(answer.headers, at)
        return _unchanged(attempt), asking.troubled(line, f"{said}: it asks to wait", at, attempt.chance, wait)
    if meaning == asking.TROUBLE:
        return _failed(attempt, said), asking.troubled(line, said, at, attempt.chance)
    if len(attempt.asked) > 1:  # one of them is wrong: from now on each is asked alone
        return _failed(attempt, said), _opened(line)
    state = asking.GONE if meaning == asking.MISSING else asking.GIVEN_UP
    return {each.id: asking.ended(each, state, said, at) for each in attempt.asked}, _opened(line)


def _unchanged(attempt: Attempt) -> Mapping[str, Question]:
    return {each.id: each for each in attempt.asked}
