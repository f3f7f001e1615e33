"""Whose a screen, a playlist or a message is: a team's belongs to who leads the team, any other to who sees all."""

from __future__ import annotations

from collections.abc import Container

from shared.errors import FieldProblem, Forbidden, InvalidInput
from shared.web import caller


def is_ours(team: str | None) -> bool:
    """Tell whether the caller may change what belongs to a team; None: to everybody."""
    who = caller()
    return who.sees_team(team) if team else not who.bounded


def keep_inside(team: str | None) -> None:
    """Raise Forbidden when the caller may not change what belongs to a team; None: to everybody."""
    if not is_ours(team):
        raise Forbidden(f"this belongs to {f'team {team}' if team else 'everybody'}; your account is for your own team")


def known(name: str, value: str | None, among: Container[str], kind: str) -> None:
    """Raise InvalidInput when `value` of the field `name` is not `among` what there is; None is always good."""
    if value is not None and value not in among:
        raise InvalidInput(problems=[FieldProblem(f"/{name}", value, f"the id of a {kind} that there is")])


def by() -> str:
    """Return under whose name the caller's changes are kept."""
    return caller().account or caller().name
