"""The least that can serve screens: whatever is published in Redis goes to every connection, under the same worker.

`by=thread`: each connection has a thread that waits for news. `by=loop`: one thread writes to all of them.
"""

import os
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from redis import Redis

CHANNEL = "bare-sse"


class News:
    """What was published last."""

    def __init__(self) -> None:
        """Listen."""
        self.changed, self.number, self.data = threading.Condition(), 0, b""
        self.sockets: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def follow(self) -> Iterator[bytes]:
        """Yield all that is published."""
        known = 0
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.number != known)  # noqa: B023  it is called before the next round
                known, data = self.number, self.data
            yield data

    def _listen(self) -> None:
        client = Redis.from_url(os.environ["SAMENSPEL_REDIS_URL"])
        with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(CHANNEL)
            for message in channel.listen():
                data = b"event: snapshot\nid: %b\n\n" % message["data"]
                for sock in self.sockets:
                    sock.sendall(b"%x\r\n%s\r\n" % (len(data), data))
                with self.changed:
                    self.number, self.data = self.number + 1, data
                    self.changed.notify_all()


class Taken:
    """A body whose connection the loop writes to."""

    def __init__(self, news: News, environ: dict[str, Any]) -> None:
        """Take the connection of a request."""
        self._news, self._environ = news, environ

    def __iter__(self) -> Iterator[bytes]:
        """Say hello and hand over."""
        yield b"retry: 3000\n\n"
        self._news.sockets.append(self._environ["gunicorn.socket"])
        raise self._environ["samenspel.handover"]


def create_app() -> Any:
    """Return the application."""
    news = News()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")])
        if environ["PATH_INFO"] == "/leaderboard/healthz":
            return [b"ok"]
        return Taken(news, environ) if environ["QUERY_STRING"] == "by=loop" else news.follow()

    return app
