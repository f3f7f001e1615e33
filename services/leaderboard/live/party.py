"""Celebrations on their way to the screens of this process: drawn here, since here it is known who may be named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.leaderboard.domain.told import CELEBRATE, Told
from services.leaderboard.live.news import News
from services.leaderboard.live.states import States
from services.leaderboard.store import UNREACHABLE
from shared import logs

log = logs.get(__name__)


class Party:
    """News in which celebrations are as screens draw them."""

    def __init__(self, news: News, states: States, clock: Callable[[], datetime]) -> None:
        """Follow `news`; names and colours are those of `states`."""
        self._news, self._states, self._clock = news, states, clock

    def tell(self, told: Told) -> None:
        """Tell something to every process that serves screens."""
        self._news.tell(told)

    def follow(self, stop: threading.Event) -> Iterator[int | Told]:
        """Yield what the news say; a celebration that cannot be drawn is left out."""
        for each in self._news.follow(stop):
            if isinstance(each, Told) and each.event == CELEBRATE:
                if data := self._drawn(each):
                    yield replace(each, data=data)
            else:
                yield each

    def _drawn(self, told: Told) -> dict[str, Any] | None:
        try:
            return self._states.celebration(told.data, self._clock())
        except UNREACHABLE:
            raise
        except Exception:  # one that cannot be drawn must not silence the news
            log.exception("celebration_failed")
            return None
