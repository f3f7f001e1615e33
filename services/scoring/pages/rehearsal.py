"""/scoring/rehearsal: a draft playbook over days that have been, beside the ledger; nothing is kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import flask
from flask import request

from services.scoring.domain.league import League
from services.scoring.domain.rehearsal import Stretch
from services.scoring.handlers.leagues import Leagues
from services.scoring.handlers.rehearsing import BadDraft, Bounds, Outcome, draft_of, numbered, rehearse
from services.scoring.pages.figures import Amounts, metrics_of
from services.scoring.schemas.pages import RehearsalForm
from services.scoring.store.past import History
from shared import periods
from shared.contracts.playbook import Label
from shared.errors import FieldProblem, SamenspelError
from shared.web import forms, limit_body, page, requires
from shared.web.pages import language
from shared.web.problems import status_of

LARGEST = 300_000


def rehearsal_pages(
    history: History, leagues: Leagues, clock: Callable[[], datetime], bounds: Callable[[], Bounds]
) -> flask.Blueprint:
    """Return the form and what comes of it."""
    pages = flask.Blueprint("rehearsal_pages", __name__, url_prefix="/scoring")

    @pages.get("/rehearsal")
    @requires("operator", "league:write")
    def ask() -> str:
        """Show the form, with last month."""
        month = periods.of_day(leagues.now().day(clock()), "month").previous()
        return _shown(leagues.now(), {"from": month.first.isoformat(), "to": month.last.isoformat()})

    @pages.post("/rehearsal")
    @requires("operator", "league:write")
    @limit_body(LARGEST)
    def tell() -> str | tuple[str, int]:
        """Rehearse, and show standings, points per rep and rule, who gains and who loses."""
        league, said = leagues.now(), request.form.to_dict()
        try:
            asked, text = forms.form(RehearsalForm()), _text()
            draft = draft_of(forms.document(text), league) if text else numbered(None, league)
            found = rehearse(draft, Stretch(asked["first"], asked["last"]), league, history, bounds())
        except SamenspelError as error:
            problems = list(getattr(error, "problems", ())) or [FieldProblem("", None, str(error))]
            return _shown(league, said, problems=problems), status_of(type(error))
        return _shown(found.league, {**said, "text": text}, found=found)

    return pages


def _text() -> str:
    """Return the file that was sent, else the text; raises BadDraft."""
    file = request.files.get("file")
    try:
        sent = file.read().decode("utf-8") if file and file.filename else ""
    except UnicodeDecodeError as error:
        raise BadDraft("the file is not text in UTF-8") from error
    return sent or request.form.get("text", "").strip()


def _shown(league: League, said: dict[str, Any], *, found: Outcome | None = None, problems: Any = ()) -> str:
    metrics = metrics_of(league) | (dict(found.draft.playbook.metrics) if found else {})
    texts: dict[str, Label] = {}
    for edition in league.editions:
        texts |= {rule.id: rule.text for rule in edition.playbook.rules} | dict(edition.playbook.rhythm.texts())
    return page(
        "rehearsal.html",
        title="rehearsal.title",
        zone=league.roster.zone if league.roster else None,
        said=said,
        problems=problems,
        found=found,
        until=found.stretch.last - timedelta(days=1) if found else None,
        roster=league.roster,
        amounts=Amounts(metrics, language()),
        texts=texts,
    )
