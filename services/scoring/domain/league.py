"""The league as scoring needs it: the roster, and which edition of the playbook is in force when."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from services.scoring.domain.sharing import Window, windows_of
from shared.contracts.absence import Absence
from shared.contracts.activity import Activity
from shared.contracts.contests import Contest
from shared.contracts.limits import Cap
from shared.contracts.playbook import Label, Playbook, Rule, Trigger
from shared.contracts.rhythm import First
from shared.contracts.roster import Roster
from shared.contracts.rules import OWNER
from shared.periods import midnight

Condition = Callable[[Any], tuple[bool, str]]
"""Answers whether a rule's `when` holds for the given values, and if not, why not."""


@dataclass(frozen=True)
class Edition:
    """One version of the playbook, its conditions compiled: rule id -> condition.

    `prepare` turns an event's values, once, into the form in which every condition takes them.
    """

    version: int
    effective_from: date
    playbook: Playbook
    conditions: Mapping[str, Condition]
    prepare: Callable[[Mapping[str, Any]], Any] = dict

    @cached_property
    def fixed(self) -> Mapping[tuple[str, Decimal], int]:
        """What each fixed credit of a metric comes to in its smallest unit."""
        grants = {(grant.metric, grant.fixed) for rule in self.playbook.rules for grant in rule.grants}
        return {(name, said): self.playbook.metrics[name].smallest(said) for name, said in grants if said is not None}

    @cached_property
    def windows(self) -> Mapping[str, Window]:
        """The windows of the rules that have limits, by rule id."""
        return windows_of(self.playbook.rules, self.playbook.caps)

    @cached_property
    def caps(self) -> Mapping[str, Sequence[Cap]]:
        """The caps that hold for each rule: its own, then the shared ones."""
        shared = self.playbook.caps
        return {r.id: (*r.limits.caps, *(cap for cap in shared if r.id in cap.rules)) for r in self.playbook.rules}

    @cached_property
    def contests(self) -> Mapping[str, Contest]:
        """The contests by id."""
        return {contest.id: contest for contest in self.playbook.contests}

    def running(self, name: str | None, at: datetime) -> Contest | None:
        """Return the contest of this id or series that runs at an instant."""
        return next((c for c in self.playbook.contests if name in (c.id, c.series) and c.start <= at < c.end), None)

    @cached_property
    def mentor_shares(self) -> Mapping[str, Fraction]:
        """The part that a mentor gets on top, by rule id."""
        return {rule.id: rule.mentor for rule in self.playbook.rules if rule.mentor}

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.playbook.rules}

    def rule(self, name: str) -> Rule | None:
        """Return a rule; what a mentor or a contest gives on top belongs to the rule that it is on top of."""
        return self._by_id.get(name.partition("~")[0])

    def text(self, name: str) -> Label | None:
        """Return what the rule or prize that a line names says, with what stands behind a ~: the contest, the mark."""
        own, _, more = name.partition("~")
        rule, contest = self._by_id.get(own), self.contests.get(more)
        said = rule.text if rule else dict(self.playbook.rhythm.texts()).get(own)
        if said and contest:
            return {language: f"{text} ({contest.label[language]})" for language, text in said.items()}
        return {language: f"{text} ({more})" for language, text in said.items()} if said and more and not rule else said

    @cached_property
    def rules(self) -> Mapping[Trigger, Sequence[Rule]]:
        """The rules by what sets them off."""
        by_trigger: dict[Trigger, list[Rule]] = defaultdict(list)
        for rule in self.playbook.rules:
            by_trigger[rule.trigger].append(rule)
        return dict(by_trigger)


@dataclass(frozen=True)
class League:
    """What rules are applied with. `number` grows with every document; without a roster nobody earns."""

    number: int = 0
    editions: tuple[Edition, ...] = ()
    roster: Roster | None = None
    roster_version: int = 0
    _teams: dict[tuple[str, date], str | None] = field(default_factory=dict)

    def day(self, at: datetime) -> date:
        """Return the organisation's calendar day of an instant."""
        return at.astimezone(self.roster.zone).date() if self.roster else at.date()

    def edition(self, at: datetime) -> Edition | None:
        """Return the edition in force at an instant."""
        return self.edition_on(self.day(at))

    def edition_on(self, day: date) -> Edition | None:
        """Return the edition in force on a day."""
        return next((edition for edition in self._latest_first if edition.effective_from <= day), None)

    def numbered(self, version: int) -> Edition | None:
        """Return the edition with a version number."""
        return next((edition for edition in self.editions if edition.version == version), None)

    def team_of(self, rep: str, at: datetime) -> str | None:
        """Return the team a rep was in at an instant."""
        if self.roster is None:
            return None
        place = (rep, self.day(at))
        if place not in self._teams:
            self._teams[place] = self.roster.team_of(rep, at)
        return self._teams[place]

    def mentor_of(self, rep: str, at: datetime) -> str | None:
        """Return who guided a rep at an instant."""
        known = self.roster.reps.get(rep) if self.roster else None
        day = self.day(at)
        pairs = known.mentors if known else ()
        return next((m.rep for m in pairs if m.start <= day and (m.end is None or day < m.end)), None)

    @cached_property
    def limits(self) -> bool:
        """Tell whether any edition has a rule with limits."""
        return any(edition.windows for edition in self.editions)

    @cached_property
    def multiplied(self) -> bool:
        """Tell whether any contest of any edition makes something count more than once."""
        return any(c.multipliers for edition in self.editions for c in edition.playbook.contests)

    @cached_property
    def rhythm(self) -> bool:
        """Tell whether any edition looks at days."""
        return any(edition.playbook.rhythm for edition in self.editions)

    @cached_property
    def firsts(self) -> Sequence[First]:
        """The prizes for the first of a period, of all editions; those alike but for their credit only once."""
        found = [prize for edition in self.editions for prize in edition.playbook.rhythm.firsts]
        return list({(one.id, one.metric, one.every, one.scope): one for one in found}.values())

    @cached_property
    def roles_since(self) -> date | None:
        """The first day of a rule that finds somebody by a name in the data; None: there is no such rule."""
        days = [
            edition.effective_from
            for edition in self.editions
            if any(share.role != OWNER for rule in edition.playbook.rules for share in rule.shares)
        ]
        return min(days, default=None)

    @cached_property
    def mentors(self) -> bool:
        """Tell whether any edition gives mentors a part."""
        return any(edition.mentor_shares for edition in self.editions)

    def status_of(self, fact: Activity, pipeline: str | None, stage: str) -> str | None:
        """Return the status that a stage implied when the fact happened."""
        edition = self.edition(fact.occurred_at)
        return edition.playbook.closes(pipeline, stage) if edition else None

    @cached_property
    def _latest_first(self) -> Sequence[Edition]:
        return sorted(self.editions, key=lambda e: (e.effective_from, e.version), reverse=True)


class Touched(NamedTuple):
    """Which subjects a new document can change: with a fact at or after `since`, or one of these reps."""

    since: datetime | None = None
    reps: frozenset[str] = frozenset()


NOTHING = Touched()
EVERYTHING = Touched(datetime.min.replace(tzinfo=UTC))
_FIRST_DAY = date(2, 1, 1)
"""The earliest day with a midnight in every time zone."""


def touched(before: League, after: League, start: date) -> Touched:
    """Return what can change when a document with the effective day `start` turns `before` into `after`."""
    if after.roster is None:
        return NOTHING
    if before.roster is None:
        return EVERYTHING
    if after.roster_version != before.roster_version:
        return _moved(before.roster, after.roster, after)
    if len(after.editions) != len(before.editions):
        return Touched(midnight(max(start, _FIRST_DAY), after.roster.zone))
    return NOTHING


def _moved(before: Roster, after: Roster, league: League) -> Touched:
    """Return the reps who were in another team at some time; everything, when days or money mean something else.

    Whom a mentor of another team guided is touched with the mentor. Whom a rule finds by a name in the data can be
    anybody: then everything is touched since the first such rule.
    """
    old, new = before.organisation, after.organisation
    if (old.timezone, old.currency) != (new.timezone, new.currency):
        return EVERYTHING
    known = before.reps.keys() | after.reps.keys()
    moved = frozenset(rep for rep in known if _places(before, rep) != _places(after, rep))
    guided = {
        r.id for roster in (before, after) for r in roster.reps.values() if any(m.rep in moved for m in r.mentors)
    }
    renamed = any(_names(before, rep) != _names(after, rep) for rep in known)
    since = league.roles_since if moved or renamed else None
    named = midnight(max(since, _FIRST_DAY), after.zone) if since else None
    return Touched(named, moved | guided if league.mentors else moved)


def whose_days(before: League, after: League) -> frozenset[str] | None:
    """Return whose days can make something else together than before; None: everybody's."""
    old, new = before.roster, after.roster
    if old is None or new is None or len(before.editions) != len(after.editions):
        return None
    if (old.zone, old.organisation.holidays) != (new.zone, new.organisation.holidays):
        return None
    known = old.reps.keys() | new.reps.keys()
    return frozenset(r for r in known if (_places(old, r), _leave(old, r)) != (_places(new, r), _leave(new, r)))


def _leave(roster: Roster, rep: str) -> Sequence[Absence]:
    known = roster.reps.get(rep)
    return known.absences if known else ()


def _names(roster: Roster, rep: str) -> Sequence[str]:
    known = roster.reps.get(rep)
    return known.identities if known else ()


def _places(roster: Roster, rep: str) -> set[tuple[str, date, date | None]]:
    known = roster.reps.get(rep)
    if known is None:
        return set()
    mentors = {(f"mentor {m.rep}", m.start, m.end) for m in known.mentors}
    return {(m.team, m.start, m.end) for m in known.memberships} | mentors
