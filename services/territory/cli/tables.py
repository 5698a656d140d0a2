"""What figures are compared with, and the districts and villages of a territory."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import denominators as api
from services.territory.api.places import UnitsQuery
from services.territory.cli.asking import DAY, asking, content_of, database, form_of, kept, operator, to_file
from services.territory.models import TableFile
from services.territory.models.tables import DENOMINATORS, IN_FORCE, UNITS
from services.territory.queries import denominators as queries
from services.territory.queries import units as unit_queries
from services.territory.reference import editions, indicators
from services.territory.use_cases import take_tables
from services.territory.use_cases.adopt_tables import withdraw_denominators
from shared import files
from shared.kernel import Refused, clock

LARGEST = 256_000_000
WRONG = {
    "unknown": "Unidades desconocidas", "repeated": "Repetidos", "not_numbers": "No son números",
    "not_whole": "Conteos con decimales", "negative": "Negativos", "codes": "Códigos que no lo son",
    "labels": "Etiquetas desconocidas", "names": "Nombres distintos", "unequal": "Partes que no suman el total",
    "not_levels": "Niveles que no lo son", "blank": "Vacíos", "days": "Fechas mal escritas o al revés",
    "parents": "Pertenecen a una unidad desconocida", "elsewhere": "Código de otro municipio",
    "overlapping": "Vigencias que se traslapan", "same_name": "Mismo nombre con varios códigos",
}  # fmt: skip


@click.group()
def denominators() -> None:
    """What figures are compared with: population, establishments, poverty."""


@denominators.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """The sets in force."""
    with database(house).reading() as session:
        for row in session.execute(queries.list_sets(None, (), IN_FORCE).order_by(queries.SET_ID)).mappings():
            click.echo(f"{row['id']}  {row['country']}  {row['year']}  {row['indicator']:<24} {row['rows']:>6}")
            click.echo(f"  {row['title_es']} ({row['source']})")


@denominators.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Use it without asking.")
@click.option("--map", "mapping", multiple=True, metavar="KEY=VALUE", help="indicator=, year=, country= or a column.")
@click.option("--title", "title_es", default=None, help="Its title in Spanish.")
@click.option("--title-en", default=None, help="Its title in English.")
@click.option("--source", default=None, help="Who published it.")
@click.option("--licence", default=None, help="Under which terms.")
@click.pass_obj
def import_(house: Any, /, file: Path, yes: bool, mapping: tuple[str, ...], **about: str | None) -> None:
    """Use the table in FILE (CSV, XLSX, JSON or Parquet) to compare figures with.

    Columns are guessed and shown with a quality report before anything is changed.
    """
    reading, content, choice = _read(house, file, DENOMINATORS, mapping)
    known = reading["mapping"]
    told = {
        "title_es": about["title_es"] or known["title"]["es"] or indicators()[known["indicator"]]["es"],
        "title_en": about["title_en"] or known["title"]["en"] or indicators()[known["indicator"]]["en"],
        "source": about["source"] or known["publisher"] or file.name,
        "licence": about["licence"] or known["licence"],
    }
    click.echo(f"{told['title_es']}, {known['year']}: {told['source']}")
    _adopt(house, file, DENOMINATORS, choice, content, reading, told, yes=yes)


@denominators.command("show")
@click.argument("set_id", type=click.UUID)
@click.pass_obj
def show_set(house: Any, set_id: UUID) -> None:
    """A set with its source, its licence and its quality report."""
    with database(house).reading() as session:
        row = queries.set_of(session, set_id)
    click.echo(f"{row['title_es']} / {row['title_en']}")
    click.echo(f"  {row['country']}  {row['year']}  {row['indicator']}  {row['level']}  {row['rows']}  {row['state']}")
    click.echo(f"  {row['source']}. {row['licence']}. {row['adopted_by_name']}, {row['adopted_at']:%Y-%m-%d}")
    _tell_report(row["report"])


@denominators.command("export")
@click.argument("set_id", type=click.UUID)
@to_file(about="A name that ends in .csv.")
@click.option("--unit", multiple=True, help="Only inside of this one, an official code; may be repeated.")
@click.pass_obj
def export_set(house: Any, set_id: UUID, output: Path, unit: tuple[str, ...]) -> None:
    """Write the values of a set, with its source and year."""
    form_of(output, ("csv",))
    with asking(house, UnitsQuery, {"unit": unit}) as call:
        kept(api.document(call, set_id), output)


@denominators.command()
@click.argument("set_id", type=click.UUID)
@click.pass_obj
def withdraw(house: Any, set_id: UUID) -> None:
    """Use the set with this id no more."""
    with database(house).transaction() as session:
        withdraw_denominators(session, operator(), set_id, version=None)


@click.group()
def units() -> None:
    """Administrative units, and districts and villages of a territory."""


@units.command("list")
@click.option("--day", type=DAY, default=None, help="In force on it; today by default.")
@click.option("--inside", default="", help="Only under this unit, such as SV05.")
@click.option("--level", type=click.Choice(editions.LEVELS), default=None)
@click.pass_obj
def list_units(house: Any, day: datetime | None, inside: str, level: str | None) -> None:
    """The units in force on a day."""
    asked = day.date() if day else clock.today()
    after: str | None = None
    with database(house).reading() as session:
        while True:
            page = unit_queries.in_force(session, asked, level=level, inside=inside, limit=200, after=after)
            for row in page.rows:
                click.echo(f"{row['code']:<12} {row['level']:<12} {row['name']}")
            if page.next is None:
                return
            after = page.next


@units.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Use it without asking.")
@click.option("--map", "mapping", multiple=True, metavar="KEY=VALUE", help="country= or a column.")
@click.pass_obj
def import_units(house: Any, file: Path, yes: bool, mapping: tuple[str, ...]) -> None:
    """Take the districts and villages in FILE: code, name, level, parent, valid from, valid to."""
    reading, content, choice = _read(house, file, UNITS, mapping)
    _adopt(house, file, UNITS, choice, content, reading, {}, yes=yes)


def _read(
    house: Any, file: Path, purpose: str, mapping: tuple[str, ...]
) -> tuple[dict[str, Any], bytes, dict[str, str]]:
    choice = {}
    for item in mapping:
        key, sign, value = item.partition("=")
        if key not in take_tables.OPTIONS[purpose] or not sign or not value:
            options = ", ".join(f"{option}=…" for option in take_tables.OPTIONS[purpose])
            raise click.BadParameter(f"{item!r}: write one of {options}", param_hint="--map")
        choice[key] = value
    content = content_of(file, LARGEST)
    with database(house).reading() as session:
        known = take_tables.adopted_codes(session)
    reading = take_tables.read_limited(content, purpose, choice, known)
    tell(reading)
    return reading, content, choice


def tell(reading: Mapping[str, Any]) -> None:
    """How the table was read and its quality report, for somebody who has to decide."""
    mapping = reading["mapping"]
    read = ", ".join(f"{key}={value}" for key, value in mapping.items() if isinstance(value, str | int) and value)
    click.echo(read)
    _tell_report(reading["report"])


def _tell_report(report: Mapping[str, Any]) -> None:
    click.echo(f"{report['rows']} filas, {report['used']} usadas")
    for country, coverage in report.get("countries", {}).items():
        lacking = f"; faltan {', '.join(coverage['missing'][:10])}" if coverage["missing"] else ""
        click.echo(f"  {country}: {coverage['found']} de {coverage['expected']}{lacking}")
    for one in report.get("corrected", ()):
        click.echo(f"  {one['written']} → {one['code']}: {one['es']}")
    for kind, title in WRONG.items():
        told = report.get(kind)
        if isinstance(told, dict) and told.get("count"):
            click.echo(f"{title} ({told['count']}): {'; '.join(told['named'][:10])}")


def _adopt(
    house: Any,
    file: Path,
    purpose: str,
    choice: Mapping[str, str],
    content: bytes,
    reading: Mapping[str, Any],
    about: Mapping[str, Any],
    *,
    yes: bool,
) -> None:
    if not yes and not click.confirm("¿Usar estos datos?", default=False):
        raise Refused("tables.not_confirmed")
    caller = operator()
    with database(house).transaction() as session:
        kept = files.store(
            session, content, name=file.name, media_type="application/octet-stream", kind="table", caller=caller
        )
        sent = TableFile.received(kept.id, kept.name, choice, caller, purpose=purpose)
        sent.was_read(take_tables.kept(reading))
        sent.was_adopted()
        session.add(sent)
        session.flush()
        take_tables.adopt(session, caller, sent, reading, about)
    click.echo(f"{len(reading['values'])} valores en uso.")


COMMANDS = (denominators, units)
