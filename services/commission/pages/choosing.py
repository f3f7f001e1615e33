"""Which periods there are to choose from, and their names."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from flask import current_app

from services.commission.domain.league import League
from services.commission.pages.parts import Reader
from shared.periods import Period, of_day
from shared.web.figures import Figures
from shared.web.pages import language
from shared.web.words import Words, words

MONTH = "month"
BACK = 12
"""How many periods back one can choose; any other is asked for by its name in the address."""


def reader(league: League) -> Reader:
    """Return the sentences and figures of the one who reads the present page."""
    chosen = language()
    return Reader(words(chosen, Path(current_app.root_path) / "locale"), Figures(chosen, league.roster.zone))


def kinds_of(league: League) -> Sequence[str]:
    """Return the kinds of periods that plans pay by."""
    return sorted({plan.period for version in league.plans for plan in version.plans.plans}) or [MONTH]


def usual(league: League, today: date) -> Period:
    """Return the period that is shown when none is asked for: the present one, of months where they are paid by."""
    kinds = kinds_of(league)
    return of_day(today, MONTH if MONTH in kinds else kinds[0])


def choices(league: League, today: date, chosen: Period, who: Reader) -> list[tuple[str, str]]:
    """Return the periods to choose from, the latest first, with their names."""
    found = {chosen, *_recent(league, today)}
    kinds = sorted({one.kind for one in found}, key=lambda kind: (kind != chosen.kind, kind))
    latest_first = sorted(found, key=lambda one: one.first, reverse=True)
    return [(one.id, name(one, who.t, who.f)) for kind in kinds for one in latest_first if one.kind == kind]


def _recent(league: League, today: date) -> Iterator[Period]:
    for kind in kinds_of(league):
        period = of_day(today, kind)
        for _ in range(BACK + 1):
            yield period
            period = period.previous()


def name(period: Period, t: Words, f: Figures) -> str:
    """Return how people call a period: november 2026, kwartaal 4 van 2026."""
    match period.kind:
        case "month":
            return f.month(period.id)
        case "quarter":
            return t("period.quarter", number=period.id[-1], year=period.id[:4])
        case "week":
            return t("period.week", number=str(int(period.id[-2:])), year=period.id[:4])
    return period.id
