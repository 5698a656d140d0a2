"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import boundaries, layers, plans, reports, tables


@click.group("territory")
def group() -> None:
    """Boundaries, figures and municipal reports."""


for command in (*boundaries.COMMANDS, *reports.COMMANDS, *plans.COMMANDS, *tables.COMMANDS, *layers.COMMANDS):
    group.add_command(command)
