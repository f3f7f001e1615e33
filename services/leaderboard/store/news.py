"""News: that the standings changed, and what screens are told. Whoever listens at the moment hears it, nobody later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic

from redis import Redis

from services.leaderboard.domain.told import Told, from_wire
from services.leaderboard.store import keys


class News:
    """The channels of one league. Safe for several threads."""

    def __init__(self, client: Redis, version: Callable[[], int]) -> None:
        """Publish and listen through `client`; `version` reads the number that grows with every change."""
        self._redis, self._version = client, version

    def tell(self, told: Told) -> None:
        """Tell something to every web process that listens; raises one of UNREACHABLE."""
        self._redis.publish(keys.TOLD, told.to_wire())

    def follow(self, stop: threading.Event, every: float = 1.0) -> Iterator[int | Told]:
        """Yield the version at once, whenever it may have changed and every `every` seconds, until `stop` is set.

        It is looked at now and then because messages can get lost. In between, yield what is told.
        Raises one of UNREACHABLE when Redis goes away.
        """
        looked = -every
        with self._redis.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(keys.CHANNEL, keys.TOLD)
            while not stop.is_set():
                heard = channel.get_message(timeout=every)
                is_told = heard is not None and heard["channel"] == keys.TOLD
                if is_told:
                    yield from_wire(heard["data"])
                if (heard is None or is_told) and monotonic() - looked < every:
                    continue
                looked = monotonic()
                yield self._version()
