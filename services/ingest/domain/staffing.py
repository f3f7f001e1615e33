"""Merge what a personnel file says of people into a roster, with every change dated.

Nobody is deleted, and nothing that a file does not speak of is changed: a person missing from it stays as they are, and
a transfer that is planned in the roster stays planned. A leaver keeps a place with a last day.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from shared.errors import FieldProblem


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in one team: from `start` (None: from the day of the file) up to and without `end`; `fte` None: unsaid."""

    team: str
    start: date | None = None
    end: date | None = None
    fte: Decimal | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """Somebody who guides the person: by id, e-mail or name."""

    mentor: str
    start: date | None = None
    end: date | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What a file says of one person; `end` is the day after the last one, `where` its place in the file."""

    where: str
    key: str
    name: str = ""
    emails: tuple[str, ...] = ()
    spells: tuple[Spell, ...] = ()
    guides: tuple[Guide, ...] = ()
    start: date | None = None
    end: date | None = None


@dataclass
class Merge:
    """A roster's body that grows, with what should be known about it and what cannot be used."""

    body: dict[str, Any]
    as_of: date
    new_teams: bool = False
    notes: list[str] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)

    def refuse(self, where: str, column: str, value: Any, expected: str) -> None:
        """Remember a problem, by its place in the file."""
        self.problems.append(FieldProblem(f"{where}: {column}", value, expected))


def merge(body: Mapping[str, Any], people: Sequence[Person], as_of: date, *, new_teams: bool = False) -> Merge:
    """Merge people into the body of a roster; `as_of` is the day of what has no day of its own."""
    work = Merge(deepcopy(dict(body)), as_of, new_teams)
    found = [(person, _rep_of(work, person)) for person in people]
    for person, rep in found:
        if rep is not None:
            _describe(work, rep, person)
            _place(work, rep, person)
    for person, rep in found:
        if rep is not None:
            _guide(work, rep, person.guides)
    named = {id(rep) for _, rep in found if rep is not None}
    work.notes += [
        f"rep {rep['id']} is not in the file: left as it is" for rep in work.body["reps"] if id(rep) not in named
    ]
    return work


def _rep_of(work: Merge, person: Person) -> dict[str, Any] | None:
    """Return the person's rep, a new one when nobody is meant; None when two are."""
    names = {person.key.lower(), *(email.lower() for email in person.emails)}
    meant = [rep for rep in work.body["reps"] if names & _names(rep)]
    if len(meant) > 1:
        several = ", ".join(rep["id"] for rep in meant)
        work.refuse(person.where, "id", person.key, f"one rep; this person is {several} on the roster")
        return None
    if meant:
        rep: dict[str, Any] = meant[0]
        return rep
    if not person.name:
        work.refuse(person.where, "name", "", "the name of somebody who is new")
        return None
    new = {"id": person.key.lower(), "name": person.name, "identities": [], "memberships": []}
    work.body["reps"].append(new)
    return new


def _names(rep: Mapping[str, Any]) -> set[str]:
    return {str(rep["id"]).lower(), *(str(each).lower() for each in rep.get("identities") or ())}


def _describe(work: Merge, rep: dict[str, Any], person: Person) -> None:
    if person.name:
        rep["name"] = person.name
    known = _names(rep)
    for email in person.emails:
        if email.lower() not in known:
            rep.setdefault("identities", []).append(email)
    for name, day in (("start", person.start), ("end", person.end)):
        if day is not None:
            rep[name] = day.isoformat()


def _place(work: Merge, rep: dict[str, Any], person: Person) -> None:
    """Bring the memberships to what the file says."""
    members = [_spell(member) for member in rep.get("memberships") or ()]
    for said in sorted(person.spells, key=lambda spell: spell.start or work.as_of):
        team = _team(work, said)
        if team is not None:
            first = said.start or (person.start if not members and person.start else work.as_of)
            members = _with(members, replace(said, team=team, start=first), work, rep["id"])
    if person.end is not None:
        members = list(_ended(members, person.end, work, rep["id"]))
    rep["memberships"] = [_member(spell) for spell in sorted(members, key=_start)]


def _with(members: Sequence[Spell], said: Spell, work: Merge, rep: str) -> list[Spell]:
    """Add a time in a team: what was before ends there, what is planned for later stays."""
    present = next((m for m in members if _start(m) <= _start(said) and (m.end is None or _start(said) < m.end)), None)
    fte = said.fte if said.fte is not None else present.fte if present else None
    if present and present.team == said.team and _fte(present.fte) == _fte(fte):
        ended = replace(present, end=said.end or present.end)
        return [ended if each is present else each for each in members]
    kept = [
        replace(each, end=_start(said)) if each is present else each for each in members if _start(each) != _start(said)
    ]
    later = min((_start(each) for each in kept if _start(each) > _start(said)), default=None)
    end = said.end
    if later is not None and (end is None or later < end):
        work.notes.append(f"rep {rep}: the change planned for {later} stays as it is")
        end = later
    return [*kept, replace(said, fte=fte, end=end)]


def _ended(members: Sequence[Spell], end: date, work: Merge, rep: str) -> Iterator[Spell]:
    for each in members:
        if _start(each) >= end:
            work.notes.append(
                f"rep {rep}: {each.team} from {each.start} would begin after the last day, and is left out"
            )
        else:
            yield replace(each, end=end) if each.end is None or each.end > end else each


def _guide(work: Merge, rep: dict[str, Any], guides: Sequence[Guide]) -> None:
    for said in guides:
        mentor = _mentor(work, said)
        if mentor is None or mentor == rep["id"]:
            expected = "somebody else on the roster or in the file, by id, e-mail or name"
            work.refuse(said.where, "mentor", said.mentor, expected)
            continue
        pairs = rep.setdefault("mentors", [])
        start = (said.start or work.as_of).isoformat()
        same = [pair for pair in pairs if pair["rep"] == mentor and (said.start is None or pair["from"] == start)]
        pair = same[-1] if same else {"rep": mentor, "from": start}
        if not same:
            pairs.append(pair)
        if said.end is not None:
            pair["to"] = said.end.isoformat()


def _mentor(work: Merge, said: Guide) -> str | None:
    wanted = said.mentor.strip().lower()
    for rep in work.body["reps"]:
        if wanted in _names(rep) or wanted == str(rep["name"]).lower():
            return str(rep["id"])
    return None


def _team(work: Merge, said: Spell) -> str | None:
    wanted = said.team.strip()
    for team in work.body["teams"]:
        if wanted.lower() in (str(team["id"]).lower(), str(team["name"]).lower()):
            return str(team["id"])
    if work.new_teams:
        new = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in wanted.lower()).split())
        work.body["teams"].append({"id": new, "name": wanted})
        return new
    known = ", ".join(str(team["name"]) for team in work.body["teams"])
    work.refuse(said.where, "team", said.team, f"a team of the roster ({known}), or ask for new teams to be made")
    return None


def _start(spell: Spell) -> date:
    return spell.start or date.min


def _fte(value: Decimal | None) -> Decimal:
    return Decimal(1) if value is None else value


def _spell(member: Mapping[str, Any]) -> Spell:
    end, fte = member.get("to"), member.get("fte")
    return Spell(
        str(member["team"]),
        date.fromisoformat(str(member["from"])),
        date.fromisoformat(str(end)) if end else None,
        None if fte is None else Decimal(str(fte)),
    )


def _member(spell: Spell) -> dict[str, Any]:
    member: dict[str, Any] = {"team": spell.team, "from": _start(spell).isoformat()}
    if spell.end is not None:
        member["to"] = spell.end.isoformat()
    if _fte(spell.fte) != 1:
        member["fte"] = format(_fte(spell.fte).normalize(), "f")
    return member
