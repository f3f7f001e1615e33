"""Fan-out: one thread watches for news, builds each view once, and leaves the newest state with every stream."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic, thread_time
from typing import Any
from weakref import WeakSet

from services.leaderboard.domain.celebrations import unnamed
from services.leaderboard.domain.screen import View
from services.leaderboard.domain.told import CELEBRATE, REVOKED, SCREEN, Told
from services.leaderboard.live.limits import Limits
from services.leaderboard.live.mailbox import MOST_WAITING, Event, Frame, Key, Letter, Mailbox
from services.leaderboard.live.news import News
from services.leaderboard.live.seats import Seats, nobody
from shared import logs
from shared.contracts.times import from_text, to_text
from shared.errors import Unauthenticated, Unavailable

Build = Callable[[View, datetime, int | None], tuple[int, bytes]]

_QUARTER = timedelta(minutes=15)
"""States are built again at each quarter of an hour: days begin at one, in every time zone."""
_RETRY_SECONDS = 1.0
_SEATS_RETRY_SECONDS = 5.0
_LOOKED_JUST_NOW = 3.0
"""Seconds: the standings are looked at every second, unless the store hangs."""
_VIEWS_KEPT = 200

log = logs.get(__name__)


class TooManyStreams(Unavailable):
    """As many screens as this process can serve are connected."""


class ScreenRevoked(Unauthenticated):
    """This screen is not known any more: pair it again."""


class Hub:
    """Keeps every open stream up to date. Starts no thread before the first stream."""

    def __init__(
        self,
        news: News,
        build: Build,
        *,
        transient: tuple[type[Exception], ...],
        seats: Seats = nobody,
        forget: Callable[[], None] = lambda: None,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Follow `news`, draw with `build`, look screens up with `seats`; `forget` has `build` read everything anew.

        `transient` is what they raise while a store cannot be reached.
        """
        self.limits = limits or Limits()
        self._news, self._build, self._seats, self._forget = news, build, seats, forget
        self.transient, self._clock = transient, clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._boxes: set[Mailbox] = set()
        self._frames: dict[View, Frame] = {}
        self._recent: deque[Told] = deque(maxlen=MOST_WAITING)
        self._version, self._watching, self._seats_due = -1, False, inf
        self._published: Key | None = None
        self._seen, self._looked = clock(), 0.0
        self._lock, self._building, self._seating = threading.Lock(), threading.Lock(), threading.Lock()
        _running.add(self)

    def tell(self, screen: str | None, event: str, data: Mapping[str, Any] | None = None) -> None:
        """Tell one screen something, or all of them (None), whichever process they are connected to.

        `event` is one of domain/told.py. The data of `screen` is not sent: each process looks the settings up itself.
        Raises one of `transient`.
        """
        self._news.tell(Told(event, data or {}, screen))

    def join(self, view: View | None = None, *, screen: str | None = None, resume: str = "") -> Mailbox:
        """Open a stream's mailbox, with the present state in it: of `view`, else of a screen's own seat.

        `resume` is the id of the state that the screen has; it also gets the celebrations of just now, which it may
        have missed. Raises TooManyStreams, ScreenRevoked, or one of `transient`.
        """
        box = Mailbox(view or View(), screen, resume)
        with self._lock:
            if len(self._boxes) >= self.limits.streams or self._stop.is_set():
                raise TooManyStreams(retry_after=10)
            self._boxes.add(box)
            self._start()
        try:
            self._fill(box)
        except BaseException:
            self.leave(box)
            raise
        return box

    def look(self, view: View | None = None, *, screen: str | None = None, resume: str = "") -> list[Letter]:
        """Return what a stream that opens now would say at once, for a screen that no stream reaches.

        Raises ScreenRevoked, or one of `transient`.
        """
        box = Mailbox(view or View(), screen, resume)
        with self._lock:
            self._start()
        self._fill(box)
        return box.take(0)

    def _fill(self, box: Mailbox) -> None:
        if box.screen is not None and not self._seat([box]):
            raise ScreenRevoked
        box.offer(self.frame(box.view))
        for told in self._recent_ones() if box.resume else ():
            box.tell(_events(told)[box.view.names_people])

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
        watched = self._watching and monotonic() - self._looked < _LOOKED_JUST_NOW
        return {"t": to_text(now), "v": self._version, "seen": to_text(now if watched else self._seen)}

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
            self._watching = False
            self._stop.wait(_RETRY_SECONDS)
        with self._lock:
            boxes = list(self._boxes)
        for box in boxes:
            box.close()

    def _follow(self) -> None:
        rested_at = 0.0
        for news in self._news.follow(self._stop):
            if isinstance(news, Told):
                self._hand_on(news)
                continue
            if not self._saw(news):
                continue
            self._stop.wait(max(0.0, rested_at - monotonic()))
            began, worked = monotonic(), thread_time()
            if not self._watching or monotonic() >= self._seats_due:
                self._look_up_again(self._boxes_of(None))  # what was told meanwhile was not heard
            self._version, self._watching = news, True
            self._published = self._key()
            self._publish(self._boxes_of(None))
            worked = thread_time() - worked
            rested_at = max(began + self.limits.gap, monotonic() + worked)  # others need the processor as well

    def _saw(self, version: int) -> bool:
        """Remember that somebody looked; tell whether there is something new to show, if only a new day."""
        self._seen, self._looked = self._clock(), monotonic()
        old = self._published != (version, self._quarter()) or self._looked >= self._seats_due
        return old or not self._watching

    def _publish(self, boxes: Iterable[Mailbox]) -> None:
        of_view: dict[View, list[Mailbox]] = {}
        for box in boxes:
            if not box.closed:
                of_view.setdefault(box.view, []).append(box)
        for view, found in of_view.items():
            if frame := self._frame_or_none(view):
                for box in found:
                    box.put(frame, view)

    def _hand_on(self, told: Told) -> None:
        """Leave what was told with the streams that it is for."""
        boxes = self._boxes_of(told.screen)
        if told.event == SCREEN:
            self._look_up_again(boxes, everywhere=told.screen is None)
            self._publish(boxes)
            return
        events = _events(told)
        if told.event == CELEBRATE and told.screen is None:
            self._recent.append(told)
        for box in boxes:
            hand_over = box.close if told.event == REVOKED else box.tell
            hand_over(events[box.view.names_people])

    def _look_up_again(self, boxes: Sequence[Mailbox], *, everywhere: bool = True) -> None:
        """Look up again what was decided; `everywhere`: also what may concern any view."""
        if everywhere:
            with self._building:
                self._frames.clear()
                self._forget()
            self._recent.clear()  # somebody may not want to be named any more
        self._seat_again(boxes)

    def _boxes_of(self, screen: str | None) -> list[Mailbox]:
        with self._lock:
            return [box for box in self._boxes if screen in (None, box.screen)]

    def _seat(self, boxes: Iterable[Mailbox]) -> list[Mailbox]:
        """Look the screens of `boxes` up again, and return those that have a place; the others' streams end."""
        with self._seating:
            found = [box for box in boxes if box.screen is not None]
            seats = self._seats({box.screen for box in found if box.screen is not None}) if found else {}
            for box in found:
                if seat := seats.get(box.screen or ""):
                    box.sit(seat)
                else:
                    box.close(Event(REVOKED, {}))
            return [box for box in found if not box.closed]

    def _seat_again(self, boxes: Iterable[Mailbox]) -> list[Mailbox]:
        try:
            found = self._seat(boxes)
        except Exception:  # where screens are kept may be away while the standings are there: they stay where they sit
            log.exception("screens_unreachable")
            self._seats_due = monotonic() + _SEATS_RETRY_SECONDS
            return []
        self._seats_due = inf
        return found

    def _recent_ones(self) -> list[Told]:
        now = self._clock()
        return [told for told in list(self._recent) if from_text(told.data["expires_at"]) > now]

    def _frame_or_none(self, view: View) -> Frame | None:
        try:
            return self.frame(view)
        except self.transient:
            raise
        except Exception:  # one view that cannot be drawn must not stop the others; its screens see that it is old
            log.exception("state_failed")
            return None

    def _draw(self, view: View) -> Frame:
        key, now = self._key(), self._clock()
        version, body = self._build(view, now, self._version if self._watching else None)
        frame = Frame(version, body, (version, key[1]))
        if len(self._frames) >= _VIEWS_KEPT:
            self._frames.clear()
        self._frames[view] = frame
        return frame

    def _key(self) -> Key:
        return self._version, self._quarter()

    def _quarter(self) -> datetime:
        now = self._clock()
        return now - (now - datetime.min.replace(tzinfo=UTC)) % _QUARTER


def _events(told: Told) -> tuple[Event, Event]:
    """Return what was told, as streams say it whose view names nobody, and whose view names people."""
    event = Event(told.event, told.data)
    return (Event(told.event, unnamed(told.data)) if told.event == CELEBRATE else event), event


_running: WeakSet[Hub] = WeakSet()


def stop_all() -> None:
    """End the streams of this process: the server calls it when it is told to stop."""
    for hub in list(_running):
        hub.stop()
