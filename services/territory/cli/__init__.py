"""The commands of territory, `csem territory …`."""

import click

from services.territory.cli import boundaries, councils, plans, proposals, reports


@click.group("territory")
def group() -> None:
    """Boundaries, figures, reports, plans, proposals and councils."""


for command in (
    *boundaries.COMMANDS,
    *reports.COMMANDS,
    *plans.COMMANDS,
    *proposals.COMMANDS,
    *councils.COMMANDS,
):
    group.add_command(command)
