"""`csem training groups | group | rename | invitations | invite | answered`, and more of `round …`, `sessions …`,
`assistance …`: what is kept of groups, rounds, sessions and assistance, by id and without names.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.training.cli.assistance import assistance
from services.training.cli.groups import database_of, operator
from services.training.cli.rounds import round_
from services.training.cli.sessions import group_of, sessions
from services.training.models.assistance import ASSISTANCE_STATES
from services.training.queries.assistance import list_assistance, show_assistance
from services.training.queries.groups import list_groups, show_group
from services.training.queries.invitations import list_invitations, list_replacements
from services.training.queries.placements import list_left_out, rough_points, show_placement
from services.training.queries.rounds import list_women, show_woman
from services.training.queries.sessions import show_session
from services.training.reference.rounds import TOPICS
from services.training.use_cases.begin_round import suggest_venues
from services.training.use_cases.confirm_group import rename_group
from services.training.use_cases.invite import answer_invitation, invite_instead
from services.training.use_cases.keep_round import change_round, remove_venue
from services.training.use_cases.move_woman import allow_small_group, take_back
from services.training.use_cases.plan_session import name_trainer
from services.training.use_cases.print_sheet import revoke_sheet
from services.training.use_cases.propose_placement import stop_improving

UNIT = click.option("--unit", help="Official code of a country, department or municipality.")
MOST = 10_000
_DAY = click.DateTime(["%Y-%m-%d"])


def as_json(found: Any) -> None:
    """Print what was found."""
    click.echo(json.dumps(found, default=str))


@click.command()
@UNIT
@click.option("--ended/--under-way", default=None, help="Those whose training ended, or not.")
@click.pass_obj
def groups(house: Any, unit: str | None, *, ended: bool | None) -> None:
    """The groups, newest first."""
    with database_of(house).reading() as session:
        page = list_groups(session, operator(), {"unit": unit, "ended": ended}, limit=MOST, after=None)
    for row in page.rows:
        told = f"{row['number']:>4}  {row['municipality']}  {row['need']:<14} {row['women']:>3}"
        click.echo(f"{told}  {row['completed_on'] or '-'!s:<10}  {row['name']}")


@click.command()
@click.argument("number", type=int)
@click.pass_obj
def group(house: Any, number: int) -> None:
    """Group NUMBER with the ids of its women, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_group(session, operator(), group_of(session, number)))


@click.command()
@click.argument("number", type=int)
@click.argument("name")
@click.pass_obj
def rename(house: Any, number: int, name: str) -> None:
    """Call group NUMBER by another NAME."""
    with database_of(house).transaction() as session:
        done = rename_group(session, operator(), group_id=group_of(session, number), version=None, name=name)
        click.echo(f"{done.number}  {done.name}")


@click.command()
@click.argument("number", type=int)
@click.option("--waiting", is_flag=True, help="Who could come instead, the best first.")
@click.pass_obj
def invitations(house: Any, number: int, *, waiting: bool) -> None:
    """Who was invited to group NUMBER and what they said."""
    with database_of(house).reading() as session:
        read = list_replacements if waiting else list_invitations
        rows = read(session, operator(), group_of(session, number))
    for row in rows:
        click.echo(f"{row['entrepreneur_id']}  {row['municipality']}  {row.get('state') or row['match']}")


@click.command()
@click.argument("number", type=int)
@click.argument("woman", type=click.UUID)
@click.pass_obj
def invite(house: Any, number: int, woman: UUID) -> None:
    """Invite WOMAN of the waiting list to group NUMBER."""
    with database_of(house).transaction() as session:
        ids = {"group_id": group_of(session, number), "entrepreneur_id": woman}
        click.echo(invite_instead(session, operator(), **ids).state)


@click.command()
@click.argument("number", type=int)
@click.argument("woman", type=click.UUID)
@click.argument("state", type=click.Choice(["accepted", "declined"]))
@click.pass_obj
def answered(house: Any, number: int, woman: UUID, state: str) -> None:
    """Note what WOMAN said to the invitation to group NUMBER."""
    with database_of(house).transaction() as session:
        ids = {"group_id": group_of(session, number), "entrepreneur_id": woman}
        click.echo(answer_invitation(session, operator(), **ids, state=state).state)


@round_.command()
@click.argument("round_id", type=click.UUID)
@click.option("--name")
@click.option("--from", "begins_on", type=_DAY)
@click.option("--until", "ends_on", type=_DAY)
@click.option("--minimum", type=int)
@click.option("--maximum", type=int)
@click.option("--reach", "reach_km", type=int, help="In kilometres.")
@click.pass_obj
def change(house: Any, /, round_id: UUID, **told: Any) -> None:
    """Change what is told of a round; what was proposed before keeps what it was asked."""
    said = {name: _day(value) for name, value in told.items() if value is not None}
    with database_of(house).transaction() as session:
        click.echo(change_round(session, operator(), round_id=round_id, version=None, told=said).name)


@round_.command("suggest-venues")
@click.argument("round_id", type=click.UUID)
@click.pass_obj
def suggest(house: Any, round_id: UUID) -> None:
    """Add venues where most women wait; prints their ids."""
    with database_of(house).transaction() as session:
        for venue in suggest_venues(session, operator(), round_id=round_id):
            click.echo(f"{venue.id}  {venue.name}")


@round_.command("points")
@click.argument("placement_id", type=click.UUID)
@click.pass_obj
def points(house: Any, placement_id: UUID) -> None:
    """About where the women of a placement are, as JSON: masked points without names."""
    with database_of(house).reading() as session:
        as_json(rough_points(session, operator(), placement_id))


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.option("--topic", type=click.Choice(TOPICS))
@click.option("--trainer", "trainer_id", type=click.UUID)
@click.pass_obj
def teach(house: Any, session_id: UUID, topic: str | None, trainer_id: UUID | None) -> None:
    """Say what is taught in a session and who teaches it; what is not given is left open."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"session_id": session_id, "version": None, "topic": topic, "trainer_id": trainer_id}
        click.echo(name_trainer(session, operator(), **told).version)


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


@round_.command("drop-venue")
@click.argument("round_id", type=click.UUID)
@click.argument("venue_id", type=click.UUID)
@click.pass_obj
def drop_venue(house: Any, round_id: UUID, venue_id: UUID) -> None:
    """Do without a venue."""
    with database_of(house).transaction() as session:
        remove_venue(session, operator(), round_id=round_id, venue_id=venue_id, version=None)


@round_.command()
@click.argument("round_id", type=click.UUID)
@click.pass_obj
def who(house: Any, round_id: UUID) -> None:
    """The women who need anything of what a round teaches, with how they can come."""
    with database_of(house).reading() as session:
        page = list_women(session, operator(), round_id, told=None, limit=MOST, after=None)
    for row in page.rows:
        hours = " ".join(row["slots"]) or "-"
        click.echo(f"{row['entrepreneur_id']}  {row['municipality']}  {' '.join(row['languages'])}  {hours}")


@round_.command()
@click.argument("woman_id", type=click.UUID)
@click.pass_obj
def woman(house: Any, woman_id: UUID) -> None:
    """What is noted of how a woman can come, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_woman(session, operator(), woman_id))


@round_.command("left-out")
@click.argument("placement_id", type=click.UUID)
@click.pass_obj
def left_out(house: Any, placement_id: UUID) -> None:
    """The women whom a placement leaves out, each with her reason."""
    with database_of(house).reading() as session:
        page = list_left_out(session, operator(), placement_id, {}, limit=MOST, after=None)
    for row in page.rows:
        facts = " ".join(f"{name}={value}" for name, value in sorted(row["facts"].items()))
        click.echo(f"{row['entrepreneur_id']}  {row['municipality']}  {row['reason']:<20} {facts}")


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.pass_obj
def undo(house: Any, placement_id: UUID) -> None:
    """Take the last move in a placement back."""
    with database_of(house).transaction() as session:
        take_back(session, operator(), placement_id=placement_id, version=None)
        click.echo(len(show_placement(session, operator(), placement_id)["moves"]))


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.argument("number", type=int)
@click.option("--because", "why", required=True)
@click.pass_obj
def allow(house: Any, placement_id: UUID, number: int, why: str) -> None:
    """Let group NUMBER of a placement be smaller than the least size."""
    with database_of(house).transaction() as session:
        ids: dict[str, Any] = {"placement_id": placement_id, "number": number}
        click.echo(allow_small_group(session, operator(), **ids, version=None, why=why).exception_by)


@round_.command()
@click.argument("placement_id", type=click.UUID)
@click.pass_obj
def stop(house: Any, placement_id: UUID) -> None:
    """End the improvement of a placement; what it had found stays."""
    with database_of(house).transaction() as session:
        click.echo(stop_improving(session, operator(), placement_id=placement_id).state)


@sessions.command("show")
@click.argument("session_id", type=click.UUID)
@click.pass_obj
def show_one(house: Any, session_id: UUID) -> None:
    """One session with every date it had and its printed lists, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_session(session, operator(), session_id))


@sessions.command("revoke-list")
@click.argument("session_id", type=click.UUID)
@click.argument("sheet_id", type=click.UUID)
@click.pass_obj
def revoke_list(house: Any, session_id: UUID, sheet_id: UUID) -> None:
    """A printed list was lost: its rows open no more."""
    with database_of(house).transaction() as session:
        revoke_sheet(session, operator(), session_id=session_id, sheet_id=sheet_id)


@assistance.command("list")
@UNIT
@click.option("--state", type=click.Choice(ASSISTANCE_STATES))
@click.pass_obj
def list_plans(house: Any, unit: str | None, state: str | None) -> None:
    """The plans of assistance, the latest first."""
    with database_of(house).reading() as session:
        page = list_assistance(session, operator(), {"unit": unit, "state": state}, limit=MOST, after=None)
    for row in page.rows:
        click.echo(f"{row['id']}  {row['unit']}  {row['state']:<6} {row['minutes']:>5}/{row['planned_minutes']}")


@assistance.command("show")
@click.argument("plan_id", type=click.UUID)
@click.pass_obj
def show_plan(house: Any, plan_id: UUID) -> None:
    """One plan with its visits, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_assistance(session, operator(), plan_id))


COMMANDS = [groups, group, rename, invitations, invite, answered]
