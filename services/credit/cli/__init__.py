"""The commands of credit, `csem credit …`."""

import click

from services.credit.cli import (
    arrears,
    bodies,
    books,
    changes,
    committees,
    evidence,
    files,
    governing,
    instruments,
    lending,
    papers,
    payments,
    projection,
    records,
    securities,
    seed,
)


@click.group()
def group() -> None:
    """The trust funds, their committees and their loans."""


for command in (
    *lending.COMMANDS,
    *changes.COMMANDS,
    *books.COMMANDS,
    *arrears.COMMANDS,
    *committees.COMMANDS,
    *bodies.COMMANDS,
    *files.COMMANDS,
    *securities.COMMANDS,
    *projection.COMMANDS,
    *seed.COMMANDS,
    *instruments.COMMANDS,
    *payments.COMMANDS,
    *evidence.COMMANDS,
    *records.COMMANDS,
    *papers.COMMANDS,
    *governing.COMMANDS,
):
    group.add_command(command)
