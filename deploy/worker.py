"""gunicorn's worker with threads, with one more thing: an answer may take its connection along, and free the thread.

An office TV looks for as long as it hangs there. With a thread for each, a thousand of them wake a thousand threads at
every change. So whoever answers may take the socket and raise what the environment offers as `samenspel.handover`; the
connection then belongs to them, and is no business of the worker any more.
"""

import contextlib
import resource
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

Application = Callable[[dict[str, Any], Any], Any]

HANDOVER = "samenspel.handover"


class HandedOver(OSError):
    """The body has taken the socket. The worker lets an OSError of a body pass, and writes nothing after it."""


def offering(app: Application) -> Application:
    """Return the application, which finds the offer in its environment."""

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        if type(environ.get("gunicorn.socket")) is socket.socket:
            environ[HANDOVER] = HandedOver
        return app(environ, start_response)

    return call


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker with threads whose connections can be taken over."""

    def init_process(self) -> None:
        """Allow as many connections as the machine does: the usual limit is 1024 files."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        super().init_process()

    def load_wsgi(self) -> None:
        """Offer the handover to the application, on connections that are sockets and nothing else (no TLS)."""
        super().load_wsgi()
        self.wsgi: Application = offering(self.wsgi)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a request; a connection that was handed over is marked."""
        try:
            return bool(super().handle_request(req, conn))
        except HandedOver:
            conn.handed_over = True
            return False

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Forget a connection that was handed over, instead of closing it."""
        if getattr(conn, "handed_over", False):
            self.nr_conns -= 1
            return
        super().finish_request(conn, fs)
