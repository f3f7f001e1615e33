"""Run the benches: `python -m tests.bench [throughput] [latency] [frontdoor] … [--bus redis|kafka]`."""

import platform
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from tests.bench import (
    changing,
    commission,
    forecast,
    frontdoor,
    insight,
    latency,
    outage,
    ranks,
    restating,
    rules,
    screens,
    throughput,
)
from tests.e2e.chain import Chain
from tests.engines import kafka, postgres, redis

BENCHES = {
    "throughput": throughput.run,
    "latency": latency.run,
    "frontdoor": frontdoor.run,
    "outage": outage.run,
    "changing": changing.run,
}
ALONE = {
    "rules": rules.run,
    "restating": restating.run,
    "commission": commission.run,
    "screens": screens.run,
    "ranks": ranks.run,
    "forecast": forecast.run,
    "insight": insight.run,
}
"""Benches of one service by itself, on engines of their own."""


@contextmanager
def engines(bus: str, sql: str) -> Iterator[tuple[str, Chain]]:
    """Start engines and a chain on them; yield the bus's URL and the chain."""
    with ExitStack() as stack:
        redis_url = stack.enter_context(redis.start()).url
        bus_url = redis_url if bus == "redis" else stack.enter_context(kafka.start()).url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samenspel-bench-")))
        databases = {
            name: f"sqlite:///{folder / name}.db" for name in ("ingest", "scoring", "leaderboard", "commission")
        }
        if sql == "postgres":
            server = stack.enter_context(postgres.start()).url
            databases = {name: stack.enter_context(postgres.fresh_database(server)) for name in databases}
        chain = Chain(folder, f"{bus_url}?prefix=chain-", redis_url, databases)
        stack.callback(chain.stop)
        chain.start()
        yield f"{bus_url}?prefix=bare-", chain


@click.command()
@click.argument("names", nargs=-1, type=click.Choice([*BENCHES, *ALONE]))
@click.option("--bus", type=click.Choice(("redis", "kafka")), default="redis", show_default=True)
@click.option("--sql", type=click.Choice(("sqlite", "postgres")), default="sqlite", show_default=True)
def main(names: Sequence[str], bus: str, sql: str) -> None:
    """Measure the chain against the bare engines, in one run on this machine."""
    click.echo(f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}, {bus}, {sql}")
    for name in names or [*BENCHES, *ALONE]:
        click.echo(f"\n{name}")
        if name in ALONE:
            _tell(ALONE[name]())
            continue
        with engines(bus, sql) as (bus_url, chain):
            _tell(BENCHES[name](bus_url, chain))


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"  {line}")


if __name__ == "__main__":
    main()
