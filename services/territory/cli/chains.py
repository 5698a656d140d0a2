"""What holds the chains of a place back, and the numbers that are judged by."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from services.territory.api.lists import FORMATS
from services.territory.cli.asking import DAY, LANGUAGE, MANY, asking, database, form_of, operator, to_file
from services.territory.queries import chain_maps, views
from services.territory.queries.chain_tables import as_sheet
from services.territory.queries.criteria import holding, kinds, list_editions
from services.territory.rules.criteria import numbers
from services.territory.use_cases.adopt_criteria import adopt_criteria
from shared.events.vocabulary import CHAINS
from shared.spreadsheets import as_csv, as_xlsx


@click.command()
@click.argument("unit")
@click.option("--chain", type=click.Choice(CHAINS), default=None, help="Only this chain.")
@to_file(required=False, about="Write the whole table into a file, .csv or .xlsx.")
@LANGUAGE
@click.pass_obj
def chains(house: Any, unit: str, chain: str | None, output: Path | None, language: str) -> None:
    """The value chains of UNIT (an official code, such as HN17): who stands at each link, and what holds it back."""
    form = None if output is None else form_of(output, FORMATS)
    with asking(house, language=language) as call:
        speak = call.context.words(language)
        selection = views.selected(call.caller, [unit])
        found = chain_maps.analysed(call.session, call.caller, selection)
    rows = chain_maps.chain_rows(found, speak, language, chain)
    if output is not None:
        sheet = as_sheet(rows, selection.title, speak)
        output.write_bytes(as_xlsx(sheet) if form == "xlsx" else as_csv(sheet.heads, sheet.rows))
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
    with database(house).reading() as session:
        for kind in kinds():
            held = holding(session, kind, unit)
            click.echo(f"{kind}  {held.valid_from}  {held.unit or '*'}  {held.source}")
            click.echo("  " + "  ".join(f"{name}={value}" for name, value in numbers(held.values).items()))


@criteria.command("list")
@click.option("--kind", type=click.Choice(kinds()), default=None)
@click.pass_obj
def list_adopted(house: Any, kind: str | None) -> None:
    """The editions that were adopted, the latest first."""
    with database(house).reading() as session:
        rows = list_editions(session, operator(), {"kind": kind}, limit=MANY, after=None).rows
    for row in rows:
        click.echo(f"{row['id']}  {row['kind']:<12} {row['valid_from']}  {row['unit'] or '*'}  {row['source']}")


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
    with database(house).transaction() as session:
        made = adopt_criteria(
            session,
            operator(),
            kind=kind,
            unit=unit,
            valid_from=valid_from.date(),
            source=source,
            values=values,
        )
        click.echo(made.id)


COMMANDS = (chains, criteria)
