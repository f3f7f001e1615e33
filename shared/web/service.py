"""Put a service's edge together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version

import flask
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.auth import BadTokens, Tokens
from shared.metrics import Metrics
from shared.sessions import Sessions
from shared.settings import BadSettings, SettingProblem, WebSettings
from shared.web import assets, encoding, hygiene, problems
from shared.web.access import UndeclaredRoute, rules
from shared.web.blueprint import Blueprint
from shared.web.docs import documentation
from shared.web.entrance import entrance
from shared.web.health import Check, Readiness, operations
from shared.web.limits import Limiter
from shared.web.openapi import Api, describe
from shared.web.pages import frame

_TOKENS = "SAMENSPEL_TOKENS_FILE"


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def create_service(
    name: str,
    *,
    package: str,
    web: WebSettings,
    blueprints: Sequence[flask.Blueprint],
    checks: Mapping[str, Check] | None = None,
    summary: str = "",
    prefixes: Sequence[str] = (),
    tokens: Tokens | None = None,
    sessions: Sessions | None = None,
    metrics: Metrics | None = None,
    clock: Callable[[], datetime] = now,
) -> Flask:
    """Return the Flask application of a service.

    `package` (`services.ingest`) is where `templates/` and `static/` stand. `blueprints` carry whole paths; those of
    `shared.web.Blueprint` are documented, plain Flask ones (pages) are not. `checks` are callables that raise when a
    part does not work. `prefixes` are further first path segments besides `name` (`tv`). Raises BadSettings when the
    tokens cannot be read, UndeclaredRoute when a route does not say who may call it.
    """
    metrics = metrics or Metrics(f"{name}-web")
    app = Flask(package, static_url_path=f"/{name}/static")
    tokens, sessions = tokens or _tokens(web), sessions or Sessions(web.session_keys)
    guard = hygiene.Guard(tokens, sessions, Limiter(web.rate_limit), clock, web.max_body)
    app.extensions["samenspel"] = metrics
    app.config.update(MAX_CONTENT_LENGTH=web.max_body, SAMENSPEL_SERVICE=name, SAMENSPEL_ACCOUNTS=bool(sessions.keys))
    encoding.install(app)
    assets.install(app)
    problems.install(app, name)
    hygiene.install(app, name, guard, metrics)
    api = describe(app, name, _version(), summary)
    readiness = Readiness({**(checks or {}), "tokens": tokens.check})
    kit = operations(name, _version(), readiness, metrics, web.run_dir)
    people = [frame(name), entrance(name, tokens, clock), documentation(name, api)]
    _register(app, api, [*blueprints, kit, *people])
    guard.rules = rules(app, kit=frozenset({"static"}))
    _check_prefixes(app, (name, *prefixes))
    _trust_proxies(app, web.trusted_proxies)
    return app


def _register(app: Flask, api: Api, blueprints: Sequence[flask.Blueprint]) -> None:
    for blueprint in blueprints:
        if isinstance(blueprint, Blueprint):
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)


def _tokens(web: WebSettings) -> Tokens:
    if web.tokens_file is None:
        raise BadSettings([SettingProblem(_TOKENS, "", "set it to the tokens file (python -m shared.auth new)")])
    try:
        return Tokens(web.tokens_file)
    except BadTokens as error:
        raise BadSettings([SettingProblem(_TOKENS, str(web.tokens_file), error.detail)]) from error


def _check_prefixes(app: Flask, allowed: Sequence[str]) -> None:
    strays = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.split("/")[1] not in allowed]
    if strays:
        raise UndeclaredRoute(f"these paths belong to no prefix of this service: {', '.join(strays)}")


def _trust_proxies(app: Flask, count: int) -> None:
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]


def _version() -> str:
    try:
        return installed_version("samenspel")
    except PackageNotFoundError:
        return "0+source"
