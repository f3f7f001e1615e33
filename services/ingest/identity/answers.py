"""HTTP to an identity provider: time limits, a limit on what is read, no redirects, nothing of the environment."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
from urllib3.exceptions import HTTPError

from shared.errors import Unavailable

SECONDS = (4.0, 8.0)
"""To connect, and between two pieces of an answer."""

LARGEST = 1_000_000
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class ProviderAway(Unavailable):
    """The organisation's identity provider does not answer as it should."""


def fetched(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object behind an address; raises ProviderAway."""
    with requests.Session() as session:
        session.trust_env = False
        asked = {"accept": "application/json", **(headers or {})}
        try:
            with session.get(safe(url), headers=asked, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
                body = answer.raw.read(LARGEST, decode_content=True)
                told = orjson.loads(body) if answer.status_code == requests.codes.ok else None
        except (requests.RequestException, HTTPError, orjson.JSONDecodeError) as error:
            raise ProviderAway(type(error).__name__) from error
    if not isinstance(told, dict):
        raise ProviderAway(f"status {answer.status_code}")
    return told


def safe(url: Any) -> str:
    """Return an address to which a secret may go: https, or this machine; raises ProviderAway."""
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE):
        return str(url)
    raise ProviderAway("the provider names an address without https")
