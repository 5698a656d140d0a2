"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import (
    analyses,
    boundaries,
    chains,
    commitments,
    councils,
    establishments,
    gaps,
    introductions,
    layers,
    maps,
    own_tables,
    plans,
    proposals,
    reports,
    scores,
    tables,
)


@click.group("territory")
def group() -> None:
    """Boundaries, figures, analyses, plans and reports of the territory."""


for command in (
    *analyses.COMMANDS,
    *boundaries.COMMANDS,
    *chains.COMMANDS,
    *commitments.COMMANDS,
    *councils.COMMANDS,
    *establishments.COMMANDS,
    *gaps.COMMANDS,
    *introductions.COMMANDS,
    *layers.COMMANDS,
    *maps.COMMANDS,
    *own_tables.COMMANDS,
    *plans.COMMANDS,
    *proposals.COMMANDS,
    *reports.COMMANDS,
    *scores.COMMANDS,
    *tables.COMMANDS,
):
    group.add_command(command)
