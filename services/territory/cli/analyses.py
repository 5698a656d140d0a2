"""What the inventory says of where and what, as a table."""

import getpass
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import click

from services.territory.cli.asking import in_columns
from services.territory.composition import Composition
from services.territory.queries import views
from services.territory.queries.analyses import ANALYSES, change, clusters, patterns, sites
from services.territory.queries.analyses.analysis import Analysis, Words
from services.territory.queries.analyses.counts import COUNTED
from services.territory.queries.analyses.facilities import TO
from services.territory.queries.analyses.telling import heads, table_csv
from shared import i18n
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.service import Service

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def analyses() -> None:
    """What a territory does more than others, how it lies, how it changes, how far things are."""


def _answer(house: Any, code: str, unit: str, asked: Mapping[str, Any], how: Mapping[str, Any]) -> None:
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    words = Words(context.words(how["language"]), how["language"])
    caller = Caller.operator(getpass.getuser())
    given = {name: value for name, value in asked.items() if value not in (None, ())}
    with service.database.reading() as session:
        finding = ANALYSES[code](session, caller, views.selected(caller, [unit]), given, words)
    if how["csv"]:
        click.echo(table_csv(finding, how["table"], words).decode("utf-8-sig"), nl=False)
        return
    _print(finding, words)


def _print(finding: Analysis, words: Words) -> None:
    click.echo(finding.answer)
    for table in finding.tables:
        if table.rows:
            click.echo()
            rows = [[row[key] for key in table.columns] for row in table.rows]
            in_columns([heads(finding, table, words), *rows])
    for note in finding.notes:
        click.echo(f"- {note}")


def _options(*more: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(function: Any) -> Any:
        common = (
            click.argument("unit"),
            *more,
            click.option("--csv", is_flag=True, help="As CSV: the table named by --table, or the first one."),
            click.option("--table", default=None, help="Which of the tables, with --csv."),
            click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True),
            click.pass_obj,
        )
        for decorate in reversed(common):
            function = decorate(function)
        return function

    return add


def _one_of(name: str, choices: Any, about: str) -> Callable[[Any], Any]:
    return click.option(name, type=click.Choice(choices), default=choices[0], show_default=True, help=about)


_chain = click.option("--chain", type=click.Choice(CHAINS), default=None, help="Of this value chain only.")
_measure = _one_of("--measure", COUNTED, "What is counted.")


def _asked(told: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    how = {name: told.pop(name) for name in ("csv", "table", "language")}
    return told, how


@analyses.command()
@_options(_chain, _measure)
def specialisation(house: Any, /, unit: str, **told: Any) -> None:
    """What UNIT (an official code, such as HN17) does more than its country, and which chains lie next door."""
    _answer(house, "specialisation", unit, *_asked(told))


@analyses.command()
@_options(_chain, _measure)
def concentration(house: Any, /, unit: str, **told: Any) -> None:
    """How evenly the chains of UNIT are spread over its municipalities."""
    _answer(house, "concentration", unit, *_asked(told))


@analyses.command()
@_options(_chain)
def potential(house: Any, /, unit: str, **told: Any) -> None:
    """Which chains of UNIT can innovate and grow, and what keeps their levels low."""
    _answer(house, "potential", unit, *_asked(told))


@analyses.command()
@_options(_chain)
def selection(house: Any, /, unit: str, **told: Any) -> None:
    """Which chain of UNIT to promote: weighted criteria with their evidence, and what is still to be scored."""
    _answer(house, "selection", unit, *_asked(told))


@analyses.command()
@_options(_chain)
def unmet(house: Any, /, unit: str, **told: Any) -> None:
    """Whom credit and training do not reach yet in UNIT."""
    _answer(house, "unmet", unit, *_asked(told))


@analyses.command()
@_options(_chain)
def quality(house: Any, /, unit: str, **told: Any) -> None:
    """How good the data of UNIT are, and which records to visit first."""
    _answer(house, "quality", unit, *_asked(told))


@analyses.command(name="change")
@_options(
    _measure,
    _one_of("--by", change.BY, "By the day of the inventory, or by the year of the beginning."),
    click.option("--since", type=DAY, default=None, help="First day; a year before the last one."),
    click.option("--until", type=DAY, default=None, help="Last day; today."),
)
def change_(house: Any, /, unit: str, *, since: datetime | None, until: datetime | None, **told: Any) -> None:
    """What the change of UNIT between two days is made of."""
    days = {"since": since.date() if since else None, "until": until.date() if until else None}
    _answer(house, "change", unit, *_asked(told | days))


@analyses.command(name="patterns")
@_options(_chain, _measure, _one_of("--per", patterns.PER, "The count, by 100 km2, or as a share of all."))
def patterns_(house: Any, /, unit: str, **told: Any) -> None:
    """Whether like lies beside like in UNIT: Moran, local Moran, Getis-Ord."""
    _answer(house, "patterns", unit, *_asked(told))


@analyses.command(name="clusters")
@_options(
    _chain,
    _one_of("--method", clusters.METHODS, "With a radius, or of every density."),
    click.option("--radius-m", type=click.IntRange(100, 50_000), default=None),
    click.option("--least", type=click.IntRange(2, 1_000), default=None, help="Enterprises that make a cluster."),
)
def clusters_(house: Any, /, unit: str, **told: Any) -> None:
    """Where the enterprises of UNIT stand close together."""
    _answer(house, "clusters", unit, *_asked(told))


@analyses.command()
@_options(
    _chain,
    click.option("--at", multiple=True, help="A place as longitude:latitude; may be repeated."),
    click.option("--to", type=click.Choice(TO), default=None, help="Places of the layers of this kind."),
    click.option("--limit-km", type=click.FloatRange(0.1, 500), default=None),
)
def reach(house: Any, /, unit: str, **told: Any) -> None:
    """How far it is from the enterprises of UNIT to the nearest of these places."""
    _answer(house, "reach", unit, *_asked(told))


@analyses.command(name="sites")
@_options(
    _chain,
    click.option("--places", type=click.IntRange(1, 100), default=None, help="How many."),
    _one_of("--among", sites.AMONG, "Municipal centres, or also cells where enterprises are."),
    click.option("--fixed", multiple=True, help="A municipality that has one already; may be repeated."),
)
def sites_(house: Any, /, unit: str, **told: Any) -> None:
    """Where market days would serve UNIT best."""
    _answer(house, "sites", unit, *_asked(told))


COMMANDS = (analyses,)
