"""Ask a web process how it is, for a container's health check: exit code 0 when it answers with 200.

python -m deploy.probe http://127.0.0.1:8000/ingest/readyz
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request


def main(url: str) -> int:
    """Return the exit code; what the process says goes into the health log."""
    try:
        with urllib.request.urlopen(url, timeout=4) as answer:  # noqa: S310  our own address
            said, code = answer.read(2000), 0
    except urllib.error.HTTPError as error:
        said, code = error.read(2000), 1
    except OSError as error:
        said, code = str(error).encode(), 1
    sys.stdout.buffer.write(said)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
