"""Hide what must not be shown again."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "(masked)"
_SECRET = re.compile(r"authorization|cookie|secret|token|passw|api_?key|credential|signature", re.IGNORECASE)


def masked(payload: Any) -> Any:
    """Return a copy of a payload in which values of secret-looking names are masked."""
    if isinstance(payload, Mapping):
        return {name: MASK if _SECRET.search(name) else masked(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [masked(item) for item in payload]
    return payload
