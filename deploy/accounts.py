"""Accounts of one machine: each has a file that only its owner can read, with an e-mail address and a password."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.domain.accounts import Person
from services.ingest.handlers.accounts import Desk
from services.ingest.handlers.names import Names
from services.ingest.handlers.signing_in import Door, From
from services.ingest.store import Accounts, League, SignIns
from shared.sql import open_engine

_AT = "voorbeeld.example"
OFFICE = {
    "manager": Person(f"teamleider.utrecht@{_AT}", "Teamleider Utrecht", "manager", teams=frozenset({"utrecht"})),
    "sanne": Person(f"sanne.devries@{_AT}", "Sanne de Vries", "seller", rep="sanne"),
    "hr": Person(f"hr@{_AT}", "Personeelszaken", "hr"),
    "finance": Person(f"financien@{_AT}", "Financiën", "finance"),
    "admin": Person(f"beheer@{_AT}", "Beheer", "admin"),
}
"""People of the example office; the files are called as these are."""

EMPTY = {"admin": Person("admin@samenspel.example", "Admin", "admin")}
"""Who begins where nobody is yet."""


def ensure(database_url: str, folder: Path, wanted: dict[str, Person]) -> None:
    """Make the accounts that are missing, and those anew whose file is gone."""
    folder.mkdir(exist_ok=True, mode=0o700)
    missing = [name for name in wanted if not (folder / name).exists()]
    if not missing:
        return
    engine = open_engine(database_url)
    accounts, sign_ins = Accounts(engine), SignIns(engine)
    desk = Desk(accounts, sign_ins, Names(League(engine)), _now)
    door = Door(accounts, sign_ins, _now, lambda _: True)
    for name in missing:
        person = wanted[name]
        known = accounts.of_login(person.login)
        link = desk.send_link(known.id, "make run") if known else desk.add(person, "make run")[1]
        password = secrets.token_urlsafe(15)
        door.by_link(link.code, password, From("127.0.0.1", "make run"))
        _write(folder / name, (person.login, password))
    engine.dispose()


def _write(path: Path, lines: Iterable[str]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _now() -> datetime:
    return datetime.now(UTC)
