"""What somebody's own page shows: the period with its lines, the level, streaks, prizes, the team, objections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scoring.domain.league import Edition, League
from services.scoring.domain.mine import Mark, Run, Rung, marks, rung, runs
from services.scoring.domain.objections import Objection
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster, asked_of
from services.scoring.handlers.objecting import Desk
from services.scoring.store import Reader
from services.scoring.store.own import Own, Prize
from shared.contracts.credit import Credit
from shared.contracts.roster import Rep
from shared.errors import NotFound
from shared.periods import Period

LINES, PRIZES, OBJECTIONS = 10, 60, 5
"""How many of the latest a page shows."""


class NotOnRoster(NotFound):
    """The roster does not have this person (any more)."""


class NoPlaybook(NotFound):
    """There is no playbook in force, so that nothing counts: hand one in with PUT /ingest/v1/league/playbook."""


@dataclass(frozen=True, slots=True)
class Asks:
    """Whose page, in which metric and period."""

    rep: str
    metric: str
    period: Period


@dataclass(frozen=True, slots=True)
class Mine:
    """Everything of the ledger that somebody's own page shows; `team` is the present one.

    `sums` are the period's by metric. `team_total` is what the present team has in the metric, `in_team` the own part
    of it.
    """

    rep: Rep
    team: str | None
    today: date
    edition: Edition
    sums: Mapping[str, int]
    lines: Sequence[Credit]
    level: Rung | None
    runs: Sequence[Run]
    marks: Sequence[Mark]
    prizes: Sequence[Prize]
    objections: Sequence[Objection]
    team_total: int
    in_team: int


class Mirror:
    """Shows people themselves."""

    def __init__(self, reader: Reader, own: Own, leagues: Leagues, desk: Desk) -> None:
        """Know the ledger, the league and the objections."""
        self._reader, self._own, self._leagues, self._desk = reader, own, leagues, desk

    def look(self, asks: Asks, now: datetime) -> Mine:
        """Return what somebody's own page shows; raises NoRoster, NotOnRoster or NoPlaybook."""
        league = self._leagues.now()
        rep, edition = _rep(league, asks.rep), league.edition(now)
        if edition is None:
            raise NoPlaybook
        today, team = league.day(now), league.team_of(rep.id, now)
        asked, days = asked_of(league, asks.period, rep=rep.id), self._own.days(rep.id)
        shares = self._shares(league, asks, team)
        return Mine(
            rep=rep,
            team=team,
            today=today,
            edition=edition,
            sums=self._reader.sums(asked),
            lines=self._reader.lines(replace(asked, metric=asks.metric), LINES),
            level=rung(edition, self._own.totals(rep.id)),
            runs=list(runs(rep.id, days, edition, league, today)),
            marks=list(marks(days, edition)),
            prizes=self._own.prizes(rep.id, PRIZES),
            objections=self._desk.latest(rep.id)[:OBJECTIONS],
            team_total=sum(shares.values()),
            in_team=shares.get(rep.id, 0),
        )

    def mark(self, rep: str) -> str:
        """Name the state of the ledger, the league and a person's objections; it changes when one of them does."""
        steps = sum(len(each.trail) for each in self._desk.latest(rep))
        return f"{self._reader.league_number()}.{sum(self._reader.mark().values())}.{steps}"

    def _shares(self, league: League, asks: Asks, team: str | None) -> Mapping[str, int]:
        if team is None:
            return {}
        return self._reader.totals(asked_of(league, asks.period, team=team, metric=asks.metric), "rep")


def _rep(league: League, name: str) -> Rep:
    if league.roster is None:
        raise NoRoster
    found = league.roster.reps.get(name)
    if found is None:
        raise NotOnRoster(f"{name!r} is not on the roster")
    return found
