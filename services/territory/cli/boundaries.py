"""Boundaries: which are in force, official ones in their place, and their columns for QGIS."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.territory.cli.asking import content_of
from services.territory.geometry import add_geometry
from services.territory.queries.boundaries import sets_in_force
from services.territory.use_cases.replace_boundaries import replace_boundaries
from services.territory.use_cases.take_boundaries import OPTIONS, read_limited
from shared.identity import Caller
from shared.kernel import Refused, clock
from shared.service import Service

LARGEST = 256_000_000


@click.group()
def boundaries() -> None:
    """Municipal boundaries: which are in force, and official ones in their place."""


@boundaries.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """Say for each country which boundaries are in force."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        for row in sets_in_force(session):
            since = f", desde {row['valid_from']}" if row["valid_from"] else ""
            click.echo(f"{row['country']}  {row['kind']:<12} {row['shapes']:>4}  {row['source']}{since}")


@boundaries.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Adopt without asking.")
@click.option("--map", "mapping", multiple=True, metavar="KEY=COLUMN", help="code=, name=, layer= or country=.")
@click.option("--source", default=None, help="Who made the boundaries; the file's name by default.")
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Today by default.")
@click.pass_obj
def import_(
    house: Any, file: Path, yes: bool, mapping: tuple[str, ...], source: str | None, valid_from: datetime | None
) -> None:
    """Put the municipal boundaries in FILE in force (GeoPackage, GeoJSON or zipped Shapefile).

    Columns and layer are guessed and shown with a quality report before anything is changed.
    """
    choice = _choice(mapping)
    read = read_limited(content_of(file, LARGEST), choice)
    tell(read)
    if not yes and not click.confirm("¿Adoptar estos límites?", default=False):
        raise Refused("boundaries.not_confirmed")
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        replaced = replace_boundaries(
            session,
            Caller.operator(getpass.getuser()),
            shapes=read["shapes"],
            report=read["report"],
            source=source or file.name,
            valid_from=valid_from.date() if valid_from else clock.today(),
        )
    for one in replaced:
        click.echo(f"{one['country']}: {one['shapes']} límites oficiales en vigor.")


@click.command()
@click.pass_obj
def geometry(house: Any) -> None:
    """Add PostGIS geometry columns for QGIS and SQL users, where PostGIS was loaded after the migration."""
    service: Service = house.service("territory")
    with service.database.engine.begin() as connection:
        done = add_geometry(connection)
    click.echo("Columnas de geometría listas." if done else "Esta base de datos no tiene PostGIS.")


def _choice(mapping: tuple[str, ...]) -> dict[str, str]:
    """`code=adm2_code` and the like, read strictly."""
    choice = {}
    for item in mapping:
        key, sign, column = item.partition("=")
        if key not in OPTIONS or not sign or not column:
            raise click.BadParameter(
                f"{item!r}: write one of {', '.join(f'{k}=…' for k in OPTIONS)}", param_hint="--map"
            )
        choice[key] = column
    return choice


def tell(read: dict[str, Any]) -> None:
    """The mapping and the quality report, for somebody who has to decide."""
    report_, mapping = read["report"], read["mapping"]
    click.echo(f"Capa {read['layer']} (de: {', '.join(read['layers'])})")
    country = f", país {mapping['country']}" if mapping["country"] else ""
    click.echo(f"Códigos en «{mapping['code']}»{country}; nombres en «{mapping['name'] or '–'}»")  # noqa: RUF001
    click.echo(f"{report_['shapes']} polígonos, {report_['vertices']} vértices, {report_['matched']} municipios")
    for code, coverage in report_["countries"].items():
        lacking = f"; faltan {', '.join(coverage['missing'][:10])}" if coverage["missing"] else ""
        click.echo(f"  {code}: {coverage['found']} de {coverage['expected']}{lacking}")
    overlaps, gaps = report_["overlaps"], report_["gaps"]
    click.echo(f"{overlaps['pairs']} pares se traslapan, {overlaps['over_1_ha']} en más de 1 ha:")
    for pair in overlaps["largest"][:5]:
        click.echo(f"  {' / '.join(pair['codes'])}: {pair['hectares']:,.2f} ha")
    click.echo(f"{gaps['count']} huecos de más de 1 ha:")
    for gap in gaps["largest"][:5]:
        click.echo(f"  {gap['hectares']:,.2f} ha en {gap['at'][0]}, {gap['at'][1]}")
    _named("Polígonos inválidos, reparados", [f"{one['code']}: {one['reason']}" for one in report_["invalid"]["named"]])
    for title, key in (("Códigos desconocidos, no se usan", "unknown"), ("Códigos repetidos, se unen", "repeated"),
                       ("Lejos de donde deben estar", "misplaced"), ("Nombres distintos", "names")):  # fmt: skip
        _named(title, report_[key]["named"], report_[key]["count"])


def _named(title: str, items: list[str], count: int | None = None) -> None:
    if items:
        click.echo(f"{title} ({len(items) if count is None else count}): {'; '.join(items[:10])}")


COMMANDS = (boundaries, geometry)
