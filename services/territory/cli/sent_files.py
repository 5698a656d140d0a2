"""Files of boundaries, denominators and units that somebody sent through the pages: how each stands."""

from typing import Any
from uuid import UUID

import click

from services.territory.api.sent import sent_file
from services.territory.cli.asking import LANGUAGE, MANY, asking, database
from services.territory.cli.boundaries import tell as tell_boundaries
from services.territory.cli.tables import tell as tell_table
from services.territory.models import BoundaryFile, TableFile
from services.territory.queries.boundaries import boundary_files
from services.territory.queries.denominators import TABLE_ID, list_tables
from shared.kernel import NotFound
from shared.web import keyset_page

BOUNDARIES = "boundaries"


@click.group("sent-files")
def sent_files() -> None:
    """Files of boundaries and tables that were sent through the pages."""


@sent_files.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """The files, of each kind the latest first."""
    lists = (
        (boundary_files(), BoundaryFile.id.label("id")),
        (list_tables(None), TABLE_ID),
    )
    with database(house).reading() as session:
        for statement, key in lists:
            for row in keyset_page(session, statement, keys=[key], limit=MANY, after=None, descending=True).rows:
                kind = row.get("purpose", BOUNDARIES)
                click.echo(f"{row['id']}  {kind:<12}  {row['state']:<10}  {row['sent_by_name']}  {row['name']}")


@sent_files.command("show")
@click.argument("file_id", type=click.UUID)
@LANGUAGE
@click.pass_obj
def show(house: Any, file_id: UUID, language: str) -> None:
    """How a file was read, its quality report, and what is wrong with it."""
    with asking(house, language=language) as call:
        found = call.session.get(BoundaryFile, file_id) or call.session.get(TableFile, file_id)
        if found is None:
            raise NotFound("file.unknown")
        row = sent_file(call, found)
        tell = tell_boundaries if isinstance(found, BoundaryFile) else tell_table
    click.echo(f"{row['name']}: {row['state']} ({row['sent_by_name']})")
    for wrong in (row["problem"], row["job"]):
        if wrong and wrong.get("detail"):
            click.echo(f"  {wrong['detail']}")
    if row["reading"]:
        tell(row["reading"])


COMMANDS = (sent_files,)
