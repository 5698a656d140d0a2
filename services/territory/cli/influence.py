"""The indicators of influence, as a table."""

from pathlib import Path
from typing import Any

import click

from services.territory.api import influence as api
from services.territory.api.lists import FORMATS
from services.territory.cli.asking import LANGUAGE, asking, database, form_of, kept, operator, to_file
from services.territory.queries.influence import DIMENSIONS, influence


@click.command("influence")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@click.option("--year", type=int, default=None, help="The year they were proposed.")
@click.option("--by", type=click.Choice(DIMENSIONS), default=None)
@to_file(required=False, about="Write the rows into a .csv or .xlsx.")
@LANGUAGE
@click.pass_obj
def influence_(house: Any, /, output: Path | None, language: str, **told: Any) -> None:
    """What came of the proposals, and the seats that women's organizations hold."""
    if output is not None:
        asked = told | {"format": form_of(output, FORMATS)}
        with asking(house, api.InfluenceTableQuery, asked, language=language) as call:
            kept(api.download(call), output)
        return
    with database(house).reading() as session:
        found = influence(session, operator(), told)
    for row in found["rows"] or found["total"]:
        shares = [row["inclusion_rate"], row["approved_share"], row["executed_share"]]
        written = "  ".join("–" if share is None else f"{share:.1%}" for share in shares)  # noqa: RUF001
        counts = f"{row['included']}/{row['submitted']}/{row['proposals']}"
        click.echo(f"{row['key'] or '*'}  {row['currency']}  {counts}  {written}")
    for pace in found["steps"]:
        if pace["n"]:
            click.echo(f"  {pace['state']:<9}  n={pace['n']}  {pace['median_days']:g} d")
    click.echo(f"  {found['women_seats']}/{found['all_seats']}  {found['day']}")


COMMANDS = (influence_,)
