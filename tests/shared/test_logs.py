from __future__ import annotations

import json
import logging
import logging.config
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog

from shared import logs

SECRET = "samenspel_" + "x" * 43


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, "root": {"handlers": []}})


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_service_process_level_and_utc_time(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    logs.get("relay").info("published", records=3)
    (line,) = lines(capsys)
    told = {"event": "published", "records": 3, "service": "ingest", "process": "ingest-web"}
    assert line == {**told, "level": "info", "logger": "relay", "at": line["at"]}
    assert datetime.fromisoformat(line["at"]).utcoffset() == timedelta(0)


def test_lines_inside_carry_the_ids(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    with logs.about(activity="api:8812", inbox=17):
        logs.get("relay").info("published")
    logs.get("relay").info("idle")
    inside, outside = lines(capsys)
    assert (inside["activity"], inside["inbox"]) == ("api:8812", 17)
    assert "activity" not in outside


def test_libraries_join_in(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    logging.getLogger("gunicorn.error").info("Booting worker with pid: %s", 12)
    logging.getLogger("some.library").warning("careful")
    logging.getLogger("kafka.conn").info("chatter")
    logging.getLogger("gunicorn.access").info("GET /scoring/v1/reps?email=x")
    assert [(line["event"], line["service"]) for line in lines(capsys)] == [
        ("Booting worker with pid: 12", "ingest"),
        ("careful", "ingest"),
    ]


def test_gunicorn_can_be_given_the_same_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logs.dict_config("scoring", "scoring-web", "warning"))
    logging.getLogger("gunicorn.error").error("Worker exiting")
    logging.getLogger("gunicorn.error").info("not told")
    (line,) = lines(capsys)
    assert (line["process"], line["event"]) == ("scoring-web", "Worker exiting")


@pytest.mark.parametrize(
    "fields",
    [
        {"authorization": f"Bearer {SECRET}"},
        {"headers": {"Cookie": f"samenspel={SECRET}"}},
        {"webhook_secret": "hunter2"},
        {"token": "hunter2"},
        {"DB_PASSWORD": "hunter2"},
        {"api_key": "hunter2"},
        {"note": f"called with {SECRET}"},
        {"owner": "sanne@example.nl"},
        {"owners": ["x", {"mail": "Sanne <sanne.de-vries+crm@mail.example.nl>"}]},
        {"url": "postgresql+psycopg://app:hunter2@db/ingest"},
        {"url": "redis://:hunter2@cache:6379/0"},
    ],
)
def test_secrets_and_personal_data_never_reach_a_line(
    fields: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("ingest", "ingest-web", "info")
    logs.get("x").info("seen", **fields)
    logging.getLogger("library").warning("seen %s", fields)
    logs.get("x").info(f"seen {fields}")
    written = capsys.readouterr().err
    assert written.count("seen") == 3
    assert not any(leak in written.splitlines()[0] for leak in (SECRET, "hunter2", "sanne", "example.nl"))
    assert not any(leak in written for leak in (SECRET, "sanne", "example.nl"))


def test_a_trace_is_told_without_the_address_inside_it(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    try:
        int("no rep with sanne@example.nl")
    except ValueError:
        logs.get("x").exception("failed")
    (line,) = lines(capsys)
    assert "no rep with [e-mail]" in line["exception"]


def test_ordinary_values_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    logs.get("x").info("seen", activity="api:8812", amount=12, ratio=0.5, gone=None, url="http://127.0.0.1:8000/tv")
    (line,) = lines(capsys)
    assert (line["activity"], line["amount"], line["ratio"], line["gone"]) == ("api:8812", 12, 0.5, None)
    assert line["url"] == "http://127.0.0.1:8000/tv"


def test_a_value_json_does_not_know_is_written_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ingest", "ingest-web", "info")
    logs.get("x").info("seen", what={1, 2}, other=object)
    assert len(lines(capsys)) == 1
