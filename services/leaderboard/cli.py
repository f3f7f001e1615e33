"""For operators: make the standings again, check them, show them; forget what somebody decided about the own person."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click

from services.leaderboard.domain.agreement import between_periods, parts_of, scopes, within_period
from services.leaderboard.domain.boards import MEASURES, TOTAL, Board, Progress
from services.leaderboard.handlers import everything, requests
from services.leaderboard.settings import ConsumerSettings, build_consumer, build_database
from services.leaderboard.store import UNREACHABLE, Standings
from services.leaderboard.store.decided import Decided
from shared import periods, settings
from shared.bus import Bus, BusUnavailable, open_bus

_GONE: tuple[type[Exception], ...] = (*UNREACHABLE, BusUnavailable)
_LOOK_SECONDS = 0.5
_LOOKS_BEFORE_DIFFERENT = 3


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Make the standings again, check them, show them; forget what somebody decided."""
    if context.obj is None and context.invoked_subcommand != "forget":
        context.obj = settings.or_exit(build_consumer)


@cli.command()
@click.option("--deadline", default=600.0, show_default=True, help="Give up waiting after so many seconds.")
@click.option(
    "--quiet-for", default=5.0, show_default=True, help="From an empty Redis: done when nothing came so long."
)
@click.pass_obj
def rebuild(given: ConsumerSettings, deadline: float, quiet_for: float) -> None:
    """Forget all standings, have the ledger published again from line 1, and wait until they are back.

    Needs the running consumers of scoring and leaderboard. Until it is done, boards say "rebuilding".
    """
    with _reachable():
        standings, bus = Standings.open(given.redis_url), open_bus(given.bus_url)
        try:
            _start_again(standings, bus)
            if not _wait(standings, time.monotonic() + deadline, quiet_for):
                raise click.ClickException(
                    f"not done after {deadline:g} s; it goes on by itself as long as the consumers of scoring and"
                    " leaderboard run. Are they running?"
                )
        finally:
            bus.close()
            standings.close()


@cli.command()
@click.pass_obj
def verify(given: ConsumerSettings) -> None:
    """Check that the boards agree: a team's total is the sum of its reps', a quarter the sum of its months, ..."""
    with _reachable():
        standings = Standings.open(given.redis_url)
        boards = _teams_by_board(standings)
        wrong = [
            f"{metric} {period}: {sentence}"
            for (metric, period), teams in sorted(boards.items())
            for sentence in _disagreements(standings, metric, period, teams)
        ]
    for sentence in wrong:
        click.echo(sentence, err=True)
    click.echo(f"{len(boards)} metrics x periods checked, {len(wrong)} differences")
    if wrong:
        raise click.ClickException("`rebuild` makes the standings again from the ledger")


@cli.command()
@click.argument("board", metavar="METRIC/PERIOD/SCOPE")
@click.option("--by", type=click.Choice(MEASURES), default=TOTAL, show_default=True)
@click.option("--count", default=50, show_default=True, help="How many rows.")
@click.pass_obj
def show(given: ConsumerSettings, board: str, by: str, count: int) -> None:
    """Show one board, such as revenue/2026-11/teams, points/2026-W48/reps or calls/2026-11-24/team:noord."""
    asked = Board(*_three_parts(board), by)
    with _reachable():
        standings = Standings.open(given.redis_url)
        page, league = standings.board(asked, 0, count), standings.documents()
    for row in page.rows:
        rank = "-" if row.rank is None else str(row.rank)
        click.echo(f"{rank:>5}  {league.name(asked, row.id):<32} {row.value(by)!s:>20}")
    click.echo(f"{len(page.rows)} of {page.total}, version {page.version}, amounts in the smallest unit")


@cli.command()
@click.argument("rep")
@click.pass_obj
def forget(given: str | None, rep: str) -> None:
    """Remove what REP decided about the own person on TVs: nickname, picture, consent. Screens follow in minutes."""
    decided = Decided.open(given or settings.or_exit(build_database))
    found = decided.profiles.forget(rep)
    click.echo("removed" if found else "there was nothing")


def _three_parts(text: str) -> tuple[str, str, str]:
    parts = text.split("/")
    if len(parts) != 3:
        raise click.BadParameter("write METRIC/PERIOD/SCOPE, such as revenue/2026-11/teams")
    try:
        periods.parse(parts[1])
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return parts[0], parts[1], parts[2]


def _start_again(standings: Standings, bus: Bus) -> None:
    now = datetime.now(UTC)
    standings.wipe(now)
    bus.publish(requests(everything(), now))
    standings.note_asked(everything(), now)


def _wait(standings: Standings, deadline: float, quiet_for: float) -> bool:
    """Wait until every line that had been seen is back; without a memory of it, until no more come."""
    remembered = bool(standings.progress().goal)
    before, since = standings.progress().seen, time.monotonic()
    while time.monotonic() < deadline:
        progress = standings.progress()
        if progress.seen != before:
            before, since = progress.seen, time.monotonic()
            click.echo(_told(progress), err=True)
        quiet = bool(progress.seen) and time.monotonic() - since >= quiet_for
        if not progress.goal and (remembered or quiet):
            click.echo(f"done: {sum(progress.seen.values()):,} lines")
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _told(progress: Progress) -> str:
    partitions = progress.seen.keys() | progress.goal.keys()
    known = sum(max(progress.seen.get(each, 0), progress.goal.get(each, 0)) for each in partitions)
    return f"{sum(progress.seen.values()):,} of {known:,} lines"


def _teams_by_board(standings: Standings) -> dict[tuple[str, str], set[str]]:
    """Return the metrics and periods that hold lines, with the teams that have any."""
    found: dict[tuple[str, str], set[str]] = {}
    for board in standings.boards():
        found.setdefault((board.metric, board.period_id), set()).update({board.team} if board.team else ())
    return found


def _disagreements(standings: Standings, metric: str, period: str, teams: Iterable[str]) -> list[str]:
    """Compare the boards of one metric and period; a team that came in just now is no disagreement."""
    found: list[str] = []
    for _ in range(_LOOKS_BEFORE_DIFFERENT):
        found = [*_inside(standings, scopes(metric, period, teams)), *_over_time(standings, metric, period)]
        if not found:
            break
        teams = _teams_by_board(standings).get((metric, period), ())
    return found


def _inside(standings: Standings, boards: Sequence[Board]) -> Iterator[str]:
    totals = standings.totals(boards)
    return within_period({board.scope: total for board, total in zip(boards, totals, strict=True)})


def _over_time(standings: Standings, metric: str, period: str) -> Iterator[str]:
    zone = standings.documents().zone
    parts = parts_of(Board(metric, period).period, zone, datetime.now(UTC))
    whole, *rest = standings.totals([Board(metric, name) for name in (period, *(part.id for part in parts))])
    return between_periods(whole, rest) if parts else iter(())


@contextmanager
def _reachable() -> Iterator[None]:
    """Turn an engine that does not answer into one sentence and exit code 1."""
    try:
        yield
    except _GONE as error:
        raise click.ClickException(f"cannot be reached: {error}") from error


if __name__ == "__main__":
    cli()
