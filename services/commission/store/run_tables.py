"""The tables of runs, adjustments, disputes and exports; made by migrations/versions/0002_runs.

Triggers keep what is written as it is (see there): of a run, a dispute and an export only the state changes.
"""

from sqlalchemy import JSON, BigInteger, Column, Date, Integer, LargeBinary, Table, Text

from services.commission.store.tables import metadata
from shared.sql import Id, Instant

contents = Table(
    "contents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False, comment="compressed (zlib)"),
)
chains = Table("chains", metadata, Column("kind", Text, primary_key=True), Column("runs", BigInteger))
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("period", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="of the period; of each kind one run is active at a time"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("calculated_at", Instant, nullable=False),
    Column("as_of", Instant, comment="when the books last changed"),
    Column("header", JSON, nullable=False, comment="plans, makers, ledger marks, documents, totals"),
    Column("inputs", Text, nullable=False, comment="SHA-256: a content"),
    Column("outputs", Text, nullable=False, comment="SHA-256: a content"),
    Column("payees", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("number", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("run", Text),
    Column("before", Text),
    Column("after", Text),
    Column("reason", Text),
    Column("about", JSON, nullable=False),
)
run_payees = Table(
    "run_payees",
    metadata,
    Column("run", Text, primary_key=True),
    Column("rep", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False, comment="SHA-256: what this payee is paid, with its derivation"),
)
run_lines = Table(
    "run_lines",
    metadata,
    Column("run", Text, primary_key=True),
    Column("line", Text, primary_key=True),
    Column("rep", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False, comment="minor units"),
    Column("origin_period", Text, nullable=False),
    Column("plan", Text),
    Column("version", BigInteger),
    Column("component", Text),
    Column("team", Text),
    Column("origin_run", Text),
    Column("origin_line", Text),
    Column("old", BigInteger),
    Column("new", BigInteger),
    Column("reference", Text),
    Column("reason", Text),
    Column("earned_in", Text),
    Column("carried", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
)
run_balances = Table(
    "run_balances",
    metadata,
    Column("run", Text, primary_key=True),
    Column("rep", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("opening", BigInteger, nullable=False),
    Column("movements", JSON, nullable=False),
    Column("closing", BigInteger, nullable=False),
)
adjustments = Table(
    "adjustments",
    metadata,
    Column("number", Id, primary_key=True),
    Column("period", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("first", Date, nullable=False),
    Column("rep", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("dispute", BigInteger),
)
disputes = Table(
    "disputes",
    metadata,
    Column("number", Id, primary_key=True),
    Column("run", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("rep", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("entries", Integer, nullable=False),
)
dispute_entries = Table(
    "dispute_entries",
    metadata,
    Column("dispute", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("adjustment", BigInteger),
)
exports = Table(
    "exports",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("counters", Text, comment="the export whose lines it takes back"),
    Column("state", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("sums", JSON, nullable=False),
)
export_lines = Table(
    "export_lines",
    metadata,
    Column("export", Text, primary_key=True),
    Column("line", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
)
export_files = Table(
    "export_files",
    metadata,
    Column("export", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content_type", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)
receipts = Table(
    "receipts",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
