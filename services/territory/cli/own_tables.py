"""Own tables of published figures: what may be chosen, what they show, kept, changed, taken away."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.api import own_tables as api
from services.territory.cli.asking import LANGUAGE, asking, database, form_of, in_columns, kept, operator, to_file
from services.territory.models import OwnTable
from services.territory.queries import views
from services.territory.queries.own_table_words import Shown
from services.territory.queries.own_tables import definition_of
from services.territory.rules.own_tables import AXES, CHARTS, ENTRIES, MEASURES, PER, Definition
from services.territory.use_cases.keep_own_table import change_table, keep_table, remove_table
from services.territory.use_cases.print_own_table import MEDIA_TYPES, printed_table
from shared.kernel import CURRENCIES, NotFound
from shared.web.schemas import load

_TABLE = click.argument("table_id", type=click.UUID)
_CODES: Mapping[str, tuple[str, ...]] = {
    "measure": tuple(MEASURES), "rows": AXES, "columns": AXES, "level": views.LEVELS, "per": PER,
    "currency": CURRENCIES, "chart": CHARTS, **ENTRIES,
}  # fmt: skip
_NEEDED = ("measure", "rows")
_FORMS = tuple(MEDIA_TYPES)


def _of(*, needed: bool) -> Callable[[Any], Any]:
    """An option for each part of a definition; `needed`: without measure, rows and places there is no table."""

    def decorate(command: Any) -> Any:
        for name, codes in reversed(list(_CODES.items())):
            flag, wanted = f"--{name.replace('_', '-')}", needed and name in _NEEDED
            command = click.option(flag, name, type=click.Choice(codes), required=wanted)(command)
        places = "An official code, such as HN17; may be repeated."
        return click.option("--unit", "units", multiple=True, required=needed, help=places)(command)

    return decorate


@click.group("own-tables")
def own_tables() -> None:
    """Tables and charts that people made of published figures."""


@own_tables.command("list")
@click.pass_obj
def list_(house: Any) -> None:
    """All tables that are kept, with who made them."""
    with database(house).reading() as session:
        for table in session.scalars(select(OwnTable).order_by(OwnTable.id)):
            told = "compartida" if table.shared else "propia"
            click.echo(f"{table.id}  {table.made_by_name:<24} {told:<10}  {table.title}")


@own_tables.command("choices")
@_of(needed=False)
@click.pass_obj
def choices(house: Any, /, **told: Any) -> None:
    """What may be chosen beside what was chosen already."""
    with asking(house, api.ChoicesQuery, told) as call:
        offer = api.choices(call)
    for name in ("measures", "rows", "columns", "per", "charts", "currencies"):
        click.echo(f"{name:<12}  {', '.join(offer[name])}")
    for one in offer["restrictions"]:
        click.echo(f"--{one['name'].replace('_', '-'):<12}  {', '.join(one['codes'])}")


@own_tables.command("preview")
@_of(needed=True)
@to_file(required=False, about="Write it into a .csv, .xlsx, .svg, .png or .pdf.")
@LANGUAGE
@click.pass_obj
def preview(house: Any, /, output: Path | None, language: str, **told: Any) -> None:
    """What a table that nobody keeps yet shows, of the figures published this month."""
    form = output and form_of(output, _FORMS)
    with asking(house, api.DefinitionQuery, told, language=language) as call:
        if output is None:
            _say(api.shown_for(call, Definition.of(call.query)))
            return
        call.query["format"] = form
        kept(api.document(call), output)


@own_tables.command("show")
@_TABLE
@LANGUAGE
@click.pass_obj
def show_own(house: Any, table_id: UUID, language: str) -> None:
    """What the table with this id is made of, and what it shows now."""
    title, definition = _kept(house, table_id)
    click.echo("  ".join(f"{name}={_listed(value)}" for name, value in definition.told().items()))
    with asking(house, language=language) as call:
        _say(api.shown_for(call, definition, title=title))


@own_tables.command()
@_TABLE
@to_file(about="A name that ends in .csv, .xlsx, .svg, .png or .pdf.")
@LANGUAGE
@click.pass_obj
def export(house: Any, table_id: UUID, output: Path, language: str) -> None:
    """Write the table with this ID, of the figures published this month."""
    form = form_of(output, _FORMS)
    title, definition = _kept(house, table_id)
    with asking(house, language=language) as call:
        output.write_bytes(printed_table(api.shown_for(call, definition, title=title), form, language=language))
    click.echo(f"{output}: {title}")


@own_tables.command("keep")
@click.argument("title")
@_of(needed=True)
@click.option("--shared", is_flag=True, help="Whoever works in all its places may read it.")
@click.pass_obj
def keep(house: Any, /, title: str, shared: bool, **told: Any) -> None:
    """Keep a table of your own under TITLE."""
    asked = _asked(title, told, shared=shared)
    with database(house).transaction() as session:
        click.echo(keep_table(session, operator(), **asked).id)


@own_tables.command("change")
@_TABLE
@click.option("--title", default=None)
@_of(needed=False)
@click.option("--without", multiple=True, type=click.Choice(sorted(_CODES)), help="Leave this out; may be repeated.")
@click.option("--shared/--own", default=None, help="For others to read, or yours alone.")
@click.pass_obj
def change(
    house: Any, /, table_id: UUID, title: str | None, without: tuple[str, ...], shared: bool | None, **told: Any
) -> None:
    """Change one of your tables; what is not named stays as it is."""
    with database(house).transaction() as session:
        before = _table(session, table_id)
        made_of = {name: value for name, value in definition_of(before).told().items() if name not in without}
        chosen = {name: value for name, value in told.items() if value}
        now = before.shared if shared is None else shared
        asked = _asked(before.title if title is None else title, made_of | chosen, shared=now)
        change_table(session, operator(), table_id, **asked, version=None)


@own_tables.command("remove")
@_TABLE
@click.pass_obj
def remove(house: Any, table_id: UUID) -> None:
    """One of your tables is no more, for nobody."""
    with database(house).transaction() as session:
        remove_table(session, operator(), table_id, version=None)


def _asked(title: str, told: Mapping[str, Any], *, shared: bool) -> dict[str, Any]:
    """What the use cases take, read as strictly as a body of the API."""
    definition = {name: value for name, value in told.items() if value} | {"units": list(told["units"])}
    body: dict[str, Any] = load(api.OwnTableIn(), {"title": title, "definition": definition, "shared": shared})
    return body | {"definition": Definition.of(body["definition"])}


def _table(session: Session, table_id: UUID) -> OwnTable:
    found = session.get(OwnTable, table_id)
    if found is None:
        raise NotFound("own_table.unknown")
    return found


def _kept(house: Any, table_id: UUID) -> tuple[str, Definition]:
    with database(house).reading() as session:
        table = _table(session, table_id)
        return table.title, definition_of(table)


def _say(made: Shown) -> None:
    click.echo(made.title)
    in_columns([made.heads, *made.lines()])
    for note in made.notes:
        click.echo(f"- {note}")


def _listed(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


COMMANDS = (own_tables,)
