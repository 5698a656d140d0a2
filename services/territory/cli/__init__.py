"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import (
    analyses,
    boundaries,
    introductions,
    maps,
    plans,
    reports,
    tables,
)


@click.group("territory")
def group() -> None:
    """Boundaries, figures, analyses, plans and reports of the territory."""


for command in (
    *analyses.COMMANDS,
    *boundaries.COMMANDS,
    *introductions.COMMANDS,
    *maps.COMMANDS,
    *plans.COMMANDS,
    *reports.COMMANDS,
    *tables.COMMANDS,
):
    group.add_command(command)
