"""The `csem portal` commands: the first account, and a password that everybody has forgotten."""

import getpass
import json
from typing import Any

import click
from sqlalchemy import select

from services.portal import queries
from services.portal.models import PERSON_ROLES, SEATS, Account
from services.portal.use_cases.change_account import reset_password
from services.portal.use_cases.open_account import open_account
from shared.database import Database
from shared.identity import Caller
from shared.kernel import NotFound


@click.group("portal")
def group() -> None:
    """Accounts of the people who sign in."""


@group.command()
@click.argument("username", default="")
@click.option("--name", default="", help="Full name; the user name where it is not given.")
@click.option("--admin", is_flag=True, help="An administrator for everywhere: the first account.")
@click.option("--role", "roles", multiple=True, type=click.Choice(PERSON_ROLES))
@click.option(
    "--unit", "units", multiple=True, help="Official code of a country, department or municipality; * is everywhere."
)
@click.option("--centre", default="", help="The centre or institution she works in.")
@click.option("--seat", type=click.Choice(SEATS), help="Her constituency in a credit committee.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True)
@click.pass_obj
def account(
    house: Any, /, username: str, name: str, admin: bool, roles: tuple[str, ...], units: tuple[str, ...], **more: Any
) -> None:
    """Open an account for USERNAME; prints its temporary password."""
    username = username or ("admin" if admin else click.prompt("User name"))
    with _database(house).transaction() as session:
        opened, password = open_account(
            session,
            Caller.operator(getpass.getuser()),
            username=username,
            name=name or username,
            roles=(*roles, "admin") if admin else roles,
            units=units or (("*",) if admin else ()),
            **more,
        )
    click.echo(f"{opened.username}  {password}")


@group.command("password")
@click.argument("username")
@click.pass_obj
def password_(house: Any, username: str) -> None:
    """Give USERNAME a new temporary password and print it; her sessions end."""
    with _database(house).transaction() as session:
        account_id = session.scalar(select(Account.id).where(Account.username == username))
        if account_id is None:
            raise NotFound("account.unknown")
        _, password = reset_password(session, Caller.operator(getpass.getuser()), account_id=account_id)
    click.echo(f"{username}  {password}")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@click.pass_obj
def accounts(house: Any, as_json: bool) -> None:
    """List all accounts."""
    with _database(house).reading() as session:
        rows, after = [], None
        while True:
            page = queries.list_accounts(session, filters={}, limit=200, after=after)
            rows += [dict(row) for row in page.rows]
            if (after := page.next) is None:
                break
    for row in rows:
        told = (row["username"], row["name"], ",".join(row["roles"]), ",".join(row["units"]))
        click.echo(
            json.dumps(row, default=str) if as_json else "  ".join((*told, "" if row["active"] else "(inactive)"))
        )


def _database(house: Any) -> Database:
    found: Database = house.service("portal").database
    return found
