"""The roster: who was where when, and every problem of a bad one at once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.contracts.league import BadDocument
from shared.contracts.roster import Roster, parse_roster


@pytest.fixture
def body() -> Any:
    return orjson.loads((Path(__file__).parent / "examples" / "roster.json").read_bytes())


@pytest.fixture
def roster(body: Any) -> Roster:
    return parse_roster(body, strict=True)


def test_a_transfer_changes_the_team_at_local_midnight(roster: Roster) -> None:
    assert roster.team_of("sanne", datetime(2026, 11, 15, 22, 59, 59, tzinfo=UTC)) == "noord"
    assert roster.team_of("sanne", datetime(2026, 11, 15, 23, 0, tzinfo=UTC)) == "zuid"


def test_nobody_is_in_a_team_before_the_start_or_when_unknown(roster: Roster) -> None:
    assert roster.team_of("bram", datetime(2026, 9, 30, 12, tzinfo=UTC)) is None
    assert roster.team_of("nobody", datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_a_rep_is_known_by_id_and_by_each_identity_whatever_the_case(roster: Roster) -> None:
    assert roster.resolve(" Sanne@Example.NL ") == roster.resolve("hubspot:51") == "sanne"
    assert roster.resolve("bram") == "bram"
    assert roster.resolve("stranger@example.nl") is None


def test_members_of_a_team_on_a_day(roster: Roster) -> None:
    zuid = list(roster.members("zuid", date(2026, 11, 16)))
    assert [(rep.id, m.fte) for rep, m in zuid] == [("sanne", Decimal("0.8"))]
    assert [rep.id for rep, _ in roster.members("noord", date(2026, 11, 16))] == ["bram"]


def test_a_display_name_falls_back_to_the_first_name(roster: Roster) -> None:
    assert roster.reps["bram"].display_name == "Bram"


def test_every_problem_is_named_at_once(body: Any) -> None:
    sanne, bram = body["reps"]
    sanne["memberships"][0]["to"] = "2026-12-01"
    bram["memberships"] = [{"team": "oost", "from": "2026-10-01", "to": "2026-10-01"}]
    bram["identities"] = ["SANNE@example.nl"]
    bram["mentors"][0]["rep"] = "bram"
    body["teams"].append({"id": "noord", "name": "Nog een"})
    with pytest.raises(BadDocument) as caught:
        parse_roster(body, strict=True)
    assert {problem.pointer for problem in caught.value.problems} == {
        "/teams/2/id",
        "/reps/0/memberships",
        "/reps/1/memberships/0/team",
        "/reps/1/memberships/0/to",
        "/reps/1/identities/0",
        "/reps/1/mentors/0/rep",
    }


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("organisation", "timezone"), "Europe/Amsterdm", "no time zone"),
        (("organisation", "currency"), "euro", "ISO 4217"),
        (("reps", 0, "id"), "Sanne de Vries", "is no id"),
        (("reps", 0, "memberships", 0, "from"), "1 januari", "is not a day"),
        (("reps", 0, "memberships", 0, "fte"), "-0.5", "must be 0 or more"),
        (("reps", 0, "display_name"), "Sanne de Vries-Jansen", "14"),
    ],
)
def test_a_bad_value_is_named_with_its_place(body: Any, path: tuple[str | int, ...], value: str, message: str) -> None:
    part = body
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    with pytest.raises(BadDocument, match=message) as caught:
        parse_roster(body, strict=True)
    assert "/" + "/".join(map(str, path)) in {p.pointer for p in caught.value.problems}
