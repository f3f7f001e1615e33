"""Fan-out: one thread watches for changes, builds each view once, and leaves the newest state with every stream."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from weakref import WeakSet

from services.leaderboard.domain.screen import View
from shared import logs
from shared.contracts.times import to_text
from shared.errors import Unavailable

Build = Callable[[View, datetime], tuple[int, bytes]]
Changes = Callable[[threading.Event], Iterator[int]]
Key = tuple[int, datetime]

_QUARTER = timedelta(minutes=15)
"""States are built again at each quarter of an hour: days begin at one, in every time zone."""
_RETRY_SECONDS = 1.0
_VIEWS_KEPT = 200

log = logs.get(__name__)


class TooManyStreams(Unavailable):
    """As many screens as this process can serve are connected."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How streams behave; times in seconds.

    At most `streams` at once; a sign of life every `heartbeat`; after a state the next comes `gap` later at the
    earliest; a stream ends after `lifetime`, give or take `spread`, so that not all come back at the same moment.
    """

    streams: int = 40
    heartbeat: float = 15.0
    gap: float = 0.05
    lifetime: float = 900.0
    spread: float = 120.0


@dataclass(frozen=True, slots=True)
class Frame:
    """One state of one view, ready to be sent; `key` says what it was built from."""

    version: int
    body: bytes
    key: Key

    @property
    def fingerprint(self) -> str:
        """Return a name of the content."""
        return hashlib.sha256(self.body).hexdigest()[:16]


class Mailbox:
    """Room for one frame: a newer one takes its place."""

    def __init__(self, view: View) -> None:
        """Begin empty."""
        self.view = view
        self.closed = False
        self._frame: Frame | None = None
        self._condition = threading.Condition()

    def offer(self, frame: Frame) -> None:
        """Leave a frame, unless there is a newer one already."""
        with self._condition:
            self._frame = self._frame or frame

    def put(self, frame: Frame) -> None:
        """Leave a frame that is newer than any before."""
        with self._condition:
            self._frame = frame
            self._condition.notify()

    def close(self) -> None:
        """Wake the reader for the last time."""
        with self._condition:
            self.closed = True
            self._condition.notify()

    def take(self, timeout: float) -> Frame | None:
        """Return the newest frame as soon as there is one; None after `timeout` seconds or when closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._frame is not None or self.closed, timeout)
            frame, self._frame = self._frame, None
            return frame


class Hub:
    """Keeps every open stream up to date. Starts no thread before the first stream."""

    def __init__(
        self,
        changes: Changes,
        build: Build,
        *,
        transient: tuple[type[Exception], ...],
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Watch `changes` (an iterator of versions that ends when its event is set), draw with `build`.

        `transient` is what either raises while the store cannot be reached.
        """
        self.limits = limits or Limits()
        self._changes, self._build, self.transient, self._clock = changes, build, transient, clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._boxes: set[Mailbox] = set()
        self._frames: dict[View, Frame] = {}
        self._version, self._watching, self._seen = -1, False, clock()
        self._lock, self._building = threading.Lock(), threading.Lock()
        _running.add(self)

    def join(self, view: View) -> Mailbox:
        """Open a stream's mailbox, with the present state in it.

        Raises TooManyStreams, or one of `transient`.
        """
        with self._lock:
            if len(self._boxes) >= self.limits.streams or self._stop.is_set():
                raise TooManyStreams(retry_after=10)
            box = Mailbox(view)
            self._boxes.add(box)
            self._start()
        try:
            box.offer(self.frame(view))
        except BaseException:
            self.leave(box)
            raise
        return box

    def leave(self, box: Mailbox) -> None:
        """Close a stream's mailbox; closing it twice is harmless."""
        with self._lock:
            self._boxes.discard(box)

    def open_streams(self) -> int:
        """Return how many streams are open."""
        return len(self._boxes)

    def frame(self, view: View) -> Frame:
        """Return the present state of a view: the one that was built last, if nothing has changed since.

        Raises one of `transient`.
        """
        with self._building:
            known = self._frames.get(view)
            if known and self._watching and known.key == self._key():
                return known
            return self._draw(view)

    def beat(self) -> dict[str, str | int]:
        """Return a sign of life: the server's time, the version, and when the standings were looked at last."""
        now = self._clock()
        return {"t": to_text(now), "v": self._version, "seen": to_text(now if self._watching else self._seen)}

    def stop(self) -> None:
        """End all streams within about a second; may be called from a signal handler."""
        self._stop.set()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="live", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except self.transient as error:
                log.warning("standings_unreachable", error=type(error).__name__)
            except Exception:  # screens must see that nobody looks any more, and somebody must look again
                log.exception("watching_failed")
            self._lose_sight()
            self._stop.wait(_RETRY_SECONDS)
        with self._lock:
            boxes = list(self._boxes)
        for box in boxes:
            box.close()

    def _follow(self) -> None:
        sent = -self.limits.gap
        for version in self._changes(self._stop):
            self._stop.wait(max(0.0, sent + self.limits.gap - monotonic()))
            sent = monotonic()
            self._version, self._watching = version, True
            self._publish()

    def _publish(self) -> None:
        with self._lock:
            boxes = list(self._boxes)
        frames = {view: self._frame_or_none(view) for view in {box.view for box in boxes}}
        for box in boxes:
            if frame := frames[box.view]:
                box.put(frame)

    def _frame_or_none(self, view: View) -> Frame | None:
        try:
            return self.frame(view)
        except self.transient:
            raise
        except Exception:  # one view that cannot be drawn must not stop the others; its screens see that it is old
            log.exception("state_failed", metric=view.metric, period=view.period, by=view.by)
            return None

    def _draw(self, view: View) -> Frame:
        key, now = self._key(), self._clock()
        version, body = self._build(view, now)
        frame = Frame(version, body, (version, key[1]))
        if len(self._frames) >= _VIEWS_KEPT:
            self._frames.clear()
        self._frames[view] = frame
        return frame

    def _key(self) -> Key:
        now = self._clock()
        return self._version, now - (now - datetime.min.replace(tzinfo=UTC)) % _QUARTER

    def _lose_sight(self) -> None:
        if self._watching:
            self._seen, self._watching = self._clock(), False


_running: WeakSet[Hub] = WeakSet()


def stop_all() -> None:
    """End the streams of this process: the server calls it when it is told to stop."""
    for hub in list(_running):
        hub.stop()
