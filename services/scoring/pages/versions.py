"""Which files a page is made of, by their content: who has a page of other files gets it anew."""

import hashlib
from functools import cache
from pathlib import Path


@cache
def files_of(service: Path) -> str:
    """Return the name of the present version of a service's templates, sentences and static files."""
    digest = hashlib.sha256()
    for room in ("templates", "locale", "static"):
        for path in sorted(path for path in (service / room).rglob("*.*") if path.is_file()):
            digest.update(path.relative_to(service).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
