"""Look up what people ask of the ledger: a line and its explanation, a period."""

import re
from typing import Any

from services.scoring.domain.explain import explanation, held_of
from services.scoring.domain.league import League
from services.scoring.domain.limit_words import Show
from services.scoring.domain.made_of import on_top
from services.scoring.domain.rhythm import is_derived
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.prizes import prize_explained
from services.scoring.store import Asked, Reader
from shared import periods
from shared.contracts.credit import Credit
from shared.errors import FieldProblem, InvalidInput, NotFound
from shared.periods import Period

LINE_NAME = re.compile(r"([0-9]{1,4})-([0-9]{1,18})")


class NoRoster(NotFound):
    """There is no roster yet, so that nothing can be credited."""


class NoLine(NotFound):
    """The ledger has no such line."""


def line_of(reader: Reader, name: str) -> Credit:
    """Return the line with a public name; raises NoLine."""
    named = LINE_NAME.fullmatch(name)
    found = reader.credit(int(named[1]), int(named[2])) if named else None
    if found is None:
        raise NoLine(f"{name!r} is no line of the ledger; write partition and number, such as 3-1042")
    return found


def explained(line: Credit, reader: Reader, leagues: Leagues, show: Show) -> dict[str, Any]:
    """Return the explanation of a line, down to the payload it came from."""
    if is_derived(line.subject):
        return prize_explained(line, reader, leagues, show)
    facts, lines = reader.subject(line.subject)
    then = leagues.then(line)
    held = held_of(line, facts, reader.allowed([line.subject]), leagues.now())
    told = explanation(line, reader.known_when(line), facts, lines, then=then, show=show, held=held)
    return {**told, "inputs": [*on_top(line, lines, then), *told["inputs"]]}


def asked_of(
    league: League, period: Period, *, rep: str | None = None, team: str | None = None, metric: str | None = None
) -> Asked:
    """Return what is asked of a period in the organisation's time zone; raises NoRoster."""
    if league.roster is None:
        raise NoRoster("hand in a roster first: its time zone says where days begin")
    return Asked(period.start(league.roster.zone), period.end(league.roster.zone), rep, team, metric)


def period_of(text: str) -> Period:
    """Return the period with a name such as 2026-11; raises InvalidInput."""
    try:
        return periods.parse(text)
    except ValueError as error:
        raise InvalidInput(problems=[FieldProblem("query/period", text, str(error))]) from error
