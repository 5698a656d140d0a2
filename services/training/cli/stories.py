"""`csem training stories`: case stories, what was agreed, and the library."""

import getpass
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.api.case_stories import PURPOSE
from services.training.queries.case_stories import link_row, list_stories, show_story
from services.training.queries.story_library import list_published
from services.training.rules import case_stories as rules
from services.training.use_cases import agree_to_story, tell_story
from shared.database import Database
from shared.identity import Caller
from shared.kernel import clock
from shared.tokens import Keyring
from shared.web.schemas import to_json

_DAY = click.DateTime(["%Y-%m-%d"])
_STORY = click.argument("story_id", type=click.UUID)
_MOST = 10_000


@click.group("stories")
def stories() -> None:
    """Case stories: on their way, agreed to, in the library."""


@stories.command("list")
@click.option("--state", type=click.Choice(rules.STATES), default=None)
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.pass_obj
def list_(house: Any, state: str | None, unit: str | None) -> None:
    """The stories, the latest first."""
    with _database(house).reading() as session:
        found = list_stories(session, _operator(), {"state": state, "unit": unit}, limit=_MOST, after=None)
    for row in found.rows:
        title = next(iter(row["titles"].values()), "-")
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['state']:<10}  {'web' if row['on_web'] else '-':<3}  {title}")


@stories.command()
@_STORY
@click.pass_obj
def show(house: Any, story_id: UUID) -> None:
    """One story with what was agreed, as JSON."""
    with _database(house).reading() as session:
        found = show_story(session, _operator(), story_id)
        told = json.loads(to_json(found))
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@stories.command()
@click.option("--network", is_flag=True, help="Those that only the network reads, too.")
@click.pass_obj
def library(house: Any, network: bool) -> None:
    """The published stories, the latest first."""
    with _database(house).reading() as session:
        found = list_published(session, {}, network=network, limit=_MOST, after=None)
    for row in found.rows:
        title = next(iter(row["titles"].values()), "-")
        click.echo(f"{row['published_on']}  {row['id']}  {row['unit']:<6}  {row['firm_name'] or '-'}  {title}")


@stories.command()
@_STORY
@click.pass_obj
def publish(house: Any, story_id: UUID) -> None:
    """Bring an approved story into the library, as far as its owner agreed."""
    with _database(house).transaction() as session:
        tell_story.publish_story(session, _operator(), story_id=story_id, version=None)


@stories.command()
@_STORY
@click.option("--because", "reason", required=True)
@click.pass_obj
def withdraw(house: Any, story_id: UUID, reason: str) -> None:
    """Take a story out of the library."""
    with _database(house).transaction() as session:
        tell_story.withdraw_story(session, _operator(), story_id=story_id, version=None, reason=reason)


@stories.command()
@_STORY
@click.argument("paper", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", "said_on", type=_DAY, required=True, help="The day on which she signed.")
@click.option("--yes", "agreed", type=click.Choice(rules.PURPOSES), multiple=True, help="Repeat it for each yes.")
@click.pass_obj
def agreed(house: Any, story_id: UUID, paper: Path, said_on: datetime, agreed: tuple[str, ...]) -> None:
    """Keep the signed PAPER of a story's owner; what is not said to be a yes is a no."""
    told: dict[str, Any] = {"content": paper.read_bytes(), "name": paper.name, "said_on": said_on.date()}
    answers = {purpose: purpose in agreed for purpose in rules.PURPOSES}
    with _database(house).transaction() as session:
        agree_to_story.keep_paper(session, _operator(), story_id=story_id, answers=answers, **told)


@stories.command("take-back")
@_STORY
@click.option("--no", "purposes", type=click.Choice(rules.PURPOSES), multiple=True, required=True)
@click.option("--on", "said_on", type=_DAY, default=None, help="The day on which she said so; without it today.")
@click.pass_obj
def take_back(house: Any, story_id: UUID, purposes: tuple[str, ...], said_on: datetime | None) -> None:
    """Note what the owner no longer agrees to; it applies at once."""
    day: date = said_on.date() if said_on else clock.today()
    with _database(house).transaction() as session:
        agree_to_story.take_back(session, _operator(), story_id=story_id, purposes=purposes, said_on=day)


@stories.command()
@_STORY
@click.option("--until", type=_DAY, required=True, help="The last day of the link.")
@click.pass_obj
def link(house: Any, story_id: UUID, until: datetime) -> None:
    """Give the owner a link of her own; prints the path of her page."""
    keyring = Keyring(house.settings("training").keys, "training")
    with _database(house).transaction() as session:
        made = agree_to_story.link_story(session, _operator(), story_id=story_id, expires_on=until.date())
        click.echo(f"/story/{link_row(made, keyring.secret(PURPOSE))['token']}")


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


COMMANDS = (stories,)
