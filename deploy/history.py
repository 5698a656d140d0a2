"""`csem history`: whether what was written about changes is as it was written."""

import click

from deploy.house import House
from shared import history
from shared.database import Database
from shared.settings import SERVICES


@click.group("history")
def group() -> None:
    """Who changed what, before and after."""


@group.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.pass_obj
def verify(house: House, services: tuple[str, ...]) -> None:
    """Look for entries of SERVICES (all of them by default) that are not as they were written.

    Told is what was changed, and what was taken out from between others; then it ends with 1. What was blanked because
    a woman withdrew is no such change.
    """
    broken = sum([_verify(house, name) for name in services or SERVICES])
    if broken:
        raise click.ClickException(f"{broken} chains are not as they were written; keep a copy before anything else")


def _verify(house: House, name: str) -> int:
    """How many chains of the service `name` are broken; each is told with its first entry that is not as written."""
    database = Database(house.settings(name).database_url)
    broken = 0
    try:
        with database.reading() as session:
            for subject, number in history.broken(session):
                click.echo(f"{name:<10} {subject} entry {number} is not as it was written")
                broken += 1
            if not broken:
                click.echo(f"{name:<10} {history.count(session)} entries, all as they were written")
    finally:
        database.dispose()
    return broken
