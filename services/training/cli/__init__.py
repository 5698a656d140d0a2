"""The commands of training, `csem training …`."""

import click

from services.training.cli import (
    assistance,
    community,
    csr,
    csr_agreeing,
    csr_keeping,
    curricula,
    curricula_writing,
    diagnoses,
    diplomas,
    due,
    evidence,
    fairs,
    groups,
    keeping,
    learning,
    library,
    measuring,
    rounds,
    sessions,
    shelving,
    stories,
    teaching,
    telling,
    workshop_diplomas,
)

_ADDED_TO_OTHERS = (curricula_writing, shelving, telling, workshop_diplomas)
"""Their commands stand in groups of other modules."""


@click.group("training")
def group() -> None:
    """Needs, groups, curricula, sessions and workshops of training."""


for command in (
    *assistance.COMMANDS,
    *community.COMMANDS,
    *csr.COMMANDS,
    *csr_agreeing.COMMANDS,
    *csr_keeping.COMMANDS,
    *curricula.COMMANDS,
    *diagnoses.COMMANDS,
    *diplomas.COMMANDS,
    *due.COMMANDS,
    *evidence.COMMANDS,
    *fairs.COMMANDS,
    *groups.COMMANDS,
    *keeping.COMMANDS,
    *learning.COMMANDS,
    *measuring.COMMANDS,
    *library.COMMANDS,
    *rounds.COMMANDS,
    *sessions.COMMANDS,
    *stories.COMMANDS,
    *teaching.COMMANDS,
):
    group.add_command(command)
