"""The page at `/` of a one-machine installation: where everything is, in Dutch or English."""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from shared.web.hygiene import protected

LANGUAGES = ("nl", "en")


def create_start_page() -> Flask:
    """Return the application of `/` and its style sheet; anything else is not found."""
    app = Flask(__name__, static_url_path="/start")

    @app.get("/")
    def start() -> str:
        asked = request.args.get("lang")
        language = asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "nl")
        return render_template(f"start.{language}.html")

    @app.get("/favicon.ico")
    def icon() -> Response:
        return app.send_static_file("icon.svg")

    @app.errorhandler(404)
    def missing(_error: Exception) -> tuple[str, int]:
        return render_template("missing.html"), 404

    @app.after_request
    def vary(response: Response) -> Response:
        response.headers["Vary"] = "Accept-Language"
        return response

    app.wsgi_app = protected(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app
