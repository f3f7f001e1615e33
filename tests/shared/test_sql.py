from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError, IntegrityError

from shared import migrations, sql
from shared.migrations import SchemaUnknown
from shared.sql import Id, Instant, insert_new, lock_row, migrate, open_engine, ping, reading, upsert, writing

NOON = datetime(2026, 11, 24, 12, 0, 0, 123457, tzinfo=UTC)

metadata = MetaData()
accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("balance", BigInteger, nullable=False),
    UniqueConstraint("name"),
)


def row(name: str, balance: int = 0, opened_at: datetime = NOON) -> dict[str, object]:
    return {"name": name, "opened_at": opened_at, "balance": balance}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    metadata.create_all(engine)
    with writing(engine) as conn:
        conn.execute(insert(accounts), [row("a", 1), row("b", 2)])
    return engine


def balances(engine: Engine) -> dict[str, int]:
    with reading(engine) as conn:
        found = conn.execute(select(accounts.c.name, accounts.c.balance)).all()
    return {row.name: row.balance for row in found}


def test_opening_an_engine_connects_to_nothing() -> None:
    open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")


def test_a_moment_comes_back_exactly_and_in_utc(filled: Engine) -> None:
    local = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with writing(filled) as conn:
        conn.execute(insert(accounts), [row("c", opened_at=local)])
        found = conn.execute(select(accounts.c.opened_at).where(accounts.c.name == "c")).scalar_one()
    assert found == NOON
    assert found.tzinfo is UTC


@given(st.lists(st.datetimes(datetime(1700, 1, 1), datetime(2300, 1, 1), timezones=st.just(UTC)), min_size=2))
def test_stored_moments_sort_like_the_moments_themselves(moments: list[datetime]) -> None:
    dialect = sqlite_dialect.dialect()
    stored = [Instant().process_bind_param(moment, dialect) for moment in sorted(moments)]
    assert stored == sorted(stored, key=lambda each: each or 0)
    assert [Instant().process_result_value(each, dialect) for each in stored] == sorted(moments)


def test_a_moment_without_a_zone_is_refused(filled: Engine) -> None:
    with pytest.raises(Exception, match="needs a time zone"), writing(filled) as conn:
        conn.execute(insert(accounts), [row("c", opened_at=datetime(2026, 1, 1))])


def test_an_exception_takes_the_whole_transaction_back(filled: Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(filled) as conn:
        conn.execute(accounts.update().values(balance=99))
        raise ZeroDivisionError
    assert balances(filled) == {"a": 1, "b": 2}


def test_a_reader_cannot_write_and_leaves_a_connection_that_can(filled: Engine) -> None:
    with pytest.raises(DBAPIError), reading(filled) as conn:
        conn.execute(accounts.delete())
    with writing(filled) as conn:
        conn.execute(accounts.update().values(balance=7))
    assert balances(filled) == {"a": 7, "b": 7}


def test_a_reader_sees_one_snapshot_and_does_not_wait_for_a_writer(filled: Engine) -> None:
    with reading(filled) as reader:
        before = reader.execute(select(accounts.c.balance).order_by(accounts.c.name)).scalars().all()
        with writing(filled) as writer:
            writer.execute(accounts.update().values(balance=50))
        assert reader.execute(select(accounts.c.balance).order_by(accounts.c.name)).scalars().all() == before
    assert balances(filled) == {"a": 50, "b": 50}


def test_a_reader_works_while_a_writer_is_in_the_middle(filled: Engine) -> None:
    with writing(filled) as writer:
        writer.execute(accounts.update().values(balance=50))
        assert balances(filled) == {"a": 1, "b": 2}


def test_only_new_rows_are_inserted_and_named(filled: Engine) -> None:
    with writing(filled) as conn:
        inserted = insert_new(conn, accounts, [row("b", 9), row("c", 3), row("c", 4)], ["name"], ["id", "opened_at"])
    assert set(inserted) == {("c",)}
    assert inserted["c",][1] == NOON
    assert balances(filled) == {"a": 1, "b": 2, "c": 3}


def test_inserting_nothing_is_nothing(filled: Engine) -> None:
    with writing(filled) as conn:
        assert insert_new(conn, accounts, [], ["name"]) == {}
        upsert(conn, accounts, [], ["name"])


def test_thousands_of_rows_with_some_known_are_told_apart(filled: Engine) -> None:
    rows = [row(f"n{number}") for number in range(5000)]
    with writing(filled) as conn:
        insert_new(conn, accounts, rows[::7], ["name"])
        inserted = insert_new(conn, accounts, rows, ["name"])
    assert set(inserted) == {(each["name"],) for index, each in enumerate(rows) if index % 7}


def test_new_rows_tell_their_numbers_and_those_that_are_known_keep_theirs(filled: Engine) -> None:
    rows = [row("b", 9), *(row(f"n{number}") for number in range(5000)), row("n0", 4)]
    with writing(filled) as conn:
        inserted = insert_new(conn, accounts, rows, ["name"], ["id"])
    with reading(filled) as conn:
        numbers = {name: number for number, name in conn.execute(select(accounts.c.id, accounts.c.name))}
    assert inserted == {(name,): (number,) for name, number in numbers.items() if name not in {"a", "b"}}
    assert len(set(numbers.values())) == 5002


def test_another_broken_constraint_is_not_taken_for_a_known_row(filled: Engine) -> None:
    with pytest.raises(IntegrityError), writing(filled) as conn:
        insert_new(conn, accounts, [{**row("z"), "balance": None}], ["name"])


def test_upsert_overwrites_all_given_columns_or_the_named_ones(filled: Engine) -> None:
    later = NOON + timedelta(days=1)
    with writing(filled) as conn:
        upsert(conn, accounts, [row("a", 10, later), row("c", 30)], ["name"])
        upsert(conn, accounts, [row("b", 20, later)], ["name"], update=["balance"])
        opened = {row.name: row.opened_at for row in conn.execute(select(accounts))}
    assert balances(filled) == {"a": 10, "b": 20, "c": 30}
    assert opened == {"a": later, "b": NOON, "c": NOON}


def test_a_row_is_created_once_and_locked_until_the_end(filled: Engine) -> None:
    """Count up from 16 threads: without the lock some of the 160 would read the same value."""

    def add_one(_turn: int) -> None:
        with writing(filled) as conn:
            head = lock_row(conn, accounts, {"name": "head"}, {"balance": 0, "opened_at": NOON})
            conn.execute(accounts.update().where(accounts.c.name == "head").values(balance=head.balance + 1))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add_one, range(160)))
    assert balances(filled)["head"] == 160


def test_a_forked_process_opens_connections_of_its_own(filled: Engine) -> None:
    with writing(filled) as conn:  # as a web server that loads the application before it forks
        before = conn.connection.dbapi_connection
    child = os.fork()
    if child == 0:
        os._exit(_writes_on_its_own(filled, before))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert balances(filled) == {"a": 5, "b": 2}


def _writes_on_its_own(engine: Engine, inherited: object) -> int:
    """Return 0 when a write over a connection of its own worked."""
    try:
        with writing(engine) as conn:
            conn.execute(accounts.update().where(accounts.c.name == "a").values(balance=5))
            return int(conn.connection.dbapi_connection is inherited)
    except BaseException:  # noqa: BLE001  a forked copy of pytest must not go on
        return 2


def test_writers_wait_for_each_other_instead_of_failing(filled: Engine) -> None:
    def read_then_write(_turn: int) -> None:
        with writing(filled) as conn:
            seen = conn.execute(select(accounts.c.balance).where(accounts.c.name == "a")).scalar_one()
            conn.execute(accounts.update().where(accounts.c.name == "b").values(balance=seen))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(read_then_write, range(120)))
    assert balances(filled) == {"a": 1, "b": 1}


def test_sqlite_survives_power_loss_and_keeps_references(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new/folder/x.db")
    with reading(engine) as conn:
        pragmas = {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert (tmp_path / "new/folder").stat().st_mode & 0o077 == 0


def test_a_busy_sqlite_is_a_transient_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "BUSY_SECONDS", 0.05)
    engine = open_engine(f"sqlite:///{tmp_path}/x.db")
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sql.TRANSIENT), writing(engine):
        pass
    other.execute("COMMIT")
    with writing(engine) as conn:
        conn.exec_driver_sql("CREATE TABLE t (x)")
    other.close()


def test_a_second_writer_inside_the_first_is_refused_instead_of_waiting_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BUSY_SECONDS", 0.05)
    engine = open_engine(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(sql.StoreUnavailable), writing(engine), writing(engine):
        pass


def test_a_database_that_cannot_be_reached_is_a_transient_error(tmp_path: Path) -> None:
    with pytest.raises(sql.StoreUnavailable):
        ping(open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))
    folder = tmp_path / "folder.db"
    folder.mkdir()
    with pytest.raises(sql.StoreUnavailable):
        ping(open_engine(f"sqlite:///{folder}"))


@pytest.mark.postgres
def test_a_server_that_hangs_up_is_a_transient_error_and_the_next_try_works(fresh_postgres_url: str) -> None:
    engine = open_engine(fresh_postgres_url)
    with pytest.raises(sql.StoreUnavailable), writing(engine) as conn:
        hang_up(fresh_postgres_url, conn)
        conn.exec_driver_sql("SELECT 1")
    ping(engine)


@pytest.mark.postgres
def test_a_connection_that_died_while_idle_is_replaced(fresh_postgres_url: str) -> None:
    engine = open_engine(fresh_postgres_url)
    with engine.connect() as conn:
        idle = conn.connection.dbapi_connection
        pid = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with writing(open_engine(fresh_postgres_url)) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    ping(engine)
    with engine.connect() as conn:
        assert conn.connection.dbapi_connection is not idle


def hang_up(url: str, conn: Connection) -> None:
    pid = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with writing(open_engine(url)) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@pytest.mark.postgres
def test_a_deadlock_is_a_transient_error(fresh_postgres_url: str) -> None:
    engine = open_engine(fresh_postgres_url)
    metadata.create_all(engine)
    with writing(engine) as conn:
        conn.execute(insert(accounts), [row("a"), row("b")])
    barrier = threading.Barrier(2, timeout=20)

    def lock_both(first: str, second: str) -> str:
        try:
            with writing(engine) as conn:
                lock_row(conn, accounts, {"name": first}, {})
                barrier.wait()
                lock_row(conn, accounts, {"name": second}, {})
        except sql.StoreUnavailable:
            return "transient"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = pool.map(lock_both, ["a", "b"], ["b", "a"])
        assert sorted(outcomes) == ["done", "transient"]


def test_a_defect_is_not_a_transient_error(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading(engine) as conn:
        conn.exec_driver_sql("SELECT * FROM nothing_of_that_name")
    with pytest.raises(DBAPIError), reading(engine) as conn:
        conn.exec_driver_sql("SELEKT")
    assert not issubclass(sql.StoreUnavailable, DBAPIError)


def revision(engine: Engine) -> str:
    with reading(engine) as conn:
        return str(conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_migrating_makes_the_newest_tables_and_twice_is_once(engine: Engine) -> None:
    migrate(engine, "tests.shared.sample")
    migrate(engine, "tests.shared.sample")
    assert revision(engine) == "0002"
    assert {column["name"] for column in inspect(engine).get_columns("accounts")} >= {"id", "currency"}


def test_rebuilding_a_table_keeps_the_rows_that_point_to_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = migrations._scripts
    monkeypatch.setattr(migrations, "_scripts", lambda package: stop_at(real(package), "0001"))
    migrate(engine, "tests.shared.sample")
    with writing(engine) as conn:
        conn.execute(insert(accounts), [row("a")])
        conn.execute(text("INSERT INTO bookings (account_id, amount) VALUES (1, 5)"))
    monkeypatch.setattr(migrations, "_scripts", real)
    migrate(engine, "tests.shared.sample")
    with reading(engine) as conn:
        assert conn.execute(text("SELECT currency, amount FROM accounts JOIN bookings ON id = account_id")).one()


def stop_at(scripts: ScriptDirectory, newest: str) -> ScriptDirectory:
    upwards = scripts._upgrade_revs
    scripts._upgrade_revs = lambda _head, current: upwards(newest, current)  # type: ignore[assignment]
    return scripts


def test_a_failing_migration_leaves_nothing_behind(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = tmp_path / "half" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "half" / "__init__.py").touch()
    (versions / "0001_half.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0001', None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('x', sa.Integer))\n    raise ZeroDivisionError\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        migrate(engine, "half")
    assert "half" not in inspect(engine).get_table_names()


def test_a_database_of_a_newer_version_is_refused_by_name(engine: Engine) -> None:
    migrate(engine, "tests.shared.sample")
    with writing(engine) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(SchemaUnknown, match="0099"):
        migrate(engine, "tests.shared.sample")


def test_a_new_file_is_opened_as_soon_as_the_process_that_writes_to_it_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.rollback)
    release.start()
    with reading(open_engine(f"sqlite:///{path}")) as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    release.join()
    other.close()


START = """
import sys
from shared import migrations
from shared.sql import migrate, open_engine
engine = open_engine(sys.argv[1])
migrations._scripts("tests.shared.sample").get_current_head()
print("ready", flush=True)
sys.stdin.readline()
migrate(engine, "tests.shared.sample")
"""


def test_several_processes_may_start_at_once(engine: Engine, database_url: str) -> None:
    command = [sys.executable, "-c", START, database_url]
    pipe = subprocess.PIPE
    starts = [subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(6)]
    assert [start.stdout.readline() for start in starts if start.stdout] == ["ready\n"] * 6
    for start in starts:
        print(file=start.stdin, flush=True)
    ends = [(start.communicate(timeout=90)[1], start.returncode) for start in starts]
    assert [code for _, code in ends] == [0] * 6, ends
    assert revision(engine) == "0002"
