"""Figures per so many of something: enterprises per 1,000 women."""

from pathlib import Path
from typing import Any

import click

from services.territory.api import denominators as api
from services.territory.cli.asking import LANGUAGE, asking, form_of, kept, to_file
from services.territory.queries import views
from services.territory.queries.map_figures import MEASURES
from services.territory.reference import indicators

_COUNTS = tuple(code for code, one in indicators().items() if one["kind"] == "count")


@click.command("rates")
@click.argument("unit", nargs=-1, required=True)
@click.option("--indicator", type=click.Choice(_COUNTS), required=True, help="What it is divided by.")
@click.option("--measure", type=click.Choice(MEASURES), default=MEASURES[0], show_default=True)
@click.option("--level", type=click.Choice((views.MUNICIPALITY, views.DIVISION)), default=None)
@click.option("--per", type=click.IntRange(1, 1_000_000), default=1000, show_default=True)
@click.option("--year", type=click.IntRange(1900, 2200), default=None, help="The newest set that is not newer.")
@click.option("--sex", type=click.Choice(("all", "women", "men")), default=None)
@click.option("--age", default=None, help="A band as the set tells it, such as 15-19.")
@click.option("--ciiu", default=None, help="Of establishments: a class of CIIU Rev. 4, or its beginning.")
@click.option("--size", type=click.Choice(api.SIZES), default=None, help="Of establishments.")
@to_file(required=False, about="Write them into this .csv.")
@LANGUAGE
@click.pass_obj
def rates_(house: Any, /, output: Path | None, language: str, **told: Any) -> None:
    """A measure of the places in UNIT (official codes, such as HN17) per so many of an indicator."""
    if output is not None:
        form_of(output, ("csv",))
    with asking(house, api.RateQuery, told, language=language) as call:
        if output is not None:
            kept(api.rates_document(call), output)
            return
        found = api.rate(call)
    for row in found["rates"]:
        value = "-" if row["value"] is None else f"{row['value']:.2f}"
        whole = "-" if row["denominator"] is None else f"{row['denominator']:g}"
        click.echo(f"{row['unit']:<8} {value:>10}  {_count(row['numerator'])} / {whole}  {row['name']}")
    for source in found["sources"]:
        click.echo(f"  {source['country']} {source['year']}: {source[f'title_{language}']} ({source['source']})")
    click.echo(f"  {found['coverage']:.0%}")


def _count(numerator: float | None) -> str:
    return "-" if numerator is None else f"{numerator:g}"


COMMANDS = (rates_,)
