"""/ingest/inbox: what came in, from where, when, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import flask
import orjson
from flask import request

from services.ingest.domain.directory import REASONS
from services.ingest.domain.masking import masked
from services.ingest.domain.quality import Review, flag_of
from services.ingest.domain.search import STATUSES, Answer, Asked, Found
from services.ingest.handlers import searching
from services.ingest.handlers.names import Names
from services.ingest.handlers.rereading import NoSuchPayload
from services.ingest.schemas.search import InboxQuery
from shared.web import forms, page, requires
from shared.web.pages import UTC

SIGNS = {"accepted": "good", "waiting": "info", "parked": "warn", "ignored": "quiet", "duplicate": "quiet"}
"""How each status looks."""

_LARGEST_SHOWN = 200_000


class Notes(Protocol):
    """Where is noted whose yes let something through."""

    def reviews(self, flags: Sequence[str]) -> Mapping[str, Review]:
        """Return what people noted."""
        ...


class Searchable(Protocol):
    """Where payloads are searched."""

    def ask(self, asked: Asked) -> Answer:
        """Return one page of what was asked."""
        ...

    def one(self, number: int) -> tuple[Found, str] | None:
        """Return one payload with its text."""
        ...

    def connections(self) -> list[str]:
        """Return who ever sent something."""
        ...


def inbox_pages(inbox: Searchable, names: Names, notes: Notes) -> flask.Blueprint:
    """Return the inbox page and the page of one payload."""
    pages = flask.Blueprint("inbox_pages", __name__, url_prefix="/ingest")

    @pages.get("/inbox")
    @requires("operator", "league:write")
    def search() -> str:
        """Search the inbox."""
        roster = names.now().roster
        asked, problems = forms.query(InboxQuery())
        said = request.args.to_dict()
        answer = inbox.ask(searching.asked(asked, roster))
        kept = {name: value for name, value in said.items() if name not in ("before", "after", "done", "lang")}
        return page(
            "inbox.html",
            title="inbox.title",
            zone=roster.zone if roster else UTC,
            answer=answer,
            problems=problems,
            said=kept,
            searched=any(value for name, value in kept.items() if name != "limit"),
            reps=roster.reps if roster else {},
            connections=inbox.connections(),
            statuses=STATUSES,
            reasons=list(REASONS),
            signs=SIGNS,
            credits_of=searching.credits_of,
            newer=forms.address("/ingest/inbox", kept, after=answer.newer) if answer.newer else None,
            older=forms.address("/ingest/inbox", kept, before=answer.older) if answer.older else None,
        )

    @pages.get("/inbox/<int:number>")
    @requires("operator", "league:write")
    def payload(number: int) -> str:
        """Show one payload as it came, secrets masked, and what became of it."""
        found = inbox.one(number) if number < 2**63 else None
        if found is None:
            raise NoSuchPayload
        roster = names.now().roster
        noted = notes.reviews([flag_of(trace.number) for trace in found[0].activities])
        return page(
            "payload.html",
            title="payload.title",
            zone=roster.zone if roster else UTC,
            found=found[0],
            text=shown(found[1]),
            reps=roster.reps if roster else {},
            remedies=REASONS,
            signs=SIGNS,
            credits_of=searching.credits_of,
            noted=noted,
            flag_of=flag_of,
        )

    return pages


def shown(payload: str) -> str:
    """Return a payload with secrets masked and lines indented; of a very large one its beginning."""
    text = orjson.dumps(masked(orjson.loads(payload)), option=orjson.OPT_INDENT_2).decode()
    return text if len(text) <= _LARGEST_SHOWN else f"{text[:_LARGEST_SHOWN]}…"
