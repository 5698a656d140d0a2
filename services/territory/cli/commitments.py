"""What was promised to the women and what became of it; alliances."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api.councils import download_proof
from services.territory.cli.asking import DAY, MANY, asking, content_of, database, kept, operator, to_file
from services.territory.models.councils import SETTLED
from services.territory.queries.councils import list_alliances, list_commitments
from services.territory.use_cases.follow_commitments import (
    agree_in_dialogue,
    promise_in_session,
    prove_commitment,
    settle_commitment,
)
from services.territory.use_cases.hold_dialogues import end_alliance, form_alliance
from shared.kernel import clock
from shared.papers import LARGEST_FILE

_UNIT = click.option("--unit", default=None, help="That place and what lies in it: an official code.")


@click.group()
def commitment() -> None:
    """Commitments of councils, hearings and dialogues."""


@commitment.command("list")
@_UNIT
@click.pass_obj
def list_commitments_(house: Any, unit: str | None) -> None:
    """The commitments, those due first on top; late ones with an exclamation mark."""
    with database(house).reading() as session:
        rows = list_commitments(session, operator(), {"unit": unit}, limit=MANY, after=None).rows
    for row in rows:
        late = " !" if row["late"] else ""
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['due_on']}  {row['state']:<8}{late}  {row['what']}")


@commitment.command()
@click.argument("what")
@click.option("--in-session", nargs=2, type=click.UUID, default=None, help="Of a council and of its session: two ids.")
@click.option("--in-dialogue", type=click.UUID, default=None, help="Of a hearing or dialogue: its id.")
@click.option("--by", "responsible", required=True, help="The institution that promised.")
@click.option("--due", "due_on", type=DAY, required=True)
@click.pass_obj
def promise(
    house: Any, /, in_session: tuple[UUID, UUID] | None, in_dialogue: UUID | None, due_on: datetime, **told: Any
) -> None:
    """WHAT was promised in a session of a council or in a dialogue."""
    if (in_session is None) == (in_dialogue is None):
        raise click.UsageError("Say where it was promised: --in-session COUNCIL SESSION, or --in-dialogue ID.")
    told |= {"due_on": due_on.date()}
    with database(house).transaction() as session:
        if in_session is not None:
            made = promise_in_session(session, operator(), *in_session, **told)
        else:
            made = agree_in_dialogue(session, operator(), in_dialogue, **told)  # type: ignore[arg-type]
        click.echo(made.id)


@commitment.command()
@click.argument("commitment_id", type=click.UUID)
@click.argument("state", type=click.Choice(SETTLED))
@click.option("--note", default=None, help="What came of it, in a sentence.")
@click.pass_obj
def settle(house: Any, commitment_id: UUID, state: str, note: str | None) -> None:
    """The commitment with this id was kept or not."""
    with database(house).transaction() as session:
        settle_commitment(session, operator(), commitment_id, version=None, state=state, note=note)


@commitment.command()
@click.argument("commitment_id", type=click.UUID)
@click.argument("paper", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def prove(house: Any, commitment_id: UUID, paper: Path) -> None:
    """PAPER shows what became of the commitment."""
    told = {"name": paper.name, "content": content_of(paper, LARGEST_FILE)}
    with database(house).transaction() as session:
        prove_commitment(session, operator(), commitment_id, version=None, **told)  # type: ignore[arg-type]


@commitment.command("proof")
@click.argument("commitment_id", type=click.UUID)
@to_file()
@click.pass_obj
def proof_(house: Any, commitment_id: UUID, output: Path) -> None:
    """Write the paper that shows what became of the commitment into a file."""
    with asking(house) as call:
        kept(download_proof(call, commitment_id), output)


@click.group()
def alliance() -> None:
    """Alliances of women's organizations with others."""


@alliance.command("list")
@_UNIT
@click.pass_obj
def list_alliances_(house: Any, unit: str | None) -> None:
    """The alliances, latest entered first."""
    with database(house).reading() as session:
        rows = list_alliances(session, operator(), unit, limit=MANY, after=None).rows
    for row in rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['begun_on']}/{row['ended_on'] or ''}  {row['name']}")
        click.echo(f"  {'; '.join(row['members'])}")


@alliance.command()
@click.argument("unit")
@click.argument("name")
@click.option("--purpose", required=True)
@click.option("--member", "members", multiple=True, required=True, help="An organization; two at least.")
@click.option("--agreement", default=None, help="The act or paper it stands on.")
@click.option("--from", "begun_on", type=DAY, required=True)
@click.pass_obj
def form(house: Any, /, *, begun_on: datetime, **told: Any) -> None:
    """NAME was formed in UNIT."""
    with database(house).transaction() as session:
        click.echo(form_alliance(session, operator(), begun_on=begun_on.date(), **told).id)


@alliance.command()
@click.argument("alliance_id", type=click.UUID)
@click.option("--on", "day", type=DAY, default=None, help="Its last day; today unless given.")
@click.pass_obj
def end(house: Any, alliance_id: UUID, day: datetime | None) -> None:
    """The alliance with this id ended."""
    with database(house).transaction() as session:
        end_alliance(session, operator(), alliance_id, version=None, day=day.date() if day else clock.today())


COMMANDS = (commitment, alliance)
