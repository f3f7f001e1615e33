"""Personnel files brought into the roster: what changes, from which day, and what stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from services.ingest.domain.changes import changes
from services.ingest.domain.staffing import Merge, merge
from services.ingest.sources import people
from shared.contracts.roster import parse_roster
from shared.errors import Malformed

TODAY = date(2026, 11, 24)


@pytest.fixture
def roster() -> dict[str, Any]:
    return {
        "organisation": {"name": "Voorbeeld BV", "timezone": "Europe/Amsterdam", "currency": "EUR"},
        "teams": [{"id": "noord", "name": "Noord"}, {"id": "zuid", "name": "Zuid"}],
        "reps": [
            {
                "id": "1024",
                "name": "Sanne de Vries",
                "identities": ["sanne@voorbeeld.example"],
                "memberships": [{"team": "noord", "from": "2024-01-01"}],
                "on_tv": True,
            },
            {
                "id": "1025",
                "name": "Daan Bakker",
                "memberships": [{"team": "zuid", "from": "2023-05-01", "fte": "0.8"}],
            },
        ],
    }


def brought_in(roster: dict[str, Any], table: str, **options: Any) -> tuple[Merge, list[str]]:
    reading = people.read_csv(table.encode())
    assert reading.problems == []
    work = merge(roster, list(reading.people.values()), TODAY, **options)
    if not work.problems:
        parse_roster(work.body, strict=True)
    return work, changes(roster, work.body)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,team\n1024,Noord", []),
        ("id,team,from\n1024,Noord,2024-01-01", []),
        ('id,team,fte\n1025,Zuid,"0,8"', []),
        ("id,team,from\n1024,Zuid,2026-12-01", ["rep 1024: team noord → zuid from 2026-12-01"]),
        ("personeelsnummer;afdeling;vanaf\n1024;zuid;1-12-2026", ["rep 1024: team noord → zuid from 2026-12-01"]),
        ("id\tteam\n1024\tZuid", ["rep 1024: team noord → zuid from 2026-11-24"]),
        ("id,name\n1024,Sanne Jansen", ["rep 1024: name Sanne de Vries → Sanne Jansen"]),
        ("id,email\n1024,SANNE@voorbeeld.example; s@oud.example", ["rep 1024: identities: s@oud.example added"]),
        ("email,id,uit dienst\nsanne@voorbeeld.example,9,31-12-2026",
         ["rep 1024: team noord until 2027-01-01", "rep 1024: end (none) → 2027-01-01"]),
        ("id,mentor,mentor from,mentor until\n1024,Daan Bakker,2026-12-01,2027-02-28",
         ["rep 1024: mentor 1025 2026-12-01: new"]),
    ],
)  # fmt: skip
def test_a_file_changes_what_it_speaks_of_from_the_day_it_names(
    roster: dict[str, Any], table: str, said: list[str]
) -> None:
    _, sentences = brought_in(roster, table)
    assert sorted(sentences) == sorted(said)


def test_fewer_hours_begin_on_a_day_and_the_time_before_keeps_its_own(roster: dict[str, Any]) -> None:
    work, _ = brought_in(roster, "id,team,from,fte\n1024,Noord,2026-12-01,80%")
    assert work.body["reps"][0]["memberships"] == [
        {"team": "noord", "from": "2024-01-01", "to": "2026-12-01"},
        {"team": "noord", "from": "2026-12-01", "fte": "0.8"},
    ]


def test_somebody_new_gets_a_place_and_nobody_is_deleted(roster: dict[str, Any]) -> None:
    head = "id,voornaam,tussenvoegsel,achternaam,email,team,in dienst"
    table = f"{head}\nP-77,Fleur,van den,Berg,fleur@v.example,Zuid,1-12-2026"
    work, said = brought_in(roster, table)
    assert "rep p-77: new" in said
    assert work.body["reps"][2] == {
        "id": "p-77",
        "name": "Fleur van den Berg",
        "identities": ["fleur@v.example"],
        "memberships": [{"team": "zuid", "from": "2026-12-01"}],
        "start": "2026-12-01",
    }
    assert [rep["id"] for rep in work.body["reps"]] == ["1024", "1025", "p-77"]
    assert sorted(work.notes) == [f"rep {rep} is not in the file: left as it is" for rep in ("1024", "1025")]


def test_several_lines_are_the_teams_somebody_was_in(roster: dict[str, Any]) -> None:
    work, _ = brought_in(roster, "id,name,team,from,until\n9,Kim,Noord,2026-01-01,2026-06-30\n9,Kim,Zuid,2026-07-01,")
    assert work.body["reps"][2]["memberships"] == [
        {"team": "noord", "from": "2026-01-01", "to": "2026-07-01"},
        {"team": "zuid", "from": "2026-07-01"},
    ]


def test_a_planned_transfer_stays_planned(roster: dict[str, Any]) -> None:
    roster["reps"][0]["memberships"] = [
        {"team": "noord", "from": "2024-01-01", "to": "2027-01-01"},
        {"team": "zuid", "from": "2027-01-01"},
    ]
    work, said = brought_in(roster, "id,team\n1024,Noord")
    assert said == []
    work, said = brought_in(roster, "id,team,fte\n1024,Noord,0.5")
    assert [member["from"] for member in work.body["reps"][0]["memberships"]] == [
        "2024-01-01",
        "2026-11-24",
        "2027-01-01",
    ]
    assert "rep 1024: the change planned for 2027-01-01 stays as it is" in work.notes


def test_a_leaver_keeps_a_place_with_a_last_day(roster: dict[str, Any]) -> None:
    roster["reps"][0]["memberships"].append({"team": "zuid", "from": "2027-03-01"})
    roster["reps"][0]["memberships"][0]["to"] = "2027-03-01"
    work, _ = brought_in(roster, "id,end\n1024,2026-12-31")
    assert work.body["reps"][0]["memberships"] == [{"team": "noord", "from": "2024-01-01", "to": "2027-01-01"}]
    assert any("would begin after the last day" in note for note in work.notes)


def test_an_hr_system_s_export_says_the_same_as_the_table(roster: dict[str, Any]) -> None:
    export = {
        "employees": [
            {
                "employeeNumber": 9,
                "name": {"firstName": "Kim", "lastName": "Smit"},
                "workEmail": "kim@v.example",
                "hireDate": "2026-01-01T00:00:00",
                "manager": {"id": 4},
                "employments": [
                    {"department": {"id": 1, "name": "Noord"}, "startDate": "2026-01-01", "endDate": "2026-06-30"},
                    {"department": "Zuid", "startDate": "2026-07-01", "fte": 0.8},
                ],
                "mentors": [{"email": "sanne@voorbeeld.example", "from": "2026-01-01", "until": "2026-03-31"}],
            }
        ]
    }
    table = """id,name,email,start,team,from,until,fte,mentor,mentor from,mentor until
9,Kim Smit,kim@v.example,2026-01-01,Noord,2026-01-01,2026-06-30,,sanne@voorbeeld.example,2026-01-01,2026-03-31
9,Kim Smit,kim@v.example,2026-01-01,Zuid,2026-07-01,,0.8,,,"""
    reading = people.read_hris(export)
    assert reading.problems == []
    from_json = merge(roster, list(reading.people.values()), TODAY)
    from_table, _ = brought_in(roster, table)
    assert from_json.body == from_table.body
    parse_roster(from_json.body, strict=True)


def test_the_same_file_again_changes_nothing(roster: dict[str, Any]) -> None:
    table = (
        "id,name,team,from,fte,mentor,end\n9,Kim,Noord,2026-12-01,0.8,1024,2027-12-31\n1024,Sanne,Zuid,2026-12-01,1,,"
    )
    work, _ = brought_in(roster, table)
    again, said = brought_in(work.body, table)
    assert said == []
    assert again.body == work.body


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("id,team\n1024,Oost", "line 2: team"),
        ("id,team\n,Noord", "line 2: id"),
        ("id,team\nA B,Noord", "line 2: id"),
        ("id,team\n9,Noord", "line 2: name"),
        ("id,team,from\n1024,Noord,2026-13-01", "line 2: from"),
        ("id,name\n9,Kim\n1024,Sanne\n1025,D\n", ""),
        ("id,team,fte\n1024,Noord,much", "line 2: fte"),
        ("id,team,fte\n\n1024,Noord,3", "line 3: fte"),
        ("id,mentor\n1024,Nobody", "line 2: mentor"),
        ("id,mentor\n1024,1024", "line 2: mentor"),
        ("id,email\n1024,daan@v.example;1025", "line 2: id"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(roster: dict[str, Any], table: str, where: str) -> None:
    reading = people.read_csv(table.encode())
    work = merge(roster, list(reading.people.values()), TODAY)
    assert [problem.pointer for problem in [*reading.problems, *work.problems]] == ([where] if where else [])


def test_new_teams_are_made_only_when_asked(roster: dict[str, Any]) -> None:
    work, said = brought_in(roster, "id,team\n1024,Team Oost", new_teams=True)
    assert work.body["teams"][2] == {"id": "team-oost", "name": "Team Oost"}
    assert "team team-oost: new" in said


def test_columns_that_are_not_used_are_named(roster: dict[str, Any]) -> None:
    assert people.read_csv(b"id,salary\n1024,9").notes == ["column 'salary' is not used"]


@pytest.mark.parametrize("content", [b"", b"name,team\nKim,Noord", b'id\n"1', "náam;x".encode("utf-16")])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Malformed):
        people.read_csv(content)


@pytest.mark.parametrize("said", [None, 3, "x", {"staff": []}, {"people": "x"}])
def test_what_is_no_list_of_people_is_refused(said: Any) -> None:
    with pytest.raises(Malformed):
        people.read_hris(said)


@pytest.mark.parametrize("odd", [[1], [None], [{}], [{"id": {}}], [{"id": "9", "employments": [1, None, {"team": 3}]}]])
def test_odd_people_are_problems_or_nothing_never_a_crash(roster: dict[str, Any], odd: Any) -> None:
    reading = people.read_hris(orjson.loads(orjson.dumps(odd)))
    merge(roster, list(reading.people.values()), TODAY)


def test_a_table_that_windows_saved_keeps_its_letters() -> None:
    reading = people.read_csv("id;naam\n9;Zoë Yücel".encode("cp1252"))
    assert reading.people["9"].name == "Zoë Yücel"
