"""The roster: the organisation, its teams, its reps and who was in which team when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import fields, post_load, validate

from shared.contracts.absence import Absence, AbsenceSchema, absence_problems
from shared.contracts.documents import ID, Day, Exact, Part, load, twice
from shared.contracts.league import ROSTER, BadDocument, Problem
from shared.money import is_currency


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose league it is; `timezone` decides where days begin, `currency` what money means.

    On `holidays` nobody is expected to work.
    """

    name: str
    timezone: str
    currency: str
    language: str
    holidays: frozenset[date] = frozenset()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone object."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Team:
    """A team; its letter on screen follows from its place in the list."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Membership:
    """Rep in team, from `start` up to and without `end` (None: still), for `fte` of a full week."""

    team: str
    start: date
    end: date | None
    fte: Decimal

    def covers(self, day: date) -> bool:
        """Tell whether the membership holds on `day`."""
        return self.start <= day and (self.end is None or day < self.end)

    def touches(self, first: date, last: date) -> bool:
        """Tell whether the membership holds on some day from `first` up to and without `last`."""
        return self.start < last and (self.end is None or self.end > first)


@dataclass(frozen=True, slots=True)
class Mentor:
    """The rep who guides a newcomer, from `start` up to and without `end`."""

    rep: str
    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Rep:
    """A seller. `identities` are the names that senders know them by (e-mail, CRM owner id).

    `start` is the first day of work and `end` the day after the last one, where they were said; `absences` are
    of the past and of the future.
    """

    id: str
    name: str
    display_name: str
    identities: tuple[str, ...]
    memberships: tuple[Membership, ...]
    mentors: tuple[Mentor, ...]
    on_tv: bool
    absences: tuple[Absence, ...] = ()
    start: date | None = None
    end: date | None = None

    @property
    def started(self) -> date | None:
        """The first day of work: as said, else that of the first membership; None without either."""
        return self.start or min((member.start for member in self.memberships), default=None)

    @property
    def left(self) -> date | None:
        """The day after the last one: as said, else the end of the last membership; None while it has none."""
        ends = [member.end for member in self.memberships]
        return self.end or (None if None in ends else max((end for end in ends if end), default=None))


@dataclass(frozen=True)
class Roster:
    """The whole roster, with its look-ups."""

    organisation: Organisation
    teams: Mapping[str, Team]
    reps: Mapping[str, Rep]

    @cached_property
    def rep_by_identity(self) -> Mapping[str, str]:
        """Rep id by each identity in lower case; a rep's own id is one of them."""
        known = {identity.lower(): rep.id for rep in self.reps.values() for identity in rep.identities}
        return {**known, **{rep: rep for rep in self.reps}}

    def resolve(self, reference: str) -> str | None:
        """Return the rep id that a sender's reference (e-mail, owner id, rep id) names."""
        return self.rep_by_identity.get(reference.strip().lower())

    def team_of(self, rep: str, at: datetime) -> str | None:
        """Return the team the rep was in at the instant `at`; None when in none."""
        member = self.membership(rep, at.astimezone(self.zone).date())
        return member.team if member else None

    def membership(self, rep: str, day: date) -> Membership | None:
        """Return the rep's membership on `day`."""
        known = self.reps.get(rep)
        return next((m for m in known.memberships if m.covers(day)), None) if known else None

    def members(self, team: str, day: date) -> Iterator[tuple[Rep, Membership]]:
        """Yield the team's reps on `day` with their membership."""
        for rep in self.reps.values():
            for member in rep.memberships:
                if member.team == team and member.covers(day):
                    yield rep, member

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return self.organisation.zone


class _Organisation(Part):
    name = fields.String(required=True, validate=validate.Length(1, 100))
    timezone = fields.String(
        required=True,
        validate=validate.OneOf(available_timezones(), error="is no time zone: Europe/Amsterdam"),
    )
    currency = fields.String(
        required=True, validate=validate.Predicate("isalpha", error="is no ISO 4217 currency: EUR")
    )
    language = fields.String(load_default="nl", validate=validate.OneOf(("nl", "en")))
    holidays = fields.List(Day(), load_default=list)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Organisation:
        return Organisation(**{**data, "holidays": frozenset(data["holidays"])})


class _Team(Part):
    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True, validate=validate.Length(1, 40))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Team:
        return Team(**data)


class _Membership(Part):
    team = fields.String(required=True, validate=ID)
    start = Day(required=True, data_key="from")
    end = Day(load_default=None, allow_none=True, data_key="to")
    fte = Exact(load_default=Decimal(1), at_least=Decimal(0))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Membership:
        return Membership(**data)


class _Mentor(Part):
    rep = fields.String(required=True, validate=ID)
    start = Day(required=True, data_key="from")
    end = Day(load_default=None, allow_none=True, data_key="to")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Mentor:
        return Mentor(**data)


class _Rep(Part):
    id = fields.String(required=True, validate=ID)
    name = fields.String(required=True, validate=validate.Length(1, 100))
    display_name = fields.String(validate=validate.Length(1, 14))
    identities = fields.List(fields.String(validate=validate.Length(1, 200)), load_default=list)
    memberships = fields.List(fields.Nested(_Membership), load_default=list)
    mentors = fields.List(fields.Nested(_Mentor), load_default=list)
    on_tv = fields.Boolean(load_default=False)
    absences = fields.List(fields.Nested(AbsenceSchema), load_default=list)
    start = Day(load_default=None, allow_none=True)
    end = Day(load_default=None, allow_none=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Rep:
        first = data["name"].split()[0][:14]
        rep = {"display_name": first, **data}
        for part in ("identities", "memberships", "mentors", "absences"):
            rep[part] = tuple(rep[part])
        return Rep(**rep)


class RosterSchema(Part):
    """The body of a roster document."""

    organisation = fields.Nested(_Organisation, required=True)
    teams = fields.List(fields.Nested(_Team), required=True)
    reps = fields.List(fields.Nested(_Rep), required=True)


def parse_roster(body: Mapping[str, Any], *, strict: bool = False) -> Roster:
    """Read a roster document's body; BadDocument names every problem."""
    parts = load(ROSTER, RosterSchema(), body, strict=strict)
    problems = list(_cross_checks(parts))
    if problems:
        raise BadDocument(ROSTER, problems)
    return Roster(
        parts["organisation"],
        {team.id: team for team in parts["teams"]},
        {rep.id: rep for rep in parts["reps"]},
    )


def _cross_checks(parts: Mapping[str, Any]) -> Iterator[Problem]:
    teams, reps = parts["teams"], parts["reps"]
    if not is_currency(parts["organisation"].currency):
        yield Problem("/organisation/currency", "is no ISO 4217 currency: write EUR")
    yield from twice("/teams", [team.id for team in teams])
    yield from twice("/reps", [rep.id for rep in reps])
    team_ids, rep_ids = {team.id for team in teams}, {rep.id for rep in reps}
    owners: dict[str, str] = {}
    for i, rep in enumerate(reps):
        yield from _membership_checks(f"/reps/{i}", rep, team_ids)
        yield from _mentor_checks(f"/reps/{i}", rep, rep_ids)
        yield from _time_checks(f"/reps/{i}", rep)
        for j, identity in enumerate(rep.identities):
            owner = owners.setdefault(identity.strip().lower(), rep.id)
            if owner != rep.id or (identity.lower() in rep_ids and identity.lower() != rep.id):
                yield Problem(
                    f"/reps/{i}/identities/{j}",
                    f"{identity!r} already names another rep: use it once",
                )


def _membership_checks(pointer: str, rep: Rep, teams: set[str]) -> Iterator[Problem]:
    for j, member in enumerate(rep.memberships):
        where = f"{pointer}/memberships/{j}"
        if member.team not in teams:
            known = ", ".join(sorted(teams))
            yield Problem(f"{where}/team", f"{member.team!r} is no team here; teams are: {known}")
        if member.end is not None and member.end <= member.start:
            yield Problem(f"{where}/to", "is not after `from`: the last day is not included")
    ordered = sorted(rep.memberships, key=lambda m: m.start)
    for before, after in pairwise(ordered):
        if before.covers(after.start):
            yield Problem(
                f"{pointer}/memberships",
                f"{before.team} and {after.team} overlap on {after.start}: end the first by then",
            )


def _mentor_checks(pointer: str, rep: Rep, reps: set[str]) -> Iterator[Problem]:
    for j, mentor in enumerate(rep.mentors):
        if mentor.rep not in reps or mentor.rep == rep.id:
            yield Problem(f"{pointer}/mentors/{j}/rep", f"{mentor.rep!r} is no other rep here")


def _time_checks(pointer: str, rep: Rep) -> Iterator[Problem]:
    if rep.start and rep.end and rep.end <= rep.start:
        yield Problem(f"{pointer}/end", "is not after `start`: it is the day after the last one")
    for j, member in enumerate(rep.memberships):
        if rep.end and (member.end is None or member.end > rep.end):
            yield Problem(f"{pointer}/memberships/{j}/to", f"goes on after {rep.end}, the rep's `end`: end it by then")
    yield from absence_problems(f"{pointer}/absences", rep.absences)
