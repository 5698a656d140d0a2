"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import boundaries, chains, plans, reports


@click.group("territory")
def group() -> None:
    """Boundaries, figures and municipal reports."""


for command in (*boundaries.COMMANDS, *chains.COMMANDS, *reports.COMMANDS, *plans.COMMANDS):
    group.add_command(command)
