"""`csem training materials | centres | trainers | licences`."""

import json
import mimetypes
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.cli.groups import database_of, operator
from services.training.models.library import REACHES
from services.training.queries.licences import EXPIRING, list_licences, verified
from services.training.queries.materials import file_of, list_materials
from services.training.queries.partners import ENDING, STANDINGS, list_agreements, list_partners
from services.training.queries.trainers import list_trainers
from services.training.reference.library import KINDS, LANGUAGES, LICENCES
from services.training.reference.rounds import LANGUAGES as SPOKEN
from services.training.reference.rounds import TOPICS
from services.training.rules import licences as rules
from services.training.use_cases.keep_material import add_file, archive_material, share_material, write_material
from services.training.use_cases.keep_trainers import write_trainer
from services.training.use_cases.license_trainers import issue_licence, renew_licence, revoke_licence, suspend_licence

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_UNIT = click.option("--unit", help="Official code of a country, department or municipality.")
_MOST = 200


@click.group("materials")
def materials() -> None:
    """The library of materials."""


@materials.command("find")
@click.argument("text", required=False, default="")
@click.option("--topic", type=click.Choice(TOPICS))
@click.option("--language", type=click.Choice(LANGUAGES))
@click.option("--kind", type=click.Choice(KINDS))
@click.option("--archived", is_flag=True)
@_UNIT
@_JSON
@click.pass_obj
def find_materials(house: Any, /, as_json: bool, **filters: Any) -> None:
    """The materials that answer TEXT, best first; without it the newest first."""
    with database_of(house).reading() as session:
        rows = list_materials(session, operator(), filters, limit=_MOST, after=None).rows
    if as_json:
        click.echo(json.dumps(rows, default=str))
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['kind']:<18} {row['language']:<10} {row['reach']:<8} {row['title']}")


@materials.command("add")
@click.argument("title")
@click.option("--unit", required=True)
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@click.option("--author", required=True, help="The organization.")
@click.option("--licence", type=click.Choice(LICENCES), required=True)
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True)
@click.option("--year", type=int)
@click.option("--summary", default="")
@click.option("--link", help="An https address, where there is no file.")
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def add_material(house: Any, /, path: Path | None, topics: tuple[str, ...], **told: Any) -> None:
    """Write the material TITLE down, with its file where there is one."""
    facts = told | {"topics": list(topics), "dimensions": [], "chains": []}
    with database_of(house).transaction() as session:
        made = write_material(session, operator(), facts)
        if path is not None:
            content = path.read_bytes()
            add_file(session, operator(), made.id, version=None, name=path.name, content=content, note="")
        click.echo(made.id)


@materials.command("share")
@click.argument("material_id", type=click.UUID)
@click.argument("reach", type=click.Choice(REACHES))
@click.pass_obj
def share(house: Any, material_id: UUID, reach: str) -> None:
    """Decide who sees the material with this id."""
    with database_of(house).transaction() as session:
        share_material(session, operator(), material_id, version=None, reach=reach)


@materials.command("archive")
@click.argument("material_id", type=click.UUID)
@click.option("--because", "why", required=True)
@click.pass_obj
def archive(house: Any, material_id: UUID, why: str) -> None:
    """Offer the material with this id no more."""
    with database_of(house).transaction() as session:
        archive_material(session, operator(), material_id, version=None, why=why)


@materials.command("fetch")
@click.argument("material_id", type=click.UUID)
@click.option("--version", "number", type=click.IntRange(1), help="The latest unless given.")
@click.option("--into", type=click.Path(file_okay=False, exists=True, path_type=Path), default=Path())
@click.pass_obj
def fetch(house: Any, material_id: UUID, number: int | None, into: Path) -> None:
    """Write the file of the material with this id into a folder."""
    with database_of(house).reading() as session:
        _name, media_type, content = file_of(session, operator(), material_id, number)
    path = into / f"{material_id}{mimetypes.guess_extension(media_type) or ''}"
    path.write_bytes(content)
    click.echo(path)


@click.group("centres")
def centres() -> None:
    """Learning centres and universities, and the agreements with them."""


@centres.command("list")
@_UNIT
@_JSON
@click.pass_obj
def list_centres(house: Any, unit: str | None, as_json: bool) -> None:
    """The learning centres and universities, by name."""
    with database_of(house).reading() as session:
        filters = {"teaches": True, "unit": unit}
        rows = list_partners(session, operator(), filters, limit=_MOST, after=None).rows
    _printed(rows, as_json, "id", "learning_kind", "unit", "name")


@centres.command("agreements")
@click.option("--standing", type=click.Choice(STANDINGS), default=ENDING, show_default=True)
@_JSON
@click.pass_obj
def agreements(house: Any, standing: str, as_json: bool) -> None:
    """Agreements with them; those that end soon and are not renewed unless told otherwise."""
    with database_of(house).reading() as session:
        filters = {"teaches": True, "standing": standing}
        rows = list_agreements(session, operator(), filters, limit=_MOST, after=None).rows
    _printed(rows, as_json, "id", "standing", "ends_on", "title")


@click.group("trainers")
def trainers() -> None:
    """Who teaches for the centres."""


@trainers.command("list")
@click.option("--topic", type=click.Choice(TOPICS))
@click.option("--language", type=click.Choice(SPOKEN))
@click.option("--text", default="", help="A part of the name.")
@_UNIT
@_JSON
@click.pass_obj
def list_all_trainers(house: Any, /, as_json: bool, **filters: Any) -> None:
    """The trainers who teach a topic, in a language, in a place."""
    with database_of(house).reading() as session:
        rows = list_trainers(session, operator(), filters, limit=_MOST, after=None).rows
    _printed(rows, as_json, "id", "unit", "name")


@trainers.command("add")
@click.argument("name")
@click.option("--unit", required=True, help="Who keeps her entry: an official code.")
@click.option("--goes-to", "units", multiple=True, required=True, help="Official codes of where she teaches.")
@click.option("--topic", "topics", type=click.Choice(TOPICS), multiple=True, required=True)
@click.option("--language", "languages", type=click.Choice(SPOKEN), multiple=True, default=("es",))
@click.pass_obj
def add_trainer(house: Any, /, name: str, unit: str, units: tuple[str, ...], **told: tuple[str, ...]) -> None:
    """Write the trainer NAME down."""
    facts: dict[str, Any] = {"unit": unit, "name": name, "account": None, "slots": [], "partner_id": None}
    facts |= {key: list(value) for key, value in told.items()}
    with database_of(house).transaction() as session:
        click.echo(write_trainer(session, operator(), units=units, facts=facts).id)


@click.group("licences")
def licences() -> None:
    """Licences to teach."""


@licences.command("list")
@click.option("--standing", type=click.Choice((*rules.STANDINGS, EXPIRING)))
@_JSON
@click.pass_obj
def list_all_licences(house: Any, standing: str | None, as_json: bool) -> None:
    """The licences, the newest first."""
    with database_of(house).reading() as session:
        rows = list_licences(session, operator(), {"standing": standing}, limit=_MOST, after=None).rows
    _printed(rows, as_json, "id", "number", "standing", "valid_until", "trainer_name")


@licences.command("check")
@click.argument("number")
@click.pass_obj
def check(house: Any, number: str) -> None:
    """Whether the licence NUMBER counts today."""
    with database_of(house).reading() as session:
        told = verified(session, number)
    click.echo(f"{told['number']}  {told['standing']}  {told['valid_until']}")


@licences.command("issue")
@click.argument("candidate_id", type=click.UUID)
@click.pass_obj
def issue(house: Any, candidate_id: UUID) -> None:
    """Issue the licence that a candidate earned."""
    with database_of(house).transaction() as session:
        click.echo(issue_licence(session, operator(), candidate_id, version=None).number)


@licences.command("renew")
@click.argument("licence_id", type=click.UUID)
@click.pass_obj
def renew(house: Any, licence_id: UUID) -> None:
    """The licence that follows the one with this id."""
    with database_of(house).transaction() as session:
        click.echo(renew_licence(session, operator(), licence_id, version=None).number)


@licences.command("suspend")
@click.argument("licence_id", type=click.UUID)
@click.option("--because", "reason", required=True)
@click.pass_obj
def suspend(house: Any, licence_id: UUID, reason: str) -> None:
    """The licence with this id does not count for now."""
    with database_of(house).transaction() as session:
        suspend_licence(session, operator(), licence_id, version=None, reason=reason)


@licences.command("revoke")
@click.argument("licence_id", type=click.UUID)
@click.option("--because", "reason", required=True)
@click.pass_obj
def revoke(house: Any, licence_id: UUID, reason: str) -> None:
    """The licence with this id counts no more, for good."""
    with database_of(house).transaction() as session:
        revoke_licence(session, operator(), licence_id, version=None, reason=reason)


def _printed(rows: Any, as_json: bool, *names: str) -> None:
    if as_json:
        click.echo(json.dumps(list(rows), default=str))
        return
    for row in rows:
        click.echo("  ".join(str(row[name]) for name in names))


COMMANDS = [materials, centres, trainers, licences]
