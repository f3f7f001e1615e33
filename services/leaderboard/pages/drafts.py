"""The draft of a playlist in its form: what stands in it, and what its buttons do to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.leaderboard.domain.playlists import MOST_SLIDES
from services.leaderboard.domain.slides.asked import FIELDS

SAVE, ADD, UP, DOWN, REMOVE = "save", "add", "up", "down", "remove"
ALWAYS = ("seconds", "from", "until")
_ONE_LINE = ("metric", "period", "by", "team", "contest", *ALWAYS)


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form: slides as a playlist has them, some perhaps wrong; `at` is the slide looked at."""

    name: str
    team: str
    version: int
    slides: Sequence[Mapping[str, Any]]
    at: int | None = None

    @property
    def sent(self) -> dict[str, Any]:
        """Return it as the interface takes it."""
        own = {"team": self.team} if self.team else {}
        return {"name": self.name, "version": self.version, "slides": self.slides, **own}


def read(form: Mapping[str, str]) -> Draft:
    """Return what stands in a form; `do` may add a slide of the type in `add`."""
    count = min(_whole(form.get("count", "")) or 0, MOST_SLIDES)
    slides = [_slide(form, f"s{place}") for place in range(count)]
    return Draft(form.get("name", "").strip(), form.get("team", ""), _whole(form.get("version", "")) or 1, slides)


def apply(draft: Draft, action: str) -> Draft:
    """Return the draft after a button: add:<type>, up:<place>, down:<place>, remove:<place>; others change nothing."""
    verb, _, about = action.partition(":")
    if verb == ADD and about in FIELDS and len(draft.slides) < MOST_SLIDES:
        return replace(draft, slides=[*draft.slides, {"type": about}], at=len(draft.slides))
    place = _whole(about)
    if place is None or place >= len(draft.slides):
        return draft
    rest = [*draft.slides[:place], *draft.slides[place + 1 :]]
    if verb == REMOVE:
        return replace(draft, slides=rest)
    goal = max(0, place - 1) if verb == UP else min(len(rest), place + 1) if verb == DOWN else place
    return replace(draft, slides=[*rest[:goal], draft.slides[place], *rest[goal:]], at=goal)


def wrong(messages: Mapping[Any, Any]) -> dict[str, str]:
    """Return which fields of the form cannot be used, and why."""
    found: dict[str, str] = {}
    for name, nested in messages.items():
        if name == "slides" and isinstance(nested, Mapping):
            for place, fields in nested.items():
                found |= {f"s{place}.{field}": _text(why) for field, why in fields.items()}
        else:
            found[str(name)] = _text(nested)
    return found


def _slide(form: Mapping[str, str], at: str) -> dict[str, Any]:
    """Return one slide; what is empty is left out, so that the usual holds."""
    kind = form.get(f"{at}.type", "")
    slide: dict[str, Any] = {"type": kind}
    for name in (*FIELDS.get(kind, ()), *ALWAYS):
        if name in _ONE_LINE:
            if text := form.get(f"{at}.{name}", "").strip():
                slide[name] = _number(text) if name == "seconds" else text
        elif name == "people":
            slide[name] = form.get(f"{at}.people") == "on"
        else:
            parts = [form.get(f"{at}.{name}.{part}", "").strip() for part in ("a", "b")]
            slide |= _pair(name, parts)
    if form.get(f"{at}.team") == "":  # all together, which a playlist says by null
        slide["team"] = None
    return slide


def _pair(name: str, parts: list[str]) -> dict[str, Any]:
    if name == "teams":
        return {name: [part for part in parts if part]}
    return {name: {language: text for language, text in zip(("nl", "en"), parts, strict=True) if text}}


def _number(text: str) -> int | str:
    number = _whole(text)
    return text if number is None else number


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _text(messages: Any) -> str:
    if isinstance(messages, Mapping):
        return " ".join(_text(each) for each in messages.values())
    return " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
