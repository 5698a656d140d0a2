"""The commands of training, `csem training …`."""

import click

from services.training.cli import groups, rounds


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (*groups.COMMANDS, *rounds.COMMANDS):
    group.add_command(command)
