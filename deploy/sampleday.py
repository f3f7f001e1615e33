"""Sample days of a sales office: what its CRM and its telephones would have sent. Pure: the same office, the same days.

Two sources of events, both in the form that `POST /ingest/v1/activities` takes:

- `history`: every event of a stretch of time, at the pace of a real office. A seller's day is made from the seed, the
  seller and the day alone: any stretch can be made again, and two that meet miss nothing and repeat nothing.
- `live`: an endless row of events for a screen that shall live, without moments: whoever sends them says when.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deploy.office import Office, Seller

Event = dict[str, Any]

CALLS, VISITS, DEALS = 12.0, 0.7, 1.3
"""What a full-time seller does on a working day, on average."""

LOOK_BACK = timedelta(days=70)
"""How long before a stretch a deal may have begun that still moves in it."""

PRICE, SPREAD, LOWEST, HIGHEST = 2_400.0, 0.8, 150.0, 60_000.0
"""Median of a deal in euros, width of the lognormal distribution, and where it is cut off."""

PIPELINE = "nieuw"
TRADES = (
    "Kozijnen",
    "Bakkerij",
    "Fietsen",
    "Zonwering",
    "Drukwerk",
    "Meubels",
    "Keukens",
    "Installatie",
    "Groenvoorziening",
)
PLACES = (
    "Zwolle",
    "Tilburg",
    "Assen",
    "Breda",
    "Leiden",
    "Venlo",
    "Almere",
    "Hoorn",
    "Goes",
    "Deventer",
    "Gouda",
    "Emmen",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage, after how many working days it comes at most, and how often a deal gets on to the next."""

    id: str
    days: int
    onward: float


STAGES = (
    Stage("lead", 0, 0.70),
    Stage("afspraak", 3, 0.76),
    Stage("demo", 5, 0.85),
    Stage("voorstel", 5, 0.62),
)
VISITED = frozenset({"afspraak", "demo"})
DECIDED_WITHIN = 8

REVALUED, REASSIGNED = 0.30, 0.04
"""How often a proposal changes the amount, and a deal its owner."""

CORRECTED, REOPENED, WON_AGAIN, DELETED = 0.04, 0.06, 0.7, 0.03
"""How often the amount of a won deal is put right, a won deal is opened again and then won after all, and a lost one is
deleted."""

LIVE_DEALS, LIVE_PRICE, WARM_UP = 12, 0.4, 200
"""How many deals the live row keeps on the way, their amounts against the usual, and how many events of it are passed
over: it begins when deals are about to close, not when the first lead comes in."""

Step = tuple[int, dict[str, Any]]
"""What happens to a deal next: after how many working days, and which fields change."""


@dataclass(slots=True)
class Deal:
    """A deal on its way; `fields` is what the CRM knows of it."""

    id: str
    seller: Seller
    fields: dict[str, Any]


def history(office: Office, start: datetime, end: datetime) -> list[Event]:
    """Return every event with start <= moment < end, in order."""
    first = (start - LOOK_BACK).astimezone(office.zone).date()
    last = end.astimezone(office.zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    made = (event for seller in office.sellers for day in days for event in _day(office, seller, day, start))
    inside = (event for event in made if start <= event["occurred_at"] < end)
    return sorted(inside, key=lambda event: (event["occurred_at"], event["id"]))


def works(seller: Seller, day: date) -> bool:
    """Tell whether the seller works that day: part-timers have fixed days off, nobody works at weekends."""
    days = round(float(seller.fte) * 5)
    off = Random(f"{seller.id} off").sample(range(5), 5 - days) if days < 5 else []
    return seller.since <= day and day.weekday() < 5 and day.weekday() not in off


def price(rng: Random, scale: float = 1.0) -> str:
    """Return a deal's amount in euros and cents."""
    amount = min(HIGHEST, max(LOWEST, scale * rng.lognormvariate(math.log(PRICE), SPREAD)))
    return f"{rng.choice((round(amount), round(amount) - 0.05, round(amount, 1), amount)):.2f}"


def moment(day: date, rng: Random, zone: ZoneInfo) -> datetime:
    """Return a moment of the working day (a quarter to nine to half past five, few at lunch), in UTC."""
    minute = rng.uniform(8.75 * 60, 17.5 * 60)
    if 12.25 * 60 <= minute < 13 * 60 and rng.random() < 0.8:
        minute += 60
    local = datetime.combine(day, time.min, tzinfo=zone) + timedelta(minutes=minute)
    return local.astimezone(UTC).replace(microsecond=0)


def _day(office: Office, seller: Seller, day: date, start: datetime) -> Iterator[Event]:
    """Yield what a seller's day leads to: its calls and visits, and its new deals with all that becomes of them."""
    if not works(seller, day):
        return
    rng = Random(f"{office.seed}:{seller.id}:{day}")
    if datetime.combine(day, time.max, tzinfo=office.zone) >= start:
        yield from _work(office, seller, day, rng)
    deals = Random(f"{office.seed}:{seller.id}:{day}:deals")
    for number in range(_poisson(deals, DEALS * seller.learned(day))):
        yield from _life(office, seller, day, number)


def _work(office: Office, seller: Seller, day: date, rng: Random) -> Iterator[Event]:
    for number in range(_poisson(rng, CALLS * seller.learned(day))):
        yield _event(f"call-{seller.id}-{day:%y%m%d}-{number}", moment(day, rng, office.zone), seller, call(rng))
    for number in range(_poisson(rng, VISITS * seller.learned(day))):
        yield _event(f"visit-{seller.id}-{day:%y%m%d}-{number}", moment(day, rng, office.zone), seller, visit(rng))


def call(rng: Random) -> Event:
    """Return what a telephone tells of a call: most are short, some are tried in vain."""
    seconds = min(3_600, int(rng.lognormvariate(math.log(170), 0.9)))
    direction = "outbound" if rng.random() < 0.75 else "inbound"
    return {"type": "call", "data": {"duration_s": seconds, "direction": direction, "counterparty": _customer(rng)}}


def visit(rng: Random) -> Event:
    """Return what a calendar tells of a visit."""
    return {
        "type": "meeting",
        "data": {"duration_s": 60 * rng.choice((30, 45, 60, 90)), "counterparty": _customer(rng)},
    }


def _customer(rng: Random) -> str:
    return f"relatie-{rng.randrange(400):04d}"


def _life(office: Office, seller: Seller, day: date, number: int) -> Iterator[Event]:
    """Yield the events of one deal, from its lead to its end; each tells everything the CRM then knew."""
    rng = Random(f"{office.seed}:{seller.id}:{day}:deal {number}")
    deal = new_deal(f"D{day:%y%m%d}-{seller.id}-{number}", seller, rng)
    for count, (gap, changes) in enumerate(script(office, deal, rng)):
        day = _working_day(deal.seller, day, gap)
        at = moment(day, rng, office.zone)
        for kind, content in _told(deal, changes, rng):
            yield _event(f"{kind}-{deal.id}-{count}", at, deal.seller, content)


def live(office: Office, seed: str) -> Iterator[Event]:
    """Yield events without end, without moments: calls, visits, and deals that come, move and close."""
    return itertools.islice(_row(office, seed), WARM_UP, None)


def _row(office: Office, seed: str) -> Iterator[Event]:
    rng = Random(f"{office.seed}:{seed}")
    under_way: list[tuple[Deal, Iterator[Step]]] = []
    for number in itertools.count():
        chance = rng.random()
        if chance < 0.4:
            content = call(rng) if chance < 0.35 else visit(rng)
            yield _event(f"{seed}-{number}", None, rng.choice(office.sellers), content)
        else:
            yield from _move_one(office, under_way, rng, f"{seed}-{number}")


def _move_one(office: Office, under_way: list[tuple[Deal, Iterator[Step]]], rng: Random, name: str) -> Iterator[Event]:
    if len(under_way) < LIVE_DEALS:
        deal = new_deal(f"L{name}", rng.choice(office.sellers), rng, LIVE_PRICE)
        under_way.append((deal, script(office, deal, rng)))
    place = rng.randrange(len(under_way))
    deal, steps = under_way[place]
    step = next(steps, None)
    if step is None:
        del under_way[place]
    else:
        for kind, content in _told(deal, step[1], rng):
            yield _event(f"{kind}-{name}", None, deal.seller, content)


def new_deal(name: str, seller: Seller, rng: Random, scale: float = 1.0) -> Deal:
    """Return a deal that has just come up."""
    title = f"{rng.choice(TRADES)} {rng.choice(PLACES)}"
    fields = {"name": title, "pipeline": PIPELINE, "status": "open", "amount": price(rng, scale), "currency": "EUR"}
    return Deal(name, seller, fields)


def script(office: Office, deal: Deal, rng: Random) -> Iterator[Step]:
    """Yield what happens to a deal, step by step, to its end."""
    for stage in STAGES:
        amount = _about(deal, rng) if stage.id == "voorstel" and rng.random() < REVALUED else deal.fields["amount"]
        yield rng.randint(min(1, stage.days), stage.days), {"stage": stage.id, "amount": amount}
        if rng.random() < REASSIGNED:
            yield 1, {"seller": rng.choice(office.sellers)}
        if rng.random() > stage.onward * deal.seller.skill**0.4:
            yield from _lose(rng)
            return
    yield from _win(deal, rng)


def _win(deal: Deal, rng: Random) -> Iterator[Step]:
    yield rng.randint(1, DECIDED_WITHIN), {"stage": "won", "status": "won"}
    chance = rng.random()
    if chance < CORRECTED:
        yield rng.randint(1, 3), {"amount": _about(deal, rng)}
    elif chance < CORRECTED + REOPENED:
        yield rng.randint(1, 5), {"stage": "voorstel", "status": "open"}
        if rng.random() < WON_AGAIN:
            yield rng.randint(1, 5), {"stage": "won", "status": "won"}
        else:
            yield from _lose(rng)


def _lose(rng: Random) -> Iterator[Step]:
    yield rng.randint(1, DECIDED_WITHIN), {"stage": "lost", "status": "lost"}
    if rng.random() < DELETED:
        yield rng.randint(1, 5), {"status": "deleted"}


def _told(deal: Deal, changes: dict[str, Any], rng: Random) -> Iterator[tuple[str, Event]]:
    """Change the deal, and yield what the CRM tells, and the calendar where somebody went to see the customer."""
    deal.seller = changes.get("seller", deal.seller)
    deal.fields |= {name: value for name, value in changes.items() if name != "seller"}
    yield "deal", {"type": "deal", "deal": {"id": deal.id, **deal.fields}}
    if changes.get("stage") in VISITED:
        yield "seen", visit(rng)


def _about(deal: Deal, rng: Random) -> str:
    return f"{float(deal.fields['amount']) * rng.uniform(0.75, 1.25):.2f}"


def _working_day(seller: Seller, day: date, count: int) -> date:
    """Return the seller's working day that comes `count` after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= works(seller, day)
    return day


def _event(name: str, at: datetime | None, seller: Seller, content: Event) -> Event:
    return {"id": name, "occurred_at": at, "owner": seller.reference, **content}


def _poisson(rng: Random, mean: float) -> int:
    """Return how often something happens that happens `mean` times on average (Knuth's method; for small means)."""
    limit, product = math.exp(-mean), rng.random()
    count = 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
