"""What pages of teams and people are asked, and what the caller may see of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from flask import current_app

from services.scoring.domain.insight.shapes import LACKS, RepInsight, TeamInsight, TeamRow, WhatIf
from services.scoring.domain.league import League
from services.scoring.domain.objections import ANSWERED, OPEN, Objection
from services.scoring.handlers.insight import NoSignal, NoTeam
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster
from services.scoring.handlers.objecting import Desk
from services.scoring.pages.names import Names
from services.scoring.pages.signal_words import SignalWords
from shared import periods
from shared.contracts.playbook import Metric
from shared.contracts.roster import Rep, Roster
from shared.errors import Forbidden, NotFound
from shared.periods import KINDS, Period
from shared.web import caller, forms
from shared.web.pages import language
from shared.web.words import Words, words

SORTS: Mapping[str, Callable[[TeamRow], float | None]] = {
    "share": lambda row: row.goal.share,
    "per-fte": lambda row: row.per_fte,
    "amount": lambda row: row.goal.amount,
}
"""How teams are put in order; one without such a number comes last."""


class NotYourTeam(Forbidden):
    """Your account is for your own teams."""


class NoMember(NotFound):
    """This person was not in this team in this period, or is not in it today."""


class Insight(Protocol):
    """What tells all that the pages show."""

    def teams(self, period: Period, metric: str, now: datetime, sees: Callable[[str], bool]) -> Sequence[TeamRow]:
        """Return the teams that somebody sees."""
        ...

    def team(self, team: str, period: Period, metric: str, now: datetime) -> TeamInsight:
        """Return everything about a team."""
        ...

    def rep(self, rep: str, period: Period, metric: str, now: datetime) -> RepInsight:
        """Return everything about a person."""
        ...

    def move(self, rep: str, target: str, day: date, period: Period, metric: str, now: datetime) -> WhatIf:  # noqa: PLR0917  as handlers offer it
        """Return what a move would do to both teams."""
        ...

    def mark(self, signal: str, by: str, now: datetime, *, done: bool) -> None:
        """Mark a signal as dealt with, or not."""
        ...

    def metric_of(self, name: str | None, now: datetime) -> Metric:
        """Return a metric of this name, else the first that has goals, of the playbook in force."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page was asked: the period and the metric, with the league and the moment that hold for it."""

    league: League
    roster: Roster
    now: datetime
    period: Period
    metric: Metric
    said: Mapping[str, Any]
    problems: Mapping[str, str]

    @property
    def today(self) -> date:
        """The organisation's day."""
        return self.league.day(self.now)

    def member(self, rep: str, team: str) -> Rep:
        """Return somebody who was in the team in the period; raises NoMember."""
        known, first, last = self.roster.reps.get(rep), self.period.first, self.period.last
        if known is None or not any(m.team == team and m.touches(first, last) for m in known.memberships):
            raise NoMember
        return known

    def address(self, path: str, **more: Any) -> str:
        """Return the address of a page that is asked the same, changed by `more`."""
        return forms.address(path, {"period": self.period.id, "metric": self.metric.id}, **more)

    def kinds(self) -> list[tuple[str, str]]:
        """Return each kind of period with the one that holds the same day, or today where that is inside."""
        day = self.today if self.period.first <= self.today < self.period.last else self.period.first
        return [(kind, periods.of_day(day, kind).id) for kind in KINDS]

    def names(self) -> Names:
        """Return what ids are called in the reader's language."""
        return Names(self.league, self.roster, _texts())

    def frame(self, **more: Any) -> dict[str, Any]:
        """Return what every one of these pages is given."""
        names = self.names()
        told = {
            "asked": self,
            "names": names,
            "signals_say": SignalWords(names),
            "zone": self.roster.zone,
        }
        return {**told, "lacks": LACKS, "problems": self.problems, "said": self.said, **more}


class Room:
    """Answer what the pages ask, within what the caller may see."""

    def __init__(self, insight: Insight, leagues: Leagues, desk: Desk, clock: Callable[[], datetime]) -> None:
        """Know who tells what."""
        self.insight, self._leagues, self._desk, self._clock = insight, leagues, desk, clock

    def asked(self, schema: Any, team: str | None = None) -> Asked:
        """Read what is asked; raises NoRoster, NoTeam, NotYourTeam."""
        league, now = self._leagues.now(), self._clock()
        if league.roster is None:
            raise NoRoster("hand in a roster first: its teams are shown here")
        if team is not None and not caller().sees_team(team):
            raise NotYourTeam
        if team is not None and team not in league.roster.teams:
            raise NoTeam
        said, problems = forms.query(schema(), {})
        period = periods.parse(said.get("period") or periods.of_day(league.day(now), "month").id)
        metric = self.insight.metric_of(said.get("metric"), now)
        return Asked(league, league.roster, now, period, metric, said, problems)

    def seen(self, roster: Roster) -> list[str]:
        """Return the teams that the caller may see."""
        return [team for team in roster.teams if caller().sees_team(team)]

    def rows(self, asked: Asked, by: str) -> list[TeamRow]:
        """Return the teams that the caller may see, the best first."""
        found = self.insight.teams(asked.period, asked.metric.id, asked.now, caller().sees_team)
        return sorted(found, key=lambda row: _descending(SORTS[by](row)))

    def person(self, asked: Asked, rep: str) -> RepInsight:
        """Return everything about a person; raises NotYourTeam where that is beside a team of others."""
        told = self.insight.rep(rep, asked.period, asked.metric.id, asked.now)
        if told.team and not caller().sees_team(told.team):
            raise NotYourTeam
        return told

    def waiting(self, reps: Sequence[str]) -> list[Objection]:
        """Return the objections about these people that wait for somebody."""
        found = self._desk.latest()
        return [each for each in found if each.rep in reps and each.state in (OPEN, ANSWERED)]

    def moved(self, asked: Asked, team: str) -> WhatIf | None:
        """Return what a move out of this team would do, once it is said who and where to.

        Raises NotYourTeam, and NoMember for who is not in this team today.
        """
        said = asked.said
        if asked.problems or not {"rep", "to"} <= said.keys():
            return None
        if not caller().sees_team(said["to"]):
            raise NotYourTeam
        member = asked.roster.membership(said["rep"], asked.today)
        if member is None or member.team != team or said["to"] == team:
            raise NoMember
        day = said.get("day") or asked.today + timedelta(days=1)
        return self.insight.move(said["rep"], said["to"], day, asked.period, asked.metric.id, asked.now)

    def mark(self, asked: Asked, signal: str, team: str, *, done: bool) -> None:
        """Mark a signal of this team; raises NoSignal for one of another."""
        told = self.insight.team(team, asked.period, asked.metric.id, asked.now)
        if signal not in {each.id for each in told.signals}:
            raise NoSignal
        self.insight.mark(signal, caller().name, asked.now, done=done)


def _texts() -> Words:
    return words(language(), Path(current_app.root_path) / "locale")


def _descending(value: float | None) -> tuple[bool, float]:
    return value is None, -(value or 0)
