"""`csem training needs | propose | confirm | complete`."""

import getpass
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from services.training.models import TrainingGroup
from services.training.queries.needs import needs_board
from services.training.queries.proposals import show_proposal
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.confirm_group import confirm_group
from services.training.use_cases.propose_groups import LARGEST_GROUP, propose_groups
from shared import places
from shared.database import Database
from shared.events.vocabulary import CHAINS, NEEDS
from shared.identity import Caller
from shared.kernel import clock

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_SIZE = click.IntRange(2, LARGEST_GROUP)


@click.command()
@click.option("--unit", help="Official code of a country, department or municipality.")
@_JSON
@click.pass_obj
def needs(house: Any, unit: str | None, as_json: bool) -> None:
    """How many women have which need, by chain."""
    with database_of(house).reading() as session:
        rows = needs_board(session, operator(), {"unit": unit} if unit else {})
    if as_json:
        click.echo(json.dumps(rows))
        return
    click.echo(f"{'Value chain':<28} {'Need':<22} {'Women':>7} {'Waiting':>7}")
    for row in rows:
        click.echo(f"{_word(row['chain']):<28} {_word(row['need']):<22} {row['women']:>7} {row['waiting']:>7}")


def _word(code: str) -> str:
    """`food_processing` as one reads it."""
    return code.replace("_", " ").capitalize()


@click.command()
@click.option("--unit", "units", multiple=True, required=True, help="Official code; may be repeated.")
@click.option("--chain", type=click.Choice(CHAINS))
@click.option("--need", type=click.Choice(NEEDS))
@click.option("--minimum", default=6, show_default=True, type=_SIZE)
@click.option("--maximum", default=LARGEST_GROUP, show_default=True, type=_SIZE)
@click.option("--diameter", "diameter_km", default=30.0, show_default=True, type=click.FloatRange(0.5, 200))
@_JSON
@click.pass_obj
def propose(house: Any, /, units: tuple[str, ...], as_json: bool, **asked: Any) -> None:
    """Propose groups of women of the same chain with the same need who live near each other."""
    with database_of(house).transaction() as session:
        made = propose_groups(session, operator(), units=units, **asked)
        shown = show_proposal(session, operator(), made.id)
        shown["groups"] = [dict(row) for row in shown["groups"]]
    if as_json:
        click.echo(json.dumps(shown, default=str))
        return
    click.echo(f"{shown['id']}: {shown['placed']} / {shown['considered']}")
    for row in shown["groups"]:
        place = places.full_name(row["municipality"])
        told = f"{row['number']:>4}  {row['chain']:<16} {row['need']:<14} {row['women']:>3}"
        click.echo(f"{told}  {row['diameter_km']:6.1f} km  {place}")
    for row in shown["reasons"]:
        click.echo(f"   -  {row['reason']:<20} {row['women']:>3}")


@click.command()
@click.argument("proposal", type=click.UUID)
@click.argument("number", type=int)
@click.option("--name", help="What the group is called.")
@click.pass_obj
def confirm(house: Any, proposal: UUID, number: int, name: str | None) -> None:
    """Form group NUMBER of PROPOSAL."""
    with database_of(house).transaction() as session:
        formed = confirm_group(session, operator(), proposal_id=proposal, number=number, name=name)
    click.echo(f"{formed.number}  {formed.name}  {formed.id}")


@click.command()
@click.argument("number", type=int)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day it ended; today unless given.")
@click.option("--without", multiple=True, type=click.UUID, help="A woman who did not complete it; may be repeated.")
@click.pass_obj
def complete(house: Any, number: int, day: datetime | None, without: tuple[UUID, ...]) -> None:
    """The training of group NUMBER ended, completed by all of its women but some."""
    with database_of(house).transaction() as session:
        found = session.scalar(select(TrainingGroup).where(TrainingGroup.number == number))
        if found is None:
            raise click.ClickException(f"There is no group {number}.")
        women = [member.entrepreneur_id for member in found.members if member.entrepreneur_id not in without]
        complete_group(
            session,
            operator(),
            group_id=found.id,
            version=None,
            completed_on=day.date() if day else clock.today(),
            entrepreneur_ids=women,
        )
    click.echo(f"{number}: {len(women)}")


def operator() -> Caller:
    """Who runs the command."""
    return Caller.operator(getpass.getuser())


def database_of(house: Any) -> Database:
    """The database of training."""
    found: Database = house.service("training").database
    return found


COMMANDS = [needs, propose, confirm, complete]
