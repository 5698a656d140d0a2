"""More of `csem training curricula | strategies | asked-subjects`: modules and their files, contributions, links."""

import json
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.api import curriculum_schemas as schemas
from services.training.cli.csr_keeping import context_of
from services.training.cli.curricula import asked_subjects, curricula, strategies
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, UNIT, as_json
from services.training.cli.sessions import group_of
from services.training.cli.told import FILE, INTO, told_in, written
from services.training.models.curriculum_voices import ANSWERS
from services.training.models.strategies import ASKED_STATES
from services.training.queries import asked_subjects as asked_queries
from services.training.queries import curricula as queries
from services.training.queries.curriculum_links import link_row, list_links
from services.training.queries.strategies import list_strategies
from services.training.rules.curricula import SIGNED_IN
from services.training.use_cases import keep_curriculum, link_curriculum, write_modules
from services.training.use_cases.contribute import answer_contribution, contribute
from shared import files

_DAY = click.DateTime(["%Y-%m-%d"])
_VERSION = click.argument("version", type=click.UUID)
_MODULE = click.argument("module_id", type=click.UUID)


@curricula.command("head")
@click.argument("curriculum_id", type=click.UUID)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.pass_obj
def head(house: Any, curriculum_id: UUID, file: Path | None) -> None:
    """One curriculum with its versions, as JSON; with a JSON FILE, change its head before."""
    told = told_in(file, schemas.CurriculumHeadIn) if file else None
    with database_of(house).transaction() as session:
        if told:
            named: dict[str, Any] = {"curriculum_id": curriculum_id, "version": None}
            keep_curriculum.change_curriculum(session, operator(), **named, **told)
        as_json(queries.show_curriculum(session, operator(), curriculum_id))


@curricula.command("rewrite")
@_VERSION
@_MODULE
@FILE
@click.pass_obj
def rewrite(house: Any, version: UUID, module_id: UUID, file: Path) -> None:
    """Write a module of a draft anew, from a JSON FILE as the API takes it; its files stay."""
    told = told_in(file, schemas.CurriculumModuleIn)
    _written(house, write_modules.rewrite_module, version, module_id=module_id, module=told)


@curricula.command("place")
@_VERSION
@_MODULE
@click.argument("position", type=click.IntRange(1))
@click.pass_obj
def place(house: Any, version: UUID, module_id: UUID, position: int) -> None:
    """Put a module of a draft at another POSITION."""
    _written(house, write_modules.place_module, version, module_id=module_id, position=position)


@curricula.command("drop")
@_VERSION
@_MODULE
@click.pass_obj
def drop(house: Any, version: UUID, module_id: UUID) -> None:
    """Take a module out of a draft."""
    _written(house, write_modules.remove_module, version, module_id=module_id)


@curricula.command("attach")
@_VERSION
@_MODULE
@FILE
@click.pass_obj
def attach(house: Any, version: UUID, module_id: UUID, file: Path) -> None:
    """Give a module of a draft a FILE: a PDF or a picture."""
    sent: dict[str, Any] = {"name": file.name, "content": file.read_bytes()}
    _written(house, write_modules.attach_file, version, module_id=module_id, **sent)


@curricula.command("detach")
@_VERSION
@_MODULE
@click.argument("file_id", type=click.UUID)
@click.pass_obj
def detach(house: Any, version: UUID, module_id: UUID, file_id: UUID) -> None:
    """Take a file out of a module of a draft."""
    _written(house, write_modules.detach_file, version, module_id=module_id, file_id=file_id)


@curricula.command("fetch")
@_VERSION
@_MODULE
@click.argument("file_id", type=click.UUID)
@INTO
@click.pass_obj
def fetch(house: Any, version: UUID, module_id: UUID, file_id: UUID, into: Path) -> None:
    """Write a file of a module into a folder."""
    with database_of(house).reading() as session:
        found = queries.readable_version(session, operator(), version)
        file = files.find(session, queries.file_of(found, module_id, file_id))
        written(into, file.name, files.read(session, file.id))


@curricula.command("say")
@_VERSION
@click.argument("voice", type=click.Choice(sorted(SIGNED_IN)))
@click.argument("text")
@click.option("--module", "module_id", type=click.UUID, help="To the whole version, unless given.")
@click.pass_obj
def say(house: Any, /, version: UUID, **said: Any) -> None:
    """Contribute TEXT to VERSION as VOICE; prints the id of the contribution."""
    with database_of(house).transaction() as session:
        click.echo(contribute(session, operator(), version_id=version, **said).id)


@curricula.command("answer")
@_VERSION
@click.argument("contribution_id", type=click.UUID)
@click.argument("state", type=click.Choice(sorted(ANSWERS)))
@click.option("--because", "answer", required=True)
@click.pass_obj
def answer_said(house: Any, /, version: UUID, **said: Any) -> None:
    """Say what was made of a contribution, and why."""
    with database_of(house).transaction() as session:
        click.echo(answer_contribution(session, operator(), version_id=version, **said).state)


@curricula.command("links")
@_VERSION
@click.pass_obj
def links(house: Any, version: UUID) -> None:
    """The links to VERSION, the latest first; their addresses are not told."""
    with database_of(house).reading() as session:
        page = list_links(session, operator(), version, context_of(house).signing, limit=MOST, after=None)
    for row in page.rows:
        click.echo(
            f"{row['id']}  {row['state']:<8}  {row['expires_on']}  {row['entrepreneur_id'] or row['holder_name']}"
        )


@curricula.command("link")
@_VERSION
@click.option("--until", type=_DAY, required=True, help="The last day of the link.")
@click.option("--group", "number", type=int, help="The number of her group, for an entrepreneur.")
@click.option("--woman", type=click.UUID, help="The id of the entrepreneur.")
@click.option("--voice", type=click.Choice(sorted(SIGNED_IN)), help="Of an expert or teacher without an account.")
@click.option("--name", help="Of the expert or teacher.")
@click.pass_obj
def link(house: Any, /, version: UUID, until: datetime, **who: Any) -> None:
    """Give an entrepreneur of a group, or an expert or teacher, a link; prints the path of its page."""
    known: dict[str, Any] = {"version_id": version, "expires_on": until.date()}
    entrepreneur = who["number"] is not None and who["woman"] is not None
    if not entrepreneur and not (who["voice"] and who["name"]):
        raise click.UsageError("Say --group and --woman of an entrepreneur, or --voice and --name of an expert.")
    with database_of(house).transaction() as session:
        if entrepreneur:
            hers = {"group_id": group_of(session, who["number"]), "entrepreneur_id": who["woman"]}
            made = link_curriculum.link_entrepreneur(session, operator(), **known, **hers)
        else:
            made = link_curriculum.link_expert(session, operator(), **known, voice=who["voice"], name=who["name"])
        click.echo(f"/curriculum/{link_row(session, made, context_of(house).signing)['token']}")


@curricula.command("link-end")
@click.argument("link_id", type=click.UUID)
@click.pass_obj
def end_link(house: Any, link_id: UUID) -> None:
    """Let nothing be said through a link any more."""
    with database_of(house).transaction() as session:
        done = link_curriculum.revoke_curriculum_link(session, operator(), link_id=link_id, version=None)
        click.echo(done.revoked_on)


@strategies.command("list")
@UNIT
@click.pass_obj
def decided(house: Any, unit: str | None) -> None:
    """Every strategy that was decided, the latest first."""
    with database_of(house).reading() as session:
        rows = list_strategies(session, operator(), {"unit": unit}, limit=MOST, after=None).rows
    for row in rows:
        told = f"{row['since']}  {row['unit']:<6}  {row['type']:<16} {row['need']:<14} {row['form']:<14}"
        click.echo(f"{told} {row['minutes']:>5} min  {row['decided_by']}")


@asked_subjects.command("notes")
@UNIT
@click.option("--subject")
@click.option("--state", type=click.Choice(ASKED_STATES))
@click.pass_obj
def notes(house: Any, /, **filters: str | None) -> None:
    """Each time that a subject was asked for, the latest noted first, as JSON."""
    with database_of(house).reading() as session:
        as_json(asked_queries.notes(session, operator(), filters, limit=MOST, after=None).rows)


def _written(house: Any, write: Any, version: UUID, **told: Any) -> None:
    with database_of(house).transaction() as session:
        made = write(session, operator(), version_id=version, version=None, **told)
        click.echo(json.dumps([str(one.id) for one in sorted(made.modules, key=attrgetter("position"))]))
