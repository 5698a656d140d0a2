"""Maps as files."""

import getpass
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from services.territory.composition import Composition
from services.territory.models.introductions import MARKS
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria, map_figures, views
from services.territory.queries.map_figures import MEASURES, Live, Published
from services.territory.queries.map_kinds import KINDS, PER, THEMES, Making, Wanted
from services.territory.queries.map_kinds.making import INPUTS, POSSIBLE
from services.territory.queries.maps import Dots, Sheet, complete_map
from services.territory.rules.classes import MOST_CLASSES, SCHEMES
from services.territory.use_cases.print_map import MEDIA_TYPES, printed
from services.territory.use_cases.publish_figures import ensure_published
from shared import i18n
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, TIERS, VALIDATION_STATES
from shared.identity import Caller
from shared.service import Service

F = TypeVar("F", bound=Callable[..., Any])
DAY = click.DateTime(["%Y-%m-%d"])


def _choices(*names: tuple[str, tuple[str, ...]]) -> Callable[[F], F]:
    """An option for each name with its choices."""

    def decorate(command: F) -> F:
        for name, codes in reversed(names):
            command = click.option(f"--{name}", type=click.Choice(codes), default=None)(command)
        return command

    return decorate


def which_map(command: F) -> F:
    """The options that say which map is meant."""
    for decorate in reversed(_WHICH):
        command = decorate(command)
    return command


_WHICH = (
    _choices(
        ("kind", KINDS), ("measure", MEASURES), ("second", MEASURES), ("per", PER), ("theme", THEMES),
        ("stage", (POSSIBLE, *MARKS)), ("classes", SCHEMES), ("level", views.LEVELS), ("chain", CHAINS),
        ("link", LINKS), ("need", NEEDS), ("validation", VALIDATION_STATES), ("tier", TIERS),
    ),
    click.option("--input", "item", type=click.Choice(INPUTS), default=None, help="Of a map of flows."),
    click.option("--number", type=click.IntRange(2, MOST_CLASSES), default=None, help="How many classes."),
    click.option("--break", "breaks", type=click.IntRange(1), multiple=True, help="Ends a class; may be repeated."),
    click.option("--since", type=DAY, default=None),
    click.option("--until", type=DAY, default=None),
    click.option("--recorded-from", type=DAY, default=None),
    click.option("--recorded-until", type=DAY, default=None),
    click.option("--hexagon-km", "cell_km", type=click.IntRange(1, 50), default=None),
)  # fmt: skip


def asked_map(told: Mapping[str, Any]) -> dict[str, Any]:
    """What these options say, by the names that the API has for it."""
    asked = {name: value.date() if hasattr(value, "date") else value for name, value in told.items()}
    return asked | {"scheme": asked.pop("classes") or ("own_breaks" if asked["breaks"] else None)}


@click.command("map")
@click.argument("unit")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="A name that ends in .svg, .png, .pdf or .csv (the table).")  # fmt: skip
@which_map
@click.option("--published", is_flag=True, help="Of the figures published this month, to be shown to others.")
@click.option("--paper", type=click.Choice(("a4", "a3")), default="a4", show_default=True)
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def draw(house: Any, /, *, unit: str, output: Path, published: bool, paper: str, language: str, **told: Any) -> None:
    """Draw a map of UNIT (an official code, such as HN17 or GT)."""
    kind = output.suffix.removeprefix(".").lower()
    if kind not in MEDIA_TYPES:
        raise click.BadParameter("a map is written as .svg, .png, .pdf or .csv", param_hint="--output")
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    caller = Caller.operator(getpass.getuser())
    asked = asked_map(told)
    selection = views.selected(caller, [unit], level=asked["level"])
    if published:
        ensure_published(service.database, caller, selection.departments)
    with service.database.reading() as session:
        source = Published(session, selection) if published else Live(session, selection)
        municipalities = bounds.in_force(session)
        judged, judging = (criteria.judging(session, kind, selection.units) for kind in ("maps", "patterns"))
        words, wanted = context.words(language), Wanted.of(asked)
        making = Making(session, caller, source, selection, wanted, municipalities, words, language, judged, judging)
        dots = Dots()
        if making.wanted.kind == "hexagons" and not published:
            rows = session.execute(map_figures.places_of(selection, making.wanted.filters, on_map=False))
            dots = Dots([(row.lon, row.lat) for row in rows], "exact")
        drawn = complete_map(making, Sheet(key=True, alone=kind != "pdf"), dots)
        content = printed(drawn, kind, paper=paper, language=language, as_of=source.as_of)
    output.write_bytes(content)
    click.echo(f"{output}: {drawn.title}")


COMMANDS = (draw,)
