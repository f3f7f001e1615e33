from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy import accounts, office
from services.ingest.handlers.signing_in import Door, From, WrongPassword
from services.ingest.store import Accounts, League, SignIns
from shared.contracts.league import ROSTER
from shared.sql import migrate, open_engine

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def test_an_account_of_the_example_office_comes_in_by_its_file_and_a_lost_file_is_made_anew(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'ingest.db'}", tmp_path / "accounts"
    engine, wanted = open_engine(url), {name: accounts.OFFICE[name] for name in ("sanne", "hr")}
    migrate(engine, "services.ingest")
    roster = office.documents(NOW.date(), NOW.date())[ROSTER]
    League(engine).add(ROSTER, NOW.date(), "test", roster, NOW, after=None)
    accounts.ensure(url, folder, wanted)
    files = {path.name: path.read_text() for path in folder.iterdir()}
    assert files.keys() == wanted.keys()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    (folder / "hr").unlink()
    accounts.ensure(url, folder, wanted)
    door = Door(Accounts(engine), SignIns(engine), lambda: datetime.now(UTC), lambda _: True)
    here = From("127.0.0.1", "test")
    for path in folder.iterdir():
        login, password = path.read_text().split()
        assert door.by_password(login, password, here).session.caller.name == login
        assert (files[path.name] == path.read_text()) is (path.name != "hr")
    login, password = files["hr"].split()
    with pytest.raises(WrongPassword):
        door.by_password(login, password, here)
    assert len(Accounts(engine).all()) == len(wanted)
