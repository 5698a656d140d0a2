"""The commands of training, `csem training …`."""

import click

from services.training.cli import assistance, groups, sessions


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (*groups.COMMANDS, *sessions.COMMANDS, *assistance.COMMANDS):
    group.add_command(command)
