"""How far an import has come, in a small file, so that a second start goes on where the first one ended."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson


@dataclass(slots=True)
class Progress:
    """Rows done and counts so far; `path` is where they are kept until the import is complete."""

    path: Path
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def save(self, rows: int, counts: Mapping[str, int]) -> None:
        """Add what was done and remember it; a reader sees the old or the new file."""
        self.rows = rows
        self.counts.update(counts)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".part")
        draft.write_bytes(orjson.dumps({"rows": self.rows, "counts": dict(self.counts)}))
        draft.replace(self.path)

    def complete(self) -> None:
        """Forget it: the next start begins anew, and finds everything already there."""
        self.path.unlink(missing_ok=True)


def resume(directory: Path, table: Path, *besides: bytes) -> Progress:
    """Return the progress of importing this table; `besides` is everything else that must be the same."""
    with table.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    for part in besides:
        digest.update(b"\0" + part)
    path = directory / f"import-{digest.hexdigest()[:24]}.json"
    try:
        kept = orjson.loads(path.read_bytes())
        return Progress(path, int(kept["rows"]), Counter(kept["counts"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Progress(path)
