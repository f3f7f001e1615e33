"""Playlists, messages and profiles: what callers send and get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from services.leaderboard.domain.avatars import AVATARS
from services.leaderboard.domain.boards import MEASURES, period_named
from services.leaderboard.domain.people import Profile
from services.leaderboard.domain.playlists import LONGEST, MOST_SLIDES, SHORTEST
from services.leaderboard.domain.slides.asked import DUEL, FIELDS, MESSAGE
from services.leaderboard.schemas.screens import ID, NAME

ALWAYS = ("type", "seconds", "from", "until")
_SECONDS = validate.Range(SHORTEST, LONGEST)
_TEXT = validate.Length(1, 160)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")


class Text(Schema):
    """A text in Dutch and English; where one is left out, the other stands for it."""

    nl = fields.String(validate=_TEXT)
    en = fields.String(validate=_TEXT)

    @post_load
    def fill(self, data: dict[str, str], **_: Any) -> dict[str, str]:
        """Let one language stand for the other."""
        if not data:
            raise ValidationError("a text in nl, en or both")
        return {name: data.get(name) or next(iter(data.values())) for name in ("nl", "en")}


class SlideIn(Schema):
    """One slide; see domain/slides for what each type takes."""

    type = fields.String(required=True, validate=validate.OneOf(tuple(FIELDS)))
    seconds = fields.Integer(validate=_SECONDS)
    start = fields.Date(data_key="from", allow_none=True)
    until = fields.Date(allow_none=True, metadata={"description": "the last day"})
    metric = fields.String(allow_none=True, validate=ID)
    period = fields.String(validate=validate.Length(1, 20))
    by = fields.String(validate=validate.OneOf(MEASURES))
    teams = fields.List(fields.String(validate=ID), validate=validate.Length(max=2))
    team = fields.String(allow_none=True, validate=ID)
    contest = fields.String(validate=ID)
    people = fields.Boolean()
    text = fields.Nested(Text)

    @validates_schema
    def check(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what the type does not take, and what cannot be shown."""
        if found := {name: [why] for name, why in _problems(data)}:
            raise ValidationError(found)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the slide as it is kept."""
        days = {"start": "from", "until": "until"}
        made = {days.get(name, name): value for name, value in data.items() if name not in days or value is not None}
        return {name: value.isoformat() if name in days.values() else value for name, value in made.items()}


class PlaylistIn(Schema):
    """A playlist; `version` is the one that it was made from."""

    name = fields.String(required=True, validate=NAME)
    team = fields.String(load_default=None, allow_none=True, validate=ID)
    slides = fields.List(fields.Nested(SlideIn), required=True, validate=validate.Length(1, MOST_SLIDES))
    version = fields.Integer(load_default=1, validate=validate.Range(1))


class PlaylistOut(Schema):
    """A playlist; `screens` play it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    team = fields.String(required=True, allow_none=True, metadata={"description": "whose it is; null: everybody's"})
    slides = fields.List(fields.Dict(), required=True)
    version = fields.Integer(required=True)


class PlaylistsOut(Schema):
    """The playlists, and the slides of a screen that has none."""

    playlists = fields.List(fields.Nested(PlaylistOut), required=True)


class MessageIn(Schema):
    """A message: shown from a day up to and with another, on the screens of a team or (null) on all."""

    text = fields.Nested(Text, required=True)
    start = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True)
    team = fields.String(load_default=None, allow_none=True, validate=ID)
    seconds = fields.Integer(load_default=15, validate=_SECONDS)

    @validates_schema
    def check(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a message that ends before it begins."""
        if data["until"] < data["start"]:
            raise ValidationError({"until": ["a day not before `from`"]})


class MessageOut(Schema):
    """A message."""

    id = fields.String(required=True)
    text = fields.Dict(required=True)
    start = fields.Date(required=True, data_key="from")
    until = fields.Date(required=True)
    team = fields.String(required=True, allow_none=True)
    seconds = fields.Integer(required=True)


class MessagesOut(Schema):
    """The messages that are not over."""

    messages = fields.List(fields.Nested(MessageOut), required=True)


class ProfileIn(Schema):
    """What a seller decides about the own person; `on_tv` null: nothing, so that the roster's word holds."""

    on_tv = fields.Boolean(load_default=None, allow_none=True)
    nickname = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 14))
    avatar = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(AVATARS))
    celebrate = fields.Boolean(load_default=True)

    @pre_load
    def tidy(self, data: Any, **_: Any) -> Any:
        """Leave no space at the ends of a nickname; an empty one is none."""
        if isinstance(data, Mapping) and isinstance(data.get("nickname"), str):
            return {**data, "nickname": " ".join(data["nickname"].split()) or None}
        return data

    @validates_schema
    def check(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse letters that cannot be seen or turn others around."""
        if not (data["nickname"] or "").isprintable():
            raise ValidationError({"nickname": ["letters that can be seen"]})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Profile:
        """Build the profile."""
        return Profile(**data)


class ProfileOut(Schema):
    """A profile, and what comes of it: `shown_as` is how a TV names the person, null: not at all."""

    rep = fields.String(required=True)
    on_tv = fields.Boolean(required=True, allow_none=True)
    nickname = fields.String(required=True, allow_none=True)
    avatar = fields.String(required=True, allow_none=True)
    celebrate = fields.Boolean(required=True)
    hidden = fields.Boolean(required=True, metadata={"description": "a manager keeps the person off every TV"})
    roster_on_tv = fields.Boolean(required=True)
    shown_as = fields.String(required=True, allow_none=True)
    avatars = fields.List(fields.String(), required=True, metadata={"description": "the pictures to choose from"})


class HiddenIn(Schema):
    """Whether somebody is kept off every TV."""

    hidden = fields.Boolean(required=True)


def _problems(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = data["type"]
    taken = {*ALWAYS, "start", *FIELDS[kind]}
    yield from (
        (name, f"nothing: a slide of type {kind} takes {', '.join(FIELDS[kind])}") for name in data if name not in taken
    )
    if kind == MESSAGE and "text" not in data:
        yield "text", "a text"
    if kind == DUEL and len(set(data.get("teams", []))) == 1:
        yield "teams", "two different teams, or none: the screen's team and the next one"
    if data.get("start") and data.get("until") and data["until"] < data["start"]:
        yield "until", "a day not before `from`"
    try:
        period_named(data.get("period", "today"), _SOME_DAY, _UTC)
    except ValueError as error:
        yield "period", str(error)
