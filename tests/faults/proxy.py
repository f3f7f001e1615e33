"""A network that can be cut: a TCP proxy on loopback."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

CHUNK = 65_536


class Proxy:
    """Hands on what comes in to a server, until it is told to refuse, to fall silent or to be slow."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a port of loopback."""
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self._delay = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def refuse(self) -> None:
        """Cut every connection, and each new one at once."""
        self._refusing = True
        self._cut()

    def fall_silent(self) -> None:
        """Keep every connection, and hand nothing on: a network that swallows packets."""
        self._flowing.clear()

    def slow_down(self, seconds: float) -> None:
        """Let each piece wait."""
        self._delay = seconds

    def heal(self) -> None:
        """Work again; connections that had fallen silent are cut, as a network's would time out in the end."""
        silent = not self._flowing.is_set()
        self._refusing, self._delay = False, 0.0
        if silent:
            self._cut()
        self._flowing.set()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
        self.refuse()
        self._flowing.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._flowing.wait()
        try:
            if self._refusing:
                raise ConnectionRefusedError
            server = socket.create_connection(self._server, timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {client, server}
        for source, goal in ((client, server), (server, client)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pump, args=(source, goal), daemon=True).start()

    def _pump(self, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                self._flowing.wait()
                if self._delay:
                    time.sleep(self._delay)
                goal.sendall(piece)
        self._end(source, goal)

    def _cut(self) -> None:
        with self._lock:
            some, self._open = self._open, set()
        self._end(*some)

    def _end(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        with self._lock:
            self._open -= set(sockets)
