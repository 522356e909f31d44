"""`pushsvc operator add` and `pushsvc key add`: who may use the console and the API."""

from __future__ import annotations

import getpass

import click

from pushsvc.cli.context import open_context
from pushsvc.pipeline import accounts
from pushsvc.store.access import Operator


@click.group()
def operator() -> None:
    """Operators of the console."""


@operator.command("add")
@click.argument("name")
@click.option("--display", help="The name shown on pages; the account's name where not given.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(accounts.ROLES))
@click.password_option(help="Asked for when not given; at least 12 characters.")
def add_operator(name: str, display: str | None, roles: tuple[str, ...], password: str) -> None:
    """Make an operator, or change the roles and password of one."""
    with open_context() as ctx:
        accounts.add_operator(ctx, Operator(name, display or name, roles), password=password, actor=_me())
    click.echo(f"operator {name}: {', '.join(roles)}")


@click.group()
def key() -> None:
    """Keys of the API."""


@key.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(accounts.SCOPES))
def add_key(name: str, scopes: tuple[str, ...]) -> None:
    """Make an API key; it is shown this once."""
    with open_context() as ctx:
        made = accounts.add_key(ctx, name, scopes=scopes, actor=_me())
    click.echo(made)


def _me() -> str:
    return f"shell:{getpass.getuser()}"
