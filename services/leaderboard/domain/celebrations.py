"""What is celebrated on every screen, at once and once: a deal won, a milestone, a contest that is over.

Only what happened just now is: a line that was booked just now for something of long ago is a correction, an import
or a new version of the playbook at work, and no reason to interrupt anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from services.leaderboard.domain.boards import REPS
from services.leaderboard.domain.increments import MADE_TOGETHER, WON, is_work
from services.leaderboard.domain.league import League
from services.leaderboard.domain.people import NOTHING_SAID
from services.leaderboard.domain.slides.contest import is_winner
from services.leaderboard.domain.slides.scene import MAIN_METRIC, Scene, metric_shown
from shared.contracts.contest_places import Place
from shared.contracts.contests import Contest
from shared.contracts.credit import EARNED, Credit
from shared.contracts.playbook import Label
from shared.contracts.rhythm import Milestone
from shared.contracts.times import from_text, to_text

RECENT = timedelta(minutes=10)
"""So long after it happened a deal is still news."""
BOOKED_JUST_NOW = timedelta(minutes=2)
LASTS = timedelta(minutes=10)
"""A screen that hears of it later does not celebrate any more."""
SETTLED = timedelta(seconds=30)
"""So long after a contest's end its last lines have come."""

DEAL, MILESTONE, CONTEST = "deal", "milestone", "contest"

_DEAL_WON: Label = {"nl": "Deal gewonnen", "en": "Deal won"}


@dataclass(frozen=True, slots=True)
class Celebration:
    """Something to celebrate; `id` is the same however often it is found. `amount` is of `metric`, smallest units.

    `team` and `rep` None: there are several, or it is no single person's.
    """

    id: str
    kind: str
    at: datetime
    team: str | None
    rep: str | None
    headline: Label
    amount: int | None = None
    metric: str | None = None


def of_lines(lines: Sequence[Credit], league: League, now: datetime) -> list[Celebration]:
    """Return what the lines of one partition, just applied, give reason to celebrate."""
    fresh = [line for line in lines if line.reason == EARNED and line.amount > 0 and _is_new(line.booked_at, now)]
    found = [*_deals(fresh, league, now), *_milestones(fresh, league, now)]
    return list({celebration.id: celebration for celebration in reversed(found)}.values())[::-1]


def of_contest(contest: Contest, places: Sequence[Place], scene: Scene) -> Celebration | None:
    """Return who won a contest that is over; None where nobody has anything."""
    winners = [place for place in places if is_winner(place)]
    if not winners:
        return None
    one = winners[0].id if len(winners) == 1 else None
    is_rep = contest.scope == REPS
    return Celebration(
        id=f"contest:{contest.id}",
        kind=CONTEST,
        at=contest.end,
        team=scene.team_of(one) if one and is_rep else one,
        rep=one if is_rep else None,
        headline=contest.label,
    )


def just_over(league: League, now: datetime) -> list[Contest]:
    """Return the contests that are told and ended just now."""
    return [
        contest
        for contest in league.contests.values()
        if contest.published and SETTLED <= now - contest.end < RECENT + SETTLED
    ]


def to_wire(celebration: Celebration) -> dict[str, Any]:
    """Return a celebration as it travels to the processes that serve screens."""
    return {**asdict(celebration), "at": to_text(celebration.at)}


def from_wire(wire: Mapping[str, Any]) -> Celebration:
    """Read a celebration that travelled."""
    return Celebration(**{**wire, "at": from_text(wire["at"])})


def shown(celebration: Celebration, scene: Scene) -> dict[str, Any]:
    """Return a celebration as screens draw it: the person is named who may be, and wants to be celebrated."""
    rep, metric = celebration.rep, scene.league.metrics.get(celebration.metric or "")
    wanted = scene.profiles.get(rep or "", NOTHING_SAID).celebrate
    named = scene.named(rep, people=wanted) if rep else {"rep": None, "avatar": None}
    team = scene.mark(celebration.team) if celebration.team else dict.fromkeys(("id", "name", "letter", "color"))
    return {
        "id": _told_name(celebration),
        "at": to_text(celebration.at),
        "expires_at": to_text(scene.now + LASTS),
        "kind": celebration.kind,
        "team_id": team["id"],
        "team": team["name"],
        "letter": team["letter"],
        "color": team["color"],
        **named,
        "amount": celebration.amount if metric else None,
        "unit": metric_shown(metric) if metric else None,
        "headline": dict(celebration.headline),
    }


def _told_name(celebration: Celebration) -> str:
    """Return by what a screen knows a celebration again; a milestone's own name says whose it is."""
    if celebration.kind != MILESTONE:
        return celebration.id
    return f"{MILESTONE}:{sha256(f'{celebration.id} {celebration.at.timestamp()}'.encode()).hexdigest()[:16]}"


def unnamed(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return a celebration as screens draw it whose playlist names nobody."""
    return {name: None if name in ("rep", "avatar") else value for name, value in drawn.items()}


def _is_new(at: datetime, now: datetime) -> bool:
    return -BOOKED_JUST_NOW <= now - at <= BOOKED_JUST_NOW


def _deals(fresh: Iterable[Credit], league: League, now: datetime) -> Iterator[Celebration]:
    lines = [line for line in fresh if is_work(line) and abs(now - line.at) < RECENT]
    for won in lines:
        if won.metric == WON:
            worth = sum(line.amount for line in lines if line.metric == MAIN_METRIC and line.subject == won.subject)
            headline = league.texts.get(won.rule, _DEAL_WON)
            yield _celebration(DEAL, won.subject, won, headline, (worth, MAIN_METRIC) if worth else None)


def _milestones(fresh: Iterable[Credit], league: League, now: datetime) -> Iterator[Celebration]:
    today = now.astimezone(league.zone).date()
    for line in fresh:
        name, _, mark = line.rule.partition("~")
        prize = league.prizes.get(name)
        if isinstance(prize, Milestone) and line.subject.startswith(MADE_TOGETHER):
            metric = league.metrics[prize.metric]
            if line.at.astimezone(league.zone).date() == today:
                reached = (metric.smallest(Decimal(mark)), metric.id)
                yield _celebration(MILESTONE, f"{line.rep}:{line.rule}", line, prize.text, reached)


def _celebration(kind: str, name: str, line: Credit, headline: Label, amount: tuple[int, str] | None) -> Celebration:
    value, metric = amount or (None, None)
    at = line.booked_at if kind == MILESTONE else line.at
    return Celebration(f"{kind}:{name}", kind, at, line.team, line.rep, headline, value, metric)
