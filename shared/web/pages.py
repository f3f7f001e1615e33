"""The frame of every page that people read.

    from shared.web import page

    @pages.get("/inbox")
    @requires("league:read", "operator")
    def inbox() -> str:
        return page("inbox.html", title="inbox.title", zone=roster.zone, rows=rows)

`services/ingest/templates/inbox.html` fills in the frame:

    {% extends "samenspel/page.html" %}
    {% import "samenspel/parts.html" as parts with context %}
    {% block content %} … {{ t('inbox.found.more', count=f.number(3)) }} … {{ f.moment(row.at) }} … {% endblock %}

A template has: `t` (sentences, see `words`: those of `services/<name>/locale/<language>.json` and the frame's), `f`
(figures, see `figures`), `lang`, `title` (a key), `zone`, `who` (the caller or None), `frame_url('frame.css')`, and
what `page` was given. Look into parts.html for badges, notices, empty states, fields and pagers, into charts.html for
small charts. The look is `static/frame.css`: no page has a style sheet or a script of its own without need, and never
one inside it (CSP).

What people change goes by `<form method="post">` (the cookie counts only when this site's own page sent it) and ends in
`see_other("/ingest/parked", done="released")`; the page then says `frame.done` or the service's own `done.released`.
The language is the one asked for with `?lang=`, else the one chosen before, else the browser's.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import flask
from flask import Response, current_app, g, render_template, request, send_from_directory

from shared.web import charts
from shared.web.access import public
from shared.web.assets import FOR_EVER
from shared.web.figures import Figures
from shared.web.menu import open_to
from shared.web.words import DEFAULT, LANGUAGES, words

STATIC = Path(__file__).parent / "static"
CHOICE = "samenspel_lang"
UTC = ZoneInfo("UTC")
_YEAR = 365 * 86_400


def page(template: str, /, *, title: str, zone: ZoneInfo | None = None, **values: Any) -> str:
    """Render a template inside the frame; `title` is a key of the catalogue, `zone` for moments, if any."""
    chosen = language()
    texts = words(chosen, Path(current_app.root_path) / "locale")
    who, g.framed = g.get("caller"), True
    frame: dict[str, Any] = {
        "t": texts,
        "f": Figures(chosen, zone or UTC),
        "charts": charts,
        "lang": chosen,
        "languages": {name: (label, _in_language(name)) for name, label in LANGUAGES.items()},
        "title": title,
        "zone": zone,
        "who": who,
        "places": open_to(who),
        "accounts": bool(current_app.config["SAMENSPEL_ACCOUNTS"]),
        "service": service(),
        "here": request.path,
        "done": request.args.get("done", ""),
        "frame_url": frame_url,
    }
    return render_template(template, **{**frame, **values})


def language() -> str:
    """Return the language of the present request."""
    for wish in (request.args.get("lang"), request.cookies.get(CHOICE)):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(LANGUAGES, DEFAULT) or DEFAULT


def service() -> str:
    """Return the first part of the service's own addresses."""
    return str(current_app.config["SAMENSPEL_SERVICE"])


def see_other(path: str, **query: Any) -> Response:
    """Send a browser on after a form, so that loading the page again repeats nothing."""
    asked = {name: value for name, value in query.items() if value not in (None, "")}
    location = f"{path}?{urlencode(asked)}" if asked else path
    return Response(status=303, headers={"Location": location})


@cache
def fingerprint() -> str:
    """Return the name of the present version of the frame's files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def frame_url(filename: str) -> str:
    """Return the address of one of the frame's files, under which it never changes."""
    return f"/{service()}/frame/{fingerprint()}/{filename}"


def frame(name: str) -> flask.Blueprint:
    """Return the routes of the frame's own files."""
    blueprint = flask.Blueprint("frame", __name__, url_prefix=f"/{name}", template_folder="templates")

    @blueprint.get("/frame/<version>/<path:filename>")
    @public("static files")
    def file(version: str, filename: str) -> Response:
        """Return a file; under the present version's address it never changes."""
        response = send_from_directory(STATIC, filename)
        response.headers["Cache-Control"] = FOR_EVER if version == fingerprint() else "no-store"
        return response

    @blueprint.after_app_request
    def keep_choice(response: Response) -> Response:
        """Remember a language that was asked for, and tell caches what pages depend on."""
        if "framed" in g:
            response.vary.update(["Cookie", "Accept-Language"])
            if request.args.get("lang") in LANGUAGES:
                wish = request.args["lang"]
                response.set_cookie(CHOICE, wish, max_age=_YEAR, samesite="Lax", httponly=True, path="/")
        return response

    return blueprint


def _in_language(name: str) -> str:
    """Return the present page's address in another language."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in ("lang", "done")]
    return f"{request.path}?{urlencode([*kept, ('lang', name)])}"
