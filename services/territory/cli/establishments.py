"""The published tables of establishments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import establishments as api
from services.territory.api.lists import FORMATS
from services.territory.cli.asking import LANGUAGE, MANY, asking, database, form_of, kept, operator, to_file
from services.territory.queries import establishments as queries
from services.territory.use_cases.protect_establishments import make_table

WITHHELD = "reservado"
HEADS = ("todos", "micro", "pequeña", "mediana", "grande", "sin dato")
_SET = click.argument("set_id", type=click.UUID)


@click.group()
def establishments() -> None:
    """Establishments by place, class and size, protected."""


@establishments.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """The tables of the sets in force, and how each stands."""
    with database(house).reading() as session:
        for row in queries.list_tables(session, limit=MANY, after=None).rows:
            click.echo(f"{row['id']}  {row['country']}  {row['year']}  {row['title_es']}: {_standing(row)}")


@establishments.command()
@_SET
@click.option("--place", default=None, metavar="CODE", help="A country, department or municipality.")
@click.option("--ciiu", default=None, metavar="CODE", help="A section, division or class of CIIU Rev. 4.")
@click.option("--by", type=click.Choice(queries.BY), default=queries.BY_CLASS, help="What the rows are.")
@to_file(required=False, about="Write the rows into a .csv or .xlsx.")
@LANGUAGE
@click.pass_obj
def show(house: Any, /, set_id: UUID, output: Path | None, language: str, **asked: str | None) -> None:
    """The table of a set at a place, or of a class."""
    form = None if output is None else form_of(output, FORMATS)
    with asking(house, api.ViewFileQuery, asked | {"format": form}, language=language) as call:
        if output is not None:
            kept(api.document(call, set_id), output)
            return
        told = queries.view(call.session, set_id, call.query, language)
    click.echo(f"{'':<48}" + "".join(f"{head:>14}" for head in HEADS))
    for row in told["rows"]:
        click.echo(f"{row['name'][:46]:<48}" + "".join(f"{_cell(cell):>14}" for cell in row["cells"]))


@establishments.command("cells")
@_SET
@to_file(about="A name that ends in .csv.")
@click.option("--place", default=None, metavar="CODE", help="Of this place alone.")
@click.option("--ciiu", default=None, metavar="CODE", help="Of this section, division or class alone.")
@click.option("--size", type=click.Choice(queries.SIZES), default=None)
@click.pass_obj
def cells(house: Any, /, set_id: UUID, output: Path, **asked: str | None) -> None:
    """Write all cells of the table of a set that count somebody, one by one."""
    form_of(output, ("csv",))
    with asking(house, api.CellsQuery, asked) as call:
        kept(api.cells_document(call, set_id), output)


@establishments.command()
@_SET
@click.pass_obj
def make(house: Any, set_id: UUID) -> None:
    """Have the table of a set made that is not there yet; the worker does it."""
    with database(house).transaction() as session:
        make_table(session, operator(), set_id)
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
