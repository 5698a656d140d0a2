"""Reference layers: which there are, new ones, what is in them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import layers as api
from services.territory.cli.asking import LANGUAGE, asking, content_of, database, form_of, kept, operator, to_file
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

LARGEST = 256_000_000


@click.group()
def layers() -> None:
    """Roads, markets, banks, schools and other reference layers."""


@layers.command("list")
@click.option("--kind", type=click.Choice(KINDS), default=None)
@click.pass_obj
def list_(house: Any, kind: str | None) -> None:
    """The layers, oldest first."""
    with database(house).reading() as session:
        statement = queries.list_layers(operator(), kind).order_by(queries.LAYER_ID)
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
    content, caller = content_of(file, LARGEST), operator()
    with database(house).reading() as session:
        boxes = boxes_of(session, units)
    read = read_limited(content, layer, boxes, told["kind"])
    with database(house).transaction() as session:
        made = send_layer(session, caller, content=content, name=file.name, units=units, layer=layer, **told)
        keep_features(session, layer_of(session, made.id), read)
        click.echo(made.id)
    report = read["report"]
    click.echo(f"{len(read['features'])} elementos ({read['shape']}); columnas: {', '.join(report['columns']) or '–'}")  # noqa: RUF001
    if report["left_out"]:
        click.echo(f"Columnas que podrían nombrar a alguien, no se guardan: {', '.join(report['left_out'])}")


@layers.command()
@click.argument("layer_id", type=click.UUID)
@to_file(about="A name that ends in .geojson, .gpkg, .csv, .xlsx, or in .svg for a drawing over the departments.")
@LANGUAGE
@click.pass_obj
def export(house: Any, layer_id: UUID, output: Path, language: str) -> None:
    """Write the layer with this id into a file."""
    form = form_of(output, (*api.FORMATS, "svg"))
    with asking(house, language=language) as call:
        if form == "svg":
            output.write_text(api.drawing(call, layer_id)["drawing"], encoding="utf-8")
            click.echo(f"{output}")
            return
        call.query["format"] = form
        kept(api.document(call, layer_id), output)


@layers.command("show")
@click.argument("layer_id", type=click.UUID)
@LANGUAGE
@click.pass_obj
def show_layer(house: Any, layer_id: UUID, language: str) -> None:
    """How a layer stands, and what was found when it was read."""
    with asking(house, language=language) as call:
        row = api.show(call, layer_id)
    click.echo(f"{row['title']} ({row['kind']}, {row['state']}): {row['features']}; {', '.join(row['units'])}")
    click.echo(f"  {row['source']}. {row['licence']}")
    click.echo(f"  {', '.join(row['report'].get('columns', ())) or '-'}")
    for wrong in (row["problem"], row["job"]):
        if wrong and wrong.get("detail"):
            click.echo(f"  {wrong['detail']}")


@layers.command()
@click.argument("layer_id", type=click.UUID)
@click.pass_obj
def delete(house: Any, layer_id: UUID) -> None:
    """Delete the layer with this id and its file; its history stays."""
    with database(house).transaction() as session:
        delete_layer(session, operator(), layer_id, version=None)


COMMANDS = (layers,)
