"""Kafka away for a minute under 50 requests a second: what is refused, what is lost, how fast the backlog goes."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.e2e.chain import Chain
from tests.e2e.outage import ride_out
from tests.engines import EngineMissing, kafka

AWAY = 60.0


def run(_bus_url: str, chain: Chain) -> Iterator[str]:
    """Yield the figures; the chain of this bench is one of its own, on a Kafka that can be taken away."""
    with ExitStack() as stack:
        try:
            bus = stack.enter_context(kafka.start())
        except EngineMissing as missing:
            yield f"left out: {missing}"
            return
        folder = chain.directory / "outage"
        folder.mkdir()
        databases = {name: f"sqlite:///{folder / name}.db" for name in chain.databases}
        own = Chain(folder, f"{bus.url}?prefix=outage-", chain.redis_url.rpartition("/")[0] + "/3", databases)
        stack.callback(own.stop)
        own.start()
        yield str(ride_out(own, bus, away=AWAY))
