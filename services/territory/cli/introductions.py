"""Introductions between who lacks an input and who sells it."""

import getpass
from typing import Any
from uuid import UUID

import click

from services.territory.models.introductions import MARKS
from services.territory.queries.introductions import introductions as found_in
from services.territory.queries.views import selected
from services.territory.use_cases.follow_introduction import mark_introduction
from shared import i18n, places
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.service import Service
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
@click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)
@click.pass_obj
def list_(house: Any, unit: str, *, chain: str | None, csv: bool, language: str) -> None:
    """Whom to introduce to whom in UNIT (a department or municipality, such as HN17)."""
    service: Service = house.service("territory")
    caller = Caller.operator(getpass.getuser())
    with service.database.reading() as session:
        found = found_in(session, caller, selected(caller, [unit]), chain=chain, language=language)
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
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        made = mark_introduction(
            session, Caller.operator(getpass.getuser()),
            buyer_id=buyer_id, supplier_id=supplier_id, item=item, mark=what, note=note,
        )  # fmt: skip
        click.echo(made.id)


COMMANDS = (introductions,)
