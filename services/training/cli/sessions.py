"""`csem training sessions list | plan | module | move | cancel | mark | close | hours`."""

import json
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.cli.groups import database_of, operator
from services.training.cli.told import ON_HOLIDAY
from services.training.models import TrainingGroup
from services.training.queries.attendance import group_hours
from services.training.queries.sessions import COMING, PAST, list_sessions
from services.training.rules.attendance import COMMAND, STATUSES
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.plan_session import (
    cancel_session,
    change_module,
    close_session,
    move_session,
    plan_session,
)
from shared.kernel import uuid7

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_DAY = click.DateTime(["%Y-%m-%d"])
_TIME = click.DateTime(["%H:%M"])
_TIMETABLE = (
    click.option("--on", "first_day", type=_DAY, required=True, help="The first day."),
    click.option("--until", "last_day", type=_DAY, help="The last day, where there are more."),
    click.option("--starts", type=_TIME, default="08:00", show_default=True),
    click.option("--ends", type=_TIME, default="12:00", show_default=True),
    click.option("--place", required=True),
    click.option("--minutes", type=click.IntRange(1), help="Of teaching; all the time unless given."),
    ON_HOLIDAY,
)


def _timetable(command: Any) -> Any:
    for option in reversed(_TIMETABLE):
        command = option(command)
    return command


@click.group("sessions")
def sessions() -> None:
    """Sessions of groups, who was there, and what it comes to."""


@sessions.command("list")
@click.option("--when", type=click.Choice((COMING, PAST)), default=COMING, show_default=True)
@click.option("--unit", help="Official code of a country, department or municipality.")
@_JSON
@click.pass_obj
def list_(house: Any, when: str, unit: str | None, as_json: bool) -> None:
    """The sessions to come, or those that are over."""
    with database_of(house).reading() as session:
        page = list_sessions(session, operator(), {"when": when, "unit": unit}, limit=200, after=None)
    if as_json:
        click.echo(json.dumps(page.rows, default=str))
        return
    for row in page.rows:
        told = f"{row['first_day']} {row['starts']}-{row['ends']}  {row['group_number']:>4}  {row['state']:<10}"
        click.echo(f"{told} {row['id']}  {row['title']}, {row['place']}")


@sessions.command()
@click.argument("group", type=int)
@click.option("--title", required=True)
@_timetable
@click.pass_obj
def plan(house: Any, /, group: int, **told: Any) -> None:
    """Plan a session of group number GROUP."""
    with database_of(house).transaction() as session:
        made = plan_session(session, operator(), group_id=group_of(session, group), **_dated(told))
        click.echo(f"{made.id}  {made.first_day}  {made.title}")


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.option("--reason", required=True)
@_timetable
@click.pass_obj
def move(house: Any, /, session_id: UUID, **told: Any) -> None:
    """Give SESSION_ID another time or place."""
    with database_of(house).transaction() as session:
        moved = move_session(session, operator(), session_id=session_id, version=None, **_dated(told))
        click.echo(f"{moved.sequence}  {moved.first_day}  {moved.title}")


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.option("--module", "module_id", type=click.UUID, help="Of the group's curriculum; without it, none.")
@click.pass_obj
def module(house: Any, session_id: UUID, module_id: UUID | None) -> None:
    """Say which module SESSION_ID teaches."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"session_id": session_id, "version": None, "module_id": module_id}
        click.echo(change_module(session, operator(), **told).module_id or "-")


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.option("--reason", required=True)
@click.pass_obj
def cancel(house: Any, session_id: UUID, reason: str) -> None:
    """SESSION_ID will not be."""
    with database_of(house).transaction() as session:
        click.echo(cancel_session(session, operator(), session_id=session_id, version=None, reason=reason).state)


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.argument("woman", type=click.UUID)
@click.argument("status", type=click.Choice(STATUSES))
@click.option("--minutes", type=click.IntRange(0), help="All of the session's unless given.")
@click.option("--reason", help="Why it comes after the closing.")
@click.pass_obj
def mark(house: Any, session_id: UUID, woman: UUID, status: str, minutes: int | None, reason: str | None) -> None:
    """Note whether WOMAN was at SESSION_ID."""
    with database_of(house).transaction() as session:
        made = mark_attendance(
            session,
            operator(),
            session_id=session_id,
            mark_id=uuid7(),
            entrepreneur_id=woman,
            status=status,
            minutes=minutes,
            way=COMMAND,
            reason=reason,
        )
        click.echo(f"{made.status}  {made.minutes}")


@sessions.command()
@click.argument("session_id", type=click.UUID)
@click.pass_obj
def close(house: Any, session_id: UUID) -> None:
    """The attendance of SESSION_ID is complete."""
    with database_of(house).transaction() as session:
        click.echo(close_session(session, operator(), session_id=session_id, version=None).state)


@sessions.command()
@click.argument("group", type=int)
@_JSON
@click.pass_obj
def hours(house: Any, group: int, as_json: bool) -> None:
    """The minutes of each woman of group number GROUP, and who completed by the rule in force."""
    with database_of(house).reading() as session:
        found = group_hours(session, operator(), group_of(session, group))
    if as_json:
        click.echo(json.dumps(found, default=str))
        return
    click.echo(f"{found['held_minutes']} min, {found['sessions']} x, {found['share_percent']} %")
    for row in found["members"]:
        done = "x" if row["completes"] else "-"
        click.echo(f"{row['entrepreneur_id']}  {row['minutes']:>6}  {row['percent'] or 0:>5} %  {done}")


def group_of(session: Session, number: int) -> UUID:
    """The id of the group with this number."""
    found = session.scalar(select(TrainingGroup.id).where(TrainingGroup.number == number))
    if found is None:
        raise click.ClickException(f"There is no group {number}.")
    return found


def _dated(told: dict[str, Any]) -> dict[str, Any]:
    """The options, with days as days and times of day as texts."""
    days = {name: told[name].date() if told[name] else None for name in ("first_day", "last_day")}
    return told | days | {name: f"{told[name]:%H:%M}" for name in ("starts", "ends")}


COMMANDS = [sessions]
