"""People's data: a personnel file into the roster, what is kept of a person, payloads whose time is over."""

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from services.ingest.cli.telling import DAY, FILE, refusals
from services.ingest.handlers import people as handlers
from services.ingest.handlers import staffing
from services.ingest.handlers.people import Order
from services.ingest.settings import database_url
from services.ingest.sources import documents, people
from services.ingest.store import League
from services.ingest.store.people import People
from services.ingest.store.retention import Retention
from shared.errors import InvalidInput
from shared.settings import or_exit
from shared.sql import migrate, open_engine

T = TypeVar("T")

_TRY = click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
_AUTHOR = click.option("--author", default=getpass.getuser, help="Who says so.")


@click.group()
def roster() -> None:
    """Keep the roster by a personnel file."""


@roster.command("import")
@click.option("--csv", "table", type=FILE, help="A table; the columns are named in sources/people.py.")
@click.option("--hris", "export", type=FILE, help="JSON as an HR system exports it.")
@click.option("--as-of", type=DAY, help="The day of what has no day in the file; default: today.")
@click.option("--new-teams", is_flag=True, help="Make teams that are not there yet.")
@_AUTHOR
@_TRY
def import_people(
    *, table: Path | None, export: Path | None, as_of: datetime | None, new_teams: bool, author: str, dry_run: bool
) -> None:
    """Merge a personnel file into the roster: transfers, leavers, part-time, mentors. Nobody is deleted."""
    with refusals():
        if (table is None) == (export is None):
            raise InvalidInput("give one file: --csv FILE or --hris FILE")
        reading = people.read_csv(table.read_bytes()) if table else people.read_hris(_json(export))
        now = datetime.now(UTC)
        order = staffing.Order(author, as_of.date() if as_of else now.date(), new_teams=new_teams, dry_run=dry_run)
        done = staffing.bring_in(reading, order, _opened(League), now)
    for sentence in done.changes or ["nothing changes"]:
        click.echo(sentence)
    for note in done.notes:
        click.echo(f"note: {note}", err=True)
    click.echo("nothing was changed: this was a try" if dry_run else f"roster version {done.version}")


@click.command()
@click.option("--days", type=click.IntRange(1), required=True, help="Keep the texts of payloads for so many days.")
@_TRY
def prune(*, days: int, dry_run: bool) -> None:
    """Take the texts of old payloads away; their hashes, activities and what became of them stay."""
    with refusals():
        done = handlers.prune(_opened(Retention), days, datetime.now(UTC), dry_run=dry_run)
    verb = "would be pruned" if dry_run else "pruned"
    click.echo(f"{done.payloads:,} payloads older than {days} days {verb} ({done.characters:,} characters)")
    click.echo(f"{done.parked:,} of that age are kept: something of them is parked")


@click.group()
def person() -> None:
    """Tell or take away what is kept of a person."""


@person.command("export")
@click.argument("rep")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it; default: here.")
def export_person(rep: str, out: Path | None) -> None:
    """Give everything the front door keeps of a person as JSON, and tell what others hold."""
    with refusals():
        told = handlers.export(rep, _opened(People), _opened(League), datetime.now(UTC))
        text = orjson.dumps(told, option=orjson.OPT_INDENT_2)
        if out:
            out.touch(mode=0o600)
            out.write_bytes(text + b"\n")
    if out is None:
        sys.stdout.write(text.decode() + "\n")
        return
    click.echo(f"{len(told['activities']):,} activities and {len(told['roster'])} versions of the roster are in {out}")
    _tell(told["elsewhere"])


@person.command()
@click.argument("rep")
@click.option("--as", "pseudonym", required=True, help="What stands in place of the name, such as 'Former seller 7'.")
@_AUTHOR
@_TRY
def erase(rep: str, pseudonym: str, author: str, *, dry_run: bool) -> None:
    """Take a person's names and texts away for good; money lines stay under the rep id."""
    with refusals():
        order = Order(rep, pseudonym, author, dry_run=dry_run)
        done = handlers.erase(order, _opened(People), _opened(League), datetime.now(UTC))
    click.echo(f"rep {done.rep} {'would be' if dry_run else 'is'} {done.pseudonym!r} from now on")
    click.echo(
        f"{done.payloads:,} payloads without their text, {done.activities:,} activities and {done.notes:,} notes"
    )
    click.echo(f"{done.rosters:,} versions of the roster without the names; the new one is {done.version or '(a try)'}")
    for caution in done.cautions:
        click.echo(f"caution: {caution}")
    _tell(done.elsewhere)


def _tell(elsewhere: dict[str, str]) -> None:
    click.echo("elsewhere:")
    for service, text in elsewhere.items():
        click.echo(f"  {service}: {text}")


def _json(file: Path | None) -> Any:
    return documents.from_json(file.read_bytes()) if file else None


def _opened(store: Callable[[Any], T]) -> T:
    engine = open_engine(or_exit(database_url))
    migrate(engine, "services.ingest")
    return store(engine)
