"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import (
    analyses,
    boundaries,
    chains,
    commitments,
    councils,
    establishments,
    features,
    gaps,
    influence,
    introductions,
    layers,
    located,
    map_links,
    maps,
    own_tables,
    packs,
    plans,
    proposals,
    rates,
    reports,
    scores,
    sent_files,
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
    *features.COMMANDS,
    *gaps.COMMANDS,
    *influence.COMMANDS,
    *introductions.COMMANDS,
    *layers.COMMANDS,
    *located.COMMANDS,
    *map_links.COMMANDS,
    *maps.COMMANDS,
    *own_tables.COMMANDS,
    *packs.COMMANDS,
    *plans.COMMANDS,
    *proposals.COMMANDS,
    *rates.COMMANDS,
    *reports.COMMANDS,
    *scores.COMMANDS,
    *sent_files.COMMANDS,
    *tables.COMMANDS,
):
    group.add_command(command)
