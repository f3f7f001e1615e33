"""/scoring/playbook: the rules in readable words with examples, and what each was worth last month."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import flask

from services.scoring.domain.league import League
from services.scoring.domain.rehearsal import Cell
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster
from services.scoring.handlers.mine import NoPlaybook
from services.scoring.pages.figures import Amounts, metrics_of
from services.scoring.store.past import History
from shared import periods
from shared.contracts.rules import OVERLAY
from shared.periods import Period
from shared.web import caller, page, requires
from shared.web.pages import language


@dataclass
class Worth:
    """What a rule or prize was worth in a month: sums by metric (of which to mentors), and what its limits held."""

    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    mentors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reps: set[str] = field(default_factory=set)
    held: Counter[str] = field(default_factory=Counter)


def playbook_pages(history: History, leagues: Leagues, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the page of the playbook."""
    pages = flask.Blueprint("playbook_pages", __name__, url_prefix="/scoring")

    @pages.get("/playbook")
    @requires("credits:read", "league:read", bounded=True)
    def playbook() -> str:
        """Show the playbook in force, with what each rule was worth last month to everybody."""
        league = leagues.now()
        if league.roster is None:
            raise NoRoster
        today = league.day(clock())
        edition = league.edition_on(today)
        if edition is None:
            raise NoPlaybook
        month = periods.of_day(today, "month").previous()
        return page(
            "playbook.html",
            title="playbook.title",
            zone=league.roster.zone,
            edition=edition,
            book=edition.playbook,
            told_during={name: c.label for c in edition.playbook.contests for name in (c.id, c.series) if name},
            contests=[c for c in edition.playbook.contests if c.published or "operator" in caller().scopes],
            amounts=Amounts(metrics_of(league), language()),
            worth=None if caller().bounded else _worth(history, league, month),
            nothing=Worth(),
            month=month,
            roster=league.roster,
            may_rehearse=not caller().bounded and bool(caller().scopes & {"operator", "league:write"}),
            now=clock(),
        )

    return pages


def _worth(history: History, league: League, month: Period) -> Mapping[str, Worth]:
    """Return what every rule and prize was worth in a month; what stands on top of a rule counts with it."""
    if league.roster is None:
        return {}
    bounds = month.start(league.roster.zone), month.end(league.roster.zone)
    found: dict[str, Worth] = defaultdict(Worth)
    with history.moment() as past:
        sums, held = past.sums(*bounds), past.held(*bounds)
    for cell, amount in sums.items():
        _add(found[cell.rule.partition("~")[0]], cell, amount)
    for (rule, kind), count in held.items():
        found[rule].held[kind] += count
    return found


def _add(worth: Worth, cell: Cell, amount: int) -> None:
    (worth.mentors if cell.rule.endswith(OVERLAY) else worth.sums)[cell.metric] += amount
    worth.reps.add(cell.rep)
