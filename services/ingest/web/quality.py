"""/ingest/v1/quality: how good the data is, and what people noted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.ingest.domain.quality import Review
from services.ingest.handlers import searching
from services.ingest.handlers.names import Names
from services.ingest.handlers.narrowing import check_flag, narrowed
from services.ingest.handlers.quality import Judge, Report, Row
from services.ingest.schemas.quality import QualityAnswer, QualityQuery, SeenOrder
from shared.contracts.times import to_text
from shared.web import Blueprint, caller, requires

Clock = Callable[[], datetime]


def quality_routes(judge: Judge, names: Names, clock: Clock) -> Blueprint:
    """Return the routes about the quality of the data."""
    blueprint = Blueprint("quality", __name__, url_prefix="/ingest/v1/quality")

    @blueprint.get("")
    @requires("operator", "league:write", bounded=True)
    @blueprint.arguments(QualityQuery, location="query")
    @blueprint.response(200, QualityAnswer)
    def report(query: dict[str, Any]) -> dict[str, Any]:
        """Tell for each connection and rep how late data came, and what a person should look at."""
        return _answered(own(query), judge)

    @blueprint.post("/seen")
    @requires("operator", "league:write", bounded=True)
    @blueprint.arguments(SeenOrder)
    @blueprint.response(204)
    def seen(order: dict[str, Any]) -> None:
        """Note that you have looked at a flag; it has no other consequence."""
        check_flag(order["flag"], own({}), caller())
        judge.seen(order["flag"], caller().name, order["note"], clock())

    def own(query: dict[str, Any]) -> Report:
        roster, now = names.now().roster, clock()
        return narrowed(judge.report(*searching.span(query, roster, now), now), caller(), roster)

    return blueprint


def _answered(report: Report, judge: Judge) -> dict[str, Any]:
    reviews = judge.reviews(report)
    return {
        "from": report.since,
        "to": report.until,
        "whole": _row(report.whole),
        "connections": [_row(row) for row in report.connections],
        "reps": [_row(row) for row in report.reps],
        "flags": [
            {
                "id": flag.id,
                "kind": flag.kind,
                "at": to_text(flag.at),
                "rep": flag.rep,
                "deal": flag.deal,
                "evidence": dict(flag.evidence),
                "seen": _seen(reviews.get(flag.id)),
            }
            for flag in report.flags
        ],
        "complete": not report.cut,
    }


def _row(row: Row) -> dict[str, Any]:
    late = row.lateness
    measured = {
        "count": late.count if late else 0,
        "median_s": late.median.total_seconds() if late else None,
        "p90_s": late.p90.total_seconds() if late else None,
        "late": late.late if late else 0,
        "late_share": round(late.share, 4) if late else None,
    }
    return {"name": row.name, **measured, "flags": row.flags, "parked": row.parked}


def _seen(review: Review | None) -> dict[str, str] | None:
    return {"by": review.seen_by, "at": to_text(review.seen_at), "note": review.note} if review else None
