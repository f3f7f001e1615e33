"""What a person should look at: late entries, suspicious series, deals that lack something.

A flag is a question to a person and has no consequence of its own. Every limit is named in `Limits`; patterns after the
usual ways in which activity is made up (very short calls to one number, entering everything at the end of the week).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from hashlib import blake2b
from itertools import pairwise
from typing import Any

LATE_LOGGING, SHORT_CALLS, WON_AGAIN, TWINS = "late-logging", "short-calls", "won-again", "twins"
NO_AMOUNT, NO_CURRENCY, NO_OWNER, QUIET = "no-amount", "no-currency", "no-owner", "quiet"
KINDS = (WON_AGAIN, TWINS, SHORT_CALLS, LATE_LOGGING, NO_OWNER, NO_AMOUNT, NO_CURRENCY, QUIET)

OPEN, WON, LOST, DELETED = "open", "won", "lost", "deleted"
Implied = Callable[[str | None, str], str | None]
"""The status that a stage implies, by pipeline (None: any) and stage."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is worth a look.

    `late`: between event and arrival. `late_share` of at least `late_count` activities flags a rep. `short_calls` calls
    of at most `short_seconds` with one number on one day. `twin_days` between two deals of the same name and amount.
    `quiet_days` without any activity about an open deal, or one planned: there is no next step.
    """

    late: timedelta = timedelta(hours=24)
    late_share: float = 0.25
    late_count: int = 20
    short_seconds: int = 20
    short_calls: int = 5
    twin_days: int = 30
    quiet_days: int = 14


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Fact:
    """One activity as the front door has it; `said` is what it says of its deal."""

    id: str
    connection: str
    type: str
    occurred_at: datetime
    received_at: datetime
    rep: str | None = None
    deal: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    sequence: int = 0
    imported: bool = False

    @property
    def delay(self) -> timedelta:
        """Return how long after the event it arrived; never less than nothing: some plan ahead."""
        return max(timedelta(0), self.received_at - self.occurred_at)


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late activities arrived: half within `median`, nine of ten within `p90`; `late`: how many too late."""

    count: int
    median: timedelta
    p90: timedelta
    late: int

    @property
    def share(self) -> float:
        """Return the part that arrived too late."""
        return self.late / self.count


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at; `id` stays the same each time it is found, `evidence` fills in its sentence."""

    id: str
    kind: str
    at: datetime
    rep: str | None = None
    deal: str | None = None
    evidence: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """Who has looked at a flag, when, and what they noted."""

    seen_by: str
    seen_at: datetime
    note: str


def flag_of(number: int) -> str:
    """Return under which name it is kept whose yes let an activity through."""
    return f"activity:{number}"


@dataclass(frozen=True, slots=True)
class Deal:
    """What a deal stands for after its whole history; `wins` are the moments it went from not won to won."""

    id: str
    fields: Mapping[str, Any]
    status: str
    wins: tuple[datetime, ...]
    last: datetime


def lateness(facts: Iterable[Fact], limits: Limits = USUAL) -> Lateness | None:
    """Measure how late activities arrived; imports of history do not count. None: there is nothing to measure."""
    delays = sorted(each.delay for each in facts if not each.imported)
    if not delays:
        return None
    return Lateness(
        len(delays),
        delays[(len(delays) - 1) // 2],
        delays[-(-len(delays) * 9 // 10) - 1],
        sum(delay > limits.late for delay in delays),
    )


def by_connection(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Group facts by who sent them."""
    return _grouped(facts, lambda fact: fact.connection)


def by_rep(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Group facts by whose work they are; a deal change that names nobody is left out."""
    return _grouped((fact for fact in facts if fact.rep), lambda fact: str(fact.rep))


def late_logging(facts: Iterable[Fact], zone: tzinfo, limits: Limits = USUAL) -> Iterator[Flag]:
    """Flag reps who enter much of a month's work too late; one flag for each rep and month."""
    months = _grouped((f for f in facts if f.rep), lambda f: f"{f.rep}:{f.occurred_at.astimezone(zone):%Y-%m}")
    for name, found in months.items():
        measured = lateness(found, limits)
        if measured and measured.count >= limits.late_count and measured.share >= limits.late_share:
            evidence: dict[str, str | int] = {
                "late": measured.late,
                "count": measured.count,
                "month": name.rpartition(":")[2],
            }
            at = max(fact.received_at for fact in found)
            yield Flag(f"{LATE_LOGGING}:{name}", LATE_LOGGING, at, found[0].rep, evidence=evidence)


def short_calls(facts: Iterable[Fact], zone: tzinfo, limits: Limits = USUAL) -> Iterator[Flag]:
    """Flag many short calls of one rep with one number on one day."""
    series = _grouped(
        (fact for fact in facts if fact.rep and _is_short(fact, limits)),
        lambda f: f"{f.rep}:{f.occurred_at.astimezone(zone).date()}:{_fingerprint(str(f.data['counterparty']))}",
    )
    for name, found in series.items():
        if len(found) >= limits.short_calls:
            number = str(found[0].data["counterparty"])
            evidence: dict[str, str | int] = {
                "count": len(found),
                "seconds": limits.short_seconds,
                "number": f"…{number[-3:]}",
                "day": name.split(":")[1],
            }
            at = max(fact.occurred_at for fact in found)
            yield Flag(f"{SHORT_CALLS}:{name}", SHORT_CALLS, at, found[0].rep, evidence=evidence)


def fold(deal: str, history: Iterable[Fact], implied: Implied) -> Deal:
    """Tell what a deal stands for; the order in which its history is given does not matter."""
    fields: dict[str, Any] = {}
    status, wins, last = OPEN, [], None
    for fact in sorted(history, key=lambda f: (f.occurred_at, f.sequence, f.id)):
        fields |= fact.said
        stage = fact.said.get("stage")
        told = fact.said.get("status") or (implied(fields.get("pipeline"), stage) if stage else None) or status
        if told == WON and status != WON:
            wins.append(fact.occurred_at)
        status, last = told, fact.occurred_at
    if last is None:
        raise ValueError(f"the deal {deal!r} has no history")
    return Deal(deal, fields, status, tuple(wins), last)


def deal_flags(deals: Sequence[Deal], now: datetime, limits: Limits = USUAL) -> Iterator[Flag]:
    """Flag deals that were won more than once, or lack an owner, an amount, a currency or a next step."""
    for deal in deals:
        if len(deal.wins) > 1:
            yield _of_deal(WON_AGAIN, deal, deal.wins[-1], times=len(deal.wins))
        if deal.status not in (OPEN, WON):
            continue
        if not deal.fields.get("owner"):
            yield _of_deal(NO_OWNER, deal, deal.last)
        if deal.fields.get("amount") in (None, ""):
            yield _of_deal(NO_AMOUNT, deal, deal.last)
        elif not deal.fields.get("currency"):
            yield _of_deal(NO_CURRENCY, deal, deal.last)
        if deal.status == OPEN and deal.last < now - timedelta(days=limits.quiet_days):
            yield _of_deal(QUIET, deal, deal.last, days=(now - deal.last).days)
    yield from twins(deals, limits)


def twins(deals: Iterable[Deal], limits: Limits = USUAL) -> Iterator[Flag]:
    """Flag pairs of different deals with the same name and amount, both won within some days of each other."""
    won = [deal for deal in deals if deal.wins and deal.fields.get("name") and deal.fields.get("amount")]
    same: dict[tuple[str, ...], list[Deal]] = defaultdict(list)
    for deal in sorted(won, key=lambda deal: (deal.wins[0], deal.id)):
        name, amount = " ".join(str(deal.fields["name"]).casefold().split()), str(deal.fields["amount"])
        same[name, amount, str(deal.fields.get("currency") or "")].append(deal)
    for found in same.values():
        for one, other in pairwise(found):
            if other.wins[0] - one.wins[0] <= timedelta(days=limits.twin_days):
                flag = f"{TWINS}:{min(one.id, other.id)}:{max(one.id, other.id)}"
                yield Flag(flag, TWINS, other.wins[0], other.fields.get("owner"), other.id, {"other": one.id})


def _of_deal(kind: str, deal: Deal, at: datetime, **evidence: str | int) -> Flag:
    owner = deal.fields.get("owner")
    tail = f":{evidence['times']}" if "times" in evidence else ""
    return Flag(f"{kind}:{deal.id}{tail}", kind, at, str(owner) if owner else None, deal.id, evidence)


def _is_short(fact: Fact, limits: Limits) -> bool:
    seconds = fact.data.get("duration_s")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return False
    return bool(fact.data.get("counterparty")) and seconds <= limits.short_seconds


def _fingerprint(number: str) -> str:
    """Return a name for a telephone number that does not tell it; spaces and dashes make no other number."""
    digits = "".join(sign for sign in number if sign.isalnum())
    return blake2b(digits.casefold().encode(), digest_size=6).hexdigest()


def _grouped(facts: Iterable[Fact], name: Callable[[Fact], str]) -> dict[str, list[Fact]]:
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(name(fact), []).append(fact)
    return groups
