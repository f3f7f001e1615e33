"""Hide what must not be shown again."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "(masked)"
_SECRET = re.compile(
    r"authorization|cookie|secret(?!ar)|token|passw|api_?key|credential|signature|session_?id|private_?key",
    re.IGNORECASE,
)  # not: secretaris, secretaresse


def is_secret(name: str) -> bool:
    """Tell whether what stands under this name is to be hidden."""
    return _SECRET.search(name) is not None


def masked(payload: Any) -> Any:
    """Return a copy of a payload in which values of secret-looking names are masked."""
    if isinstance(payload, Mapping):
        return {name: MASK if is_secret(name) else masked(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [masked(item) for item in payload]
    return payload
