"""For operators: prepare the database, publish the ledger again, check it, rehearse a playbook."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from services.scoring.domain.explain import is_settled
from services.scoring.domain.rehearsal import Stretch
from services.scoring.domain.rules import judge
from services.scoring.domain.windows import allow, settle
from services.scoring.handlers import PARTITIONS, Scorer, build_league
from services.scoring.handlers.prizes import unsettled_prizes
from services.scoring.handlers.rehearsing import TABLES, Bounds, draft_of, numbered, rehearse, told
from services.scoring.handlers.visiting import visit_again
from services.scoring.settings import ConsumerSettings, build_consumer
from services.scoring.store import PACKAGE, Ledger, Reader
from services.scoring.store.past import History
from services.scoring.store.remaining import remaining
from shared import settings, yaml12
from shared.bus import open_bus
from shared.errors import SamenspelError
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
def progress(given: ConsumerSettings) -> None:
    """Tell how much is left to compute again after a new playbook or roster."""
    left = remaining(open_engine(given.database_url))
    click.echo(
        f"{left.subjects} subjects in {left.partitions} partitions, {left.windows} with a limit that others moved, "
        f"{left.prizes} prizes"
    )


@cli.command("visits")
@click.pass_obj
def visits_command(given: ConsumerSettings) -> None:
    """Make what insight reads of deals again, for activities from before it was kept."""
    click.echo(f"{visit_again(Ledger(open_engine(given.database_url)))} subjects looked at")


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
    wrong += [f"{name}: its lines do not add up to what days earn" for name in unsettled_prizes(reader, league)]
    for asking, kept in reader.windows():
        if allow(asking, league) != kept:
            wrong.append(f"window {asking[0].window}: what counts in it is not what should")
    for line in wrong:
        click.echo(line)
    progress = reader.progress()
    click.echo(f"{checked} subjects and {progress['lines']} lines checked, {len(wrong)} differences")
    if wrong:
        raise SystemExit(1)


@cli.command("rehearse")
@click.option("--playbook", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Default: the latest.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The first day left out.")
@click.option("--at-most", type=click.IntRange(1), default=2_000_000, show_default=True, help="Activities.")
@click.pass_obj
def rehearse_command(
    given: ConsumerSettings, playbook: Path | None, first: datetime, last: datetime, at_most: int
) -> None:
    """Show what days that have been would hold under a draft playbook; nothing is kept."""
    engine = open_engine(given.database_url)
    versions = Reader(engine).documents()
    league = build_league(len(versions), versions)
    try:
        draft = draft_of(yaml12.load(playbook.read_text("utf-8")), league) if playbook else numbered(None, league)
        stretch = Stretch(first.date(), last.date())
        found = told(rehearse(draft, stretch, league, History(engine), Bounds(at_most)))
    except (SamenspelError, ValueError) as error:
        raise click.ClickException(_said(error)) from error
    for line in _tables(found):
        click.echo(line)


def _said(error: Exception) -> str:
    problems = getattr(error, "problems", ())
    return "\n".join(f"{each.pointer}: {each.expected}" for each in problems) or str(error)


def _tables(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['first']} up to {found['last']}, {found['activities']} activities looked at"
    for name, by in TABLES:
        yield ""
        yield f"{name:<44}{'metric':<12}{'now':>14}{'draft':>14}{'difference':>14}  rank"
        for row in found[name]:
            amounts = (Decimal(row[each]).scaleb(-(row["decimals"] or 0)) for each in ("now", "draft", "difference"))
            said = "".join(f"{amount:>14}" for amount in amounts)
            rank = f"{row['rank_now']} > {row['rank_draft']}" if row["rank_now"] != row["rank_draft"] else ""
            yield f"{' / '.join(row[each] for each in by):<44}{row['metric']:<12}{said}  {rank}".rstrip()


if __name__ == "__main__":
    cli()
