"""Accounts: the first admin is made here, and whoever has locked everybody out comes in again by this door."""

import getpass
from collections.abc import Callable
from datetime import UTC, datetime

import click

from services.ingest.cli.telling import refusals
from services.ingest.domain.accounts import MANAGER, ROLES, Account, Person, login_of
from services.ingest.handlers.accounts import Desk, Link
from services.ingest.handlers.names import Names
from services.ingest.settings import database_url
from services.ingest.store import Accounts, League, SignIns
from shared.settings import or_exit
from shared.sql import migrate, open_engine

_AUTHOR = click.option("--author", default=getpass.getuser, help="Who says so.")
_URL = click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where people open Samenspel.")


@click.group()
def account() -> None:
    """Accounts of people."""


@account.command()
@click.argument("login")
@click.option("--name", default="", help="How the person is called.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--rep", help="Who it is on the roster; a seller needs it.")
@click.option("--team", "teams", multiple=True, help="A team that a manager leads; several may be named.")
@click.option("--all-teams", is_flag=True, help="A manager of all teams, new ones too.")
@_URL
@_AUTHOR
def add(
    *, login: str, name: str, role: str, rep: str | None, teams: tuple[str, ...], all_teams: bool, url: str, author: str
) -> None:
    """Add an account and print the link with which its person sets a password, once."""
    led = frozenset(teams) if teams or (role == MANAGER and not all_teams) else None
    person = Person(login_of(login) or login, name or login, role, rep, led)
    with refusals():
        made, link = _desk().add(person, author)
    click.echo(f"account {made.id}: {made.person.login}, {made.person.role}")
    _tell(link, url)


@account.command("list")
def list_accounts() -> None:
    """List accounts: role, whom they see, and whether they may sign in."""
    with refusals():
        for each in _desk().all():
            click.echo(f"{each.person.login}  {each.person.role}  {_sight(each)}  {_state(each)}")


@account.command()
@click.argument("login")
@_URL
@_AUTHOR
def reset(login: str, url: str, author: str) -> None:
    """Print a new link to set a password; older links are no good any more."""
    with refusals():
        desk = _desk()
        link = desk.send_link(desk.of_login(login).id, author)
    _tell(link, url)


@account.command()
@click.argument("login")
@_AUTHOR
def disable(login: str, author: str) -> None:
    """End an account: in ingest at once, in the other services within half an hour."""
    _do(login, lambda desk, number: desk.disable(number, author), "is disabled")


@account.command()
@click.argument("login")
@_AUTHOR
def enable(login: str, author: str) -> None:
    """Let an account in again."""
    _do(login, lambda desk, number: desk.enable(number, author), "may sign in again")


@account.command()
@click.argument("login")
@click.confirmation_option(prompt="Everything that is kept of this account goes. Sure?")
def forget(login: str) -> None:
    """Take an account away with its history, for a person who is to be forgotten."""
    _do(login, lambda desk, number: desk.forget(number), "is forgotten")


def _do(login: str, step: Callable[[Desk, int], None], done: str) -> None:
    with refusals():
        desk = _desk()
        step(desk, desk.of_login(login).id)
    click.echo(f"{login} {done}")


def _tell(link: Link, url: str) -> None:
    click.echo(f"{link.kind}, good until {link.expires_at:%Y-%m-%d %H:%M} UTC, works once:")
    click.echo(f"{url.rstrip('/')}/ingest/invitation#c={link.code}")


def _sight(each: Account) -> str:
    if each.person.rep is not None and each.person.role == "seller":
        return f"rep {each.person.rep}"
    return "everybody" if each.person.teams is None else f"teams {' '.join(sorted(each.person.teams))}"


def _state(each: Account) -> str:
    if each.disabled_at:
        return "disabled"
    return "active" if each.password or each.subject else "invited"


def _desk() -> Desk:
    engine = open_engine(or_exit(database_url))
    migrate(engine, "services.ingest")
    return Desk(Accounts(engine), SignIns(engine), Names(League(engine)), lambda: datetime.now(UTC))
