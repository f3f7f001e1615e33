"""Payloads whose time is over, and what a person may ask for: everything that is kept of them, and that it goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from services.ingest.domain import erasure
from services.ingest.domain.directory import OWNERS
from services.ingest.domain.erasure import Subject
from services.ingest.domain.masking import masked
from services.ingest.handlers import documents
from services.ingest.handlers.documents import Draft, League
from shared.contracts.league import ROSTER
from shared.contracts.roster import Rep, parse_roster
from shared.contracts.times import to_text
from shared.errors import Conflict, NotFound

AT_ONCE = 2_000
EVERY = timedelta(hours=1)
Change = Callable[[dict[str, Any]], dict[str, Any]]


class NoSuchRep(NotFound):
    """No version of the roster knows this rep."""


class StillThere(Conflict):
    """Somebody who is still in a team cannot be erased: end the membership first."""


class Retention(Protocol):
    """Payloads by age."""

    def due(self, before: datetime) -> tuple[int, int]:
        """Return how many payloads have an age to be pruned, and how many characters they hold."""
        ...

    def waiting(self, before: datetime) -> int:
        """Return how many of that age are kept because something of them is parked."""
        ...

    def prune(self, before: datetime, at: datetime, limit: int) -> int:
        """Take the text of up to `limit` payloads away; returns how many."""
        ...


class People(Protocol):
    """Everything that is kept of a person."""

    def activities(self, who: Subject) -> Iterator[dict[str, Any]]:
        """Yield the person's activities and those that speak of them, with the payloads they came from."""
        ...

    def count(self, who: Subject) -> dict[str, int]:
        """Return how many payloads, activities, notes and sender's ids speak of the person."""
        ...

    def forget_payloads(self, who: Subject, at: datetime) -> int:
        """Take the text of every payload of the person away; returns how many."""
        ...

    def rewrite_activities(self, who: Subject, pseudonym: str, change: Change) -> int:
        """Change the bodies that speak of the person; returns how many."""
        ...

    def rewrite_notes(self, who: Subject, change: Callable[[str], str]) -> int:
        """Change the notes that speak of the person; returns how many."""
        ...

    def rewrite_documents(self, kind: str, change: Change) -> int:
        """Change every version of a document that the change touches; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning did: payloads whose text went, its characters, and those kept because something is parked."""

    payloads: int
    characters: int
    parked: int


@dataclass(frozen=True, slots=True)
class Order:
    """Who is to be erased, what stands in place of the name, and who says so."""

    rep: str
    pseudonym: str
    author: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did; `elsewhere` tells what others hold, `cautions` what a person should know."""

    rep: str
    pseudonym: str
    version: int | None
    payloads: int
    activities: int
    notes: int
    rosters: int
    cautions: tuple[str, ...] = ()
    elsewhere: dict[str, str] = field(default_factory=dict)


def prune(retention: Retention, days: int, now: datetime, *, dry_run: bool = False) -> Pruned:
    """Take the texts of payloads away that are older than so many days."""
    before = now - timedelta(days=days)
    count, characters = retention.due(before)
    if not dry_run:
        count = sum(iter(lambda: retention.prune(before, now, AT_ONCE), 0))
    return Pruned(count, characters, retention.waiting(before))


class Pruner:
    """Prunes in passing: a little each turn until nothing is left, then again after EVERY."""

    def __init__(self, retention: Retention, days: int) -> None:
        """Keep texts for so many days; 0: for ever."""
        self._retention, self._days = retention, days
        self._due_at: datetime | None = None

    def turn(self, now: datetime) -> int:
        """Take some texts away when it is time; returns how many."""
        if not self._days or (self._due_at is not None and now < self._due_at):
            return 0
        gone = self._retention.prune(now - timedelta(days=self._days), now, AT_ONCE)
        if gone < AT_ONCE:
            self._due_at = now + EVERY
        return gone


def export(rep: str, people: People, league: League, now: datetime) -> dict[str, Any]:
    """Return everything the front door keeps of a person, secrets masked. Raises NoSuchRep."""
    who = _subject(rep, league)
    versions = league.versions(ROSTER)
    entries = [(each, entry) for each in versions for entry in each.body["reps"] if entry["id"] == rep]
    return {
        "rep": rep,
        "made_at": to_text(now),
        "roster": [
            {"version": each.version, "recorded_at": to_text(each.recorded_at), "entry": entry}
            for each, entry in entries
        ],
        "activities": [
            {**each, "received_at": to_text(each["received_at"]), "payload": masked(each["payload"])}
            for each in people.activities(who)
        ],
        "elsewhere": _elsewhere(rep),
    }


def erase(order: Order, people: People, league: League, now: datetime) -> Erased:
    """Take a person's names and texts out of everything here; what was counted stays under the rep id.

    First the roster goes out without the names, so that nothing new is taken under them; the names themselves are
    forgotten last, so that a run that was cut short can be repeated. Raises NoSuchRep, StillThere.
    """
    rep, pseudonym = order.rep, order.pseudonym
    known = _subject(rep, league)
    who = Subject(rep, known.names - {pseudonym})
    present = documents.version(league, ROSTER, None, None)
    _refuse_who_is_there(parse_roster(present.body).reps.get(rep), now.date())
    counted = people.count(who)
    if order.dry_run:
        version, done = None, (counted["payloads"], counted["activities"], counted["notes"], _named(rep, league))
    else:
        people.rewrite_documents(OWNERS, lambda body: erasure.without_owner(body, who))
        version = _publish(order, league, now)
        done = (
            people.forget_payloads(who, now),
            people.rewrite_activities(who, pseudonym, lambda said: erasure.scrubbed_body(said, who, pseudonym)),
            people.rewrite_notes(who, lambda note: str(erasure.scrubbed(note, who, pseudonym))),
            people.rewrite_documents(ROSTER, lambda body: erasure.without_names(body, rep, pseudonym)),
        )
    return Erased(rep, pseudonym, version, *done, tuple(_cautions(who, counted)), _elsewhere(rep))


def _publish(order: Order, league: League, now: datetime) -> int:
    present = documents.version(league, ROSTER, None, None)
    body = erasure.without_names(present.body, order.rep, order.pseudonym)
    draft = Draft(ROSTER, order.author, body, now.date(), after=present.version)
    return documents.put(draft, league, now).document.version


def _subject(rep: str, league: League) -> Subject:
    found = erasure.subject(rep, (version.body for version in league.versions(ROSTER)))
    if found is None:
        raise NoSuchRep(f"no version of the roster knows the rep {rep!r}")
    return found


def _refuse_who_is_there(rep: Rep | None, today: date) -> None:
    if rep and rep.memberships and (rep.left is None or rep.left > today):
        raise StillThere(f"rep {rep.id} is in a team {f'until {rep.left}' if rep.left else 'without an end'}")


def _named(rep: str, league: League) -> int:
    return sum(any(entry["id"] == rep for entry in version.body["reps"]) for version in league.versions(ROSTER))


def _cautions(who: Subject, counted: dict[str, int]) -> Iterator[str]:
    if who.id_tells_the_name:
        yield f"the rep id {who.rep!r} tells the name itself: it stays the key of ledger, standings and books"
    if counted["ids"]:
        yield f"{counted['ids']} ids of the sender hold a name: they stay, or the same events would count again"


def _elsewhere(rep: str) -> dict[str, str]:
    return {service: text.format(rep=rep) for service, text in erasure.ELSEWHERE.items()}
