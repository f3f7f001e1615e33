"""One thread that writes to every screen: a connection that a web worker hands over costs no thread of its own.

A worker that can hand over says so in the WSGI environment: `samenspel.handover` is the exception that the body raises
once it has taken the socket, `gunicorn.socket`. See deploy/worker.py.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from services.leaderboard.live.mailbox import Mailbox
from shared import logs

Beat = Callable[[], bytes]

log = logs.get(__name__)

END = b"0\r\n\r\n"
"""The last chunk of a chunked answer (RFC 9112 section 7.1)."""
STUCK_SECONDS = 30.0
"""A screen that takes nothing for so long is let go; it comes back when it can."""
SEND_BUFFER = 65_536
"""Bytes that the kernel may hold for a screen: states that nobody has seen yet are old by the time they are."""


class Line:
    """One connection."""

    def __init__(self, sock: socket.socket, box: Mailbox, leave: Callable[[], None], end: float) -> None:
        """Write what comes into `box` to `sock` until the moment `end`; `leave` is called when it is over."""
        self.sock, self.box, self.leave, self.end = sock, box, leave, end
        self.rest = memoryview(b"")
        self.ending = False
        self.written = monotonic()

    def send(self, data: bytes) -> bool:
        """Write as much as goes; tell whether all of it went. Raises OSError when the screen is gone."""
        self.rest = memoryview(data)
        return self.flush()

    def flush(self) -> bool:
        """Go on with what did not go before."""
        if self.rest:
            try:
                sent = self.sock.send(self.rest)
            except BlockingIOError:
                return False
            self.rest = self.rest[sent:]
            self.written = monotonic()
        return not self.rest


class Writer:
    """Writes to all lines of a process. Starts no thread before the first."""

    def __init__(self, heartbeat: float, beat: Beat, stuck: float = STUCK_SECONDS) -> None:
        """Write the chunk `beat()` to who heard nothing for `heartbeat` seconds, let go who takes none for `stuck`."""
        self._heartbeat, self._beat, self._stuck = heartbeat, beat, stuck
        self._lines: set[Line] = set()
        self._ready: deque[Line] = deque()
        self._near, self._far = socket.socketpair()
        self._awake, self._due = False, 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()

    def take(self, sock: socket.socket, box: Mailbox, leave: Callable[[], None], seconds: float) -> None:
        """Go on with a connection whose headers have been sent, for so many seconds; from any thread."""
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.setblocking(False)
        line = Line(sock, box, leave, monotonic() + seconds)
        box.on_mail = lambda: self._call(line)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
        self._call(line)

    def _call(self, line: Line) -> None:
        """Have a line looked at by the writer's thread."""
        self._ready.append(line)
        if not self._awake:
            self._awake = True
            self._far.send(b"!")

    def _run(self) -> None:
        self._selector.register(self._near, selectors.EVENT_READ)
        while True:
            try:
                self._round()
            except Exception:  # whatever is wrong with one screen, the others go on
                log.exception("writing_failed")

    def _round(self) -> None:
        for key, mask in self._selector.select(max(0.0, self._due - monotonic())):
            if key.data is None:
                self._near.recv(1024)
            else:
                self._hear(key.data, mask)
        self._awake = False
        for _ in range(len(self._ready)):
            self._serve(self._ready.popleft())
        if monotonic() >= self._due:
            self._due = monotonic() + min(1.0, self._heartbeat / 4)
            self._look_around()

    def _look_around(self) -> None:
        """Let go whoever is over or stuck, and give a sign of life to whoever has heard nothing for a while."""
        now, beat = monotonic(), self._beat()
        for line in list(self._lines):
            if line.rest:
                if now - line.written > self._stuck:
                    self._drop(line)
            elif now >= line.end:
                self._finish(line)
            elif now - line.written >= self._heartbeat:
                self._write(line, beat)

    def _serve(self, line: Line) -> None:
        if line not in self._lines:
            if line.ending:
                return
            self._lines.add(line)
            self._selector.register(line.sock, selectors.EVENT_READ, line)
        if line.rest:
            return  # what waits is taken when there is room
        closed = line.box.closed  # asked first: what is left with the closing is taken then
        if letters := line.box.take(0):
            self._write(line, b"".join([letter.chunk for letter in letters]))
        if closed:
            self._finish(line)

    def _write(self, line: Line, data: bytes) -> None:
        try:
            done = line.send(data)
        except OSError:
            self._drop(line)
            return
        if not done:
            self._selector.modify(line.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, line)

    def _hear(self, line: Line, mask: int) -> None:
        """Go on with a line that has room again, or that said something: a screen that is gone says so."""
        try:
            if mask & selectors.EVENT_READ and not line.sock.recv(1024):
                self._drop(line)
                return
            if mask & selectors.EVENT_WRITE and line.flush():
                self._selector.modify(line.sock, selectors.EVENT_READ, line)
                self._serve(line)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(line)

    def _finish(self, line: Line) -> None:
        """End the answer as it should end."""
        if line in self._lines and not line.rest:
            with suppress(OSError):
                line.sock.send(END)
                line.sock.shutdown(socket.SHUT_WR)
            self._drop(line)

    def _drop(self, line: Line) -> None:
        if line in self._lines:
            self._lines.discard(line)
            line.ending = True
            line.box.on_mail = None
            self._selector.unregister(line.sock)
            line.sock.close()
            line.leave()
