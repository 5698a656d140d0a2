"""`csem training curricula | strategies | asked-subjects`."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.cli.groups import database_of, operator
from services.training.models import CurriculumVersion, TrainingGroup
from services.training.models.strategies import ASKED_STATES, SOURCES, SUBJECT_ANSWERS
from services.training.queries.asked_subjects import subjects
from services.training.queries.curricula import list_curricula, show_version
from services.training.queries.group_curricula import show_group_curriculum
from services.training.queries.strategies import strategies_in_force
from services.training.reference.curricula import FORMS, METHODS, TYPES
from services.training.reference.rounds import LANGUAGES, TOPICS
from services.training.rules.curricula import SIGNED_IN, VERSION_STATES
from services.training.use_cases.accept_curriculum import accept_version
from services.training.use_cases.decide_strategy import decide_strategy
from services.training.use_cases.keep_curriculum import (
    begin_curriculum,
    propose_version,
    revise_curriculum,
    withdraw_version,
)
from services.training.use_cases.note_subject import answer_subject, note_subject
from services.training.use_cases.use_curriculum import choose_curriculum
from services.training.use_cases.write_modules import write_module
from shared.events.vocabulary import NEEDS

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_DAY = click.DateTime(["%Y-%m-%d"])
_UNIT = click.option("--unit", required=True, help="Official code of a country, department or municipality.")


@click.group("curricula")
def curricula() -> None:
    """Curricula: written in versions, accepted by an expert, a teacher and an entrepreneur of each group."""


@curricula.command("list")
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--state", type=click.Choice(VERSION_STATES), help="That some version of it is in.")
@_JSON
@click.pass_obj
def list_(house: Any, unit: str | None, state: str | None, as_json: bool) -> None:
    """The curricula, the latest first, each with its latest version."""
    with database_of(house).reading() as session:
        rows = list_curricula(session, operator(), {"unit": unit, "state": state}, limit=200, after=None).rows
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        latest = row["latest"]
        told = f"{latest['id']}  {latest['number']:>3}  {latest['state']:<10} {latest['minutes']:>6} min"
        click.echo(f"{told}  {row['title']} ({row['type']}, {row['language']})")


@curricula.command()
@click.argument("version", type=click.UUID)
@_JSON
@click.pass_obj
def show(house: Any, version: UUID, as_json: bool) -> None:
    """One VERSION: its modules, and who must still accept it."""
    with database_of(house).reading() as session:
        found = show_version(session, operator(), version)
    if as_json:
        click.echo(json.dumps(found, default=str))
        return
    click.echo(f"{found['title']}  {found['number']}  {found['state']}  {found['minutes']} min")
    for one in found["modules"]:
        click.echo(f"{one['position']:>3}  {one['minutes']:>5} min  {one['title']}")
    click.echo(", ".join(found["lacking"]) or "-")


@curricula.command()
@click.option("--title", required=True)
@click.option("--topic", type=click.Choice(TOPICS), required=True)
@click.option("--type", "type", type=click.Choice(TYPES), required=True, help="A chain, a family of chains, or any.")
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@_UNIT
@click.pass_obj
def begin(house: Any, /, **told: str) -> None:
    """Begin a curriculum with an empty draft."""
    with database_of(house).transaction() as session:
        made = begin_curriculum(session, operator(), **told)
        click.echo(f"{made.latest.id}  {made.title}")


@curricula.command()
@click.argument("version", type=click.UUID)
@click.option("--title", required=True)
@click.option("--objectives", required=True, help="What each woman can do afterwards.")
@click.option("--contents", default="")
@click.option("--method", "methods", type=click.Choice(METHODS), multiple=True, required=True)
@click.option("--minutes", type=click.IntRange(15), required=True, help="Whole quarters of an hour.")
@click.option("--material", "material_ids", type=click.UUID, multiple=True, help="Of the library; may be repeated.")
@click.pass_obj
def module(house: Any, /, version: UUID, **told: Any) -> None:
    """Add a module at the end of the draft VERSION."""
    written = told | {"methods": list(told["methods"]), "material_ids": list(told["material_ids"]), "links": []}
    with database_of(house).transaction() as session:
        made = write_module(session, operator(), version_id=version, version=None, module=written)
        click.echo(f"{len(made.modules)}  {made.minutes} min")


@curricula.command()
@click.argument("version", type=click.UUID)
@click.pass_obj
def propose(house: Any, version: UUID) -> None:
    """From now on VERSION says what it says."""
    with database_of(house).transaction() as session:
        click.echo(propose_version(session, operator(), version_id=version, version=None).content_hash)


@curricula.command()
@click.argument("version", type=click.UUID)
@click.argument("voice", type=click.Choice(sorted(SIGNED_IN)))
@click.option("--hash", "content_hash", required=True, help="Of what was read, as `propose` and `show --json` tell it.")
@click.pass_obj
def accept(house: Any, version: UUID, voice: str, content_hash: str) -> None:
    """Accept VERSION as VOICE; an entrepreneur accepts through her own link."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"version_id": version, "voice": voice, "content_hash": content_hash}
        click.echo(accept_version(session, operator(), **told).state)


@curricula.command()
@click.argument("version", type=click.UUID)
@click.option("--change", required=True, help="What the next version changes.")
@click.pass_obj
def revise(house: Any, version: UUID, change: str) -> None:
    """Begin the version after VERSION with what the latest says."""
    with database_of(house).transaction() as session:
        found = session.get(CurriculumVersion, version)
        if found is None:
            raise click.ClickException(f"There is no version {version}.")
        made = revise_curriculum(session, operator(), curriculum_id=found.curriculum_id, change=change)
        click.echo(f"{made.id}  {made.number}")


@curricula.command()
@click.argument("version", type=click.UUID)
@click.option("--reason", required=True)
@click.pass_obj
def withdraw(house: Any, version: UUID, reason: str) -> None:
    """Nothing more is planned with VERSION."""
    with database_of(house).transaction() as session:
        click.echo(withdraw_version(session, operator(), version_id=version, version=None, reason=reason).state)


@curricula.command()
@click.argument("group", type=int)
@click.argument("version", type=click.UUID, required=False)
@_JSON
@click.pass_obj
def group(house: Any, group: int, version: UUID | None, as_json: bool) -> None:
    """How far group number GROUP is with its curriculum; with VERSION, choose it for the group."""
    with database_of(house).transaction() as session:
        group_id = _group(session, group)
        if version is not None:
            choose_curriculum(session, operator(), group_id=group_id, version_id=version)
        found = show_group_curriculum(session, operator(), group_id)["curriculum"]
    if as_json or found is None:
        click.echo(json.dumps(found, default=str))
        return
    click.echo(f"{found['title']}  {found['number']}  {', '.join(found['lacking']) or 'ok'}")
    for one in found["modules"]:
        minutes = f"{one['held_minutes']:>5} {one['planned_minutes']:>5} {one['minutes']:>5} min"
        click.echo(f"{one['position']:>3}  {minutes}  {one['title']}")


@click.group("strategies")
def strategies() -> None:
    """Training strategies: how each kind of enterprise is trained in each need."""


@strategies.command("in-force")
@click.argument("unit")
@click.option("--on", "day", type=_DAY, help="Today unless given.")
@_JSON
@click.pass_obj
def in_force(house: Any, unit: str, day: datetime | None, as_json: bool) -> None:
    """The strategy of each chain and need at UNIT."""
    with database_of(house).reading() as session:
        rows = strategies_in_force(session, operator(), unit=unit, day=day.date() if day else None)
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        told = f"{row['chain']:<16} {row['need']:<14} {row['form']:<14} {row['minutes']:>5} min"
        click.echo(f"{told}  {row['smallest']}-{row['largest']}  {row['since']}  {row['decided_by'] or '-'}")


@strategies.command()
@_UNIT
@click.option("--type", "type", type=click.Choice(TYPES), required=True)
@click.option("--need", type=click.Choice(NEEDS), required=True)
@click.option("--form", type=click.Choice(FORMS), required=True)
@click.option("--method", "methods", type=click.Choice(METHODS), multiple=True, required=True)
@click.option("--minutes", type=click.IntRange(15), required=True)
@click.option("--smallest", type=click.IntRange(1), required=True)
@click.option("--largest", type=click.IntRange(1), required=True)
@click.option("--decided-by", required=True)
@click.option("--source", required=True)
@click.option("--since", type=_DAY, required=True)
@click.option("--note", default="")
@click.pass_obj
def decide(house: Any, /, since: datetime, **told: Any) -> None:
    """Write down a strategy that was decided."""
    decided = told | {"methods": list(told["methods"])}
    with database_of(house).transaction() as session:
        click.echo(decide_strategy(session, operator(), since=since.date(), **decided).id)


@click.group("asked-subjects")
def asked_subjects() -> None:
    """Complementary subjects that women ask for."""


@asked_subjects.command("list")
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--state", type=click.Choice(ASKED_STATES))
@_JSON
@click.pass_obj
def list_subjects(house: Any, unit: str | None, state: str | None, as_json: bool) -> None:
    """By subject: how many women asked, how many wait, and where."""
    with database_of(house).reading() as session:
        rows = subjects(session, operator(), {"unit": unit, "state": state}, limit=200, after=None).rows
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        where = ", ".join(f"{one['unit']}: {one['women']}" for one in row["places"])
        click.echo(f"{row['women']:>5} {row['waiting']:>5}  {row['subject']}  ({where})")


@asked_subjects.command()
@click.argument("subject")
@click.option("--unit", help="The place, where no group is given.")
@click.option("--group", type=int, help="The number of the group that asked.")
@click.option("--women", type=click.IntRange(1), default=1, show_default=True)
@click.option("--source", type=click.Choice(SOURCES), required=True)
@click.option("--on", "asked_on", type=_DAY, required=True)
@click.pass_obj
def note(house: Any, /, group: int | None, asked_on: datetime, **told: Any) -> None:
    """Note that women asked for SUBJECT."""
    with database_of(house).transaction() as session:
        group_id = _group(session, group) if group is not None else None
        made = note_subject(session, operator(), group_id=group_id, asked_on=asked_on.date(), **told)
        click.echo(f"{made.id}  {made.subject}  {made.women}")


@asked_subjects.command()
@click.argument("subject")
@click.argument("state", type=click.Choice(SUBJECT_ANSWERS))
@click.option("--answer", required=True)
@click.option("--curriculum", "curriculum_id", type=click.UUID)
@click.pass_obj
def answer(house: Any, /, **told: Any) -> None:
    """Take SUBJECT up in a curriculum, or decline it, for everybody who waits."""
    with database_of(house).transaction() as session:
        done = answer_subject(session, operator(), **told)
        click.echo(f"{len(done)}  {sum(one.women for one in done)}")


def _group(session: Session, number: int) -> UUID:
    found = session.scalar(select(TrainingGroup.id).where(TrainingGroup.number == number))
    if found is None:
        raise click.ClickException(f"There is no group {number}.")
    return found


COMMANDS = [curricula, strategies, asked_subjects]
