"""/leaderboard/playlists: what screens play, and the messages between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import flask
from flask import Response, request
from marshmallow import ValidationError

from services.leaderboard.domain.boards import NAMED_PERIODS
from services.leaderboard.domain.playlists import Playlist, playing_seconds
from services.leaderboard.domain.slides.asked import DEFAULT, FIELDS, MAIN_PERIOD, SECONDS, USUAL_SECONDS
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages import drafts
from services.leaderboard.pages.bounds import is_ours, keep_inside
from services.leaderboard.pages.office import current, keep, leave, one_of, ours, playable
from services.leaderboard.pages.screens import teams_of, wrong
from services.leaderboard.schemas.playlists import MessageIn, PlaylistIn
from services.leaderboard.schemas.screens import LANGUAGES
from shared.contracts.contests import Contest
from shared.contracts.playbook import Metric
from shared.errors import InvalidInput, Outdated
from shared.web import limit_body, page, requires, see_other
from shared.web.pages import language
from shared.web.problems import status_of

HERE = "/leaderboard/playlists"


def playlist_pages(desk: Desk) -> flask.Blueprint:
    """Return the pages of playlists."""
    pages = flask.Blueprint("playlist_pages", __name__, url_prefix="/leaderboard", template_folder="templates")

    @pages.get("/playlists")
    @requires("screens:write", bounded=True)
    def everything() -> str:
        """Show the playlists and the messages."""
        return _everything(desk, {})

    @pages.get("/playlists/new")
    @requires("screens:write", bounded=True)
    def begin() -> str:
        """Begin a playlist with the usual slides."""
        teams = teams_of(desk)
        own = next(iter(teams)) if len(teams) == 1 and not is_ours(None) else ""
        slides = [{"type": slide.type} for slide in DEFAULT]
        return _editor(desk, None, drafts.Draft("", own, 1, slides))

    @pages.get("/playlists/<playlist>")
    @requires("screens:write", bounded=True)
    def one(playlist: str) -> str:
        """Show a playlist in its editor."""
        found = one_of(desk, playlist)
        return _editor(desk, found, drafts.Draft(found.name, found.team or "", found.version, list(found.slides)))

    @pages.post("/playlists/<playlist>")
    @requires("screens:write", bounded=True)
    def edit(playlist: str) -> Response | str | tuple[str, int]:
        """Change the draft of a playlist (add, move, take away), or keep it."""
        found = None if playlist == "new" else one_of(desk, playlist)
        draft, action = drafts.read(request.form), request.form.get("do", drafts.SAVE)
        if action != drafts.SAVE:
            return _editor(desk, found, drafts.apply(draft, action))
        try:
            keep(desk, dict(PlaylistIn().load(draft.sent)), "" if found is None else playlist)
        except ValidationError as error:
            return _editor(desk, found, draft, drafts.wrong(error.messages_dict)), 422
        except (InvalidInput, Outdated) as error:
            return _editor(desk, found, draft, wrong(error)), status_of(type(error))
        return see_other(HERE, done="playlist")

    @pages.post("/playlists/<playlist>/remove")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    def remove(playlist: str) -> Response:
        """Remove a playlist."""
        keep_inside(desk.playlists.one(playlist).team)
        desk.drop(playlist)
        return see_other(HERE, done="playlist_gone")

    return pages


def message_pages(desk: Desk) -> flask.Blueprint:
    """Return the forms of messages, which stand on the page of playlists."""
    messages = flask.Blueprint("message_pages", __name__, url_prefix="/leaderboard")

    @messages.post("/messages")
    @requires("screens:write", bounded=True)
    @limit_body(4000)
    def write() -> Response | tuple[str, int]:
        """Let screens show a message."""
        said = {name: text.strip() for name, text in request.form.items() if text.strip()}
        rest = {name: text for name, text in said.items() if name not in LANGUAGES}
        try:
            texts = {name: said[name] for name in LANGUAGES if name in said}
            leave(desk, dict(MessageIn().load({**rest, "text": texts})))
        except ValidationError as error:
            return _everything(desk, said, dict.fromkeys(error.messages_dict, "")), 422
        return see_other(HERE, done="message")

    @messages.post("/messages/<message>/remove")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    def unwrite(message: str) -> Response:
        """Take a message back."""
        keep_inside(desk.playlists.message(message).team)
        desk.unwrite(message)
        return see_other(HERE, done="message_gone")

    return messages


def _everything(desk: Desk, said: dict[str, str], wrong: dict[str, str] | None = None) -> str:
    screens: dict[str, list[str]] = {}
    for screen in ours(desk):
        screens.setdefault(screen.setup.playlist or "", []).append(screen.setup.name)
    return _page(
        desk,
        "playlists.html",
        title="office.playlists",
        playlists=playable(desk),
        usual=Playlist("", "", tuple({"type": slide.type} for slide in DEFAULT)),
        seconds=playing_seconds,
        screens=screens,
        messages=current(desk),
        may_change=lambda each: is_ours(each.team),
        said=said,
        wrong=wrong or {},
        today=_today(desk),
    )


def _editor(desk: Desk, found: Playlist | None, draft: drafts.Draft, wrong: dict[str, str] | None = None) -> str:
    league = desk.league()
    return _page(
        desk,
        "playlist.html",
        title="office.playlist" if found else "office.playlist.new",
        playlist=found,
        draft=draft,
        wrong=wrong or {},
        may_change=found is None or is_ours(found.team),
        types=FIELDS,
        usual_seconds={kind: SECONDS.get(kind, USUAL_SECONDS) for kind in FIELDS},
        metrics=_labels(league.metrics),
        contests=_labels(league.contests),
        periods=tuple(dict.fromkeys([*NAMED_PERIODS, *(slide.get("period", MAIN_PERIOD) for slide in draft.slides)])),
        every_team={team.id: team.name for team in (league.roster.teams.values() if league.roster else ())},
    )


def _page(desk: Desk, template: str, *, title: str, **values: Any) -> str:
    return page(
        template, title=title, zone=desk.league().zone, teams=teams_of(desk), everybodys=is_ours(None), **values
    )


def _labels(named: Mapping[str, Metric | Contest]) -> list[tuple[str, str]]:
    return [(each.id, each.label[language()]) for each in named.values()]


def _today(desk: Desk) -> date:
    return desk.clock().astimezone(desk.league().zone).date()
