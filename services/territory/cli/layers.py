"""Reference layers: which there are, new ones, what is in them."""

import getpass
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.models.layers import KINDS
from services.territory.queries import layers as queries
from services.territory.use_cases.send_layer import (
    boxes_of,
    delete_layer,
    keep_features,
    layer_of,
    read_limited,
    send_layer,
)
from shared.identity import Caller
from shared.service import Service

LARGEST = 256_000_000


@click.group()
def layers() -> None:
    """Roads, markets, banks, schools and other reference layers."""


@layers.command("list")
@click.option("--kind", type=click.Choice(KINDS), default=None)
@click.pass_obj
def list_(house: Any, kind: str | None) -> None:
    """The layers, oldest first."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        statement = queries.list_layers(Caller.operator(getpass.getuser()), kind).order_by(queries.LAYER_ID)
        for row in session.execute(statement).mappings().all():
            click.echo(f"{row['id']}  {row['kind']:<8} {row['state']:<10} {row['features']:>6}  {row['title']}")


@layers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--title", required=True)
@click.option("--source", required=True, help="Who made it.")
@click.option("--licence", default="", help="Under which terms.")
@click.option("--unit", "units", multiple=True, required=True, help="An official code, such as HN17. May be repeated.")
@click.option("--layer", default=None, help="Which layer of the file; by default the one with most features.")
@click.pass_obj
def import_(house: Any, /, *, file: Path, units: tuple[str, ...], layer: str | None, **told: Any) -> None:
    """Take the layer in FILE (GeoPackage, GeoJSON or zipped Shapefile) for these units."""
    if file.stat().st_size > LARGEST:
        raise click.BadParameter(f"{file.name} is larger than {LARGEST // 1_000_000} MB", param_hint="FILE")
    service: Service = house.service("territory")
    content, caller = file.read_bytes(), Caller.operator(getpass.getuser())
    with service.database.reading() as session:
        boxes = boxes_of(session, units)
    read = read_limited(content, layer, boxes, told["kind"])
    with service.database.transaction() as session:
        made = send_layer(session, caller, content=content, name=file.name, units=units, layer=layer, **told)
        keep_features(session, layer_of(session, made.id), read)
        click.echo(made.id)
    report = read["report"]
    click.echo(f"{len(read['features'])} elementos ({read['shape']}); columnas: {', '.join(report['columns']) or '–'}")  # noqa: RUF001
    if report["left_out"]:
        click.echo(f"Columnas que podrían nombrar a alguien, no se guardan: {', '.join(report['left_out'])}")


@layers.command()
@click.argument("layer_id", type=click.UUID)
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.pass_obj
def export(house: Any, layer_id: UUID, output: Path) -> None:
    """Write the layer with this id as GeoPackage where the name ends in .gpkg, otherwise as GeoJSON."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        found = queries.layer_for(session, Caller.operator(getpass.getuser()), layer_id)
        write = queries.geopackage_of if output.suffix == ".gpkg" else queries.as_geojson
        output.write_bytes(write(session, found))
    click.echo(f"{output}: {found.title}")


@layers.command()
@click.argument("layer_id", type=click.UUID)
@click.pass_obj
def delete(house: Any, layer_id: UUID) -> None:
    """Delete the layer with this id and its file; its history stays."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        delete_layer(session, Caller.operator(getpass.getuser()), layer_id, version=None)


COMMANDS = (layers,)
