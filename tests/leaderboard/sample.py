"""A small league and its ledger lines, for tests of the leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from redis import Redis

from services.leaderboard.domain.increments import runs
from services.leaderboard.store import Applied, Standings
from shared.contracts.credit import Credit
from shared.contracts.league import PLAYBOOK, ROSTER, TARGETS, LeagueDocument

# in the far future, with the calendar of 2026: Redis ends old boards by its own clock
NOW = datetime(2093, 11, 24, 12, 0, tzinfo=UTC)
AT = datetime(2093, 11, 24, 9, 0, tzinfo=UTC)


def member(rep: str, team: str, fte: str = "1", start: str = "2093-01-01", end: str | None = None) -> dict[str, Any]:
    """Return a rep of the roster with one membership."""
    membership = {"team": team, "from": start, "to": end, "fte": fte}
    return {"id": rep, "name": rep.title(), "memberships": [membership]}


REPS = [
    member("anna", "noord"),
    member("bas", "noord", "0.5"),
    member("cem", "noord", "0.8"),
    member("daan", "zuid"),
    member("eva", "zuid"),
    member("fleur", "zuid", "0"),
]


def roster(reps: Iterable[Mapping[str, Any]] = REPS, *, timezone: str = "Europe/Amsterdam") -> dict[str, Any]:
    """Return the body of a roster of the teams noord, zuid and oost (where nobody is)."""
    return {
        "organisation": {"name": "Voorbeeld", "timezone": timezone, "currency": "EUR", "language": "nl"},
        "teams": [{"id": team, "name": f"Team {team.title()}"} for team in ("noord", "zuid", "oost")],
        "reps": list(reps),
    }


def _called(name: str) -> dict[str, Any]:
    return {"id": name, "label": {"nl": name, "en": name}}


PLAYBOOK_BODY: dict[str, Any] = {
    "pipelines": [{**_called("nieuw"), "stages": [_called("lead"), {**_called("won"), "closes": "won"}]}],
    "activities": [_called("call")],
    "metrics": [
        {**_called("points"), "unit": "points"},
        {**_called("revenue"), "unit": "EUR"},
        {**_called("deals"), "unit": "deals"},
    ],
    "rules": [{"id": "bel", "on": {"activity": "call"}, "credit": {"points": 1}, "text": {"nl": "Bel", "en": "Call"}}],
}


def target(amount: str, *, metric: str = "revenue", period: str = "2093-11", **owner: str | bool) -> dict[str, Any]:
    """Return one target of a rep or a team."""
    return {"metric": metric, "period": period, "amount": amount, **owner}


def document(kind: str, body: Mapping[str, Any], version: int = 1) -> LeagueDocument:
    """Return a version of a league document."""
    return LeagueDocument(kind, version, date(2093, 1, 1), "test", NOW, body)


def league(*targets: Mapping[str, Any], reps: Iterable[Mapping[str, Any]] = REPS) -> list[LeagueDocument]:
    """Return the documents of the league."""
    return [
        document(ROSTER, roster(reps)),
        document(PLAYBOOK, PLAYBOOK_BODY),
        document(TARGETS, {"targets": list(targets)}),
    ]


def line(seq: int, rep: str = "anna", amount: int = 1, **more: Any) -> Credit:
    """Return one ledger line; its team is the one of REPS unless given."""
    teams = {known["id"]: known["memberships"][0]["team"] for known in REPS}
    facts: dict[str, Any] = {
        "partition": 0,
        "subject": f"deal-{seq}",
        "rule": "won",
        "metric": "revenue",
        "team": teams.get(rep, "noord"),
        "at": AT,
        "booked_at": AT,
        "activity": f"api:{seq}",
        "inbox": seq,
        "playbook": 1,
        "roster": 1,
    }
    return Credit(**{**facts, **more, "seq": seq, "rep": rep, "amount": amount})


def put(standings: Standings, documents: Iterable[LeagueDocument]) -> None:
    """Store the documents."""
    for given in documents:
        standings.put(given, NOW)


def apply(standings: Standings, lines: Iterable[Credit], now: datetime = NOW) -> list[Applied]:
    """Apply lines of one partition, in as few steps as possible."""
    return [standings.apply(run, now) for run in runs(lines)]


def content(url: str) -> dict[str, Any]:
    """Return all that a Redis database holds."""
    with Redis.from_url(url, decode_responses=True) as client:
        readers: dict[str, Callable[[str], Any]] = {
            "hash": client.hgetall,
            "set": client.smembers,
            "string": client.get,
            "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        }
        return {key: readers[client.type(key)](key) for key in client.scan_iter()}
