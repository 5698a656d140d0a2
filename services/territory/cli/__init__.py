"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import boundaries, maps, plans, reports


@click.group("territory")
def group() -> None:
    """Boundaries, figures, maps and municipal reports."""


for command in (*boundaries.COMMANDS, *reports.COMMANDS, *plans.COMMANDS, *maps.COMMANDS):
    group.add_command(command)
