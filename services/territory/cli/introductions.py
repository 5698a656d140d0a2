"""Introductions between who lacks an input and who sells it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import click

from services.territory.cli.asking import LANGUAGE, MANY, database, operator
from services.territory.models.introductions import MARKS
from services.territory.queries.introductions import introductions as found_in
from services.territory.queries.introductions import list_marked, show_marked
from services.territory.queries.views import selected
from services.territory.use_cases.follow_introduction import correct_introduction, mark_introduction
from shared import places
from shared.events.vocabulary import CHAINS
from shared.spreadsheets import as_csv

COLUMNS = (
    *("buyer_id", "buyer_municipality", "item", "supplier_id", "supplier_municipality", "value", "estimated"),
    *("metres", "exact", "why"),
)


@click.group()
def introductions() -> None:
    """Who could buy an input that she lacks from an enterprise nearby. Names are the registry's to tell."""


@introductions.command("list")
@click.argument("unit")
@click.option("--chain", type=click.Choice(CHAINS), default=None, help="Of buyers of this value chain only.")
@click.option("--csv", is_flag=True, help="The pairs as CSV.")
@LANGUAGE
@click.pass_obj
def list_(house: Any, unit: str, *, chain: str | None, csv: bool, language: str) -> None:
    """Whom to introduce to whom in UNIT (a department or municipality, such as HN17)."""
    with database(house).reading() as session:
        found = found_in(session, operator(), selected(operator(), [unit]), chain=chain, language=language)
    told = f"{len(found.pairs)} / {found.pairs_in_all} pairs, {len(found.left)} / {found.left_in_all} left"
    click.echo(told, err=True)
    if csv:
        rows = [[str(row[column]) for column in COLUMNS] for row in found.pairs]
        click.echo(as_csv(COLUMNS, rows).decode("utf-8-sig"), nl=False)
        return
    for row in found.pairs:
        where = f"{places.name_of(row['buyer_municipality'])} <- {places.name_of(row['supplier_municipality'])}"
        value = f"{'~' if row['estimated'] else ''}{row['value']!s}"
        about = "" if row["exact"] else "~"
        click.echo(f"{row['item']:<18} {value:>16} {about}{row['metres'] / 1000:.1f} km  {where}")
        click.echo(f"  {row['buyer_id']} <- {row['supplier_id']}")
    for row in found.left:
        click.echo(f"{row['item']:<18} {row['value']!s:>16} {row['reason']}  {row['buyer_id']}")


@introductions.command()
@click.argument("buyer_id", type=click.UUID)
@click.argument("supplier_id", type=click.UUID)
@click.argument("item")
@click.argument("what", type=click.Choice(MARKS))
@click.option("--note", default=None, help="In a few words.")
@click.pass_obj
def mark(house: Any, /, buyer_id: UUID, supplier_id: UUID, item: str, what: str, note: str | None) -> None:
    """Say WHAT became of introducing two enterprises about ITEM: made, declined or business."""
    with database(house).transaction() as session:
        made = mark_introduction(
            session, operator(),
            buyer_id=buyer_id, supplier_id=supplier_id, item=item, mark=what, note=note,
        )  # fmt: skip
        click.echo(made.id)


@introductions.command("followed")
@click.option("--unit", multiple=True, help="Of these places alone: official codes; may be repeated.")
@click.option("--mark", type=click.Choice(MARKS), default=None)
@click.pass_obj
def followed(house: Any, unit: tuple[str, ...], mark: str | None) -> None:
    """The introductions that were followed up, the latest first."""
    filters = {"unit": list(unit), "mark": mark}
    with database(house).reading() as session:
        for row in list_marked(session, operator(), filters, limit=MANY, after=None).rows:
            click.echo(f"{row['id']}  {row['unit']}  {row['mark']:<9} {row['item']:<18} {_pair(row)}")


@introductions.command("show")
@click.argument("introduction_id", type=click.UUID)
@click.pass_obj
def show_followed(house: Any, introduction_id: UUID) -> None:
    """What became of the introduction with this id, as it was said last."""
    with database(house).reading() as session:
        row = show_marked(session, operator(), introduction_id)
    click.echo(f"{row['item']}  {_pair(row)}")
    click.echo(f"  {row['mark']}  {row['marked_at']:%Y-%m-%d}  {row['marked_by_name']}  {row['note'] or ''}")


@introductions.command("correct")
@click.argument("introduction_id", type=click.UUID)
@click.argument("what", type=click.Choice(MARKS))
@click.option("--note", default=None, help="In a few words.")
@click.pass_obj
def correct(house: Any, introduction_id: UUID, what: str, note: str | None) -> None:
    """Say WHAT became of the introduction with this id since."""
    with database(house).transaction() as session:
        correct_introduction(session, operator(), introduction_id, mark=what, note=note, version=None)


def _pair(row: Mapping[str, Any]) -> str:
    return f"{row['buyer_id']} <- {row['supplier_id']}"


COMMANDS = (introductions,)
