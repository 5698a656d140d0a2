"""`csem training needs | propose | complete`."""

import getpass
import json
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from services.training.cli.rounds import told_of
from services.training.models import TrainingGroup
from services.training.queries.needs import needs_board
from services.training.queries.placements import show_placement
from services.training.reference.rounds import LARGEST_GROUP, TOPICS
from services.training.use_cases.begin_round import begin_round
from services.training.use_cases.complete_group import complete_group
from shared.database import Database
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
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True, required=True, help="May be repeated.")
@click.option("--name", help="What the round is called.")
@click.option("--minimum", type=_SIZE, help="Women in a group, at least.")
@click.option("--maximum", type=_SIZE, help="Women in a group, at most.")
@click.option("--reach", "reach_km", type=click.IntRange(1, 1000), help="How far a woman travels at most, in km.")
@click.option("--first-only", is_flag=True, help="Do not improve the first answer in the background.")
@_JSON
@click.pass_obj
def propose(house: Any, /, units: tuple[str, ...], first_only: bool, as_json: bool, **told: Any) -> None:
    """Begin a round with suggested venues and have groups proposed for it."""
    given = {key: value for key, value in told.items() if value} | {"topics": sorted(told["topics"])}
    with database_of(house).transaction() as session:
        made = begin_round(session, operator(), units=units, told=given | {"improve": not first_only})
        shown = show_placement(session, operator(), made.id)
    click.echo(json.dumps(shown, default=str) if as_json else told_of(shown))


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


COMMANDS = [needs, propose, complete]
