"""A small CRM of our own on loopback that speaks the documented APIs of five CRMs, over real HTTP."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "pat-eu1-3f9a-secret-of-the-crm"

Json = Any
Reply = tuple[int, Mapping[str, str], Json]


@dataclass(frozen=True)
class Seen:
    """One request as the CRM saw it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Json
    at: float


@dataclass
class Crm:
    """What the CRM knows and how it behaves.

    `objects` maps (kind as in the address, id) to a record. `next_replies` are given once each before anything else
    is looked at; `delay` is seconds before an answer begins, `drip` between its bytes.
    """

    token: str = TOKEN
    objects: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    next_replies: deque[Reply] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    delay: float = 0.0
    drip: float = 0.0
    url: str = ""

    def put(self, kind: str, name: str, record: dict[str, Any]) -> None:
        """Let the CRM know a record."""
        self.objects[kind, name] = record

    def reply(self, request: Seen) -> Reply:
        """Answer a request as the documented API would."""
        self.seen.append(request)
        if self.next_replies:
            return self.next_replies.popleft()
        for pattern, presented, answer in _ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found:
                if presented(request.headers) != self.token:
                    return 401, {}, {"message": "the token is not valid"}
                return answer(self, request, *found.groups())
        return 404, {}, {"message": "there is no such path"}


def _bearer(headers: Mapping[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ")


def _pipedrive_token(headers: Mapping[str, str]) -> str:
    return headers.get("x-api-token", "")


def _zoho_token(headers: Mapping[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Zoho-oauthtoken ")


def _hubspot_batch(crm: Crm, request: Seen, kind: str) -> Reply:
    """Batch read: 207 with OBJECT_NOT_FOUND for those that are missing, 400 for too many inputs."""
    ids = [each["id"] for each in request.body["inputs"]]
    history = request.body.get("propertiesWithHistory")
    if len(ids) > (50 if history else 100):
        return 400, {}, {"status": "error", "category": "VALIDATION_ERROR"}
    results = [_hubspot_result(crm.objects[kind, each], request.body) for each in ids if (kind, each) in crm.objects]
    missing = [each for each in ids if (kind, each) not in crm.objects]
    body = {"status": "COMPLETE", "results": results}
    if not missing:
        return 200, {}, body
    error = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"ids": missing}}
    return 207, {}, {**body, "numErrors": 1, "errors": [error]}


def _hubspot_result(record: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return only the properties that were asked for."""
    shown = dict(record)
    for name in ("properties", "propertiesWithHistory"):
        if name in record:
            shown[name] = {key: value for key, value in record[name].items() if key in asked.get(name, [])}
    return shown


def _hubspot_owner(crm: Crm, _request: Seen, name: str) -> Reply:
    found = crm.objects.get(("owner", name))
    return (200, {}, found) if found else (404, {}, {"status": "error", "message": "resource not found"})


def _pipedrive(crm: Crm, _request: Seen, kind: str, name: str) -> Reply:
    found = crm.objects.get((kind, name))
    return (200, {}, {"success": True, "data": found}) if found else (404, {}, {"success": False, "error": "not found"})


def _salesforce(crm: Crm, _request: Seen, kind: str, name: str) -> Reply:
    found = crm.objects.get((kind, name))
    attributes = {"type": kind, "url": f"/services/data/v62.0/sobjects/{kind}/{name}"}
    return (200, {}, {"attributes": attributes, **found}) if found else (404, {}, [{"errorCode": "NOT_FOUND"}])


def _zoho(crm: Crm, _request: Seen, kind: str, name: str) -> Reply:
    found = crm.objects.get((kind, name))
    return (200, {}, {"users" if kind == "users" else "data": [found]}) if found else (204, {}, None)


def _dataverse(crm: Crm, request: Seen, kind: str, name: str) -> Reply:
    """Answer only what `$select` and `$expand` name; annotations only where they are preferred."""
    found = crm.objects.get((kind, name))
    if not found:
        return 404, {}, {"error": {"code": "0x80040217", "message": "does not exist"}}
    wanted = {*request.query["$select"][0].split(","), *re.findall(r"(\w+)\(", request.query.get("$expand", [""])[0])}
    annotated = "odata.include-annotations" in request.headers.get("prefer", "")
    parts = {name: value for name, value in found.items() if name.partition("@")[0] in wanted}
    return 200, {}, {name: value for name, value in parts.items() if annotated or "@" not in name}


_ROUTES: list[tuple[str, Callable[[Mapping[str, str]], str], Callable[..., Reply]]] = [
    (r"/crm/v3/objects/(\w+)/batch/read", _bearer, _hubspot_batch),
    (r"/crm/v3/owners/([^/]+)", _bearer, _hubspot_owner),
    (r"/api/v2/(deals|activities)/([^/]+)", _pipedrive_token, _pipedrive),
    (r"/api/v1/(users)/([^/]+)", _pipedrive_token, _pipedrive),
    (r"/services/data/v[0-9.]+/sobjects/(\w+)/([^/]+)", _bearer, _salesforce),
    (r"/crm/v7/(\w+)/([^/]+)", _zoho_token, _zoho),
    (r"/api/data/v9\.2/(\w+)\(([^)]+)\)", _bearer, _dataverse),
]


@contextmanager
def running(crm: Crm) -> Iterator[Crm]:
    """Serve the CRM until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, parts.path, parse_qs(parts.query), headers, body, time.monotonic())
            status, extra, answer = crm.reply(seen)
            content = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            leaving.wait(crm.delay)
            self.send_response(status)
            for name, value in {
                "content-type": "application/json",
                "content-length": str(len(content)),
                **extra,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            for byte in content if crm.drip else ():
                leaving.wait(crm.drip)
                self.wfile.write(bytes([byte]))
            self.wfile.write(b"" if crm.drip else content)

        do_GET = do_POST = _answer  # noqa: N815  names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    leaving = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a caller that hangs up is part of the tests
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    crm.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield crm
    finally:
        leaving.set()
        server.shutdown()
        server.server_close()
