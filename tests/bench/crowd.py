"""A thousand screens in one thread: reads their streams and notes when each heard of each version."""

import re
import selectors
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

ID = re.compile(rb"\nid: (\d+)[^\n]*\n")
TAIL = 64
"""Bytes of a stream that are kept, so that an id on the edge of two reads is found."""


@dataclass
class Seat:
    """One screen's connection: what it heard as (moment, version)."""

    sock: socket.socket
    tail: bytes = b""
    heard: list[tuple[float, int]] = field(default_factory=list)
    closed: bool = False


class Crowd:
    """Screens on one address."""

    def __init__(self, port: int, path: str, cookies: Sequence[str] = ()) -> None:
        """Know where to look, and as whom one after the other; nobody looks yet."""
        self._address, self._cookies = ("127.0.0.1", port), cookies
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        self._selector = selectors.DefaultSelector()
        self.seats: list[Seat] = []
        self.received = 0

    def come(self, count: int) -> None:
        """Let so many more screens look."""
        for _ in range(count):
            sock = socket.create_connection(self._address, timeout=30)
            cookie = f"Cookie: {self._cookies[len(self.seats)]}\r\n" if self._cookies else ""
            sock.sendall(f"{self._request}{cookie}\r\n".encode())
            sock.setblocking(False)
            self.seats.append(Seat(sock))
            self._selector.register(sock, selectors.EVENT_READ, self.seats[-1])

    def look(self, seconds: float) -> None:
        """Read what comes for so long."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            for key, _ in self._selector.select(left):
                self._read(key.data)

    def look_until_all_heard(self, version: int, seconds: float) -> None:
        """Read until every screen heard of a version; raises TimeoutError."""
        end = perf_counter() + seconds
        while not all(seat.heard and seat.heard[-1][1] >= version for seat in self.seats):
            if perf_counter() > end:
                late = sum(not seat.heard or seat.heard[-1][1] < version for seat in self.seats)
                raise TimeoutError(f"{late} of {len(self.seats)} screens did not hear of {version} in {seconds} s")
            self.look(0.05)

    def delays(self, told: list[tuple[float, int]]) -> list[list[float]]:
        """Return for each (moment, version) how long each screen took to hear of it, shortest first, in seconds."""
        found: list[list[float]] = [[] for _ in told]
        for seat in self.seats:
            news = iter(seat.heard)
            at, heard = next(news)
            for number, (moment, version) in enumerate(told):
                while heard < version:
                    at, heard = next(news)
                found[number].append(at - moment)
        return [sorted(each) for each in found]

    def forget(self) -> None:
        """Forget what was heard, except the last of each."""
        self.received = 0
        for seat in self.seats:
            del seat.heard[:-1]

    def go(self) -> None:
        """Close all connections."""
        for seat in self.seats:
            seat.sock.close()
        self._selector.close()

    def _read(self, seat: Seat) -> None:
        data = seat.sock.recv(262_144)
        now = perf_counter()
        if not data:
            seat.closed = True
            self._selector.unregister(seat.sock)
            return
        self.received += len(data)
        whole = seat.tail + data
        ids = ID.findall(whole)
        if ids and (not seat.heard or int(ids[-1]) != seat.heard[-1][1]):
            seat.heard.append((now, int(ids[-1])))
        seat.tail = whole[-TAIL:]
