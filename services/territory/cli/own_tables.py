"""Own tables of published figures, as files."""

import getpass
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from services.territory.composition import Composition
from services.territory.models import OwnTable
from services.territory.queries.own_table_figures import grid_of, selection_of
from services.territory.queries.own_table_words import shown
from services.territory.queries.own_tables import definition_of
from services.territory.use_cases.print_own_table import MEDIA_TYPES, printed_table
from services.territory.use_cases.publish_figures import ensure_published
from shared import i18n
from shared.identity import Caller
from shared.kernel import NotFound
from shared.service import Service


@click.group("own-tables")
def own_tables() -> None:
    """Tables and charts that people made of published figures."""


@own_tables.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """All tables that are kept, with who made them."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        for table in session.scalars(select(OwnTable).order_by(OwnTable.id)):
            told = "compartida" if table.shared else "propia"
            click.echo(f"{table.id}  {table.made_by_name:<24} {told:<10}  {table.title}")


@own_tables.command()
@click.argument("table_id", type=click.UUID)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="A name that ends in .csv, .xlsx, .svg, .png or .pdf.")  # fmt: skip
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def export(house: Any, table_id: UUID, output: Path, language: str) -> None:
    """Write the table with this ID, of the figures published this month."""
    form = output.suffix.removeprefix(".").lower()
    if form not in MEDIA_TYPES:
        raise click.BadParameter("a table is written as .csv, .xlsx, .svg, .png or .pdf", param_hint="--output")
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    caller = Caller.operator(getpass.getuser())
    with service.database.reading() as session:
        table = session.get(OwnTable, table_id)
        if table is None:
            raise NotFound("own_table.unknown")
        definition, title = definition_of(table), table.title
    selection = selection_of(caller, definition)
    ensure_published(service.database, caller, selection.departments)
    with service.database.reading() as session:
        made = shown(grid_of(session, definition, selection), context.words(language), language, title=title)
    output.write_bytes(printed_table(made, form, language=language))
    click.echo(f"{output}: {title}")


COMMANDS = (own_tables,)
