"""For operators: make the tables, check the books, read a statement, try a plan, calculate a period and check a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TextIO

import click

from services.commission import settings as commission
from services.commission.domain import derivation, findings
from services.commission.domain.components import Line
from services.commission.domain.league import League
from services.commission.domain.quantities import LANGUAGES
from services.commission.domain.rehearsal import Rehearsal
from services.commission.domain.statements import Statement
from services.commission.handlers import Leagues, ask_again, statement_of
from services.commission.handlers.calculating import calculate
from services.commission.handlers.engine import engine_version
from services.commission.handlers.once import Request
from services.commission.handlers.rehearsing import rehearse
from services.commission.handlers.trying import Trial, beside, in_full, tried
from services.commission.handlers.verifying import verify as verify_again
from services.commission.store import Books, Desks
from shared import periods, settings
from shared.bus import open_bus
from shared.contracts.league import BadDocument
from shared.errors import InvalidInput, SamenspelError
from shared.money import to_major
from shared.periods import Period
from shared.topics import TOPICS
from shared.yaml12 import load


@click.group()
def cli() -> None:
    """Look after the books of commission."""


@cli.command()
def migrate() -> None:
    """Bring the tables to the newest version."""
    with _books() as books:
        books.migrate()
    click.echo("the tables are at the newest version")


@cli.command()
def verify() -> None:
    """Check that totals are the sums of their lines, that no line is missing, and that the mark is right."""
    with _books() as books, books.page() as page:
        lines = sum(page.marks().ledger.values())
        wrong = list(page.disagreements())
    for sentence in wrong:
        click.echo(sentence, err=True)
    click.echo(f"{lines:,} lines checked, {len(wrong)} differences")
    if wrong:
        raise click.ClickException(
            "start from an empty database: the ledger and the documents are sent again by themselves"
        )


@cli.command()
def republish() -> None:
    """Have the whole ledger and the documents sent again: the books take what they lack and pass over the rest."""
    with _books() as books, closing(open_bus(settings.or_exit(commission.bus))) as bus:
        ask_again(range(TOPICS["credits"].partitions), books, bus.publish, datetime.now(UTC))
    click.echo("asked; the consumer takes the missing lines as they come (see `verify`)")


@cli.command()
@click.argument("rep")
@click.argument("period")
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: the organisation's.")
def statement(rep: str, period: str, language: str | None) -> None:
    """Derive what REP earned in PERIOD (2026-11, 2026-Q4, ...), step by step."""
    asked = _period(period)
    with _books() as books, books.page() as page:
        league = Leagues().of(page, page.marks())
        one = statement_of(page, league, rep, asked)
    for line in _printed(one, league, language or league.roster.organisation.language):
        click.echo(line)


@cli.command(name="try")
@click.option("--plans", required=True, type=click.File(), help="A plans document (YAML or JSON).")
@click.option("--results", required=True, type=click.File(), help="Who is paid for which results (see docs/plans.md).")
@click.option("--roster", type=click.File(), help="A roster document; without it, the results say who is where.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Lines, derivation and totals as JSON.")
def try_plans(plans: TextIO, results: TextIO, roster: TextIO | None, lang: str, *, as_json: bool) -> None:
    """Compute what plans pay for written results: no database, no bus."""
    try:
        found = tried(load(plans.read()), load(results.read()), load(roster.read()) if roster else None)
    except (SamenspelError, ValueError) as error:
        raise click.ClickException(_said(error)) from error
    if as_json:
        click.echo(json.dumps(in_full(found, lang), indent=2, ensure_ascii=False))
        return
    for line in _all_printed(found, lang):
        click.echo(line)


def _all_printed(found: Trial, language: str) -> Iterator[str]:
    for _, one in found.paid:
        if one.statement:
            yield from _printed(one.statement, found.league, language)
        more = list(beside(one))
        yield from (f"  {line.kind}: {line.currency} {to_major(line.amount, line.currency)}" for line in more)
        for each in one.balances:
            currency, about = each.account.currency, f" ({each.account.about})" if each.account.about else ""
            amounts = f"{to_major(each.opening, currency)} -> {to_major(each.closing, currency)}"
            yield f"  balance {each.account.kind}{about}: {currency} {amounts}"
        if more:
            yield from (f"= paid {currency} {to_major(minor, currency)}" for currency, minor in one.totals.items())
        yield ""
    for currency, minor in found.totals.items():
        yield f"== {len({one.rep for _, one in found.paid})} payees: {currency} {to_major(minor, currency)}"


@cli.command(name="rehearse")
@click.option("--plans", required=True, type=click.File(), help="A draft of the plans document (YAML or JSON).")
@click.option("--from", "first", required=True, help="The first period: 2026-01.")
@click.option("--to", "last", required=True, help="The last period: 2026-06.")
def rehearse_draft(plans: TextIO, first: str, last: str) -> None:
    """Tell what a draft would have cost in past periods, who gains and who loses; nothing is kept."""
    try:
        draft = load(plans.read())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    with _books() as books, books.page() as page:
        found = rehearse(page, draft, _period(first), _period(last))
    for currency in found.currencies:
        for line in _compared(found, currency):
            click.echo(line)


def _compared(found: Rehearsal, currency: str) -> Iterator[str]:
    def row(name: str, now: int, draft: int) -> str:
        return f"{name:<32}" + "".join(f"{to_major(each, currency):>16}" for each in (now, draft, draft - now))

    yield f"{currency:<32}{'present':>16}{'draft':>16}{'difference':>16}"
    for cost in found.costs:
        if cost.currency == currency:
            yield row(cost.period.id, cost.now, cost.draft)
    total = found.total(currency)
    yield row("together", total.now, total.draft)
    yield ""
    for one in found.of(currency):
        yield row(one.name, one.now, one.draft)
    gain, lose, same = found.counts(currency)
    yield f"{gain} gain, {lose} lose, {same} stay the same"


def _said(error: Exception) -> str:
    if isinstance(error, BadDocument):
        problems = (f"  {problem.pointer or '/'}: {problem.message}" for problem in error.problems)
        return "\n".join([f"the {error.kind} leave something open or contradict themselves:", *problems])
    return f"{error.title()} {error.detail}".strip() if isinstance(error, SamenspelError) else str(error)


@cli.command()
@click.argument("period")
@click.option("--actor", required=True, help="Whose work it is, in the audit trail; who calculates cannot approve.")
def run(period: str, actor: str) -> None:
    """Calculate PERIOD (2026-11, ...), once it has ended; a calculation not yet under review is replaced."""
    asked = _period(period)
    with _books() as books:
        made = calculate(Desks(books.engine), asked, Request(actor, datetime.now(UTC)), engine_version())
    click.echo(f"{made.id} {made.state}: {made.payees:,} payees, engine {made.engine}")
    click.echo(f"inputs  {made.inputs}\noutputs {made.outputs}")
    for currency, minor in made.totals.items():
        click.echo(f"= {currency} {to_major(minor, currency)}")


@cli.command("verify-run")
@click.argument("run_id", metavar="RUN")
@click.option("--actor", default="operator", show_default=True, help="Whose work it is, in the audit trail.")
def verify_run(run_id: str, actor: str) -> None:
    """Compute RUN again from its stored inputs and compare with what is stored, byte for byte."""
    with _books() as books:
        verdict = verify_again(Desks(books.engine), run_id, Request(actor, datetime.now(UTC)), engine_version())
    for sentence in verdict.differences:
        click.echo(sentence, err=True)
    if not verdict.same:
        because = "" if verdict.engine == verdict.run.engine else f" (by engine {verdict.run.engine} then)"
        raise click.ClickException(f"{len(verdict.differences)} differences{because}")
    click.echo(f"{run_id}: {verdict.payees:,} payees computed again, every byte is the same")


@cli.command()
@click.option("--period", help="Only of this period.")
@click.option("--run", "run_id", help="Only of this run.")
def trail(period: str | None, run_id: str | None) -> None:
    """Print the audit trail: who did what, when and why."""
    with _books() as books, Desks(books.engine).reading() as desk:
        events = desk.trail.of(period=period and _period(period).id, run=run_id)
    for event in events:
        states = f" {event.before} -> {event.after}" if event.before != event.after else ""
        why = f': "{event.reason}"' if event.reason else ""
        click.echo(f"{event.at.isoformat()} {event.actor} {event.action} {event.run or event.period}{states}{why}")


@contextmanager
def _books() -> Iterator[Books]:
    """Open the books; what goes wrong with a name becomes one sentence and exit code 1."""
    try:
        with closing(Books.open(settings.or_exit(commission.database))) as books:
            yield books
    except SamenspelError as error:
        raise click.ClickException(_refused(error)) from error


def _refused(error: SamenspelError) -> str:
    problems = error.problems if isinstance(error, InvalidInput) else ()
    listed = (f"  {one.pointer}: {one.expected}" for one in problems)
    return "\n".join([f"{error.title()} {error.detail}".strip(), *listed])


def _period(text: str) -> Period:
    try:
        return periods.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="PERIOD") from error


def _printed(one: Statement, league: League, language: str) -> Iterator[str]:
    yield f"{one.rep.name} ({one.rep.id})  {one.period.id}  {league.roster.organisation.name}"
    for line in one.lines:
        yield ""
        yield _heading(line, language)
        yield from (f"  {derivation.sentence(step, language)}" for step in line.steps)
    yield ""
    for found in one.findings:
        yield f"! {found.component + ': ' if found.component else ''}{findings.sentence(found, language)}"
    for currency, minor in one.totals.items():
        yield f"= {currency} {to_major(minor, currency)}"


def _heading(line: Line, language: str) -> str:
    name = line.component.label.get(language, line.component.id)
    where = f", {line.team}" if line.team else ""
    amount = to_major(line.amount, line.plan.currency)
    return f"{name} ({line.plan.id} v{line.version}{where}): {line.plan.currency} {amount}"


if __name__ == "__main__":
    cli()
