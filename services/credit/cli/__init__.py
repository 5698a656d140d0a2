"""The commands of credit, `csem credit …`."""

import click

from services.credit.cli import arrears, books, committees, lending


@click.group()
def group() -> None:
    """The trust funds, their committees and their loans."""


for command in (*lending.COMMANDS, *books.COMMANDS, *arrears.COMMANDS, *committees.COMMANDS):
    group.add_command(command)
