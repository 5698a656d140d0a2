"""Gaps: what keeps the levels of chains low, announced to credit and training."""

import getpass
from typing import Any

import click

from services.territory.queries.gaps import list_gaps
from services.territory.use_cases.announce_gaps import announce_gaps
from shared.identity import Caller
from shared.service import Service

MANY = 200


@click.group()
def gaps() -> None:
    """What keeps the levels of chains low, as credit and training hear of it."""


@gaps.command("list")
@click.argument("unit")
@click.pass_obj
def list_(house: Any, unit: str) -> None:
    """The gaps of UNIT (an official code, such as HN17) as they were announced last."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        page = list_gaps(session, Caller.operator(getpass.getuser()), [unit], limit=MANY, after=None)
    for row in page.rows:
        told = ", ".join(f"{gap['subject']} {gap['enterprises']}/{gap['known']}" for gap in row["gaps"])
        click.echo(f"{row['unit']}  {row['chain']:<16} {row['found_on']}  {told}")


@gaps.command()
@click.argument("units", nargs=-1)
@click.pass_obj
def announce(house: Any, units: tuple[str, ...]) -> None:
    """Announce what changed in UNITS (official codes), or everywhere."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        done = announce_gaps(session, Caller.operator(getpass.getuser()), units or None)
    click.echo(f"{done.announced} anunciados, {done.unchanged} sin cambio.")


COMMANDS = (gaps,)
