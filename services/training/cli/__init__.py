"""The commands of training, `csem training …`."""

import click

from services.training.cli import diplomas, groups


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (*groups.COMMANDS, *diplomas.COMMANDS):
    group.add_command(command)
