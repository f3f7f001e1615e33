"""The roster: who was where when, and every problem of a bad one at once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.contracts.absence import Absence
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


def with_time(**more: object) -> dict[str, object]:
    body: dict[str, object] = {
        "organisation": {
            "name": "V",
            "timezone": "Europe/Amsterdam",
            "currency": "EUR",
            "holidays": ["2026-12-25", "2026-12-26"],
        },
        "teams": [{"id": "noord", "name": "Noord"}],
        "reps": [
            {"id": "sanne", "name": "Sanne de Vries", "memberships": [{"team": "noord", "from": "2026-02-01"}], **more}
        ],
    }
    return body


def test_absences_start_and_end_are_read() -> None:
    absences = [{"kind": "unpaid", "from": "2026-11-02", "to": "2026-11-09", "part": "0.5"}]
    until = [{"team": "noord", "from": "2026-02-01", "to": "2026-12-01"}]
    roster = parse_roster(with_time(absences=absences, start="2026-01-15", end="2026-12-01", memberships=until))
    [rep] = roster.reps.values()
    assert rep.absences == (Absence("unpaid", date(2026, 11, 2), date(2026, 11, 9), Decimal("0.5")),)
    assert (rep.started, rep.left) == (date(2026, 1, 15), date(2026, 12, 1))
    assert roster.organisation.holidays == {date(2026, 12, 25), date(2026, 12, 26)}


def test_without_them_work_is_as_long_as_the_memberships() -> None:
    [still] = parse_roster(with_time()).reps.values()
    assert (still.started, still.left) == (date(2026, 2, 1), None)
    ended = [{"team": "noord", "from": "2026-02-01", "to": "2026-07-01"}]
    [gone] = parse_roster(with_time(memberships=ended)).reps.values()
    assert gone.left == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"start": "2026-05-01", "end": "2026-05-01"}, "/reps/0/end"),
        ({"end": "2026-12-01"}, "/reps/0/memberships/0/to"),
        ({"absences": [{"kind": "sick", "from": "2026-05-02", "to": "2026-05-02"}]}, "/reps/0/absences/0/to"),
        (
            {"absences": [{"kind": "sick", "from": "2026-05-02", "to": "2026-05-03", "part": "1.5"}]},
            "/reps/0/absences/0/part",
        ),
        (
            {
                "absences": [
                    {"kind": "sick", "from": "2026-05-02", "to": "2026-05-09"},
                    {"kind": "unpaid", "from": "2026-05-08", "to": "2026-05-10"},
                ]
            },
            "/reps/0/absences",
        ),
    ],
)
def test_absences_and_ends_that_contradict_themselves_are_refused(more: dict[str, object], pointer: str) -> None:
    with pytest.raises(BadDocument) as refused:
        parse_roster(with_time(**more))
    assert pointer in [problem.pointer for problem in refused.value.problems]
