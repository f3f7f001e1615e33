"""Screens and their pairing: what callers send and get."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from services.leaderboard.domain.hours import Span, span, spans
from services.leaderboard.domain.screens import MOTIONS, STATES, THEMES, USUAL_DISTANCE, USUAL_INCHES, Beat, Setup
from services.leaderboard.live.desk import ORDERS

LANGUAGES = ("nl", "en")
NAME = validate.Length(1, 40)
ID = validate.Length(1, 200)


class SpanField(fields.Field[Span]):
    """A span of the day, such as 07:30-18:30."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Span:
        try:
            return span(str(value).replace(" ", ""))
        except ValueError as error:
            raise ValidationError("a span such as 07:30-18:30") from error

    def _serialize(self, value: Span | None, attr: str | None, obj: Any, **_: Any) -> str | None:
        return None if value is None else str(value)


class SpansField(fields.Field[tuple[Span, ...]]):
    """Spans of the day: a list, or one text with commas."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> tuple[Span, ...]:
        try:
            return spans((value if isinstance(value, str) else ",".join(map(str, value))).replace(" ", ""))
        except (TypeError, ValueError) as error:
            raise ValidationError("spans such as 12:00-13:00, 17:00-18:00") from error

    def _serialize(self, value: tuple[Span, ...] | None, attr: str | None, obj: Any, **_: Any) -> list[str]:
        return list(map(str, value or ()))


class SetupIn(Schema):
    """How a screen is set up; what is left out is as usual."""

    name = fields.String(required=True, validate=NAME)
    playlist = fields.String(load_default=None, allow_none=True, validate=ID, metadata={"description": "null: usual"})
    team = fields.String(load_default=None, allow_none=True, validate=ID)
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LANGUAGES))
    theme = fields.String(load_default=THEMES[0], validate=validate.OneOf(THEMES))
    distance = fields.Decimal(
        load_default=Decimal(USUAL_DISTANCE) / 100,
        validate=validate.Range(1, 15),
        as_string=True,
        metadata={"description": "metres from which it is read"},
    )
    inches = fields.Integer(load_default=USUAL_INCHES, validate=validate.Range(19, 120))
    motion = fields.String(load_default=MOTIONS[0], validate=validate.OneOf(MOTIONS))
    sound = fields.Boolean(load_default=False)
    volume = fields.Integer(load_default=30, validate=validate.Range(0, 100), metadata={"description": "percent"})
    quiet = SpansField(load_default=(), metadata={"type": "array", "items": {"type": "string"}})
    hours = SpanField(load_default=None, allow_none=True, metadata={"type": "string"})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """Build the set-up; distances are kept in whole centimetres."""
        return Setup(**{**data, "distance": round(data["distance"] * 100)})


class SetupForm(SetupIn):
    """How a screen is set up, from a form."""

    @post_load
    def make(self, data: dict[str, Any], **more: Any) -> Any:
        """Return the set-up under its name."""
        return {"setup": super().make(data, **more)}


class PairIn(SetupIn):
    """The code that a screen shows, and how that screen is set up."""

    code = fields.String(required=True, validate=validate.Length(1, 40))

    @post_load
    def make(self, data: dict[str, Any], **more: Any) -> Any:
        """Return the code and the set-up."""
        code = data.pop("code")
        return {"code": code, "setup": super().make(data, **more)}


class PairingOut(Schema):
    """A code to show, and what to ask with every `interval` seconds whether somebody typed it in."""

    device_code = fields.String(required=True, metadata={"description": "a secret of this screen"})
    user_code = fields.String(required=True, metadata={"description": "such as BCDF-GHJK"})
    verification_uri = fields.String(required=True, metadata={"description": "where people type the code in"})
    verification_uri_complete = fields.String(required=True)
    qr = fields.String(required=True, metadata={"description": "an SVG of that address as a data: URI"})
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    interval = fields.Integer(required=True, metadata={"description": "seconds"})


class CollectIn(Schema):
    """What a waiting screen asks with."""

    device_code = fields.String(required=True, validate=validate.Length(1, 100))


class CollectOut(Schema):
    """Whether the code was typed in; when it was, the answer sets the screen's cookie."""

    state = fields.String(required=True, validate=validate.OneOf(("waiting", "paired")))
    interval = fields.Integer(required=True)


class OrderIn(Schema):
    """What a screen is told."""

    order = fields.String(required=True, validate=validate.OneOf(ORDERS))


class BeatIn(Schema):
    """What a screen says of itself; `slide` is the type that it shows, null when there is nothing to show."""

    slide = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=20))
    app = fields.String(load_default="", validate=validate.Length(max=40))
    viewport = fields.String(load_default="", validate=validate.Regexp(r"^(\d{1,5}x\d{1,5})?$"))
    uptime_s = fields.Integer(load_default=0, validate=validate.Range(0, 10**9))
    errors = fields.List(
        fields.String(validate=validate.Length(max=300)), load_default=list, validate=validate.Length(max=10)
    )


class BeatOut(Schema):
    """What a screen last said; `current`: it shows the version of the pages that is served now."""

    at = fields.AwareDateTime(required=True)
    slide = fields.String(required=True, allow_none=True)
    app = fields.String(required=True)
    current = fields.Boolean(required=True)
    viewport = fields.String(required=True)
    uptime_s = fields.Integer(required=True)
    errors = fields.List(fields.String(), required=True)


class ScreenOut(Schema):
    """A screen: its set-up, and how it does."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    playlist = fields.String(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    language = fields.String(required=True, allow_none=True)
    theme = fields.String(required=True)
    distance = fields.String(required=True)
    inches = fields.Integer(required=True)
    scale = fields.Float(required=True, metadata={"description": "how much larger than usual its letters are"})
    motion = fields.String(required=True)
    sound = fields.Boolean(required=True)
    volume = fields.Integer(required=True)
    quiet = fields.List(fields.String(), required=True)
    hours = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    paired_at = fields.AwareDateTime(required=True)
    paired_by = fields.String(required=True)
    beat = fields.Nested(BeatOut, required=True, allow_none=True)


class ScreensOut(Schema):
    """The screens that the caller may look after."""

    screens = fields.List(fields.Nested(ScreenOut), required=True)


def beat_of(data: Mapping[str, Any], at: Any) -> Beat:
    """Return the beat that was sent."""
    return Beat(at, data["slide"], data["app"], data["viewport"], data["uptime_s"], tuple(data["errors"]))
