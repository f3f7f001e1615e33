"""Prizes of days (streaks, firsts, bests, milestones): what they are made of, and whether their lines add up."""

from collections.abc import Iterator
from typing import Any

from services.scoring.domain.explain import activity_view, credit_view, explanation, is_settled
from services.scoring.domain.league import League
from services.scoring.domain.limit_words import Show
from services.scoring.domain.made_of import changed, of_days
from services.scoring.domain.rhythm import FIRST, RHYTHM
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.writing import due_of_days
from services.scoring.store import Reader
from shared.contracts.credit import Credit


def prize_explained(line: Credit, reader: Reader, leagues: Leagues, show: Show) -> dict[str, Any]:
    """Return the explanation of a prize's line: the days that won it, or the activity that was the first."""
    _, lines = reader.subject(line.subject)
    then, cause = leagues.then(line), reader.activity(line.activity)
    told = explanation(line, [], [cause] if cause else [], lines, then=then, show=show)
    sentence = credit_view(line, then, show, changed(line))["sentence"]
    return {**told, "sentence": sentence, "inputs": [*_made_of(line, reader, leagues.now()), *told["inputs"]]}


def prize_subject(subject: str, lines: list[Credit], reader: Reader, league: League, show: Show) -> dict[str, Any]:
    """Show the lines of a subject that is made from days, each with what it is made of."""
    causes = (reader.activity(name) for name in dict.fromkeys(line.activity for line in lines))
    return {
        "activities": [activity_view(cause) for cause in causes if cause],
        "deal": None,
        "credits": [credit_view(line, league, show, changed(line)) for line in lines],
        "missing": [],
        "limited": [],
        "made_of": [{"line": line.id, "inputs": list(_made_of(line, reader, league))} for line in lines],
        "settled": _settled(subject, lines, reader, league),
    }


def unsettled_prizes(reader: Reader, league: League) -> Iterator[str]:
    """Yield the subjects made from days whose lines do not add up to what the days earn."""
    with reader.days() as days:
        kept = days.derived()
    for subject in sorted({*kept, *(RHYTHM + rep for rep in (league.roster.reps if league.roster else ()))}):
        if not _settled(subject, reader.subject(subject)[1], reader, league):
            yield subject


def _settled(subject: str, lines: list[Credit], reader: Reader, league: League) -> bool:
    with reader.days() as days:
        return is_settled(due_of_days(subject, days, league), lines)


def _made_of(line: Credit, reader: Reader, league: League) -> Iterator[dict[str, Any]]:
    if line.subject.startswith(FIRST):
        cause = reader.activity(line.activity)
        yield {"name": "first", "value": line.activity} | (
            {"payload": f"/ingest/v1/inbox/{cause.inbox}"} if cause else {}
        )
        return
    with reader.days() as days:
        sums = days.of(line.subject.removeprefix(RHYTHM))
    yield from of_days(line, sums, league)
