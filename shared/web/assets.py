"""Static files: kept for a year under an address that names their content, asked about again under any other.

In a template: `<link rel="stylesheet" href="{{ static_url('tv.css') }}">`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"


def install(app: Flask) -> None:
    """Give templates `static_url`, and static files their caching."""
    folder = Path(app.static_folder or "")

    @cache
    def fingerprint(filename: str) -> str:
        return hashlib.sha256((folder / filename).read_bytes()).hexdigest()[:12]

    def static_url(filename: str) -> str:
        return f"{app.static_url_path}/{filename}?v={fingerprint(filename)}"

    def cached(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            named = request.args.get("v") == fingerprint((request.view_args or {})["filename"])
            response.headers["Cache-Control"] = FOR_EVER if named else ASK_AGAIN
        return response

    app.jinja_env.globals["static_url"] = static_url
    app.after_request(cached)
