"""Logs: JSON lines on standard error, without secrets and personal data.

    logs.configure("ingest", "ingest-web", "info")      # once, where a process starts
    log = logs.get("relay")                             # anywhere
    with logs.about(activity="api:8812", inbox=17):     # ids that every line inside carries
        log.info("published", records=3)

gunicorn: `logs.configure(…)` at the top of its settings file, and `logconfig_dict = logs.dict_config(…)`, so that
gunicorn's own lines join in.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
_SECRET_KEY = re.compile(r"authorization|cookie|secret|token|passw|api_?key|credential", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:=\[\]]+@[^\s@<>\"'(),;:=\[\]]+\.[A-Za-z]{2,}")
_URL_SECRET = re.compile(r"(?<=://)[^/\s@]*:[^/\s@]*(?=@)")
_BEARER = re.compile(r"samenspel_[\w-]{20,}")


def configure(service: str, process: str, level: str = "info") -> None:
    """Send every log line of this process, also those of libraries, to standard error as JSON."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_shared(service, process), _hand_over],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(dict_config(service, process, level))


def dict_config(service: str, process: str, level: str = "info") -> dict[str, Any]:
    """Return the standard library's logging configuration, for gunicorn's `logconfig_dict`."""
    formatter = {"()": lambda: _formatter(service, process)}
    quiet = {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": {"()": _stderr_handler, "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "gunicorn.error": {"handlers": [], "propagate": True},
            "gunicorn.access": quiet,  # the web kit tells what matters, without paths and queries
            "werkzeug": quiet,
            "alembic": quiet,
            "kafka": quiet,
        },
    }


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a part of the program."""
    return cast("structlog.stdlib.BoundLogger", structlog.get_logger(name))


def about(**ids: Any) -> AbstractContextManager[None]:
    """Let every line inside carry these ids."""
    return cast("AbstractContextManager[None]", structlog.contextvars.bound_contextvars(**ids))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values of secret keys, tokens, e-mail addresses and passwords in URLs."""
    return cast("EventDict", _clean(event))


def _shared(service: str, process: str) -> list[Processor]:
    def name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        event.setdefault("process", process)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        name,
    ]


def _hand_over(logger: WrappedLogger, method: str, event: EventDict) -> Any:
    return structlog.stdlib.ProcessorFormatter.wrap_for_formatter(logger, method, event)


def _formatter(service: str, process: str) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(service, process),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            _render,
        ],
    )


def _stderr_handler() -> logging.Handler:
    return logging.StreamHandler(sys.stderr)


def _render(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {key: REDACTED if _SECRET_KEY.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(inner) for inner in value]
    return value


def _clean_text(text: str) -> str:
    if "samenspel_" in text:
        text = _BEARER.sub(REDACTED, text)
    if "@" in text:
        text = _EMAIL.sub("[e-mail]", _URL_SECRET.sub(REDACTED, text))
    return text
