"""Report packs: ordered, looked after, taken home; each its maker's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import packs as api
from services.territory.cli.asking import LANGUAGE, MANY, asking, database, kept, operator, to_file
from services.territory.queries.packs import list_packs, pack_row
from services.territory.use_cases.pack_reports import cancel_pack, make_again, order_pack, pack_of, remove_pack
from services.territory.use_cases.print_many import PACKED
from services.territory.use_cases.print_report import FORMATS
from shared.web.schemas import load

_PACK = click.argument("pack_id", type=click.UUID)


@click.group("report-packs")
def group() -> None:
    """Many reports in one file, once or anew every month. The worker makes them."""


@group.command("list")
@click.pass_obj
def list_packs_(house: Any) -> None:
    """Your packs, latest first, and how the making of each stands."""
    with database(house).reading() as session:
        for row in list_packs(session, operator(), limit=MANY, after=None).rows:
            click.echo(f"{row['id']}  {_standing(row):<24}  {row['file_month'] or '-':<7}  {row['title']}")


@group.command("show")
@_PACK
@click.pass_obj
def show_pack(house: Any, pack_id: UUID) -> None:
    """What is in one of your packs, and how its making stands."""
    with database(house).reading() as session:
        row = pack_row(session, pack_of(session, operator(), pack_id))
    click.echo(f"{row['title']}: {', '.join(row['kinds'])}; {', '.join(row['units'])}")
    often = "every month" if row["monthly"] else "once"
    click.echo(f"  .{row['form']}, {row['language']}, {often}, asked for {row['asked_month']}")
    click.echo(f"  {_standing(row)}; file of {row['file_month'] or 'no month yet'}")


@group.command("order")
@click.argument("title")
@click.option("--unit", "units", multiple=True, required=True, help="An official code; may be repeated.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(PACKED), default=PACKED[:1], show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--monthly", is_flag=True, help="Made anew at the beginning of each month.")
@LANGUAGE
@click.pass_obj
def order_(house: Any, /, **told: Any) -> None:
    """Order the pack TITLE: the reports of every place in the units."""
    asked = told | {"units": list(told["units"]), "kinds": list(dict.fromkeys(told["kinds"]))}
    read = load(api.PackIn(), asked)
    with database(house).transaction() as session:
        click.echo(order_pack(session, operator(), **read).id)


@group.command("make")
@_PACK
@click.pass_obj
def make_(house: Any, pack_id: UUID) -> None:
    """Have one of your packs made again, of what is published now."""
    with database(house).transaction() as session:
        make_again(session, operator(), pack_id, version=None)


@group.command("cancel")
@_PACK
@click.pass_obj
def cancel_(house: Any, pack_id: UUID) -> None:
    """Stop making a pack; the file it had stays."""
    with database(house).transaction() as session:
        cancel_pack(session, operator(), pack_id)


@group.command("remove")
@_PACK
@click.pass_obj
def remove_(house: Any, pack_id: UUID) -> None:
    """One of your packs and its file are no more."""
    with database(house).transaction() as session:
        remove_pack(session, operator(), pack_id, version=None)


@group.command("download")
@_PACK
@to_file(about="A name that ends in .zip.")
@click.pass_obj
def download_pack(house: Any, pack_id: UUID, output: Path) -> None:
    """Write the reports of a pack, as one zip."""
    with asking(house) as call:
        kept(api.download(call, pack_id), output)


def _standing(row: Mapping[str, Any]) -> str:
    job = row["job"]
    return "-" if job is None else f"{job['state']} {job['done']}/{job['total']}"


COMMANDS = (group,)
