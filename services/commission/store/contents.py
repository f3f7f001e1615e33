"""Contents by their SHA-256: what went into runs and what came out, each kept once."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from services.commission.domain.canonical import address
from services.commission.store.run_tables import contents
from shared import sql
from shared.errors import Broken

_LEVEL = 6
_AT_ONCE = 500


class Contents:
    """The contents of one transaction."""

    def __init__(self, conn: Connection) -> None:
        """Work on a connection."""
        self._conn = conn

    def read(self, name: str) -> bytes:
        """Return a content; Broken when it is not there, or not what its address says."""
        return self.many([name])[name]

    def many(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """Return several contents by address; Broken when one is not there, or not what its address says."""
        found: dict[str, bytes] = {}
        for first in range(0, len(names), _AT_ONCE):
            wanted = contents.c.sha256.in_(names[first : first + _AT_ONCE])
            found |= {row.sha256: row.body for row in self._conn.execute(select(contents).where(wanted))}
        return {name: _checked(name, found.get(name)) for name in names}

    def keep(self, found: Mapping[str, bytes]) -> None:
        """Keep what is not there yet."""
        rows = [{"sha256": name, "body": zlib.compress(body, _LEVEL)} for name, body in sorted(found.items())]
        sql.insert_new(self._conn, contents, rows, ["sha256"])


def _checked(name: str, body: bytes | None) -> bytes:
    if body is None:
        raise Broken(f"content {name} is missing")
    content = zlib.decompress(body)
    if address(content) != name:
        raise Broken(f"content {name} has been changed")
    return content
