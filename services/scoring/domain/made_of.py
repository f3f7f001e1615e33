"""What a line is made of that is no rule's own: a prize of days, what a mentor or a contest adds on top."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from services.scoring.domain.league import Edition, League
from services.scoring.domain.reasons import Text
from services.scoring.domain.rhythm import FIRST, RHYTHM, Award, Days, awards
from shared.contracts.credit import EARNED, Credit
from shared.contracts.rules import CORRECTED

MOST_DAYS = 31
"""So many days are told one by one, those before in one sum."""

_DAYS_CHANGED = {"nl": "wat er op die dagen staat is veranderd", "en": "what stands on those days has changed"}
_FIRST_CHANGED = {"nl": "een ander was eerder, of het telt niet meer", "en": "another was first, or it counts no more"}


def changed(line: Credit) -> Text | None:
    """Return why a prize was taken back; None for what was earned."""
    if line.reason == EARNED:
        return None
    return _FIRST_CHANGED if line.subject.startswith(FIRST) else _DAYS_CHANGED


def of_days(line: Credit, days: Days, league: League) -> Iterator[dict[str, Any]]:
    """Yield what a prize was won by: what stands of its metric day by day, and what a best went beyond.

    Of a prize that is won no longer, only what stands on its day now.
    """
    rep = line.subject.removeprefix(RHYTHM)
    edition = league.numbered(line.playbook)
    prizes = edition.playbook.rhythm.prizes if edition else ()
    own = next((prize for prize in prizes if prize.id == line.rule.partition("~")[0]), None)
    day = league.day(line.at)
    won = (award for _, award in awards(rep, days, league) if (award.name, award.day) == (line.rule, day))
    award = next(won, Award(line.rule, own, day, day) if own else None)
    if award:
        yield from _told(rep, award, days.get(award.prize.metric, {}))


def _told(rep: str, award: Award, sums: Mapping[date, int]) -> Iterator[dict[str, Any]]:
    metric = award.prize.metric
    between = [day for day in sorted(sums) if award.since <= day <= award.day]
    before, told = between[:-MOST_DAYS], between[-MOST_DAYS:]
    if award.beaten is not None:
        yield {"name": f"best {metric} before", "value": award.beaten}
    if before:
        yield {"name": f"{metric} {before[0]} - {before[-1]}", "value": sum(sums[day] for day in before)}
    for day in told or [award.day]:
        asked = urlencode({"rep": rep, "metric": metric, "period": day.isoformat()})
        yield {"name": f"{metric} {day}", "value": sums.get(day, 0), "credits": f"/scoring/v1/credits?{asked}"}


def on_top(line: Credit, lines: Sequence[Credit], league: League) -> Iterator[dict[str, Any]]:
    """Yield what a line of a mentor or of a contest was added to, and how much of it."""
    rule, _, more = line.rule.partition("~")
    edition = league.numbered(line.playbook)
    if not more or line.rule == CORRECTED or edition is None:
        return
    under = [one for one in lines if (one.rule, one.metric, one.at) == (rule, line.metric, line.at)]
    for one in under:
        if more not in edition.contests or one.rep == line.rep:
            yield {"name": "on top of", "value": one.amount, "why": f"/scoring/v1/credits/{one.id}"}
    yield from _rate(rule, more, edition)


def _rate(rule: str, more: str, edition: Edition) -> Iterator[dict[str, Any]]:
    contest, share = edition.contests.get(more), edition.mentor_shares.get(rule)
    if contest:
        yield {"name": f"factor of {contest.id}", "value": str(contest.factor(rule)), "playbook": edition.version}
    elif share:
        yield {"name": "part of a mentor", "value": str(share), "playbook": edition.version}
