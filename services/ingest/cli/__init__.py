"""For operators: `python -m services.ingest.cli --help`."""

import getpass
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.ingest import importer
from services.ingest.cli import accounts, people
from services.ingest.cli.telling import DAY, FILE, refusals
from services.ingest.domain.results import STATUSES
from services.ingest.handlers.documents import DOCUMENTS
from services.ingest.handlers.names import Names
from services.ingest.importer import LineProblem, Table
from services.ingest.importer.doors import Direct, Door, Remote
from services.ingest.importer.progress import Progress, resume
from services.ingest.schemas.mapping import parse_mapping
from services.ingest.settings import database_url
from services.ingest.sources import documents
from services.ingest.store import Inbox, League
from shared.errors import InvalidInput
from shared.settings import or_exit
from shared.sql import migrate as migrate_database
from shared.sql import open_engine

SHOWN = 50
LEFT_OUT = "left out: "


@click.group()
def cli() -> None:
    """Operate the front door."""


def _reachable(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--url", help="A running front door, such as http://127.0.0.1:8000; default: its database."),
        click.option("--token-file", type=FILE, help="The file that holds the token for --url."),
    ):
        command = option(command)
    return command


@cli.command()
def migrate() -> None:
    """Bring the database to the newest revision."""
    engine = open_engine(or_exit(database_url))
    with refusals():
        migrate_database(engine, "services.ingest")
    click.echo("the database is at the newest revision")


@cli.command("import")
@click.argument("table", type=FILE)
@click.option("--mapping", "mapping_file", type=FILE, required=True, help="YAML: how rows become activities.")
@click.option("--undated", type=DAY, help="The day to take where a row has none; without it, such rows are left out.")
@click.option(
    "--progress",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: Path.home() / ".local" / "state" / "samenspel",
    help="Where to remember how far it came.",
)
@click.option(
    "--problems",
    "problems_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file for every problem; only the first ones are shown.",
)
@_reachable
def import_(
    *,
    table: Path,
    mapping_file: Path,
    undated: datetime | None,
    directory: Path,
    problems_file: Path | None,
    url: str | None,
    token_file: Path | None,
) -> None:
    """Bring a CSV file in; a second start continues, and doing it again doubles nothing.

    Exit code 0: every row is in, or left out for a reason that is shown; 1: some lines are bad; 2: it failed.
    """
    with refusals():
        mapping = parse_mapping(documents.from_yaml(mapping_file.read_bytes()))
        door = _door(mapping.connection, url, token_file)
        day = undated.date() if undated else None
        target = url or or_exit(database_url)
        progress = resume(directory, table, mapping_file.read_bytes(), repr((target, day)).encode())
        counts = _import(Table(table, mapping, day), door, progress, problems_file)
        progress.complete()
    _summarise(counts)
    sys.exit(1 if counts["bad"] else 0)


@cli.group()
def league() -> None:
    """League documents."""


@league.command()
@click.argument("kind", type=click.Choice(DOCUMENTS))
@click.argument("file", type=FILE)
@click.option("--effective-from", type=DAY, help="The calendar day it begins; may also stand in the file.")
@click.option("--author", default=getpass.getuser, help="Who says so; with --url it is the name of the token.")
@_reachable
def put(
    *, kind: str, file: Path, effective_from: datetime | None, author: str, url: str | None, token_file: Path | None
) -> None:
    """Put a document (YAML or JSON) as a new version."""
    with refusals():
        kind_of_text, text = "application/json" if file.suffix == ".json" else "application/yaml", file.read_bytes()
        body, day = documents.read(kind_of_text, text), effective_from.date() if effective_from else None
        try:
            told = _door(author, url, token_file).document(kind, body, day)
        except InvalidInput as bad:
            raise InvalidInput(bad.detail, documents.at_lines(bad.problems, kind_of_text, text)) from bad
    click.echo(f"{kind} version {told['version']}, effective from {told['effective_from']}")
    for sentence in told["diff"] or ["the same as before"]:
        click.echo(f"  {sentence}")
    for warning in told["warnings"]:
        click.echo(f"  warning: {warning['document']}{warning['pointer']}: {warning['message']}", err=True)


def _document(file: Path) -> Any:
    read = documents.from_json if file.suffix == ".json" else documents.from_yaml
    return read(file.read_bytes())


def _door(name: str, url: str | None, token_file: Path | None) -> Door:
    if url is None:
        engine = open_engine(or_exit(database_url))
        migrate_database(engine, "services.ingest")
        league = League(engine)
        return Direct(name, Inbox(engine), league, Names(league))
    if token_file is None:
        raise InvalidInput("--url needs --token-file")
    return Remote(url, token_file.read_text(encoding="utf-8").strip())


def _import(table: Table, door: Door, progress: Progress, problems_file: Path | None) -> Counter[str]:
    if progress.rows:
        click.echo(f"continuing after row {progress.rows:,}", err=True)
    shown: list[LineProblem] = []
    with _problems(problems_file, shown) as tell, _bar(table.path) as moved:
        counts = importer.run(table, door.activities, progress, tell, moved)
    for problem in shown:
        click.echo(str(problem), err=True)
    return counts


@contextmanager
def _problems(path: Path | None, shown: list[LineProblem]) -> Iterator[Callable[[LineProblem], None]]:
    """Give a place for problems: the first ones to be shown, all of them to the file."""
    file = path.open("a", encoding="utf-8") if path else None

    def tell(problem: LineProblem) -> None:
        if len(shown) < SHOWN:
            shown.append(problem)
        if file:
            file.write(f"{problem}\n")

    try:
        yield tell
    finally:
        if file:
            file.close()


@contextmanager
def _bar(path: Path) -> Iterator[Callable[[int], None]]:
    """Give a bar that moves with the position in the file, in bytes; only a terminal sees it."""
    with click.progressbar(length=path.stat().st_size, label=path.name, file=sys.stderr) as bar:

        def moved(position: int) -> None:
            if position > bar.pos:
                bar.update(position - bar.pos)

        yield moved


def _summarise(counts: Counter[str]) -> None:
    click.echo(f"{counts['rows']:,} rows")
    for status in STATUSES:
        click.echo(f"  {counts[status]:,} activities {status}")
    for name, count in counts.items():
        if name.startswith(LEFT_OUT):
            click.echo(f"  {count:,} {name}")
    click.echo(f"  {counts['bad']:,} bad lines" + (f"; the first {SHOWN} at most are shown" if counts["bad"] else ""))


cli.add_command(accounts.account)
cli.add_command(people.prune)
cli.add_command(people.roster)
cli.add_command(people.person)
