"""For operators: prepare the database, publish the ledger again, check it."""

from datetime import UTC, datetime

import click

from services.scoring.domain.explain import is_settled
from services.scoring.domain.rules import judge
from services.scoring.domain.windows import allow, settle
from services.scoring.handlers import PARTITIONS, Scorer, build_league
from services.scoring.settings import ConsumerSettings, build_consumer
from services.scoring.store import PACKAGE, Ledger, Reader
from shared import settings
from shared.bus import open_bus
from shared.sql import migrate, open_engine


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Prepare the database, publish the ledger again, check it."""
    if context.obj is None:
        context.obj = settings.or_exit(build_consumer)


@cli.command("migrate")
@click.pass_obj
def migrate_command(given: ConsumerSettings) -> None:
    """Bring the tables up to date."""
    migrate(open_engine(given.database_url), PACKAGE)
    click.echo("the tables are up to date")


@cli.command()
@click.option("--partition", "partitions", type=click.IntRange(0, PARTITIONS - 1), multiple=True, help="Default: all.")
@click.pass_obj
def republish(given: ConsumerSettings, partitions: tuple[int, ...]) -> None:
    """Hand all lines of the ledger on once more, from the first; readers skip what they have."""
    bus = open_bus(given.bus_url)
    ledger = Ledger(open_engine(given.database_url))
    scorer = Scorer(ledger, bus.publish, lambda: datetime.now(UTC))
    scorer.publish_again(partitions or None)
    while scorer.hand_on_the_rest():
        pass
    bus.close()
    click.echo("published again")


@cli.command()
@click.pass_obj
def verify(given: ConsumerSettings) -> None:
    """Check that no number is missing and that every subject's lines add up to what it earns."""
    reader = Reader(open_engine(given.database_url))
    versions = reader.documents()
    league = build_league(len(versions), versions)
    wrong = [f"partition {p}: head {h}, last line {s}, {n} lines" for p, (h, s, n) in reader.gaps().items()]
    wrong += [f"{subject}: it has lines, and no activity is known" for subject in reader.orphans()]
    checked = 0
    for subject, facts, lines in reader.subjects():
        checked += 1
        if not is_settled(settle(subject, judge(facts, league), reader.allowed([subject]), league), lines):
            wrong.append(f"{subject}: its lines do not add up to what it earns")
    for asking, kept in reader.windows():
        if allow(asking, league) != kept:
            wrong.append(f"window {asking[0].window}: what counts in it is not what should")
    for line in wrong:
        click.echo(line)
    progress = reader.progress()
    click.echo(f"{checked} subjects and {progress['lines']} lines checked, {len(wrong)} differences")
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    cli()
