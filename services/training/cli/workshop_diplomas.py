"""`csem training workshop earned | award`: diplomas for the participants of workshops."""

from typing import Any
from uuid import UUID

import click

from services.training.cli.csr import workshop
from services.training.cli.csr_keeping import ONE, context_of
from services.training.cli.diplomas import LANGUAGE, echo_batch
from services.training.cli.groups import database_of, operator
from services.training.queries.workshop_diplomas import show_earned
from services.training.rules.diplomas.award import KINDS
from services.training.use_cases.award_workshop import award_workshop


@workshop.command()
@ONE
@click.pass_obj
def earned(house: Any, activity_id: UUID) -> None:
    """For how many hours each participant was there, and which diplomas she earned or why not; no names."""
    with database_of(house).reading() as session:
        found = show_earned(session, operator(), activity_id)
    click.echo(f"{found['hours']} h, {found['share_percent']} %")
    for row in found["participants"]:
        told = "  ".join(f"{kind} {row[kind]}" for kind in KINDS)
        click.echo(f"{row['participant_id']}  {row['attended']} h  {told}")


@workshop.command()
@ONE
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True)
@click.option("--title", help="What the diploma calls the workshop; its own title unless given.")
@click.option(
    "--participant", "participant_ids", type=click.UUID, multiple=True, help="May be repeated; all, unless given."
)
@LANGUAGE
@click.pass_obj
def award(house: Any, /, activity_id: UUID, participant_ids: tuple[UUID, ...], **how: Any) -> None:
    """Issue diplomas to the participants who earned one."""
    with database_of(house).transaction() as session:
        keyring = context_of(house).keyring
        told = {"participant_ids": participant_ids or None, **how}
        echo_batch(session, award_workshop(session, operator(), keyring, activity_id, **told))
