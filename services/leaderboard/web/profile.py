"""HTTP: what a seller decides about the own person on a TV."""

from __future__ import annotations

from typing import Any

from services.leaderboard.domain.avatars import AVATARS
from services.leaderboard.domain.people import Profile, Profiles, person
from services.leaderboard.live.desk import Desk
from services.leaderboard.pages.bounds import by
from services.leaderboard.schemas.playlists import HiddenIn, ProfileIn, ProfileOut
from shared.contracts.roster import Roster
from shared.errors import FieldProblem, Forbidden, InvalidInput, NotFound
from shared.web import Blueprint, caller, limit_body, requires


class UnknownRep(NotFound):
    """The roster does not know this person."""


def profile(desk: Desk) -> Blueprint:
    """Return the routes under /leaderboard/v1/profile and …/profiles."""
    blueprint = Blueprint("profile", __name__, url_prefix="/leaderboard/v1", description="People on the TV.")

    @blueprint.get("/profile")
    @requires("profile:write", bounded=True)
    @blueprint.response(200, ProfileOut)
    def mine() -> dict[str, Any]:
        """Show what you decided, and how a TV names you."""
        return _shown(desk, _own())

    @blueprint.put("/profile")
    @requires("profile:write", bounded=True)
    @limit_body(2000)
    @blueprint.arguments(ProfileIn)
    @blueprint.response(200, ProfileOut)
    def decide(given: Profile) -> dict[str, Any]:
        """Decide your nickname, your picture, and whether a TV may name you; it changes no points and no pay."""
        rep = _own()
        _own_name(given.nickname, rep, desk.league().roster, desk.profiles.all())
        desk.decide(rep, given)
        return _shown(desk, rep)

    @blueprint.put("/profiles/<rep>/hidden")
    @requires("screens:write", bounded=True)
    @limit_body(1000)
    @blueprint.arguments(HiddenIn)
    @blueprint.response(200, ProfileOut)
    def hide(given: dict[str, bool], rep: str) -> dict[str, Any]:
        """Keep somebody off every TV, or leave it to that person again; nobody can be put on one by others."""
        roster = desk.league().roster
        if roster is None or rep not in roster.reps:
            raise UnknownRep
        team = roster.team_of(rep, desk.clock())
        if not caller().sees_rep(rep, [team] if team else []):
            raise Forbidden("this person is in another team")
        desk.hide(rep, by() if given["hidden"] else None)
        return _shown(desk, rep)

    return blueprint


def _own() -> str:
    rep = caller().rep
    if rep is None:
        raise Forbidden("this is for an account of somebody on the roster; a token is nobody")
    return rep


def _own_name(nickname: str | None, rep: str, roster: Roster | None, profiles: Profiles) -> None:
    """Raise InvalidInput when a nickname is how somebody else is named."""
    reps = roster.reps if roster else {}
    others = {name.casefold() for each in reps.values() if each.id != rep for name in (each.display_name, each.name)}
    others |= {(said.nickname or "").casefold() for each, said in profiles.items() if each != rep}
    if nickname and nickname.casefold() in others:
        raise InvalidInput(problems=[FieldProblem("/nickname", nickname, "a name that nobody else has")])


def _shown(desk: Desk, rep: str) -> dict[str, Any]:
    roster, profiles = desk.league().roster, desk.profiles.all()
    said, named = profiles.get(rep, Profile()), person(rep, roster, profiles)
    return {
        "rep": rep,
        **{name: getattr(said, name) for name in ("on_tv", "nickname", "avatar", "celebrate", "hidden")},
        "roster_on_tv": bool(roster and rep in roster.reps and roster.reps[rep].on_tv),
        "shown_as": named.name if named else None,
        "avatars": AVATARS,
    }
