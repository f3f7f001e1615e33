"""What of the ledger a caller may see: all of it, or what is of the own teams and of the own person."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.scoring.domain.league import League
from services.scoring.domain.objections import Objection
from services.scoring.handlers.contests import Standings
from services.scoring.handlers.looking import line_of
from services.scoring.store import Asked, Reader, Within
from shared.auth import Caller
from shared.contracts.activity import Activity
from shared.contracts.contests import TEAMS
from shared.contracts.credit import Credit
from shared.contracts.roster import Membership, Roster
from shared.errors import Forbidden


class NotYours(Forbidden):
    """This is of somebody outside your teams; your account is for your own teams and numbers."""


def within(who: Caller) -> Within | None:
    """Return to what a bounded caller's questions are kept; None: to nothing."""
    return Within(who.rep, who.teams or frozenset()) if who.bounded else None


def bounded(asked: Asked, who: Caller, league: League) -> Asked:
    """Keep a question to what the caller may see; raises NotYours when it names somebody else or another team."""
    if not who.bounded:
        return asked
    if asked.rep is not None:
        check_rep(asked.rep, who, league)
    if asked.team is not None and not who.sees_team(asked.team) and (asked.rep is None or asked.rep != who.rep):
        raise NotYours
    return replace(asked, within=within(who))


def check_rep(rep: str, who: Caller, league: League) -> None:
    """Raise NotYours for a person who was never in one of the caller's teams."""
    if not who.sees_rep(rep, teams_of(rep, league.roster)):
        raise NotYours


def check_line(line: Credit, who: Caller) -> None:
    """Raise NotYours for a line of somebody else in another team."""
    if not sees(line, who):
        raise NotYours


def check_objection(found: Objection, who: Caller, reader: Reader) -> None:
    """Raise NotYours for an objection to a line that the caller may not see."""
    if who.bounded and found.rep != who.rep:
        check_line(line_of(reader, found.line), who)


def check_subject(facts: Iterable[Activity], lines: Iterable[Credit], who: Caller, league: League) -> None:
    """Raise NotYours for a subject that gave the caller's people nothing and is not their work."""
    worked = (
        fact.rep and who.sees_rep(fact.rep, filter(None, [league.team_of(fact.rep, fact.occurred_at)]))
        for fact in facts
    )
    if who.bounded and not any(sees(line, who) for line in lines) and not any(worked):
        raise NotYours


def sees(line: Credit, who: Caller) -> bool:
    """Tell whether the caller may see a line: the own one, or one that counts for an own team."""
    return who.sees_rep(line.rep, [line.team])


def seen(lines: Sequence[Credit], who: Caller) -> list[Credit]:
    """Return the lines that the caller may see."""
    return [line for line in lines if sees(line, who)]


def seen_running(told: dict[str, Any], who: Caller) -> dict[str, Any]:
    """Return an explanation whose lines, and their sums, are those that the caller may see."""
    if not who.bounded:
        return told
    total, lines = 0, []
    for each in told["lines"]:
        if who.sees_rep(each["rep"], [each["team"]]):
            total += each["amount"]
            lines.append({**each, "running": total})
    return {**told, "lines": lines}


def seen_places(found: Standings, who: Caller, league: League) -> Standings:
    """Return standings without the places of people whom the caller may not see; teams are for everybody.

    People are seen by who leads a team that they were in during the contest.
    """
    if found.contest.scope == TEAMS or not who.bounded:
        return found
    first, last = league.day(found.contest.start), league.day(found.contest.end) + timedelta(days=1)

    def teams(rep: str) -> list[str]:
        return [member.team for member in memberships(rep, league.roster) if member.touches(first, last)]

    return replace(found, places=[place for place in found.places if who.sees_rep(place.id, teams(place.id))])


def seen_roster(roster: Roster, who: Caller) -> Roster:
    """Return a roster with the teams and people only that the caller may see."""
    if not who.bounded:
        return roster
    reps = {rep: known for rep, known in roster.reps.items() if who.sees_rep(rep, teams_of(rep, roster))}
    return Roster(roster.organisation, {name: team for name, team in roster.teams.items() if who.sees_team(name)}, reps)


def teams_of(rep: str, roster: Roster | None) -> list[str]:
    """Return every team that a person was ever in."""
    return [member.team for member in memberships(rep, roster)]


def memberships(rep: str, roster: Roster | None) -> Sequence[Membership]:
    """Return when a person was in which team."""
    known = roster.reps.get(rep) if roster else None
    return known.memberships if known else ()
