"""`csem training round …`: set up, fill in, answer and form groups on the command line."""

import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.queries.placements import show_placement
from services.training.queries.replans import list_changes
from services.training.queries.rounds import list_rounds, show_round
from services.training.reference.rounds import TOPICS
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.import_women import import_women, rows_of
from services.training.use_cases.keep_round import add_venue, plan_round
from services.training.use_cases.move_woman import move_woman
from services.training.use_cases.propose_placement import propose_placement
from services.training.use_cases.replan import carry_out
from shared.database import Database
from shared.identity import Caller

_DAY = click.DateTime(["%Y-%m-%d"])
_MANY = 200


@click.group("round")
def round_() -> None:
    """Rounds of groups: venues, women, placements."""


@round_.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """The rounds, newest first."""
    with _database(house).reading() as session:
        rows = list_rounds(session, _operator(), limit=_MANY, after=None).rows
    for row in rows:
        click.echo(f"{row['id']}  {row['begins_on']}/{row['ends_on']}  {','.join(row['units'])}  {row['name']}")


@round_.command()
@click.argument("name")
@click.option("--unit", "units", multiple=True, required=True, help="Official code; may be repeated.")
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True, required=True, help="May be repeated.")
@click.option("--from", "begins_on", type=_DAY, required=True, help="Its first day.")
@click.option("--until", "ends_on", type=_DAY, required=True, help="Its last day.")
@click.option("--minimum", type=int, help="Women in a group, at least.")
@click.option("--maximum", type=int, help="Women in a group, at most.")
@click.option("--reach", "reach_km", type=int, help="How far a woman travels at most, in km.")
@click.option("--budget", type=int, help="Iterations of the improvement.")
@click.pass_obj
def plan(house: Any, /, units: tuple[str, ...], begins_on: datetime, ends_on: datetime, **told: Any) -> None:
    """Set up the round NAME."""
    given = {key: value for key, value in told.items() if value is not None}
    days = {"begins_on": begins_on.date(), "ends_on": ends_on.date(), "topics": sorted(told["topics"])}
    with _database(house).transaction() as session:
        click.echo(plan_round(session, _operator(), units=units, told=given | days).id)


@round_.command()
@click.argument("round_id", type=click.UUID)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def venue(house: Any, round_id: UUID, file: Path) -> None:
    """Add the venue that a JSON FILE describes as the API takes it."""
    from services.training.api.round_schemas import VenueIn
    from shared.web.schemas import load, reader

    told = load(reader(VenueIn), json.loads(file.read_bytes()))
    told["child_care"] = {one["slot"]: one["places"] for one in told["child_care"]}
    with _database(house).transaction() as session:
        click.echo(add_venue(session, _operator(), round_id=round_id, told=told).id)


@round_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def women(house: Any, file: Path) -> None:
    """Note how women can come, from a filled-in table (CSV or XLSX)."""
    with _database(house).transaction() as session:
        told = import_women(session, _operator(), rows_of(file.read_bytes()))
    for one in told["mistakes"]:
        click.echo(f"{one['line']:>5}  {one['column']:<16} {one['code']:<24} {one['value']}")
    if told["mistakes"]:
        raise click.ClickException("Nothing was noted.")
    click.echo(str(told["noted"]))


@round_.command()
@click.argument("round_id", type=click.UUID)
@click.option("--first-only", is_flag=True, help="Do not improve the first answer in the background.")
@click.option("--keep", is_flag=True, help="Go on from the groups formed before and move as few women as possible.")
@click.pass_obj
def answer(house: Any, round_id: UUID, first_only: bool, keep: bool) -> None:
    """Have groups proposed for ROUND_ID."""
    with _database(house).transaction() as session:
        made = propose_placement(session, _operator(), round_id=round_id, improve=not first_only, keep=keep)
        click.echo(told_of(show_placement(session, _operator(), made.id)))


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def placement(house: Any, placement_id: UUID, as_json: bool) -> None:
    """A placement: its groups, the bound, why women are left out, and what would place more."""
    with _database(house).reading() as session:
        shown = show_placement(session, _operator(), placement_id)
    if as_json:
        click.echo(json.dumps(shown, default=str))
    else:
        click.echo(told_of(shown))


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.argument("woman", type=click.UUID)
@click.option("--to", type=int, help="The number of a group; without one she is left out.")
@click.pass_obj
def move(house: Any, placement_id: UUID, woman: UUID, to: int | None) -> None:
    """Move WOMAN in a placement."""
    with _database(house).transaction() as session:
        ids = {"placement_id": placement_id, "entrepreneur_id": woman}
        move_woman(session, _operator(), **ids, version=None, to=to)
        click.echo(str(show_placement(session, _operator(), placement_id)["moves"][0]["gained"]))


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.argument("number", type=int)
@click.option("--name", help="What the group is called.")
@click.pass_obj
def form(house: Any, placement_id: UUID, number: int, name: str | None) -> None:
    """Form group NUMBER of a placement."""
    with _database(house).transaction() as session:
        made = form_placed_group(session, _operator(), placement_id=placement_id, number=number, name=name)
        click.echo(f"{made.number}  {made.name}  {made.id}")


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.option("--stay", is_flag=True, help="Who would keep it, instead.")
@click.pass_obj
def changes(house: Any, placement_id: UUID, stay: bool) -> None:
    """Who would not keep her place in a plan made anew: from where, to where."""
    after: str | None = None
    with _database(house).reading() as session:
        while True:
            page = list_changes(session, _operator(), placement_id, stay=stay, limit=_MANY, after=after)
            for row in page.rows:
                was, to = (
                    row["was"],
                    f"{row['group_number']:>4} {row['slot']} {row['venue_name']}" if row["slot"] else "-",
                )
                click.echo(f"{row['entrepreneur_id']}  {was['number']:>4} {was['slot']} {was['venue_name']}  ->  {to}")
            if (after := page.next) is None:
                break


@round_.command("carry-out")
@click.argument("placement_id", type=click.UUID)
@click.pass_obj
def carry_out_(house: Any, placement_id: UUID) -> None:
    """Do what a plan made anew says."""
    with _database(house).transaction() as session:
        carry_out(session, _operator(), placement_id=placement_id, version=None)
        told = show_placement(session, _operator(), placement_id)["replan"]
    click.echo(f"{told['stay']} = {told['move']} > {told['out']} -")


@round_.command()
@click.argument("round_id", type=click.UUID)
@click.pass_obj
def show(house: Any, round_id: UUID) -> None:
    """A round with its venues and placements, as JSON."""
    with _database(house).reading() as session:
        click.echo(json.dumps(show_round(session, _operator(), round_id), default=str))


def told_of(shown: dict[str, Any]) -> str:
    """A placement as lines: how many are placed, its groups, the reasons of the others, what would place more."""
    bound = "" if shown["gap_percent"] is None else f"  <= {shown['gap_percent']} %"
    lines = [f"{shown['id']}: {shown['placed']} / {shown['considered']}{bound}"]
    for row in shown["groups"]:
        told = f"{row['number']:>4}  {row['slot']:<7} {row['topic']:<14} {row['type']:<18} {row['women']:>3}"
        lines.append(f"{told}  {row['venue_name']}")
    lines += [f"   -  {row['reason']:<20} {row['women']:>3}" for row in shown["reasons"]]
    for row in shown["relaxations"]:
        facts = " ".join(f"{name}={value}" for name, value in sorted(row["facts"].items()))
        lines.append(f"   +{row['women']:<4} {row['change']:<14} {facts}")
    return "\n".join(lines)


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


COMMANDS = [round_]
