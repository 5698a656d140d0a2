"""`csem training fairs list | of | results | prepare | take-in | show | note`."""

import json
from typing import Any
from uuid import UUID

import click

from services.training.api.fairs import results_of
from services.training.cli.csr_keeping import context_of
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import as_json as echo_json
from services.training.queries.fairs import COMING, PAST, list_fairs, show_fair, show_preparation
from services.training.rules.fair_readiness import ITEM_STATES
from services.training.use_cases.prepare_fair import note_readiness, prepare_fair, take_into_preparation

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("fairs")
def fairs() -> None:
    """Fairs, and the groups that get ready for them."""


@fairs.command("list")
@click.option("--when", type=click.Choice((COMING, PAST)), default=COMING, show_default=True)
@_JSON
@click.pass_obj
def list_(house: Any, when: str, as_json: bool) -> None:
    """The fairs to come, or those that have begun."""
    with database_of(house).reading() as session:
        rows = list_fairs(session, operator(), {"when": when}, limit=200, after=None).rows
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        told = f"{row['signed_up']:>4} signed up, {row['preparing']:>4} preparing"
        click.echo(f"{row['begins_on']}  {row['municipality']}  {row['id']}  {told}  {row['name']}")


@fairs.command("of")
@click.argument("fair_id", type=click.UUID)
@click.pass_obj
def of_fair(house: Any, fair_id: UUID) -> None:
    """One fair: the groups that get ready for it, and the ids of who is in none, as JSON."""
    with database_of(house).reading() as session:
        echo_json(show_fair(session, operator(), fair_id))


@fairs.command()
@click.argument("fair_id", type=click.UUID)
@click.pass_obj
def results(house: Any, fair_id: UUID) -> None:
    """What was sold by who had everything ready and by who had not, as JSON; sums of five and more."""
    with database_of(house).reading() as session:
        echo_json(results_of(session, operator(), context_of(house).directory, fair_id))


@fairs.command()
@click.argument("fair_id", type=click.UUID)
@click.option(
    "--enterprise", "enterprise_ids", type=click.UUID, multiple=True, help="May be repeated; all unless given."
)
@click.option("--name", help="Of the group; the fair's unless given.")
@click.pass_obj
def prepare(house: Any, fair_id: UUID, enterprise_ids: tuple[UUID, ...], name: str | None) -> None:
    """Form a group of those who go to the fair FAIR_ID."""
    with database_of(house).transaction() as session:
        made = prepare_fair(session, operator(), fair_id=fair_id, enterprise_ids=enterprise_ids, name=name)
        found = show_preparation(session, operator(), made.id)
        click.echo(f"{made.id}  group {found['group_number']}  {len(found['enterprises'])} enterprises")


@fairs.command("take-in")
@click.argument("preparation_id", type=click.UUID)
@click.argument("enterprise_ids", type=click.UUID, nargs=-1, required=True)
@click.pass_obj
def take_in(house: Any, preparation_id: UUID, enterprise_ids: tuple[UUID, ...]) -> None:
    """Take enterprises that signed up later into a group."""
    with database_of(house).transaction() as session:
        take_into_preparation(session, operator(), preparation_id=preparation_id, enterprise_ids=enterprise_ids)
    click.echo(f"{len(set(enterprise_ids))} taken in")


@fairs.command()
@click.argument("preparation_id", type=click.UUID)
@_JSON
@click.pass_obj
def show(house: Any, preparation_id: UUID, as_json: bool) -> None:
    """What each enterprise of a group has ready."""
    with database_of(house).reading() as session:
        found = show_preparation(session, operator(), preparation_id)
    if as_json:
        click.echo(json.dumps(found, default=str))
        return
    click.echo(
        f"{found['fair_name']}, {found['begins_on']}: {found['prepared']} of {len(found['enterprises'])} prepared"
    )
    for row in found["enterprises"]:
        open_items = [one["item"] for one in row["noted"] if one["state"] not in {"ready", "not_needed"}]
        click.echo(f"{row['listed_id']}  {row['ready']:>2}/{row['of']}  {', '.join(open_items)}")


@fairs.command()
@click.argument("preparation_id", type=click.UUID)
@click.argument("enterprise_id", type=click.UUID)
@click.argument("item")
@click.argument("state", type=click.Choice(ITEM_STATES))
@click.pass_obj
def note(house: Any, preparation_id: UUID, enterprise_id: UUID, item: str, state: str) -> None:
    """Note how far an enterprise is with ITEM of the list."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"preparation_id": preparation_id, "enterprise_id": enterprise_id, "version": None}
        note_readiness(session, operator(), items={item: state}, **told)
    click.echo(f"{item}: {state}")


COMMANDS = (fairs,)
