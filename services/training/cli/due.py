"""`csem training due`."""

import json
from typing import Any

import click

from services.training.cli.groups import database_of, operator
from services.training.queries.due import KINDS, list_due


@click.command()
@click.option("--kind", type=click.Choice(KINDS), help="Only of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def due(house: Any, kind: str | None, as_json: bool) -> None:
    """What is due in every territory, the oldest first; 200 lines at most."""
    with database_of(house).reading() as session:
        rows = list_due(session, operator(), {"kind": kind}, limit=200, after=None).rows
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        months = ", ".join(map(str, row["months"]))
        told = "  ".join(filter(None, (row["title"], row["of"], months)))
        click.echo(f"{row['day']!s}  {row['kind']:<12}  {row['id']}  {told}")


COMMANDS = [due]
