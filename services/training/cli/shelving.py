"""More of `csem training materials | csr-agreement`: what is kept of a material, and the paper of an agreement."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.api.material_schemas import LibraryMaterialIn
from services.training.cli.csr_agreeing import agreement
from services.training.cli.csr_keeping import changed
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import as_json
from services.training.cli.library import materials
from services.training.cli.told import FILE, INTO, told_in, written
from services.training.queries import partners
from services.training.queries.materials import show_material
from services.training.use_cases import keep_material, keep_partners

_DAY = click.DateTime(["%Y-%m-%d"])
_MATERIAL = click.argument("material_id", type=click.UUID)
_AGREEMENT = click.argument("agreement_id", type=click.UUID)


@materials.command("show")
@_MATERIAL
@click.pass_obj
def show_one(house: Any, material_id: UUID) -> None:
    """One material with every version of its file, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_material(session, operator(), material_id))


@materials.command("change")
@_MATERIAL
@FILE
@click.pass_obj
def change_material(house: Any, material_id: UUID, file: Path) -> None:
    """Put right what is said of a material: all of it, in a JSON FILE as the API takes it."""
    changed(house, keep_material.change_material, material_id, facts=told_in(file, LibraryMaterialIn))


@materials.command("attach")
@_MATERIAL
@FILE
@click.option("--note", default="", help="What is new in it.")
@click.pass_obj
def attach(house: Any, material_id: UUID, file: Path, note: str) -> None:
    """FILE is the latest version of a material from now on."""
    changed(house, keep_material.add_file, material_id, name=file.name, content=file.read_bytes(), note=note)


@materials.command("restore")
@_MATERIAL
@click.pass_obj
def restore(house: Any, material_id: UUID) -> None:
    """Offer an archived material again."""
    changed(house, keep_material.restore_material, material_id)


@materials.command("erase")
@_MATERIAL
@click.pass_obj
def erase(house: Any, material_id: UUID) -> None:
    """Erase a material that was written by mistake."""
    with database_of(house).transaction() as session:
        keep_material.erase_material(session, operator(), material_id, version=None)


@agreement.command("renew")
@_AGREEMENT
@click.option("--on", "signed_on", type=_DAY, required=True)
@click.option("--until", "ends_on", type=_DAY, help="Its last day; open unless given.")
@click.pass_obj
def renew(house: Any, agreement_id: UUID, signed_on: datetime, ends_on: datetime | None) -> None:
    """Write down the agreement that takes the place of this one; prints its id."""
    days: dict[str, Any] = {"signed_on": signed_on.date(), "ends_on": ends_on.date() if ends_on else None}
    with database_of(house).transaction() as session:
        click.echo(keep_partners.renew_agreement(session, operator(), agreement_id, version=None, **days).id)


@agreement.command("keep-paper")
@_AGREEMENT
@FILE
@click.pass_obj
def keep_paper(house: Any, agreement_id: UUID, file: Path) -> None:
    """Keep the signed paper of an agreement; the one before it is erased."""
    with database_of(house).transaction() as session:
        told: dict[str, Any] = {"name": file.name, "content": file.read_bytes()}
        click.echo(keep_partners.keep_paper(session, operator(), agreement_id, **told).version)


@agreement.command("paper")
@_AGREEMENT
@INTO
@click.pass_obj
def paper(house: Any, agreement_id: UUID, into: Path) -> None:
    """Write the signed paper of an agreement into a folder."""
    with database_of(house).reading() as session:
        name, _media_type, content = partners.paper_of(session, operator(), agreement_id)
    written(into, name, content)
