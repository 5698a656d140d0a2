"""The commands of training, `csem training …`."""

import click

from services.training.cli import csr, diagnoses, groups


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (*groups.COMMANDS, *csr.COMMANDS, *diagnoses.COMMANDS):
    group.add_command(command)
