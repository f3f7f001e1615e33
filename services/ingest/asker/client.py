"""HTTP to a CRM's API: time limits, a limit on what is read, no redirects, and no secret in any error or log."""

from collections.abc import Mapping
from time import monotonic

import requests
from urllib3.exceptions import HTTPError

from services.ingest.domain.connections import Connection
from services.ingest.sources.apis import Answer, Api, Request

CONNECT_SECONDS, READ_SECONDS = 4.0, 6.0
WHOLE_SECONDS = 10.0
"""For the whole of an answer, however slowly it drips: the process must be able to stop within that time."""

LARGEST = 10_000_000
"""Bytes of an answer; a hundred deals with their history are far below that."""

_CHUNK = 65_536
_AGENT = "samenspel"


class Client:
    """Requests over connections that are kept open; nothing of the environment (proxies, netrc) is used."""

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, connection: Connection, api: Api, request: Request) -> Answer:
        """Send a request and return what came back; no answer has status 0."""
        if connection.api is None:
            return Answer(0, trouble="the connection has no `api`")
        try:
            return self._ask(connection.api.url.rstrip("/"), api.headers(connection.api.token), request)
        except (requests.RequestException, HTTPError) as error:
            return Answer(0, trouble=type(error).__name__)  # its text may hold the address, or what a proxy said

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _ask(self, base: str, headers: Mapping[str, str], request: Request) -> Answer:
        with self._session.request(
            "GET" if request.body is None else "POST",
            f"{base}{request.path}",
            json=request.body,
            headers={"accept": "application/json", "user-agent": _AGENT, **request.headers, **headers},
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            body, trouble = _read(response, monotonic() + WHOLE_SECONDS)
            if trouble:
                return Answer(0, trouble=trouble)
            return Answer(response.status_code, {name.lower(): text for name, text in response.headers.items()}, body)


def _read(response: requests.Response, deadline: float) -> tuple[bytes, str]:
    """Return the body, or why it was not read to its end."""
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST:
            return b"", f"more than {LARGEST:,} bytes"
        if monotonic() > deadline:
            return b"", f"not complete within {WHOLE_SECONDS:g} seconds"
    return bytes(body), ""
