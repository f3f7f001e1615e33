"""HTTP: the ledger, and the explanation of each of its lines."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask

from services.scoring.domain.explain import credit_view, subject_view
from services.scoring.domain.league import League
from services.scoring.domain.rhythm import is_derived
from services.scoring.handlers import sight
from services.scoring.handlers.insight import Insight
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.looking import NoRoster, asked_of, explained, line_of, period_of
from services.scoring.handlers.mine import Mirror
from services.scoring.handlers.objecting import Desk
from services.scoring.handlers.prizes import prize_subject
from services.scoring.pages.figures import metrics_of, show
from services.scoring.pages.lines import line_pages
from services.scoring.pages.me import me_pages
from services.scoring.pages.playbook import playbook_pages
from services.scoring.pages.rehearsal import rehearsal_pages
from services.scoring.pages.teams import team_pages
from services.scoring.schemas import Credits, CreditsQuery, Explanation, Subject, Totals, TotalsQuery
from services.scoring.settings import Settings, build
from services.scoring.store import PACKAGE, Reader
from services.scoring.store.insight import Looks
from services.scoring.store.objections import ObjectionBook
from services.scoring.store.own import Own
from services.scoring.store.past import History
from services.scoring.store.remaining import remaining
from services.scoring.web.contests import contests
from services.scoring.web.insight import insights
from services.scoring.web.objections import objections
from services.scoring.web.progress import progress
from services.scoring.web.rehearsals import bounds, rehearsals
from shared.contracts.credit import Credit
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text
from shared.errors import NotFound
from shared.periods import Period
from shared.settings import exit_on_bad_settings, load
from shared.sql import migrate, open_engine
from shared.web import Blueprint, caller, create_service, requires

Clock = Callable[[], datetime]


class NoSubject(NotFound):
    """Nothing was ever received about this."""


def create_app(settings: Settings | None = None, clock: Clock = lambda: datetime.now(UTC)) -> Flask:
    """Return the web process: the ledger as JSON."""
    with exit_on_bad_settings():
        settings = settings or load(build)
        engine = open_engine(settings.database_url)
        migrate(engine, PACKAGE)
        reader = Reader(engine)
        leagues = Leagues(reader)
        history = History(engine)
        desk = Desk(ObjectionBook(engine), reader, leagues)
        insight = Insight(Looks(engine), leagues)
        return create_service(
            "scoring",
            package=PACKAGE,
            web=settings.web,
            blueprints=[
                ledger(reader, leagues),
                contests(reader, leagues, clock),
                insights(insight, leagues, clock),
                progress(lambda: remaining(engine)),
                objections(desk, reader, leagues, clock),
                rehearsals(history, leagues),
                line_pages(reader, leagues, desk, clock),
                playbook_pages(history, leagues, clock),
                rehearsal_pages(history, leagues, clock, bounds),
                team_pages(insight, leagues, desk, clock),
                me_pages(Mirror(reader, Own(engine), leagues, desk), insight, leagues, clock),
            ],
            checks={"database": reader.ping},
            summary="The ledger: what was credited to whom, and why.",
            clock=clock,
        )


def ledger(reader: Reader, leagues: Leagues) -> Blueprint:
    """Return the routes under /scoring/v1."""
    blueprint = Blueprint("ledger", __name__, url_prefix="/scoring/v1")

    @blueprint.get("/credits")
    @requires("credits:read", bounded=True)
    @blueprint.arguments(CreditsQuery, location="query")
    @blueprint.response(200, Credits)
    def credits_page(query: dict[str, Any]) -> dict[str, Any]:
        """List the lines behind a number, the latest first, with their sums; as far as the caller may see them."""
        return _credits_page(reader, leagues.now(), query)

    @blueprint.get("/credits/<line>")
    @requires("credits:read", bounded=True)
    @blueprint.response(200, Explanation)
    def explain(line: str) -> dict[str, Any]:
        """Explain one line, down to the payload it came from."""
        found = line_of(reader, line)
        sight.check_line(found, caller())
        return sight.seen_running(explained(found, reader, leagues, show), caller())

    @blueprint.get("/subjects/<path:subject>")
    @requires("credits:read", bounded=True)
    @blueprint.response(200, Subject)
    def subject_page(subject: str) -> dict[str, Any]:
        """Show the history of `deal:<id>` or `activity:<id>`, its lines, and what is missing; or what won a prize."""
        return _subject(reader, leagues, subject)

    @blueprint.get("/totals")
    @requires("credits:read", bounded=True)
    @blueprint.arguments(TotalsQuery, location="query")
    @blueprint.response(200, Totals)
    def totals(query: dict[str, Any]) -> dict[str, Any]:
        """Sum a metric over a period, by team or by rep, straight from the ledger; of what the caller may see."""
        return _totals(reader, leagues.now(), query)

    return blueprint


def _subject(reader: Reader, leagues: Leagues, subject: str) -> dict[str, Any]:
    facts, lines = reader.subject(subject)
    if not facts and not (lines and is_derived(subject)):
        raise NoSubject(f"{subject!r} is not known; write deal:<id> or activity:<id>")
    league = leagues.now()
    sight.check_subject(facts, lines, caller(), league)
    if is_derived(subject):
        shown = prize_subject(subject, lines, reader, league, show)
    else:
        shown = subject_view(subject, facts, lines, reader.allowed([subject]), league=league, show=show)
    seen = {line.id for line in sight.seen(lines, caller())}
    return {"subject": subject, **shown, "credits": [each for each in shown["credits"] if each["id"] in seen]}


def _credits_page(reader: Reader, league: League, query: Mapping[str, Any]) -> dict[str, Any]:
    period = period_of(query["period"])
    exact = {name: query.get(name) for name in ("rep", "team", "metric")}
    asked = sight.bounded(asked_of(league, period, **exact), caller(), league)
    after = line_of(reader, query["after"]) if "after" in query else None
    lines = reader.lines(asked, query["limit"], after)
    metrics = metrics_of(league)
    return {
        "period": _period_view(period, league),
        "totals": [_sum(name, total, metrics) for name, total in sorted(reader.sums(asked).items())],
        "credits": [credit_view(line, league, show) for line in lines],
        "next": _next(query, lines),
    }


def _totals(reader: Reader, league: League, query: Mapping[str, Any]) -> dict[str, Any]:
    period, metric, by = period_of(query["period"]), query["metric"], query["by"]
    sums = reader.totals(sight.bounded(asked_of(league, period, metric=metric), caller(), league), by)
    return {
        **_sum(metric, sum(sums.values()), metrics_of(league)),
        "total": sum(sums.values()),
        "period": _period_view(period, league),
        "by": by,
        "totals": [
            {"id": owner, "amount": amount, "why": _why({by: owner, "metric": metric, "period": period.id})}
            for owner, amount in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "mark": {str(partition): seq for partition, seq in reader.mark().items()},
        "progress": reader.progress(),
    }


def _sum(name: str, amount: int, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    metric = metrics.get(name)
    unit, decimals = (metric.unit, metric.decimals) if metric else (None, None)
    return {"metric": name, "amount": amount, "unit": unit, "decimals": decimals}


def _period_view(period: Period, league: League) -> dict[str, str]:
    if league.roster is None:
        raise NoRoster
    zone = league.roster.zone
    return {
        "id": period.id,
        "start": to_text(period.start(zone)),
        "end": to_text(period.end(zone)),
        "zone": zone.key,
    }


def _next(query: Mapping[str, Any], lines: list[Credit]) -> str | None:
    if len(lines) < query["limit"]:
        return None
    return _why({**query, "after": lines[-1].id})


def _why(query: Mapping[str, Any]) -> str:
    return "/scoring/v1/credits?" + urlencode(query, quote_via=quote)
