"""The published tables of establishments."""

import getpass
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from services.territory.queries import establishments as queries
from services.territory.use_cases.protect_establishments import make_table
from shared.identity import Caller
from shared.service import Service

WITHHELD = "reservado"
HEADS = ("todos", "micro", "pequeña", "mediana", "grande", "sin dato")
_MOST = 200


@click.group()
def establishments() -> None:
    """Establishments by place, class and size, protected."""


@establishments.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """The tables of the sets in force, and how each stands."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        for row in queries.list_tables(session, limit=_MOST, after=None).rows:
            click.echo(f"{row['id']}  {row['country']}  {row['year']}  {row['title_es']}: {_standing(row)}")


@establishments.command()
@click.argument("set_id", type=click.UUID)
@click.option("--place", default=None, metavar="CODE", help="A country, department or municipality.")
@click.option("--ciiu", default=None, metavar="CODE", help="A section, division or class of CIIU Rev. 4.")
@click.option("--by", type=click.Choice(queries.BY), default=queries.BY_CLASS, help="What the rows are.")
@click.pass_obj
def show(house: Any, /, set_id: UUID, **asked: str | None) -> None:
    """The table of a set at a place, or of a class."""
    service: Service = house.service("territory")
    wanted = {name: value for name, value in asked.items() if value}
    with service.database.reading() as session:
        told = queries.view(session, set_id, wanted, "es")
    click.echo(f"{'':<48}" + "".join(f"{head:>14}" for head in HEADS))
    for row in told["rows"]:
        click.echo(f"{row['name'][:46]:<48}" + "".join(f"{_cell(cell):>14}" for cell in row["cells"]))


@establishments.command()
@click.argument("set_id", type=click.UUID)
@click.pass_obj
def make(house: Any, set_id: UUID) -> None:
    """Have the table of a set made that is not there yet; the worker does it."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        make_table(session, Caller.operator(getpass.getuser()), set_id)
    click.echo("Se hará en unos minutos.")


def _standing(row: Mapping[str, Any]) -> str:
    if row["made_at"]:
        lost = row["lost"]
        withheld = lost["primary"] + lost["secondary"]
        return f"{lost['cells']} celdas, {withheld} reservadas ({lost['ranged']} con su rango)"
    job = row["job"]
    return "por hacer" if job is None else f"{job['state']} ({job['done']} %)"


def _cell(cell: Mapping[str, Any]) -> str:
    if cell["state"] == queries.RANGE:
        return f"{cell['low']} a {cell['high']}"
    return WITHHELD if cell["value"] is None else str(cell["value"])


COMMANDS = (establishments,)
