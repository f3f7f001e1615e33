"""Personnel files: a CSV table, or JSON as HR systems export it, read into people.

CSV: one line for each person and time in a team. Columns, in Dutch or English, in any order; others are named and left
alone: id (personnel number), name (or first name, prefix, last name), email (several: `;`), team, from, until, start,
end, fte, mentor, mentor from, mentor until. Days are written 2026-11-24 or 24-11-2026; `until` and `end` are the last
day, as HR writes it.

JSON: a list of people, or an object that holds it (`people`, `employees`, `workers`), each with the same names in any
usual spelling, and `employments` (or `contracts`, `departments`) and `mentors` as lists.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from services.ingest.domain.staffing import Guide, Person, Spell
from shared.errors import FieldProblem, Malformed

LARGEST = 5_000
_SPELLINGS: Mapping[str, str] = {
    "id": "id rep employee employeeid employeenumber employeeno number personnelnumber personeelsnummer "
    "medewerkernummer medewerker nummer",
    "name": "name fullname displayname naam volledigenaam",
    "first": "first firstname givenname voornaam roepnaam",
    "prefix": "prefix tussenvoegsel voorvoegsel",
    "last": "last lastname surname familyname achternaam",
    "emails": "email emails mail workemail emailaddress emailadres emailwerk",
    "team": "team department departmentname afdeling",
    "from": "from validfrom effectivefrom vanaf per ingangsdatum",
    "until": "until validuntil totenmet tm",
    "start": "start startdate hiredate hired indienst datumindienst",
    "end": "end enddate terminationdate lastday uitdienst datumuitdienst laatstedag",
    "fte": "fte parttimefactor parttime deeltijdfactor deeltijd",
    "mentor": "mentor buddy",
    "mentor_from": "mentorfrom mentorvanaf",
    "mentor_until": "mentoruntil mentortotenmet mentortm",
    "employments": "employments contracts departments assignments dienstverbanden",
    "mentors": "mentors buddies",
}
_NAME = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}
_DUTCH_DAY = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass
class Reading:
    """What was read so far: people by key, notes, and what cannot be used."""

    people: dict[str, Person] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)


def read_csv(content: bytes) -> Reading:
    """Read a table; raises Malformed when it is none."""
    text = _decoded(content)
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    reading = Reading()
    try:
        header = next(rows, [])
        columns = [_NAME.get(_plain(title)) for title in header]
        if "id" not in columns:
            raise Malformed("the first line names the columns; one of them is `id`, the personnel number")
        unused = [title for title, column in zip(header, columns, strict=True) if column is None and title.strip()]
        reading.notes += [f"column {title!r} is not used" for title in unused]
        for cells in rows:
            where = f"line {rows.line_num}"
            named = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column}
            if any(named.values()):
                _take(reading, where, named, [named], [named])
            if len(reading.people) > LARGEST:
                raise Malformed(f"more than {LARGEST} people")
    except csv.Error as error:
        raise Malformed(f"line {rows.line_num}: {error}") from error
    return reading


def read_hris(said: Any) -> Reading:
    """Read people as an HR system exports them; raises Malformed when there is no list of people."""
    if isinstance(said, Mapping):
        said = next((said[name] for name in ("people", "employees", "workers") if name in said), said)
    if not isinstance(said, list) or len(said) > LARGEST:
        raise Malformed(f"a list of at most {LARGEST} people, or an object with `people`")
    reading = Reading()
    for place, each in enumerate(said):
        where = f"person {place + 1}"
        if not isinstance(each, Mapping):
            reading.problems.append(FieldProblem(where, each, "an object"))
            continue
        person = _flat(each)
        spells = [_employment(part) for part in _list(person.get("employments"))] or [person]
        mentors = [_mentor(part) for part in _list(person.get("mentors"))] or [person]
        _take(reading, where, person, spells, mentors)
    return reading


def _take(
    reading: Reading,
    where: str,
    said: Mapping[str, Any],
    spells: Sequence[Mapping[str, Any]],
    mentors: Sequence[Mapping[str, Any]],
) -> None:
    """Add what one line or object says of a person to what others said."""
    read = _Fields(reading, where)
    key = str(said.get("id") or "").strip()
    if not _ID.fullmatch(key.lower()):
        read.refuse("id", said.get("id"), "the personnel number: letters, digits, dot, dash, at most 64")
        return
    known = reading.people.get(key.lower(), Person(where, key))
    emails = [each for text in _list(said.get("emails")) for each in re.split(r"[;,\s]+", str(text)) if each]
    reading.people[key.lower()] = Person(
        known.where,
        key,
        _full_name(said) or known.name,
        tuple(dict.fromkeys([*known.emails, *emails])),
        (*known.spells, *(read.spell(part, said) for part in spells if part.get("team"))),
        (*known.guides, *(read.guide(part) for part in mentors if part.get("mentor"))),
        read.day(said, "start") or known.start,
        read.last_day(said, "end") or known.end,
    )


@dataclass
class _Fields:
    """Reads fields of one place of the file; what cannot be used is noted and counts as not said."""

    reading: Reading
    where: str

    def refuse(self, column: str, value: Any, expected: str) -> None:
        self.reading.problems.append(FieldProblem(f"{self.where}: {column}", value, expected))

    def spell(self, said: Mapping[str, Any], person: Mapping[str, Any]) -> Spell:
        fte = self.fte(said if said.get("fte") not in (None, "") else person)
        return Spell(_text(said["team"]), self.day(said, "from"), self.last_day(said, "until"), fte, self.where)

    def guide(self, said: Mapping[str, Any]) -> Guide:
        first, last = self.day(said, "mentor_from"), self.last_day(said, "mentor_until")
        return Guide(_text(said["mentor"]), first, last, self.where)

    def day(self, said: Mapping[str, Any], name: str) -> date | None:
        value = said.get(name)
        if value in (None, ""):
            return None
        text = str(value).strip()[:10]
        dutch = _DUTCH_DAY.fullmatch(text)
        try:
            return date(int(dutch[3]), int(dutch[2]), int(dutch[1])) if dutch else date.fromisoformat(text)
        except ValueError:
            self.refuse(name, value, "a day: 2026-11-24 or 24-11-2026")
            return None

    def last_day(self, said: Mapping[str, Any], name: str) -> date | None:
        """Return the day after the last one."""
        day = self.day(said, name)
        return day + timedelta(days=1) if day and day < date.max else None

    def fte(self, said: Mapping[str, Any]) -> Decimal | None:
        value = said.get("fte")
        if value in (None, ""):
            return None
        text = str(value).strip().replace(",", ".")
        percent = text.endswith("%")
        try:
            number = Decimal(text.rstrip("% ")) / (100 if percent else 1)
        except InvalidOperation:
            number = Decimal(-1)
        if not 0 <= number <= 2:
            self.refuse("fte", value, "a part of a full week: 0.8, 0,8 or 80%")
            return None
        return number


def _full_name(said: Mapping[str, Any]) -> str:
    name = said.get("name")
    parts = _flat(name) if isinstance(name, Mapping) else said
    if isinstance(name, str) and name.strip():
        return " ".join(name.split())
    found = [parts.get(part) for part in ("first", "prefix", "last")]
    return " ".join(" ".join(str(part) for part in found if part).split()) or _text(parts.get("name") or "")


def _text(value: Any) -> str:
    """Return a name that may stand in an object, such as `{"id": 7, "name": "Noord"}`."""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("email") or value.get("id") or ""
    return str(value).strip()


def _flat(said: Any) -> dict[str, Any]:
    """Return an object by our names; a bare text in a list of mentors or teams names one."""
    if not isinstance(said, Mapping):
        return {"team": said, "mentor": said}
    return {_NAME.get(_plain(str(name))) or str(name): value for name, value in said.items()}


def _employment(said: Any) -> dict[str, Any]:
    """Return a time in a team; its own start and end are those of the time."""
    part = _flat(said)
    return {"from": part.get("start"), "until": part.get("end"), **part}


def _mentor(said: Any) -> dict[str, Any]:
    part = _flat(said)
    who = next((part[name] for name in ("mentor", "emails", "id", "name") if part.get(name)), None)
    first, last = part.get("from") or part.get("start"), part.get("until") or part.get("end")
    return {"mentor": who, "mentor_from": first, "mentor_until": last}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.strip().lower())


def _decoded(content: bytes) -> str:
    """Read UTF-8, with or without a mark, else what Windows programs write."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
