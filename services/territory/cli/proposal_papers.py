"""What a proposal stands on and what shows its way: frozen figures, and the papers of its steps."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy.orm import Session

from services.territory.api import proposals as api
from services.territory.cli.asking import asking, content_of, database, kept, operator, to_file
from services.territory.queries.proposals import show_evidence, show_proposal
from services.territory.rules.disclosure import THRESHOLD
from services.territory.use_cases.follow_proposal import show_step
from services.territory.use_cases.freeze_analysis import freeze_chains
from shared.kernel import NotFound
from shared.papers import LARGEST_FILE

_PROPOSAL = click.argument("proposal_id", type=click.UUID)
_STEP = click.argument("step", type=click.IntRange(1))


@click.command("freeze")
@_PROPOSAL
@click.pass_obj
def freeze(house: Any, proposal_id: UUID) -> None:
    """Freeze the published chain table of the proposal's municipality or department as its evidence."""
    with asking(house) as call:
        unit, view = api.published_of(call, proposal_id)
    with database(house).transaction() as session:
        made = freeze_chains(session, operator(), proposal_id, unit=unit, view=view)
        click.echo(f"{made.evidence[-1].id}  {made.evidence[-1].hash}")


@click.command("evidence")
@_PROPOSAL
@click.argument("evidence_id", type=click.UUID)
@click.pass_obj
def evidence(house: Any, proposal_id: UUID, evidence_id: UUID) -> None:
    """What a frozen table says, and whether it still has its hash."""
    with database(house).reading() as session:
        found = show_evidence(session, operator(), proposal_id, evidence_id)
    content, kept_so = found["content"], "intact" if found["intact"] else "ALTERED"
    click.echo(f"{content['place']}, {found['published']}: {found['hash']}  {kept_so}")
    for row in content["chains"]:
        click.echo(f"  {row['name']:<28} {_count(row['enterprises']):>6}  {_count(row['women']):>6}")


@click.command("paper")
@_PROPOSAL
@_STEP
@to_file()
@click.pass_obj
def paper(house: Any, proposal_id: UUID, step: int, output: Path) -> None:
    """Write the paper that shows the step with this number into a file."""
    with asking(house) as call:
        kept(api.download_paper(call, proposal_id, _id_of(call.session, proposal_id, step)), output)


@click.command("attach")
@_PROPOSAL
@_STEP
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def attach(house: Any, proposal_id: UUID, step: int, file: Path) -> None:
    """FILE (a PDF or a picture) shows the step with this number."""
    content = content_of(file, LARGEST_FILE)
    with database(house).transaction() as session:
        step_id = _id_of(session, proposal_id, step)
        show_step(session, operator(), proposal_id, step_id, name=file.name, content=content)


def _id_of(session: Session, proposal_id: UUID, number: int) -> UUID:
    """The step with a number, as `proposal show` tells it; refuses one that was not taken."""
    for step in show_proposal(session, operator(), proposal_id)["steps"]:
        if step["number"] == number:
            found: UUID = step["id"]
            return found
    raise NotFound("proposal.step_unknown")


def _count(value: int | None) -> str:
    return f"<{THRESHOLD}" if value is None else str(value)


COMMANDS = (freeze, evidence, paper, attach)
