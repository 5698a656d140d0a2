"""More of `csem training stories | community`: words and pictures of a story, its links, and what members share."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.api import case_story_schemas as schemas
from services.training.api.case_stories import PURPOSE
from services.training.cli.community import community
from services.training.cli.csr_keeping import changed
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, as_json
from services.training.cli.stories import stories
from services.training.cli.told import FILE, INTO, told_in, written
from services.training.models.community import DECLINED, SHOWN
from services.training.queries import case_stories, firm_community, story_library
from services.training.queries import community as queries
from services.training.reference.community import space_codes
from services.training.use_cases import agree_to_story, moderate, picture_story, take_part, tell_story
from services.training.use_cases.contribute_as_firm import decide_contribution
from shared import files
from shared.tokens import Keyring

_STORY = click.argument("story_id", type=click.UUID)
_PICTURE = click.argument("picture_id", type=click.UUID)
_TOPIC = click.argument("topic_id", type=click.UUID)
_RESOURCE = click.argument("resource_id", type=click.UUID)


@stories.command("write")
@FILE
@click.pass_obj
def write(house: Any, file: Path) -> None:
    """Begin a story from a JSON FILE as the API takes it; prints its id."""
    with database_of(house).transaction() as session:
        told = schemas.content_of(told_in(file, schemas.StoryIn))
        click.echo(tell_story.write_story(session, operator(), **told).id)


@stories.command("change")
@_STORY
@FILE
@click.pass_obj
def change(house: Any, story_id: UUID, file: Path) -> None:
    """Say what a story says from now on, from a JSON FILE; what its owner agreed to before does not cover it."""
    told = schemas.content_of(told_in(file, schemas.StoryTextIn))
    changed(house, tell_story.change_story, story_id=story_id, **told)


@stories.command("submit")
@_STORY
@click.pass_obj
def submit(house: Any, story_id: UUID) -> None:
    """Hand a story in for review."""
    changed(house, tell_story.submit_story, story_id=story_id)


@stories.command("reopen")
@_STORY
@click.pass_obj
def reopen(house: Any, story_id: UUID) -> None:
    """Write a story anew; it will be reviewed again."""
    changed(house, tell_story.reopen_story, story_id=story_id)


@stories.command("add-picture")
@_STORY
@FILE
@click.option("--es", "seen_es", required=True, help="What is seen in it, in Spanish.")
@click.option("--en", "seen_en", required=True, help="And in English.")
@click.pass_obj
def add_picture(house: Any, /, story_id: UUID, file: Path, **seen: str) -> None:
    """Add a picture; the notes of its camera are not kept."""
    changed(house, picture_story.add_picture, story_id=story_id, content=file.read_bytes(), **seen)


@stories.command("picture")
@_STORY
@_PICTURE
@INTO
@click.pass_obj
def picture(house: Any, story_id: UUID, picture_id: UUID, into: Path) -> None:
    """Write a picture of a story into a folder."""
    with database_of(house).reading() as session:
        found = case_stories.readable(session, operator(), story_id).picture(picture_id)
        content, file = case_stories.picture_file(session, found)
        written(into, file.name, content)


@stories.command("drop-picture")
@_STORY
@_PICTURE
@click.pass_obj
def drop_picture(house: Any, story_id: UUID, picture_id: UUID) -> None:
    """Erase a picture."""
    changed(house, picture_story.remove_picture, story_id=story_id, picture_id=picture_id)


@stories.command("links")
@_STORY
@click.pass_obj
def links(house: Any, story_id: UUID) -> None:
    """The links of a story's owner, the latest first; their addresses are not told."""
    key = Keyring(house.settings("training").keys, "training").secret(PURPOSE)
    with database_of(house).reading() as session:
        for row in case_stories.links_of(session, operator(), story_id, key):
            click.echo(f"{row['id']}  {row['state']:<8}  {row['expires_on']}")


@stories.command("link-end")
@click.argument("link_id", type=click.UUID)
@click.pass_obj
def end_link(house: Any, link_id: UUID) -> None:
    """Let nothing be read or said through a link any more."""
    changed(house, agree_to_story.revoke_story_link, link_id)


@stories.command("facets")
@click.option("--network", is_flag=True, help="Of those that only the network reads, too.")
@click.pass_obj
def facets(house: Any, *, network: bool) -> None:
    """How many published stories there are by area, dimension, sector and country, as JSON."""
    with database_of(house).reading() as session:
        as_json(story_library.facets(session, network=network))


@community.command("spaces")
@click.pass_obj
def spaces(house: Any) -> None:
    """The spaces, each with how many topics stand in it, as JSON."""
    with database_of(house).reading() as session:
        as_json(queries.spaces(session, operator()))


@community.command("keep")
@_TOPIC
@click.option("--closed/--open", "locked", required=True, default=None)
@click.option("--on-top/--in-its-place", "pinned", required=True, default=None)
@click.pass_obj
def keep(house: Any, topic_id: UUID, *, locked: bool, pinned: bool) -> None:
    """Close a topic or open it again, keep it on top or not."""
    changed(house, moderate.keep_topic, topic_id=topic_id, locked=locked, pinned=pinned)


@community.command("firms")
@_TOPIC
@click.option("--of", "unit", default=None, help="Firms of this territory read it; `*` everywhere, left out: none.")
@click.pass_obj
def open_to_firms(house: Any, topic_id: UUID, unit: str | None) -> None:
    """Let the firms of a territory read a topic and reply through their links, or no more."""
    changed(house, moderate.open_to_firms, topic_id=topic_id, unit=unit)


@community.command("written-by-firms")
@click.option("--all", "everything", is_flag=True, help="What was decided too.")
@click.pass_obj
def contributions(house: Any, *, everything: bool) -> None:
    """What firms wrote through their links and waits for a moderator, as JSON."""
    with database_of(house).reading() as session:
        asked = {"waiting": not everything}
        as_json(firm_community.list_contributions(session, asked, limit=MOST, after=None).rows)


@community.command("decide")
@click.argument("contribution_id", type=click.UUID)
@click.argument("outcome", type=click.Choice((SHOWN, DECLINED)))
@click.option("--because", "reason", default=None, help="Told to the firm, where it is declined.")
@click.pass_obj
def decide(house: Any, contribution_id: UUID, outcome: str, reason: str | None) -> None:
    """Show what a firm wrote as a post of the firm, or decline it."""
    told = {"contribution_id": contribution_id, "outcome": outcome, "reason": reason}
    changed(house, decide_contribution, **told)


@community.command("file")
@click.argument("post_id", type=click.UUID)
@click.argument("file_id", type=click.UUID)
@INTO
@click.pass_obj
def post_file(house: Any, post_id: UUID, file_id: UUID, into: Path) -> None:
    """Write a file of a post into a folder."""
    with database_of(house).reading() as session:
        _fetched(session, queries.file_of(session, operator(), post_id, file_id), into)


@community.command("shared")
@click.option("--text", default="", help="Words that stand in it.")
@click.pass_obj
def shared(house: Any, text: str) -> None:
    """What members share, the latest first, as JSON."""
    with database_of(house).reading() as session:
        as_json(queries.list_resources(session, operator(), {"text": text}, limit=MOST, after=None).rows)


@community.command("share-material")
@click.argument("material_id", type=click.UUID)
@click.option("--space", type=click.Choice(space_codes()), required=True)
@click.option("--about", default="", help="What it is good for.")
@click.pass_obj
def share_material(house: Any, material_id: UUID, space: str, about: str) -> None:
    """Share a material of the library with the community; prints the id of what is shared."""
    told: dict[str, Any] = {"space": space, "material_id": material_id, "about": about}
    with database_of(house).transaction() as session:
        click.echo(take_part.share_material(session, operator(), **told).id)


@community.command("shared-file")
@_RESOURCE
@INTO
@click.pass_obj
def shared_file(house: Any, resource_id: UUID, into: Path) -> None:
    """Write the file that a member shares into a folder."""
    with database_of(house).reading() as session:
        _fetched(session, queries.resource_file(session, operator(), resource_id), into)


@community.command("hide-shared")
@_RESOURCE
@click.option("--because", "reason", required=True)
@click.pass_obj
def hide_shared(house: Any, resource_id: UUID, reason: str) -> None:
    """Hide what a member shared."""
    changed(house, moderate.hide_resource, resource_id=resource_id, reason=reason)


@community.command("restore-shared")
@_RESOURCE
@click.pass_obj
def restore_shared(house: Any, resource_id: UUID) -> None:
    """Show it again."""
    changed(house, moderate.restore_resource, resource_id=resource_id)


def _fetched(session: Any, file_id: UUID, into: Path) -> None:
    written(into, files.find(session, file_id).name, files.read(session, file_id))
