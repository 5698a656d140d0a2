"""`csem training community`: topics, reports, what is hidden."""

import getpass
from typing import Any
from uuid import UUID

import click

from services.training.models.community import OUTCOMES
from services.training.queries.community import list_posts, list_reports, list_topics
from services.training.reference.community import space_codes
from services.training.use_cases import moderate
from shared.database import Database
from shared.identity import Caller

_MOST = 10_000


@click.group()
def community() -> None:
    """The community of practice: its topics, and what moderators judge."""


@community.command()
@click.option("--space", type=click.Choice(space_codes()), default=None)
@click.option("--text", default=None, help="Words that stand in it.")
@click.pass_obj
def topics(house: Any, space: str | None, text: str | None) -> None:
    """The topics, those kept on top first, then by their latest post."""
    with _database(house).reading() as session:
        found = list_topics(session, _operator(), {"space": space, "text": text or ""}, limit=_MOST, after=None)
    for row in found.rows:
        marks = "".join(name[0].upper() for name in ("pinned", "locked", "hidden") if row[name])
        click.echo(f"{row['id']}  {row['space']:<14}  {row['posts']:>4}  {marks:<3}  {row['title'] or '-'}")


@community.command()
@click.argument("topic_id", type=click.UUID)
@click.pass_obj
def posts(house: Any, topic_id: UUID) -> None:
    """What was written in a topic, hidden posts too."""
    with _database(house).reading() as session:
        found = list_posts(session, _operator(), topic_id, limit=_MOST, after=None)
    for row in found.rows:
        click.echo(f"{row['number']}. {row['id']}  {row['recorded_by_name']}  {row['state']}")
        click.echo(row["text"] or "-")


@community.command()
@click.pass_obj
def reports(house: Any) -> None:
    """The reports that wait for somebody to judge them."""
    with _database(house).reading() as session:
        found = list_reports(session, _operator(), {"open": True}, limit=_MOST, after=None)
    for row in found.rows:
        click.echo(f"{row['id']}  {row['post']['id']}  {row['reason']}")


@community.command()
@click.argument("report_id", type=click.UUID)
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--because", "reason", default=None, help="Told to the author, where it is hidden.")
@click.pass_obj
def settle(house: Any, report_id: UUID, outcome: str, reason: str | None) -> None:
    """Hide the post that was reported, or keep it."""
    with _database(house).transaction() as session:
        moderate.settle_report(session, _operator(), report_id=report_id, outcome=outcome, reason=reason)


@community.command()
@click.argument("post_id", type=click.UUID)
@click.option("--because", "reason", required=True, help="Told to the author.")
@click.pass_obj
def hide(house: Any, post_id: UUID, reason: str) -> None:
    """Hide a post from everybody but moderators."""
    with _database(house).transaction() as session:
        moderate.hide_post(session, _operator(), post_id=post_id, version=None, reason=reason)


@community.command()
@click.argument("post_id", type=click.UUID)
@click.pass_obj
def restore(house: Any, post_id: UUID) -> None:
    """Let everybody read a post again."""
    with _database(house).transaction() as session:
        moderate.restore_post(session, _operator(), post_id=post_id, version=None)


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


COMMANDS = (community,)
