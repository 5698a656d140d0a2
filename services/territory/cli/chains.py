"""What holds the chains of a place back, and the numbers that are judged by."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.territory.composition import Composition
from services.territory.queries import chain_maps, views
from services.territory.queries.chain_tables import as_sheet
from services.territory.queries.criteria import holding, kinds
from services.territory.rules.criteria import numbers
from services.territory.use_cases.adopt_criteria import adopt_criteria
from shared import i18n
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.service import Service
from shared.spreadsheets import as_csv, as_xlsx

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("unit")
@click.option("--chain", type=click.Choice(CHAINS), default=None, help="Only this chain.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default=None,
    help="Write the whole table into a file, .csv or .xlsx.",
)
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def chains(house: Any, unit: str, chain: str | None, output: Path | None, language: str) -> None:
    """The value chains of UNIT (an official code, such as HN17): who stands at each link, and what holds it back."""
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    speak = context.words(language)
    operator = Caller.operator(getpass.getuser())
    selection = views.selected(operator, [unit])
    with service.database.reading() as session:
        found = chain_maps.analysed(session, operator, selection)
    rows = chain_maps.chain_rows(found, speak, language, chain)
    if output is not None:
        sheet = as_sheet(rows, selection.title, speak)
        workbook = output.suffix.lower() == ".xlsx"
        output.write_bytes(as_xlsx(sheet) if workbook else as_csv(sheet.heads, sheet.rows))
    for row in rows:
        share = "" if row["completeness"] is None else f"  {row['completeness']:.0%}"
        click.echo(f"{row['name']}: {row['jobs_women']} / {row['enterprises']}{share}")
        for link in row["links"]:
            click.echo(f"  {speak('link.' + link['link']):<22}{link['jobs_women']:>6} / {link['enterprises']:<6}")
            for reason in link["reasons"]:
                click.echo(f"    {reason}")


@click.group()
def criteria() -> None:
    """The numbers that analyses judge by."""


@criteria.command()
@click.option("--unit", default=None, help="Where they hold (an official code); everywhere where it is not named.")
@click.pass_obj
def show(house: Any, unit: str | None) -> None:
    """What holds today, with its source."""
    service: Service = house.service("territory")
    with service.database.reading() as session:
        for kind in kinds():
            held = holding(session, kind, unit)
            click.echo(f"{kind}  {held.valid_from}  {held.unit or '*'}  {held.source}")
            click.echo("  " + "  ".join(f"{name}={value}" for name, value in numbers(held.values).items()))


@criteria.command()
@click.argument("kind", type=click.Choice(kinds()))
@click.argument("told", nargs=-1, required=True, metavar="NAME=NUMBER...")
@click.option("--unit", default=None, help="Where they hold (an official code); everywhere where it is not named.")
@click.option("--from", "valid_from", type=DAY, required=True, help="The first day.")
@click.option("--source", required=True, help="The act that adopted them.")
@click.pass_obj
def adopt(house: Any, kind: str, told: tuple[str, ...], unit: str | None, valid_from: datetime, source: str) -> None:
    """Adopt other numbers for analyses of KIND, as in few=3; those that are not named stay as they are."""
    try:
        values = {name: float(number) for name, _, number in (one.partition("=") for one in told)}
    except ValueError as error:
        raise click.BadParameter("NAME=NUMBER") from error
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        made = adopt_criteria(
            session,
            Caller.operator(getpass.getuser()),
            kind=kind,
            unit=unit,
            valid_from=valid_from.date(),
            source=source,
            values=values,
        )
        click.echo(made.id)


COMMANDS = (chains, criteria)
