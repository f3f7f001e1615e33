"""Take a person out of what is kept, and leave what was counted.

A rep's id is the key of ledger, standings and books: it never changes, and after an erasure it is all that is left.
That makes it a pseudonym only when it tells nobody's name: choose neutral ids (a personnel number, as an import does).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_KEPT = frozenset({"id", "source", "type", "rep", "occurred_at", "sequence"})
_SHORTEST = 6
_LONGEST_DISPLAYED = 14

ELSEWHERE: Mapping[str, str] = {
    "scoring": "the ledger's lines and the activities behind them, under the rep id (/scoring/v1/credits?rep={rep}); "
    "its copies of earlier rosters are overwritten when the relay sends them again, which it does by itself",
    "leaderboard": "totals under the rep id, until their period is no longer kept; the name goes with the next roster",
    "commission": "statements and payouts under the rep id: /commission/v1/statements/{rep}; payroll records are "
    "kept for seven years by law; its copies of earlier rosters are overwritten as those of scoring",
    "bus": "topic `activities` keeps its records for as long as it is set up to; topic `league` keeps the first text "
    "of earlier rosters until those records are deleted; see docs/people.md",
    "account": "the person's account, where there is one: python -m services.ingest.cli account forget ADDRESS",
    "crm": "whatever the sender itself keeps; what it sends later about this person is parked under the old name",
}
"""What is held of a person outside the front door, and what becomes of it."""


@dataclass(frozen=True)
class Subject:
    """A person: the rep id, and every name that any roster version knew them by."""

    rep: str
    names: frozenset[str]

    @cached_property
    def folded(self) -> frozenset[str]:
        """Return the names without regard to capitals."""
        return frozenset(name.casefold() for name in self.names)

    @cached_property
    def words(self) -> Sequence[str]:
        """Return the names that are searched for in texts: those that cannot be a part of something else by chance."""
        telling = (name for name in self.names if "@" in name or (len(name) >= _SHORTEST and not name.isdecimal()))
        return sorted(telling, key=len, reverse=True)

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """Return what finds any of the words."""
        return re.compile("|".join(map(re.escape, self.words)), re.IGNORECASE) if self.words else None

    @property
    def id_tells_the_name(self) -> bool:
        """Tell whether the rep id holds a part of the name, so that it is no pseudonym."""
        parts = (part for name in self.names for part in re.split(r"[^a-zà-ÿ]+", name.casefold()))
        return any(len(part) > 2 and part in self.rep.casefold() for part in parts)


def subject(rep: str, rosters: Iterable[Mapping[str, Any]]) -> Subject | None:
    """Return a person as any of the rosters knew them; None when none did."""
    entries = [entry for body in rosters for entry in body.get("reps") or () if entry.get("id") == rep]
    if not entries:
        return None
    names = {str(name) for entry in entries for name in (entry["name"], *(entry.get("identities") or ()))}
    return Subject(rep, frozenset(name for name in names if name.strip()))


def without_names(body: Mapping[str, Any], rep: str, pseudonym: str) -> dict[str, Any]:
    """Return a roster in which the rep has the pseudonym for a name, and no other names; teams and days stay."""
    left = deepcopy(dict(body))
    for entry in left.get("reps") or ():
        if entry.get("id") == rep:
            entry |= {"name": pseudonym, "display_name": pseudonym[:_LONGEST_DISPLAYED], "identities": []}
            entry.pop("on_tv", None)
    return left


def without_owner(body: Mapping[str, Any], who: Subject) -> dict[str, Any]:
    """Return the document of owners' addresses without the person's."""
    owners = {owner: email for owner, email in body["owners"].items() if str(email).casefold() not in who.folded}
    return {**body, "owners": owners}


def scrubbed(value: Any, who: Subject, pseudonym: str) -> Any:
    """Return JSON in which every name of the person is the pseudonym."""
    if isinstance(value, str):
        if value.casefold() in who.folded:
            return pseudonym
        return who.pattern.sub(pseudonym, value) if who.pattern else value
    if isinstance(value, Mapping):
        return {name: scrubbed(each, who, pseudonym) for name, each in value.items()}
    return [scrubbed(each, who, pseudonym) for each in value] if isinstance(value, list) else value


def scrubbed_body(said: Mapping[str, Any], who: Subject, pseudonym: str) -> dict[str, Any]:
    """Return an activity or a claim without the person's names; ids stay, an owner becomes the rep id."""
    body = {name: each if name in _KEPT else scrubbed(each, who, pseudonym) for name, each in said.items()}
    owner = said.get("owner")
    if isinstance(owner, str) and owner.strip().casefold() in who.folded:
        body["owner"] = who.rep
    deal = said.get("deal")
    if isinstance(deal, Mapping):
        body["deal"] = {**body["deal"], "id": deal.get("id")}
    return body
