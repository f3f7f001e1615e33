"""The quality of the data as a leader of teams sees it: the own people's, and nothing of connections."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ingest.domain.quality import Flag
from services.ingest.handlers.narrowing import check_flag, narrowed
from services.ingest.handlers.quality import NoSuchFlag, Report, Row
from shared.auth import ROLES, Caller
from shared.contracts.roster import parse_roster
from shared.sql import open_engine
from tests.ingest.accounts import LEAD, Office

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY: dict[str, Any] = {
    "organisation": {"name": "Proef", "timezone": "Europe/Amsterdam", "currency": "EUR"},
    "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
    "reps": [
        {"id": rep, "name": rep.title(), "memberships": [{"team": team, "from": "2026-01-01"}]}
        for rep, team in (("sanne", "noord"), ("bram", "zuid"))
    ],
}
MOVED = [
    {"team": "noord", "from": "2026-01-01", "to": "2026-11-20"},
    {"team": "zuid", "from": "2026-11-20"},
]
LEADER = Caller("Marieke", ROLES["manager"], "manager", None, frozenset({"noord"}), "a1")
MANAGER = Caller("Els", ROLES["manager"], "manager", None, None, "a2")
FLAGS = tuple(
    Flag(f"no-amount:{n}", "no-amount", NOW, rep, f"D-{n}", {}) for n, rep in enumerate(("sanne", "bram", None))
)
REPORT = Report(
    NOW - timedelta(days=28), NOW, NOW, Row("", None, 3, 7), (Row("hubspot", None, parked=7),),
    (Row("bram", None, 1), Row("sanne", None, 1), Row("gone", None)), FLAGS, cut=False,
)  # fmt: skip


def test_a_leader_sees_the_own_people_and_no_connections() -> None:
    found = narrowed(REPORT, LEADER, parse_roster(BODY))
    assert [flag.rep for flag in found.flags] == ["sanne"]
    assert [row.name for row in found.reps] == ["sanne"]
    assert (found.connections, found.whole) == ((), Row("", None, 1))
    assert narrowed(REPORT, MANAGER, parse_roster(BODY)) == REPORT


def test_who_has_moved_is_seen_by_who_led_them_then() -> None:
    flags = tuple(Flag(f"no-amount:{at.day}", "no-amount", at, "sanne") for at in (NOW, NOW - timedelta(days=10)))
    stays, moved = ({**BODY["reps"][1]}, {**BODY["reps"][0], "memberships": MOVED})
    roster = parse_roster({**BODY, "reps": [moved, stays]})
    found = narrowed(replace(REPORT, flags=flags), LEADER, roster)
    assert [flag.id for flag in found.flags] == ["no-amount:14"]
    assert [row.name for row in found.reps] == ["sanne"]
    later = narrowed(replace(REPORT, since=NOW - timedelta(days=1), flags=flags[:1]), LEADER, roster)
    assert (later.flags, later.reps) == ((), ())


def test_a_leader_notes_nothing_about_other_people() -> None:
    found = narrowed(REPORT, LEADER, parse_roster(BODY))
    check_flag("no-amount:0", found, LEADER)
    with pytest.raises(NoSuchFlag):
        check_flag("no-amount:1", found, LEADER)


def test_a_leader_opens_the_page_of_quality_and_not_the_inbox(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'front.db'}"
    office = Office(open_engine(url), url, tmp_path)
    everybody = replace(LEAD, login="els@example.nl", teams=None)
    office.add(LEAD)
    office.add(everybody)
    for who, opens in ((everybody, ("v1/quality", "quality", "inbox", "parked")), (LEAD, ("v1/quality", "quality"))):
        browser = office.signed_in(who)
        for path in ("v1/quality", "quality", "inbox", "parked"):
            assert browser.get(f"/ingest/{path}").status_code == (200 if path in opens else 403), (who.login, path)
    assert "/ingest/inbox" not in browser.get("/ingest/quality").text
    office.engine.dispose()
