"""HTTP: the ledger, and the explanation of each of its lines."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from babel.numbers import format_currency, format_decimal
from flask import Flask

from services.scoring.domain.explain import credit_view, explanation, held_of, subject_view
from services.scoring.domain.league import League
from services.scoring.handlers.leagues import Leagues
from services.scoring.schemas import Credits, CreditsQuery, Explanation, Subject, Totals, TotalsQuery
from services.scoring.settings import Settings, build
from services.scoring.store import PACKAGE, Asked, Reader
from services.scoring.web.contests import contests
from shared import periods
from shared.contracts.credit import Credit
from shared.contracts.playbook import Metric
from shared.contracts.times import to_text
from shared.errors import FieldProblem, InvalidInput, NotFound
from shared.periods import Period
from shared.settings import exit_on_bad_settings, load
from shared.sql import migrate, open_engine
from shared.web import Blueprint, create_service, requires

LINE_NAME = re.compile(r"([0-9]{1,4})-([0-9]{1,18})")
Clock = Callable[[], datetime]
LOCALES = {"nl": "nl", "en": "en_GB"}


class NoRoster(NotFound):
    """There is no roster yet, so that nothing can be credited."""


class NoLine(NotFound):
    """The ledger has no such line."""


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
        return create_service(
            "scoring",
            package=PACKAGE,
            web=settings.web,
            blueprints=[ledger(reader, leagues), contests(reader, leagues, clock)],
            checks={"database": reader.ping},
            summary="The ledger: what was credited to whom, and why.",
            clock=clock,
        )


def ledger(reader: Reader, leagues: Leagues) -> Blueprint:
    """Return the routes under /scoring/v1."""
    blueprint = Blueprint("ledger", __name__, url_prefix="/scoring/v1")

    @blueprint.get("/credits")
    @requires("credits:read")
    @blueprint.arguments(CreditsQuery, location="query")
    @blueprint.response(200, Credits)
    def credits_page(query: dict[str, Any]) -> dict[str, Any]:
        """List the lines behind a number, the latest first, with their sums."""
        return _credits_page(reader, leagues.now(), query)

    @blueprint.get("/credits/<line>")
    @requires("credits:read")
    @blueprint.response(200, Explanation)
    def explain(line: str) -> dict[str, Any]:
        """Explain one line, down to the payload it came from."""
        found = _line(reader, line)
        facts, lines = reader.subject(found.subject)
        then = leagues.then(found)
        held = held_of(found, facts, reader.allowed([found.subject]), leagues.now())
        return explanation(found, reader.known_when(found), facts, lines, then=then, show=show, held=held)

    @blueprint.get("/subjects/<path:subject>")
    @requires("credits:read")
    @blueprint.response(200, Subject)
    def subject_page(subject: str) -> dict[str, Any]:
        """Show the history of `deal:<id>` or `activity:<id>`, its lines, and what is missing."""
        facts, lines = reader.subject(subject)
        if not facts:
            raise NoSubject(f"{subject!r} is not known; write deal:<id> or activity:<id>")
        allowed = reader.allowed([subject])
        return {
            "subject": subject,
            **subject_view(subject, facts, lines, allowed, league=leagues.now(), show=show),
        }

    @blueprint.get("/totals")
    @requires("credits:read")
    @blueprint.arguments(TotalsQuery, location="query")
    @blueprint.response(200, Totals)
    def totals(query: dict[str, Any]) -> dict[str, Any]:
        """Sum a metric over a period, by team or by rep, straight from the ledger."""
        return _totals(reader, leagues.now(), query)

    return blueprint


def _credits_page(reader: Reader, league: League, query: Mapping[str, Any]) -> dict[str, Any]:
    period = _period(query["period"])
    exact = {name: query.get(name) for name in ("rep", "team", "metric")}
    asked = _asked(league, period, **exact)
    after = _line(reader, query["after"]) if "after" in query else None
    lines = reader.lines(asked, query["limit"], after)
    metrics = _metrics(league)
    return {
        "period": _period_view(period, league),
        "totals": [_sum(name, total, metrics) for name, total in sorted(reader.sums(asked).items())],
        "credits": [credit_view(line, league, show) for line in lines],
        "next": _next(query, lines),
    }


def _totals(reader: Reader, league: League, query: Mapping[str, Any]) -> dict[str, Any]:
    period, metric, by = _period(query["period"]), query["metric"], query["by"]
    sums = reader.totals(_asked(league, period, metric=metric), by)
    return {
        **_sum(metric, sum(sums.values()), _metrics(league)),
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


def show(metric: Metric, amount: int, language: str) -> str:
    """Write an amount with its unit as people of a language do: € 1.234,50, 15 points."""
    number = Decimal(amount).scaleb(-metric.decimals)
    if metric.is_money:
        return str(format_currency(number, metric.unit, locale=LOCALES[language]))
    return f"{format_decimal(number, locale=LOCALES[language])} {metric.label[language]}"


def _metrics(league: League) -> dict[str, Metric]:
    return {name: metric for edition in league.editions for name, metric in edition.playbook.metrics.items()}


def _sum(name: str, amount: int, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    metric = metrics.get(name)
    unit, decimals = (metric.unit, metric.decimals) if metric else (None, None)
    return {"metric": name, "amount": amount, "unit": unit, "decimals": decimals}


def _asked(league: League, period: Period, **exact: str | None) -> Asked:
    if league.roster is None:
        raise NoRoster("hand in a roster first: its time zone says where days begin")
    return Asked(period.start(league.roster.zone), period.end(league.roster.zone), **exact)


def _period(text: str) -> Period:
    try:
        return periods.parse(text)
    except ValueError as error:
        raise InvalidInput(problems=[FieldProblem("query/period", text, str(error))]) from error


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


def _line(reader: Reader, name: str) -> Credit:
    named = LINE_NAME.fullmatch(name)
    found = reader.credit(int(named[1]), int(named[2])) if named else None
    if found is None:
        raise NoLine(f"{name!r} is no line of the ledger; write partition and number, such as 3-1042")
    return found


def _next(query: Mapping[str, Any], lines: list[Credit]) -> str | None:
    if len(lines) < query["limit"]:
        return None
    return _why({**query, "after": lines[-1].id})


def _why(query: Mapping[str, Any]) -> str:
    return "/scoring/v1/credits?" + urlencode(query, quote_via=quote)
