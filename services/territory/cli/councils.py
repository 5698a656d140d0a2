"""Councils, hearings and dialogues: what stands of them, and new ones."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.territory.api import councils as council_api
from services.territory.api import dialogues as dialogue_api
from services.territory.api.councils_schemas import CouncilsTableQuery, DialoguesTableQuery
from services.territory.api.lists import FORMATS
from services.territory.cli.asking import DAY, LANGUAGE, asking, database, form_of, kept, operator, to_file
from services.territory.models.councils import ATTENDANTS, COUNCIL_KINDS, DIALOGUE_KINDS, SEAT_KINDS
from services.territory.queries.councils import all_councils, all_dialogues, show_council, show_dialogue
from services.territory.use_cases.hold_dialogues import hold_dialogue
from services.territory.use_cases.keep_councils import (
    change_council,
    end_seat,
    give_seat,
    hold_session,
    write_council,
)
from shared import places
from shared.kernel import clock

_COUNCIL = click.argument("council_id", type=click.UUID)
_TABLE = to_file(required=False, about="Write the whole list into a .csv or .xlsx.")


@click.group()
def council() -> None:
    """Councils, and the seats that women's organizations hold in them."""


@council.command("list")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@_TABLE
@LANGUAGE
@click.pass_obj
def list_councils_(house: Any, unit: str | None, output: Path | None, language: str) -> None:
    """The councils, latest first, with the seats women's organizations hold today."""
    if output is not None:
        asked = {"unit": unit, "format": form_of(output, FORMATS)}
        with asking(house, CouncilsTableQuery, asked, language=language) as call:
            kept(council_api.download(call), output)
        return
    with database(house).reading() as session:
        for row in all_councils(session, operator(), unit):
            seats = f"{row['women_seats']}/{row['seats_total']}"
            click.echo(f"{row['id']}  {row['unit']:<6}  {seats:>7}  {row['name']} ({places.name_of(row['unit'])})")


@council.command("show")
@_COUNCIL
@click.pass_obj
def show_council_(house: Any, council_id: UUID) -> None:
    """The seats, sessions and commitments of the council with this id."""
    with database(house).reading() as session:
        row = show_council(session, operator(), council_id)
    click.echo(f"{row['name']} ({places.name_of(row['unit'])}): {row['women_seats']}/{row['seats_total']}")
    for seat in row["seats"]:
        held = f"{seat['held_from']}/{seat['held_until'] or ''}"
        click.echo(f"  {seat['id']}  {seat['kind']:<9} {held}  {seat['organization']}")
    for one in row["sessions"]:
        click.echo(f"  {one['id']}  {one['held_on']}  M {one['women']} / H {one['men']}  {one['agenda'][:60]}")
    _promised(row["commitments"])


@council.command("write")
@click.argument("unit")
@click.argument("name")
@click.option("--kind", type=click.Choice(COUNCIL_KINDS), required=True)
@click.option("--seats", "seats_total", type=click.IntRange(1, 1000), required=True, help="Everybody's, in all.")
@click.pass_obj
def write(house: Any, /, **told: Any) -> None:
    """Write the council NAME of UNIT (an official code) down."""
    with database(house).transaction() as session:
        click.echo(write_council(session, operator(), **told).id)


@council.command("seat")
@_COUNCIL
@click.argument("organization")
@click.option("--constituency", required=True, help="For whom it sits.")
@click.option("--kind", type=click.Choice(SEAT_KINDS), default="titular", show_default=True)
@click.option("--from", "held_from", type=DAY, required=True, help="Its first day.")
@click.option("--until", "held_until", type=DAY, default=None, help="Its last day, where it is known.")
@click.pass_obj
def seat(house: Any, /, *, council_id: UUID, held_from: datetime, held_until: datetime | None, **told: Any) -> None:
    """ORGANIZATION holds a seat in the council with this id."""
    told |= {"held_from": held_from.date(), "held_until": held_until.date() if held_until else None}
    with database(house).transaction() as session:
        give_seat(session, operator(), council_id, **told)


@council.command("change")
@_COUNCIL
@click.option("--name", default=None)
@click.option("--seats", "seats_total", type=click.IntRange(1, 1000), default=None, help="Everybody's, in all.")
@click.pass_obj
def change(house: Any, council_id: UUID, name: str | None, seats_total: int | None) -> None:
    """Put the name of a council and the number of its seats right; what is not named stays as it is."""
    with database(house).transaction() as session:
        before = show_council(session, operator(), council_id)
        change_council(
            session, operator(), council_id, version=None,
            name=before["name"] if name is None else name, seats_total=seats_total or before["seats_total"],
        )  # fmt: skip


@council.command("end-seat")
@_COUNCIL
@click.argument("seat_id", type=click.UUID)
@click.option("--on", "day", type=DAY, default=None, help="Its last day; today unless given.")
@click.pass_obj
def end_seat_(house: Any, council_id: UUID, seat_id: UUID, day: datetime | None) -> None:
    """A seat, by the id that `council show` tells, is held until this day and no longer."""
    last = day.date() if day else clock.today()
    with database(house).transaction() as session:
        end_seat(session, operator(), council_id, seat_id, version=None, day=last)


@council.command("session")
@_COUNCIL
@click.argument("agenda")
@click.option("--on", "held_on", type=DAY, required=True, help="The day it was held.")
@click.option("--women", type=click.IntRange(0, 100_000), required=True)
@click.option("--men", type=click.IntRange(0, 100_000), required=True)
@click.option("--present", "organizations", multiple=True, help="A women's organization; may be repeated.")
@click.pass_obj
def session_(house: Any, /, *, council_id: UUID, held_on: datetime, **told: Any) -> None:
    """The council with this id held a session on AGENDA."""
    with database(house).transaction() as session:
        hold_session(session, operator(), council_id, held_on=held_on.date(), **told)


@click.group()
def dialogue() -> None:
    """Public hearings and dialogues of many sides."""


@dialogue.command("list")
@click.option("--unit", default=None, help="That place and what lies in it: an official code.")
@_TABLE
@LANGUAGE
@click.pass_obj
def list_dialogues_(house: Any, unit: str | None, output: Path | None, language: str) -> None:
    """The hearings and dialogues, with how many women and men were there."""
    if output is not None:
        asked = {"unit": unit, "format": form_of(output, FORMATS)}
        with asking(house, DialoguesTableQuery, asked, language=language) as call:
            kept(dialogue_api.download(call), output)
        return
    with database(house).reading() as session:
        for row in all_dialogues(session, operator(), {"unit": unit}):
            there = f"M {row['women']} / H {row['men']}"
            click.echo(f"{row['id']}  {row['unit']:<6}  {row['held_on']}  {there}  {row['title']}")


@dialogue.command("show")
@click.argument("dialogue_id", type=click.UUID)
@click.pass_obj
def show_dialogue_(house: Any, dialogue_id: UUID) -> None:
    """Who was there, counted, and what was agreed."""
    with database(house).reading() as session:
        row = show_dialogue(session, operator(), dialogue_id)
    click.echo(f"{row['title']} ({places.name_of(row['unit'])}), {row['held_on']}")
    for one in row["participants"]:
        click.echo(f"  {one['kind']:<20} {one['institutions']:>4}  M {one['women']} / H {one['men']}")
    _promised(row["agreements"])


@dialogue.command("hold")
@click.argument("unit")
@click.argument("title")
@click.option("--kind", type=click.Choice(DIALOGUE_KINDS), required=True)
@click.option("--on", "held_on", type=DAY, required=True, help="The day it was held.")
@click.option("--topics", required=True)
@click.option(
    "--there", "present", multiple=True, required=True, metavar="KIND:INSTITUTIONS:WOMEN:MEN", help="May be repeated."
)
@click.pass_obj
def hold(house: Any, /, *, held_on: datetime, present: tuple[str, ...], **told: Any) -> None:
    """Write the hearing or dialogue TITLE of UNIT down, with counts of who was there."""
    participants = [_participants(item) for item in present]
    with database(house).transaction() as session:
        made = hold_dialogue(session, operator(), held_on=held_on.date(), participants=participants, **told)
        click.echo(made.id)


def _participants(item: str) -> dict[str, Any]:
    kind, *counts = item.split(":")
    if kind not in ATTENDANTS or len(counts) != 3 or not all(count.isascii() and count.isdecimal() for count in counts):
        raise click.BadParameter(
            f"{item!r}: write KIND:INSTITUTIONS:WOMEN:MEN, KIND being one of {', '.join(ATTENDANTS)}",
            param_hint="--there",
        )
    return {"kind": kind, **dict(zip(("institutions", "women", "men"), map(int, counts), strict=True))}


def _promised(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        late = " !" if row["late"] else ""
        click.echo(f"  {row['due_on']}  {row['state']:<8}{late}  {row['what']} ({row['responsible']})")


COMMANDS = (council, dialogue)
