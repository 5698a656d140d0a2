"""More of `csem training trainers | licences`, and `editions | candidates`: who teaches, and who earns a licence."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.api.trainer_schemas import TrainerIn
from services.training.cli.csr_keeping import changed, context_of
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, as_json
from services.training.cli.library import licences, trainers
from services.training.cli.told import FILE, INTO, told_in, written
from services.training.documents.licence import printed
from services.training.queries import licences as queries
from services.training.queries.trainers import show_trainer
from services.training.reference.licences import policy
from services.training.reference.rounds import TOPICS
from services.training.use_cases import keep_trainers, license_trainers
from services.training.use_cases import train_trainers as training

_DAY = click.DateTime(["%Y-%m-%d"])
_TRAINER = click.argument("trainer_id", type=click.UUID)
_LICENCE = click.argument("licence_id", type=click.UUID)
_CANDIDATE = click.argument("candidate_id", type=click.UUID)
_EDITION = click.argument("edition_id", type=click.UUID)
_ON = click.option("--on", type=_DAY, required=True)
_NOTE = click.option("--note", default="")


@trainers.command("show")
@_TRAINER
@click.pass_obj
def show_one(house: Any, trainer_id: UUID) -> None:
    """One trainer with her licences and her sessions to come, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_trainer(session, operator(), trainer_id))


@trainers.command("change")
@_TRAINER
@FILE
@click.pass_obj
def change_trainer(house: Any, trainer_id: UUID, file: Path) -> None:
    """Put right what is known of a trainer: all of it, in a JSON FILE as the API takes it."""
    facts = told_in(file, TrainerIn)
    changed(house, keep_trainers.change_trainer, trainer_id, units=facts.pop("units"), facts=facts)


@trainers.command("leave")
@_TRAINER
@click.pass_obj
def let_go(house: Any, trainer_id: UUID) -> None:
    """A trainer teaches no more."""
    changed(house, keep_trainers.let_trainer_go, trainer_id)


@trainers.command("come-back")
@_TRAINER
@click.pass_obj
def come_back(house: Any, trainer_id: UUID) -> None:
    """A trainer teaches again."""
    changed(house, keep_trainers.take_trainer_back, trainer_id)


@licences.command("show")
@_LICENCE
@click.pass_obj
def show_licence(house: Any, licence_id: UUID) -> None:
    """One licence with what was done with it, as JSON."""
    with database_of(house).reading() as session:
        as_json(queries.show_licence(session, operator(), licence_id))


@licences.command()
@_LICENCE
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True)
@INTO
@click.pass_obj
def paper(house: Any, licence_id: UUID, language: str, into: Path) -> None:
    """Write a licence as a PDF with a QR to the page that says whether it counts."""
    with database_of(house).reading() as session:
        found = queries.show_licence(session, operator(), licence_id)
    content = printed(found, public_url=context_of(house).public_url, language=language)
    written(into, f"{found['number']}.pdf", content)


@licences.command("give-back")
@_LICENCE
@click.pass_obj
def give_back(house: Any, licence_id: UUID) -> None:
    """A suspended licence counts again until its last day."""
    changed(house, license_trainers.give_licence_back, licence_id)


@click.group("editions")
def editions() -> None:
    """The training of trainers, edition by edition."""


@editions.command("list")
@click.pass_obj
def list_editions(house: Any) -> None:
    """The editions, the newest first."""
    with database_of(house).reading() as session:
        rows = queries.list_editions(session, operator(), {}, limit=MOST, after=None).rows
    for row in rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['starts_on']}/{row['ends_on']}  {row['level']}  {row['name']}")


@editions.command("show")
@_EDITION
@click.pass_obj
def show_edition(house: Any, edition_id: UUID) -> None:
    """One edition with how far each candidate is, as JSON."""
    with database_of(house).reading() as session:
        as_json(queries.show_edition(session, operator(), edition_id))


@editions.command("open")
@click.argument("name")
@click.option("--unit", required=True, help="Official code of a country, department or municipality.")
@click.option("--level", type=click.Choice(sorted(policy().levels)), required=True)
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True, required=True, help="May be repeated.")
@click.option("--from", "starts_on", type=_DAY, required=True)
@click.option("--until", "ends_on", type=_DAY, required=True)
@click.pass_obj
def open_edition(house: Any, /, starts_on: datetime, ends_on: datetime, **told: Any) -> None:
    """Open the edition NAME."""
    days = {"starts_on": starts_on.date(), "ends_on": ends_on.date()}
    with database_of(house).transaction() as session:
        click.echo(training.open_edition(session, operator(), **told | {"topics": list(told["topics"])} | days).id)


@editions.command("enter")
@_EDITION
@_TRAINER
@click.pass_obj
def enter(house: Any, edition_id: UUID, trainer_id: UUID) -> None:
    """A trainer enters an edition; prints the id of the candidate."""
    with database_of(house).transaction() as session:
        click.echo(training.enter_candidate(session, operator(), edition_id, trainer_id=trainer_id).id)


@click.group("candidates")
def candidates() -> None:
    """Who is in an edition, and what she has shown."""


@candidates.command("show")
@_CANDIDATE
@click.pass_obj
def show_candidate(house: Any, candidate_id: UUID) -> None:
    """One candidate with all that was noted of her, as JSON."""
    with database_of(house).reading() as session:
        as_json(queries.show_candidate(session, operator(), candidate_id))


@candidates.command("hours")
@_CANDIDATE
@click.argument("minutes", type=click.IntRange(1, 1_440))
@_ON
@_NOTE
@click.pass_obj
def note_hours(house: Any, candidate_id: UUID, minutes: int, on: datetime, note: str) -> None:
    """She attended so many MINUTES on a day."""
    _noted(house, training.note_hours, candidate_id, on=on.date(), minutes=minutes, note=note)


@candidates.command("test")
@_CANDIDATE
@click.argument("percent", type=click.IntRange(0, 100))
@_ON
@_NOTE
@click.pass_obj
def note_test(house: Any, candidate_id: UUID, percent: int, on: datetime, note: str) -> None:
    """She reached so many PERCENT in a test."""
    _noted(house, training.note_test, candidate_id, on=on.date(), percent=percent, note=note)


@candidates.command("strike")
@_CANDIDATE
@click.argument("number", type=int)
@click.option("--because", "why", required=True)
@click.pass_obj
def strike(house: Any, candidate_id: UUID, number: int, why: str) -> None:
    """What was noted with this NUMBER by mistake counts no more."""
    _noted(house, training.strike_proof, candidate_id, number, version=None, why=why)


def _noted(house: Any, write: Any, *ids: Any, **told: Any) -> None:
    with database_of(house).transaction() as session:
        click.echo(write(session, operator(), *ids, **told).version)


COMMANDS = [editions, candidates]
