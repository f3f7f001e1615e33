"""What somebody won, for showing: the same prize again and again is one, with how often."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.scoring.domain.league import Edition
from services.scoring.handlers.mine import Mine
from services.scoring.store.own import Prize
from shared.contracts.rhythm import Best, First, Milestone, Streak

PICTURES: Mapping[type, str] = {Streak: "streak", First: "first", Best: "best", Milestone: "star"}
"""What is drawn for each kind of prize."""


@dataclass(frozen=True, slots=True)
class Trophy:
    """A prize that was won, the latest time and how often; `name` by language."""

    picture: str
    name: Mapping[str, str]
    last: Prize
    times: int


def trophies(mine: Mine) -> list[Trophy]:
    """Return what was won, the latest first; each mark of a milestone is one of its own."""
    found: dict[str, list[Prize]] = {}
    for prize in mine.prizes:
        found.setdefault(_key(mine.edition, prize.rule), []).append(prize)
    return [_trophy(mine.edition, key, prizes) for key, prizes in found.items()]


def _key(edition: Edition, rule: str) -> str:
    own = rule.partition("~")[0]
    return rule if isinstance(_said(edition, own), Milestone) else own


def _trophy(edition: Edition, key: str, prizes: list[Prize]) -> Trophy:
    said = _said(edition, key.partition("~")[0])
    name = edition.text(key) or dict.fromkeys(("nl", "en"), key)
    return Trophy(PICTURES.get(type(said), "star"), name, prizes[0], len(prizes))


def _said(edition: Edition, own: str) -> Streak | First | Best | Milestone | None:
    return next((prize for prize in edition.playbook.rhythm.prizes if prize.id == own), None)
