"""`python -m tests.faults --bus kafka --sql postgres --rounds 30`: try faults, and say what was found."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random

import click

from tests.engines import kafka, postgres, redis
from tests.faults.catalogue import faults_for
from tests.faults.trial import Setting, hits

EVENTS_EACH = 30


@click.command()
@click.option("--bus", type=click.Choice(["redis", "kafka"]), default="redis", show_default=True)
@click.option("--sql", type=click.Choice(["sqlite", "postgres"]), default="sqlite", show_default=True)
@click.option("--rounds", default=30, show_default=True, help="How many faults.")
@click.option("--seed", type=int, help="Default: another each time; it is told.")
@click.option("--only", multiple=True, help="Only these kinds of fault.")
def main(bus: str, sql: str, rounds: int, seed: int | None, only: tuple[str, ...]) -> None:
    """Hit a chain with faults, and compare it with one that was left alone after each."""
    seed = int(time.time()) if seed is None else seed
    dice, kinds = Random(seed), only or tuple(faults_for(bus, sql))
    names = [kinds[n % len(kinds)] for n in range(rounds)]
    dice.shuffle(names)
    tried: Counter[str] = Counter()
    click.echo(f"seed {seed}: {rounds} faults on {bus} and {sql}")
    with ExitStack() as stack:
        engines = {"calm": stack.enter_context(redis.start()), "redis": stack.enter_context(redis.start())}
        if bus == "kafka":
            engines["kafka"] = stack.enter_context(kafka.start())
        if sql == "postgres":
            engines["postgres"] = stack.enter_context(postgres.start())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        begun = time.monotonic()
        for name, said in zip(
            names, hits(Setting(bus, sql, seed, EVENTS_EACH * rounds), engines, folder, names), strict=True
        ):
            tried[name] += 1
            click.echo(f"{time.monotonic() - begun:7.1f} s  {said}: no difference")
    click.echo(f"{tried.total()} faults tried, differences found: 0")
    for name, count in sorted(tried.items()):
        click.echo(f"{count:5}  {name}")


if __name__ == "__main__":
    main()
