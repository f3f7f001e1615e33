"""Runs of periods with what went in and came out, their audit trail, adjustments, disputes, exports and receipts.

What is written stays as it is: triggers refuse to change or delete it, whoever asks. Of a run only its state changes,
and that of a closed or discarded run does not.
"""

import sqlalchemy as sa
from alembic import op

from shared.sql import Id, Instant

revision = "0002"
down_revision = "0001"

FIXED = (
    *("contents", "run_payees", "run_lines", "run_balances", "events", "adjustments"),
    *("dispute_entries", "export_lines", "export_files", "receipts"),
)
PARTS = ("run_payees", "run_lines", "run_balances")
FIXED_OF_A_RUN = (
    *("id", "period", "kind", "first", "last", "number", "engine", "operator", "calculated_at", "as_of"),
    *("header", "inputs", "outputs", "payees"),
)


def upgrade() -> None:
    """Make the tables and what guards them."""
    _runs()
    _events()
    _payees()
    _lines()
    _balances()
    _people()
    _exports()
    _guard()


def _runs() -> None:
    op.create_table(
        "contents",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table("chains", sa.Column("kind", sa.Text, primary_key=True), sa.Column("runs", sa.BigInteger))
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("engine", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
        sa.Column("calculated_at", Instant, nullable=False),
        sa.Column("as_of", Instant),
        sa.Column("header", sa.JSON, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("outputs", sa.Text, nullable=False),
        sa.Column("payees", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.UniqueConstraint("period", "number"),
    )
    open_ones, closed = sa.text("state NOT IN ('closed', 'discarded')"), sa.text("state = 'closed'")
    for name, columns, where in (("runs_active", ["kind"], open_ones), ("runs_closed", ["period"], closed)):
        op.create_index(name, "runs", columns, unique=True, postgresql_where=where, sqlite_where=where)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("number", Id, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("run", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("about", sa.JSON, nullable=False),
    )
    op.create_index("events_period", "events", ["period", "number"])


def _payees() -> None:
    op.create_table(
        "run_payees",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("rep", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )


def _lines() -> None:
    op.create_table(
        "run_lines",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("line", sa.Text, primary_key=True),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("origin_period", sa.Text, nullable=False),
        sa.Column("plan", sa.Text),
        sa.Column("version", sa.BigInteger),
        sa.Column("component", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("origin_run", sa.Text),
        sa.Column("origin_line", sa.Text),
        sa.Column("old", sa.BigInteger),
        sa.Column("new", sa.BigInteger),
        sa.Column("reference", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("earned_in", sa.Text),
        sa.Column("carried", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
    )
    op.create_index("run_lines_origin", "run_lines", ["origin_period", "rep"])


def _balances() -> None:
    op.create_table(
        "run_balances",
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("rep", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("opening", sa.BigInteger, nullable=False),
        sa.Column("movements", sa.JSON, nullable=False),
        sa.Column("closing", sa.BigInteger, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "adjustments",
        sa.Column("number", Id, primary_key=True),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("dispute", sa.BigInteger),
    )
    op.create_table(
        "disputes",
        sa.Column("number", Id, primary_key=True),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("rep", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
    )
    op.create_table(
        "dispute_entries",
        sa.Column("dispute", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("adjustment", sa.BigInteger),
    )


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("counters", sa.Text, comment="the export whose lines it takes back"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("sums", sa.JSON, nullable=False),
        sa.UniqueConstraint("run", "number"),
    )
    op.create_table(
        "export_lines",
        sa.Column("export", sa.Text, sa.ForeignKey("exports.id"), primary_key=True),
        sa.Column("line", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "export_files",
        sa.Column("export", sa.Text, sa.ForeignKey("exports.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "receipts",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )


def _guard() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(_REFUSE)
    for table in FIXED:
        for event in ("UPDATE", "DELETE"):
            _refuse(table, event, f"{table} are kept as they were written", postgres=postgres)
        if postgres:
            _trigger(table, "TRUNCATE", f"{table} are kept as they were written", each="STATEMENT")
    _refuse("runs", "DELETE", "runs are kept", postgres=postgres)
    _refuse("runs", "UPDATE", "closed is closed", "OLD.state IN ('closed', 'discarded')", postgres=postgres)
    unequal = "IS DISTINCT FROM" if postgres else "IS NOT"
    changed = " OR ".join(_changed(column, unequal, postgres=postgres) for column in FIXED_OF_A_RUN)
    _refuse("runs", "UPDATE", "only the state of a run changes", changed, name="runs_header", postgres=postgres)
    for table in PARTS:
        _only_while_calculated(table, postgres=postgres)


def _changed(column: str, unequal: str, *, postgres: bool) -> str:
    cast = "::text" if postgres and column == "header" else ""  # PostgreSQL's json has no equality of its own
    return f'OLD."{column}"{cast} {unequal} NEW."{column}"{cast}'


_REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _refuse(table: str, event: str, why: str, when: str = "", name: str = "", *, postgres: bool) -> None:
    named = name or f"{table}_{event.lower()}"
    if postgres:
        _trigger(table, event, why, when, name=named)
        return
    condition = f"WHEN {when}" if when else ""
    op.execute(f"CREATE TRIGGER {named} BEFORE {event} ON {table} {condition} BEGIN SELECT RAISE(ABORT, '{why}'); END")


def _trigger(table: str, event: str, why: str, when: str = "", *, each: str = "ROW", name: str = "") -> None:
    named = name or f"{table}_{event.lower()}"
    condition = f"WHEN ({when})" if when else ""
    made = f"CREATE TRIGGER {named} BEFORE {event} ON {table} FOR EACH {each} {condition}"
    op.execute(f"{made} EXECUTE FUNCTION refuse('{why}')")


def _only_while_calculated(table: str, *, postgres: bool) -> None:
    """Refuse parts that are added to a run whose life has gone on."""
    state = "(SELECT state FROM runs WHERE id = NEW.run)"
    why = "a run is whole once it is calculated"
    if not postgres:  # RAISE stands in a SELECT there, and PostgreSQL allows no query in WHEN
        made = f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} WHEN {state} <> 'calculated'"
        op.execute(f"{made} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(f"""
        CREATE FUNCTION {table}_insert() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {state} <> 'calculated' THEN
                RAISE EXCEPTION USING MESSAGE = '{why}', ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute(f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_insert()")
