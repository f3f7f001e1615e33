"""/scoring/me: somebody's own page, for the telephone first: my points and why, my rank, my pay, what may be shown.

What the ledger knows is written here. Rank and profile come from the leaderboard, pay from commission: the page's
script asks them, and each part says by itself when it cannot be had.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import flask
from flask import Response, current_app, make_response, request

from services.scoring.domain.explain import credit_view
from services.scoring.domain.insight.shapes import Goal, RepInsight
from services.scoring.domain.league import League
from services.scoring.domain.objections import OBJECTS
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster
from services.scoring.handlers.mine import Asks, Mine, Mirror, NoPlaybook, NotOnRoster
from services.scoring.pages.curve import curve
from services.scoring.pages.figures import Amounts, metrics_of, show
from services.scoring.pages.lines import REASONS, SIGNS
from services.scoring.pages.names import Names
from services.scoring.pages.signal_words import SignalWords
from services.scoring.pages.trophies import trophies
from services.scoring.pages.versions import files_of
from services.scoring.schemas.pages import MineQuery
from shared import periods
from shared.contracts.playbook import Metric
from shared.contracts.roster import Roster
from shared.periods import Period
from shared.web import caller, page, requires
from shared.web.figures import LOCALES
from shared.web.forms import address, query
from shared.web.pages import fingerprint, language
from shared.web.words import Words, words

POINTS = "points"
"""The metric that is shown unless another is asked for, where the playbook has it."""

_SCRIPT = "me.js."
"""Begins the keys of what the script says."""

Clock = Callable[[], datetime]


class Insights(Protocol):
    """Tells what a person's own figures teach."""

    def rep(self, rep: str, period: Period, metric: str, now: datetime) -> RepInsight:
        """Return everything about a person in a period and a metric."""
        ...

    def metric_of(self, name: str | None, now: datetime) -> Metric:
        """Return the metric of a name, else the first that has goals, of the playbook in force."""
        ...


def me_pages(mirror: Mirror, insights: Insights, leagues: Leagues, clock: Clock) -> flask.Blueprint:
    """Return the page of the one who asks."""
    pages = flask.Blueprint("me_pages", __name__, url_prefix="/scoring")

    @pages.get("/me")
    @requires("credits:read", bounded=True)
    def me() -> Response:
        """Show the caller's own figures, and only those."""
        rep, now = caller().rep, clock()
        if rep is None:
            return make_response(page("me_nobody.html", title="me.title", why="account"))
        try:
            league = leagues.now()
            asks = _asked(league, rep, now)
            return _kept(_tag(mirror, rep, now), lambda: _shown(league, asks, mirror, insights, now))
        except (NoRoster, NoPlaybook, NotOnRoster) as missing:
            return make_response(page("me_nobody.html", title="me.title", why=type(missing).__name__))

    return pages


def _tag(mirror: Mirror, rep: str, now: datetime) -> str:
    """Name the state that a page shows; who looks again soon is answered without it being made again."""
    who, minute = caller(), int(now.timestamp() // 60)
    version = files_of(Path(current_app.root_path))
    person = sha256(f"{who.account}\n{who.name}\n{rep}".encode()).hexdigest()[:8]
    return f"{fingerprint()}.{version}.{mirror.mark(rep)}.{minute}.{language()}.{person}"


def _kept(tag: str, build: Callable[[], str]) -> Response:
    known = request.if_none_match.contains(tag)
    response = Response(status=304) if known else make_response(build())
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _asked(league: League, rep: str, now: datetime) -> Asks:
    """Return what is asked: this month's points unless something else is."""
    edition = league.edition(now)
    if league.roster is None:
        raise NoRoster
    if edition is None:
        raise NoPlaybook
    metrics = edition.playbook.metrics
    usual = {
        "period": periods.of_day(league.day(now), "month").id,
        "metric": POINTS if POINTS in metrics else next(iter(metrics)),
    }
    said, _ = query(MineQuery(), usual)
    metric = said["metric"] if said["metric"] in metrics else usual["metric"]
    return Asks(rep, metric, periods.parse(said["period"]))


def _shown(league: League, asks: Asks, mirror: Mirror, insights: Insights, now: datetime) -> str:
    mine, insight = mirror.look(asks, now), insights.rep(asks.rep, asks.period, asks.metric, now)
    chosen, roster = language(), league.roster
    if roster is None:
        raise NoRoster
    texts = words(chosen, Path(current_app.root_path) / "locale")
    names = Names(league, roster, texts)
    told = [(line, credit_view(line, league, show)["sentence"][chosen]) for line in mine.lines]
    return page(
        "me.html",
        title="me.title",
        zone=roster.zone,
        names=names,
        signals_say=SignalWords(names),
        now=now,
        amounts=Amounts(metrics_of(league), chosen),
        asks=asks,
        mine=mine,
        insight=insight,
        goals=_goals(insight, asks, insights, now),
        line=curve(insight.series),
        before=next((one for one in insight.past if one.period == asks.period.previous().id), None),
        lines=told,
        trophies=trophies(mine),
        ways=_ways(asks, mine.today),
        said=_said(asks, mine, roster, texts),
        example=next((rule.example for rule in mine.edition.playbook.rules if rule.example), None),
        signs=REASONS,
        states=SIGNS,
        may_object=OBJECTS in caller().scopes,
    )


def _goals(insight: RepInsight, asks: Asks, insights: Insights, now: datetime) -> list[Goal]:
    """Return the goals in the metric that is shown, else in the one that goals are set in."""
    own = [goal for goal in insight.goals if goal.goal is not None]
    metric = insights.metric_of(None, now).id
    if own or metric == asks.metric:
        return own
    return [goal for goal in insights.rep(asks.rep, asks.period, metric, now).goals if goal.goal is not None]


def _said(asks: Asks, mine: Mine, roster: Roster, texts: Words) -> dict[str, Any]:
    """Return what the page's script asks other services, and the words it says."""
    day = _anchor(asks.period, mine.today)
    return {
        "rep": asks.rep,
        "name": mine.rep.display_name,
        "team": mine.team,
        "team_name": roster.teams[mine.team].name if mine.team else None,
        "metric": asks.metric,
        "period": asks.period.id,
        "pay_periods": {kind: periods.of_day(day, kind).id for kind in periods.KINDS},
        "zone": roster.zone.key,
        "language": LOCALES[texts.language].replace("_", "-"),
        "words": {key.removeprefix(_SCRIPT): texts(key) for key in sorted(texts.keys()) if key.startswith(_SCRIPT)},
    }


def _ways(asks: Asks, today: date) -> dict[str, Any]:
    """Return where else this page leads: other kinds of period, the one before and after, other metrics."""
    period = asks.period
    said = {"period": period.id, "metric": asks.metric}
    anchor = _anchor(period, today)
    return {
        "kinds": {kind: address("/scoring/me", said, period=periods.of_day(anchor, kind).id) for kind in periods.KINDS},
        "metric": lambda name: address("/scoring/me", said, metric=name),
        "before": address("/scoring/me", said, period=period.previous().id),
        "after": address("/scoring/me", said, period=period.next().id) if period.last <= today else None,
        "lines": address("/scoring/credits", said, rep=asks.rep),
    }


def _anchor(period: Period, today: date) -> date:
    """Return today where it lies in the period, else the period's last day."""
    return today if period.first <= today < period.last else period.last - timedelta(days=1)
