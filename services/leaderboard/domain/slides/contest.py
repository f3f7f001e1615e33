"""A contest of the playbook: which one is shown, and who leads or won."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from services.leaderboard.domain.boards import REPS, TEAMS
from services.leaderboard.domain.slides.asked import RUNNING, Slide
from services.leaderboard.domain.slides.race import TEAMS_SHOWN
from services.leaderboard.domain.slides.scene import NothingToShow, Scene, metric_shown, percent
from services.leaderboard.domain.stretch import Stretch, stretch
from shared.contracts.contest_places import Place, stretches
from shared.contracts.contests import MOST_IMPROVED, OF_TARGET, Contest
from shared.contracts.times import to_text
from shared.money import round_half_up
from shared.periods import is_working_day, midnight

REPS_SHOWN = 3
SOON = timedelta(days=7)
"""So long before it begins a contest is announced."""

AHEAD, ON, OVER = "ahead", "running", "ended"


def choose(slide: Slide, scene: Scene) -> Contest:
    """Return the contest that a slide is of; raises NothingToShow."""
    told = sorted((c for c in scene.league.contests.values() if c.published), key=lambda c: (c.end, c.id))
    if slide.contest != RUNNING:
        found = [contest for contest in told if contest.id == slide.contest]
    else:
        running = [contest for contest in told if state(contest, scene.now) == ON]
        over = [c for c in reversed(told) if c.end <= scene.now < celebrated_until(c, scene)]
        soon = [c for c in told if scene.now < c.start <= scene.now + SOON]
        found = [*running, *over, *sorted(soon, key=lambda c: c.start)]
    if not found:
        raise NothingToShow("no_contest", "" if slide.contest == RUNNING else slide.contest)
    return found[0]


def state(contest: Contest, now: datetime) -> str:
    """Return AHEAD, ON or OVER."""
    return AHEAD if now < contest.start else ON if now < contest.end else OVER


def turned(contests: Iterable[Contest], after: datetime, until: datetime) -> bool:
    """Tell whether one of the contests began or ended after a moment, up to and with another."""
    return any(after < moment <= until for contest in contests for moment in (contest.start, contest.end))


def celebrated_until(contest: Contest, scene: Scene) -> datetime:
    """Return until when the winner is shown: the end of the next working day."""
    zone, holidays = scene.league.zone, scene.league.holidays
    day = contest.end.astimezone(zone).date() + timedelta(days=1)
    while not is_working_day(day, holidays):
        day += timedelta(days=1)
    return midnight(day + timedelta(days=1), zone)


def looked_at(contest: Contest, scene: Scene) -> list[Stretch]:
    """Return the stretches that decide a contest: its own, and those before it where they count."""
    past = stretches(contest) if contest.scoring == MOST_IMPROVED else []
    found = [stretch(start, end, scene.league.zone) for start, end in ((contest.start, contest.end), *past)]
    if not all(each.is_kept(scene.league.zone, scene.now) for each in found):
        raise NothingToShow("not_kept", contest.id)
    return found


def contest(slide: Slide, asked: Contest, scene: Scene, places: Sequence[Place]) -> dict[str, Any]:
    """Return a contest with its best places, before it begins with none."""
    now = state(asked, scene.now)
    shown = [] if now == AHEAD else places[: TEAMS_SHOWN if asked.scope == TEAMS else REPS_SHOWN]
    best = next((place.score for place in shown if place.score), None)
    return {
        "metric": metric_shown(scene.league.metrics[asked.metric]),
        "contest": {
            "id": asked.id,
            "label": dict(asked.label),
            "prize": dict(asked.prize) if asked.prize else None,
            "scope": asked.scope,
            "starts_at": to_text(asked.start),
            "ends_at": to_text(asked.end),
            "state": now,
            "scoring": asked.scoring,
        },
        "places": _recognised([_place(place, asked, scene, best, people=slide.people) for place in shown]),
        "places_total": len(places),
        "winners": [i for i, place in enumerate(shown) if now == OVER and is_winner(place)],
    }


def is_winner(place: Place) -> bool:
    """Tell whether a place won: the first rank, with something."""
    return place.rank == 1 and place.score is not None and place.score > 0


def _place(place: Place, asked: Contest, scene: Scene, best: Fraction | None, *, people: bool) -> dict[str, Any]:
    team = scene.team_of(place.id) if asked.scope == REPS else place.id
    named = scene.named(place.id, people=people) if asked.scope == REPS else {"rep": None, "avatar": None}
    share = max(place.score, Fraction(0)) / best if place.score is not None and best and best > 0 else Fraction(0)
    return {
        "rank": place.rank,
        "team": scene.mark(team) if team else None,
        **named,
        "amount": place.amount,
        "score": _score(place, asked),
        "share": round_half_up(min(share, Fraction(1)) * 1000) / 1000,
    }


def _recognised(places: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each place an id by which a screen knows it again, and which says no more than the place itself does."""
    found: list[dict[str, Any]] = []
    for place in places:
        name = "/".join(str(part) for part in (place["team"] and place["team"]["id"], place["rep"]) if part)
        again = sum(each["id"].partition("#")[0] == name for each in found)
        found.append({"id": f"{name}#{again + 1}" if again else name, **place})
    return found


def _score(place: Place, asked: Contest) -> float | None:
    if place.score is None:
        return None
    return percent(place.score) if asked.scoring == OF_TARGET else round_half_up(place.score * 100) / 100
