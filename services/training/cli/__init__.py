"""The commands of training, `csem training …`."""

import click

from services.training.cli import (
    diplomas,
    groups,
    learning,
    rounds,
)


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (
    *diplomas.COMMANDS,
    *groups.COMMANDS,
    *learning.COMMANDS,
    *rounds.COMMANDS,
):
    group.add_command(command)
