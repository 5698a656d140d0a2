"""The commands of training, `csem training …`."""

import click

from services.training.cli import (
    assistance,
    community,
    csr,
    diagnoses,
    diplomas,
    groups,
    learning,
    rounds,
    sessions,
    stories,
)


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (
    *assistance.COMMANDS,
    *community.COMMANDS,
    *csr.COMMANDS,
    *diagnoses.COMMANDS,
    *diplomas.COMMANDS,
    *groups.COMMANDS,
    *learning.COMMANDS,
    *rounds.COMMANDS,
    *sessions.COMMANDS,
    *stories.COMMANDS,
):
    group.add_command(command)
