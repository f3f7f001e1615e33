"""The tables of what is asked back; made by migrations/versions/0003_asking.py."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from services.ingest.store.tables import metadata
from shared.sql import Instant

questions = Table(
    "questions",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("object", Text, primary_key=True, comment="deal, call, owner, …"),
    Column("id", Text, primary_key=True, comment="its id in the CRM"),
    Column("since", Instant, nullable=False, comment="when it was first wanted"),
    Column("wanted_at", Instant, nullable=False, comment="when it was wanted last"),
    Column("due_at", Instant, nullable=False, comment="when it is to be asked"),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, gone or given-up; what was answered goes"),
    Column("reason", Text, comment="why there is no answer yet"),
)
"""What is to be asked back of the CRMs' APIs."""

of_line = Index(
    "questions_waiting",
    questions.c.connection,
    questions.c.due_at,
    sqlite_where=questions.c.state == "waiting",
    postgresql_where=questions.c.state == "waiting",
)

lines = Table(
    "lines",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("state", Text, nullable=False, comment="open, paused or stopped"),
    Column("until", Instant, comment="nothing is asked before"),
    Column("reason", Text, comment="why nothing is asked"),
    Column("failures", Integer, nullable=False, comment="requests in a row without a usable answer"),
    Column("refused", BigInteger, nullable=False, comment="wants that the full queue had no room for"),
)
"""The line to each CRM's API that ever had trouble."""
