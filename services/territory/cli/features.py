"""The standard doors from the command line: collections, one feature, and all that a filter shows as a file."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson

from services.territory.api.ogc import clusters, downloads, enterprises, layers, units
from services.territory.api.ogc.collections import COLLECTIONS, collection_of, seen_by, title_of
from services.territory.cli.asking import LANGUAGE, asking, form_of, kept, to_file
from services.territory.documents.features import FORMS
from services.territory.queries import boundaries, layer_features, views
from services.territory.queries import features as queries
from services.territory.queries.layer_features import Asked
from services.territory.queries.unit_features import LEVELS
from services.territory.rules.features import feature
from shared.events.vocabulary import CHAINS, LINKS, NEEDS
from shared.kernel import NotFound
from shared.web import Call, Download, Query

_LAYER = "layer-"
_KINDS = {one.id: one for one in COLLECTIONS}
Way = tuple[type[Query], Callable[[Call], Download]]
_DOWNLOADS: Mapping[str, Way] = {
    "enterprises": (enterprises.EnterpriseItems, downloads.download_enterprises),
    "units": (units.UnitItems, downloads.download_units),
    "clusters": (clusters.ClusterItems, downloads.download_clusters),
}


@click.group("features")
def group() -> None:
    """Enterprises, units, clusters and uploaded layers as map programs open them."""


@group.command("collections")
@LANGUAGE
@click.pass_obj
def collections_(house: Any, language: str) -> None:
    """The collections there are, uploaded layers too."""
    with asking(house, language=language) as call:
        for one in seen_by(call):
            click.echo(f"{one.id:<44}  {title_of(call, one)}")


@group.command("queryables")
@click.argument("collection")
@click.pass_obj
def queryables_(house: Any, collection: str) -> None:
    """What a filter of COLLECTION may name, and what each holds."""
    layer_id = _layer_in(collection)
    with asking(house) as call:
        found = _KINDS[collection] if layer_id is None else collection_of(layers.layer_asked(call, layer_id))
        for name, kind in found.filterable(call).items():
            click.echo(f"{name:<24}  {kind.value}")


@group.command("show")
@click.argument("collection")
@click.argument("feature_id", metavar="ID")
@click.pass_obj
def show_feature(house: Any, collection: str, feature_id: str) -> None:
    """One feature of COLLECTION as GeoJSON, by the id that it has there."""
    layer_id = _layer_in(collection)
    with asking(house) as call:
        find = _FINDERS[collection] if layer_id is None else partial(_of_layer, layer_id)
        found = find(call, feature_id)
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode())


@group.command("download")
@click.argument("collection")
@to_file(about="A name that ends in .gpkg, .geojson, .fgb, .csv or .xlsx.")
@click.option("--filter", default=None, help="CQL2, as text or JSON, such as \"jobs_women > 2 AND chain = 'coffee'\".")
@click.option("--bbox", default=None, metavar="WEST,SOUTH,EAST,NORTH", help="Only what touches this box, in degrees.")
@click.option("--datetime", default=None, help="A day, or an interval such as 2026-01-01/2026-03-31.")
@click.option("--unit", multiple=True, help="Of enterprises and clusters: an official code; may be repeated.")
@click.option("--chain", type=click.Choice(CHAINS), default=None, help="Of enterprises and clusters.")
@click.option("--link", type=click.Choice(LINKS), default=None, help="Of enterprises.")
@click.option("--need", type=click.Choice(NEEDS), default=None, help="Of enterprises.")
@click.option("--level", type=click.Choice(LEVELS), default=None, help="Of units.")
@click.option("--inside", default=None, help="Of units: in this one, an official code.")
@LANGUAGE
@click.pass_obj
def download(house: Any, /, collection: str, output: Path, language: str, **told: Any) -> None:
    """Write all features of COLLECTION that a filter shows into a file."""
    layer_id = _layer_in(collection)
    form = form_of(output, FORMS)
    query, write = _DOWNLOADS[collection] if layer_id is None else _layer_way(layer_id)
    with asking(house, query, told, language=language) as call:
        call.query["format"] = form
        kept(write(call), output)


def _layer_way(layer_id: UUID) -> Way:
    return layers.LayerItems, lambda call: downloads.download_layer(call, layer_id)


def _layer_in(collection: str) -> UUID | None:
    """The layer that a collection is of, None of those that are always there; refuses what is no collection."""
    if collection in _KINDS:
        return None
    try:
        if collection.startswith(_LAYER):
            return UUID(collection.removeprefix(_LAYER))
    except ValueError:
        pass
    known = ", ".join((*_KINDS, f"{_LAYER}ID"))
    raise click.BadParameter(f"{collection!r}: write one of {known}", param_hint="COLLECTION")


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise NotFound("features.unknown")
    return int(text)


def _enterprise(call: Call, feature_id: str) -> dict[str, Any]:
    sight = enterprises.sight_of(call)
    try:
        enterprise_id = UUID(feature_id)
    except ValueError:
        raise NotFound("features.unknown") from None
    row = queries.one(call.session, sight, views.units_asked(call.caller, None), enterprise_id)
    if row is None:
        raise NotFound("features.unknown")
    return feature(row, sight.name)


def _unit(call: Call, feature_id: str) -> dict[str, Any]:
    units.require_unit(call, feature_id)
    (found,) = units.with_figures(call, boundaries.in_force(call.session), [feature_id])
    return found


def _cluster(call: Call, feature_id: str) -> dict[str, Any]:
    number = _number(feature_id)
    for row in clusters.chosen_by(call):
        if row["number"] == number:
            return clusters.feature(row)
    raise NotFound("features.unknown")


def _of_layer(layer_id: UUID, call: Call, feature_id: str) -> dict[str, Any]:
    number = _number(feature_id)
    row = layer_features.one(call.session, Asked(layers.layer_asked(call, layer_id), {}), number)
    if row is None:
        raise NotFound("features.unknown")
    return layers.feature(row)


_FINDERS: Mapping[str, Callable[[Call, str], dict[str, Any]]] = {
    "enterprises": _enterprise,
    "units": _unit,
    "clusters": _cluster,
}
COMMANDS = (group,)
