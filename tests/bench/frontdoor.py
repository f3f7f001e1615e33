"""POSTs a second at the front door, single and in batches, against a bare Flask endpoint under the same gunicorn."""

import http.client
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.workload import documents, posts
from tests.e2e.chain import ROOT, Chain
from tests.engines import free_port

ROUNDS, SINGLES, BATCHES, BATCH = 5, 1_000, 16, 500
CLIENTS = 16
"""Requests on the way at the same time: as many as an office's CRMs and telephones send on a busy morning."""

PATH = "/ingest/v1/activities"
BARE, REAL = "tests.bench.bare_flask:create_app()", "services.ingest.web:create_app()"


@dataclass(frozen=True)
class Measured:
    """Requests a second, and the seconds of processor time that each took the server."""

    rate: float
    cost: float


def run(_bus_url: str, chain: Chain) -> Iterator[str]:
    """Yield the figures, line by line; rounds take turns, and of each server the best one counts."""
    best: dict[tuple[str, str], Measured] = {}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(served(name, chain)) for name in (BARE, REAL)}
        for what, bodies in _loads():
            for name, server in servers.items():
                found = measure(server, bodies, chain.token)
                best[what, name] = max(best.get((what, name), found), found, key=lambda each: each.rate)
    for what, each in (("single", 1), (f"{BATCH} at once", BATCH)):
        real, bare = best[what, REAL], best[what, BARE]
        yield (
            f"POSTs, {what}, {CLIENTS} on the way: front door {real.rate * each:,.0f} activities/s, "
            f"bare Flask that only validates {bare.rate * each:,.0f}; ratio {real.rate / bare.rate:.2f}"
            f" (of processor time: {bare.cost / real.cost:.2f})"
        )


def _loads() -> Iterator[tuple[str, list[bytes]]]:
    """Yield what is posted, each activity once."""
    everything = posts(ROUNDS * (SINGLES + BATCHES * BATCH))
    for _ in range(ROUNDS):
        yield "single", [orjson.dumps(next(everything)) for _ in range(SINGLES)]
        batches = [[next(everything) for _ in range(BATCH)] for _ in range(BATCHES)]
        yield f"{BATCH} at once", [orjson.dumps(batch) for batch in batches]


@dataclass(frozen=True)
class Server:
    """One application under gunicorn, with the product's own settings for it."""

    port: int
    process: subprocess.Popen[bytes]

    def seconds(self) -> float:
        """Return the processor time that it has taken so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(map(_seconds, (str(self.process.pid), *children)))


def _seconds(pid: str) -> float:
    fields: list[str] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(application: str, chain: Chain) -> Iterator[Server]:
    """Serve an application; the real one has a database of its own and the benches' office."""
    port, folder = free_port(), chain.directory / "frontdoor"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"]
    own = {"INGEST_DATABASE_URL": f"sqlite:///{folder}/ingest.db", "SAMENSPEL_RUN_DIR": str(folder / "run")}
    with (folder / f"{port}.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, application], cwd=ROOT, env={**chain.environment, **own}, stdout=log, stderr=log
        )
    try:
        _wait(port)
        for kind, body in documents().items() if application == REAL else ():
            _put(port, f"/ingest/v1/league/{kind}?effective_from=2020-01-01", body, chain.token)
        yield Server(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the server did not come up")


def _put(port: int, path: str, body: object, token: str) -> None:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request(
        "PUT", path, orjson.dumps(body), {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    )
    answer = client.getresponse()
    if answer.status >= 300:
        raise RuntimeError(f"{answer.status}: {answer.read(500)!r}")


def measure(server: Server, bodies: Sequence[bytes], token: str) -> Measured:
    """Post the bodies from CLIENTS connections that are kept, and measure."""
    waiting = deque(_request(body, token) for body in bodies)
    before, begun = server.seconds(), time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(CLIENTS):
            talk = Talk(socket.create_connection(("127.0.0.1", server.port), timeout=60), waiting)
            selector.register(talk.connection, selectors.EVENT_READ, talk)
            talk.ask()
        left = len(bodies)
        while left:
            left -= sum(key.data.heard() for key, _ in selector.select(60))
        elapsed = time.perf_counter() - begun
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    return Measured(len(bodies) / elapsed, max(server.seconds() - before, 0.01) / len(bodies))


def _request(body: bytes, token: str) -> bytes:
    headers: Mapping[str, object] = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Content-Length": len(body),
    }
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class Talk:
    """One connection: a request, its answer, the next request; cheap, so that the server is what is measured."""

    connection: socket.socket
    waiting: deque[bytes]
    answer: bytes = b""

    def ask(self) -> None:
        """Send the next request, if there is one."""
        if self.waiting:
            self.connection.sendall(self.waiting.popleft())

    def heard(self) -> bool:
        """Read what has come; tell whether an answer is complete. Raises RuntimeError when it is no 202."""
        chunk = self.connection.recv(1 << 20)
        self.answer += chunk
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *([0-9]+)", head) if found else None
        if not chunk or (found and not head.startswith(b"HTTP/1.1 202")):
            raise RuntimeError(self.answer[:500].decode(errors="replace"))
        if length is None or len(body) < int(length[1]):
            return False
        self.answer = b""
        self.ask()
        return True
