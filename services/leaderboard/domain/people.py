"""Who may be named on a TV, and how: what the person decided goes before what the roster says."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.contracts.roster import Roster


@dataclass(frozen=True, slots=True)
class Profile:
    """What a seller decided about the own person; `on_tv` None: nothing, so that the roster's word holds.

    `hidden` is a manager's: not on any TV, whatever the person says. `avatar` is the name of a picture.
    """

    on_tv: bool | None = None
    nickname: str | None = None
    avatar: str | None = None
    celebrate: bool = True
    hidden: bool = False


Profiles = Mapping[str, Profile]
"""By rep id; a rep who decided nothing is left out."""

NOTHING_SAID = Profile()


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the TV names them."""

    name: str
    avatar: str | None


def person(rep: str, roster: Roster | None, profiles: Profiles) -> Person | None:
    """Return how a rep is named; None where the rep may not be."""
    known, said = roster.reps.get(rep) if roster else None, profiles.get(rep, NOTHING_SAID)
    if known is None or said.hidden or not (known.on_tv if said.on_tv is None else said.on_tv):
        return None
    return Person(said.nickname or known.display_name, said.avatar)
