"""What of a report a caller may see: all of it, or what is about the own teams' people."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.ingest.domain.quality import Flag
from services.ingest.handlers.quality import NoSuchFlag, Report, Row
from shared.auth import Caller
from shared.contracts.roster import Roster


def narrowed(report: Report, who: Caller, roster: Roster | None) -> Report:
    """Return a report about the people whom the caller may see; connections are nobody's own."""
    if not who.bounded:
        return report
    flags = tuple(flag for flag in report.flags if _sees(flag.rep, who, roster, (flag.at, flag.at)))
    reps = tuple(row for row in report.reps if _sees(row.name, who, roster, (report.since, report.until)))
    return replace(report, whole=Row("", None, len(flags)), connections=(), reps=reps, flags=flags)


def check_flag(flag: str, report: Report, who: Caller) -> Flag | None:
    """Raise NoSuchFlag for a flag that is not in a bounded caller's own report."""
    found = next((each for each in report.flags if each.id == flag), None)
    if found is None and who.bounded:
        raise NoSuchFlag
    return found


def _sees(rep: str | None, who: Caller, roster: Roster | None, during: tuple[datetime, datetime]) -> bool:
    """Tell whether somebody is the caller, or was in one of the caller's teams on some of these days."""
    known = roster.reps.get(rep) if roster and rep else None
    if known is None or roster is None:
        return False
    first, last = (moment.astimezone(roster.zone).date() for moment in during)
    teams = [member.team for member in known.memberships if member.touches(first, last + timedelta(days=1))]
    return who.sees_rep(known.id, teams)
