"""/ingest/quality: how good the data is, for each connection and rep, and what a person should look at."""

from collections.abc import Callable
from datetime import datetime

import flask
from flask import Response, request

from services.ingest.domain.quality import KINDS, USUAL
from services.ingest.handlers import searching
from services.ingest.handlers.names import Names
from services.ingest.handlers.narrowing import check_flag, narrowed
from services.ingest.handlers.quality import Judge
from services.ingest.schemas.quality import QualityPageQuery, SeenForm
from shared.web import caller, forms, limit_body, page, requires, see_other
from shared.web.menu import is_local
from shared.web.pages import UTC

SHOWN = 100


def quality_pages(judge: Judge, names: Names, clock: Callable[[], datetime]) -> flask.Blueprint:
    """Return the quality page and the form that notes a look."""
    pages = flask.Blueprint("quality_pages", __name__, url_prefix="/ingest")

    @pages.get("/quality")
    @requires("operator", "league:write", bounded=True)
    def quality() -> str:
        """Show how late data came, and every flag that nobody has looked at."""
        roster = names.now().roster
        asked, problems = forms.query(QualityPageQuery())
        report = narrowed(judge.report(*searching.span(asked, roster, clock()), clock()), caller(), roster)
        reviews = judge.reviews(report)
        wanted = [
            flag
            for flag in report.flags
            if (asked["all"] or flag.id not in reviews)
            and flag.kind == asked.get("kind", flag.kind)
            and flag.rep == asked.get("rep", flag.rep)
        ]
        said = {name: value for name, value in request.args.items() if name not in ("done", "lang")}
        return page(
            "quality.html",
            title="quality.title",
            zone=roster.zone if roster else UTC,
            report=report,
            problems=problems,
            said=said,
            flags=wanted[:SHOWN],
            more=len(wanted) - SHOWN,
            unseen=sum(flag.id not in reviews for flag in report.flags),
            reviews=reviews,
            kinds=KINDS,
            limits=USUAL,
            reps=roster.reps if roster else {},
            back=forms.address("/ingest/quality", said),
            everything=forms.address("/ingest/quality", said, all=None if asked["all"] else "true"),
            asked=asked,
            whole=not caller().bounded,
        )

    @pages.post("/quality/seen")
    @requires("operator", "league:write", bounded=True)
    @limit_body(8000)
    def seen() -> Response:
        """Note that somebody has looked at a flag."""
        order = forms.form(SeenForm())
        roster, now = names.now().roster, clock()
        check_flag(
            order["flag"], narrowed(judge.report(*searching.span({}, roster, now), now), caller(), roster), caller()
        )
        judge.seen(order["flag"], caller().name, order["note"], clock())
        return see_other(order["back"] if is_local(order["back"]) else "/ingest/quality")

    return pages
