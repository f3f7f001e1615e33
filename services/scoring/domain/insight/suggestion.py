"""Goals that the own past makes realistic."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median, quantiles
from typing import NamedTuple

from services.scoring.domain.insight.shapes import Suggestion

LEAST, MOST = 3, 8
"""Whole earlier periods that are needed, and that are looked at."""

TREND_FROM, SEASON_FROM = 6, 12
"""So many periods before a trend, and before a season, is taken into account."""

_MOST_TREND, _MOST_SEASON = 0.15, 0.3


class Was(NamedTuple):
    """An earlier period: what was earned, its working days, the team's full-time equivalents then."""

    period: str
    amount: int
    days: int
    fte: float


class Room(NamedTuple):
    """The period that a goal is for."""

    period: str
    days: int
    fte: float
    same_last_year: str | None  # the period's namesake of the year before


def suggest(past: Sequence[Was], room: Room) -> Suggestion:
    """Return a realistic and an ambitious goal; `past` are whole periods, the oldest first.

    Periods are compared per FTE and working day. Realistic is their median, ambitious their upper quartile; with enough
    of them moved by half of the trend (Theil and Sen: the median of all slopes) and of the season.
    """
    usable = [each for each in past if each.days and each.fte > 0]
    recent = usable[-MOST:]
    if len(recent) < LEAST or not room.days or room.fte <= 0:
        return _nothing(recent, room)
    rates = [each.amount / each.days / each.fte for each in recent]
    trend = _trend([each.amount / each.days / each.fte for each in usable[-SEASON_FROM:]])
    season = _season(usable, room.same_last_year)
    moved = (1 + (trend or 0)) * (1 + (season or 0)) * room.days * room.fte
    realistic = max(round(median(rates) * moved), 0)
    ambitious = max(round(quantiles(rates, n=4, method="inclusive")[2] * moved), realistic)
    return Suggestion(
        lacking=(),
        period=room.period,
        realistic=realistic,
        ambitious=ambitious,
        realistic_per_day=round(realistic / room.days),
        ambitious_per_day=round(ambitious / room.days),
        realistic_per_fte=round(realistic / room.fte),
        ambitious_per_fte=round(ambitious / room.fte),
        fte=room.fte,
        days=room.days,
        basis=_basis(recent),
        trend=trend,
        seasonal=season is not None,
    )


def _nothing(recent: Sequence[Was], room: Room) -> Suggestion:
    lacking = ("history",) if room.days else ("workdays",)
    six: tuple[None, None, None, None, None, None] = (None, None, None, None, None, None)
    return Suggestion(lacking, room.period, *six, room.fte, room.days, _basis(recent), None, seasonal=False)


def _basis(past: Sequence[Was]) -> tuple[tuple[str, int], ...]:
    return tuple((each.period, each.amount) for each in past)


def _trend(rates: Sequence[float]) -> float | None:
    """Return half of what the trend adds between the middle of the MOST last periods and the next one, as a part."""
    middle = median(rates[-MOST:])
    if len(rates) < TREND_FROM or middle <= 0:
        return None
    slope = median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(rates), 2))
    ahead = slope * (min(len(rates), MOST) + 1) / 2 / middle
    return min(max(ahead / 2, -_MOST_TREND), _MOST_TREND)


def _season(past: Sequence[Was], namesake: str | None) -> float | None:
    """Return half of how far the same period of last year was from that year's median, as a part."""
    year = past[-SEASON_FROM:]
    then = next((each for each in year if each.period == namesake), None)
    middle = median(each.amount / each.days / each.fte for each in year)
    if len(year) < SEASON_FROM or then is None or middle <= 0:
        return None
    away = then.amount / then.days / then.fte / middle - 1
    return min(max(away / 2, -_MOST_SEASON), _MOST_SEASON)
