"""`csem training questionnaires | measurements | measurement …`, `diplomas share | unshare`: who was asked what, and
through which links; what a woman answered is told to nobody.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from services.training.cli.diplomas import diplomas
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, UNIT
from services.training.composition import Composition
from services.training.models import Diploma
from services.training.queries.diplomas import link_row
from services.training.queries.learning import list_instruments, list_measurements, show_measurement
from services.training.use_cases.measure_learning import close_measurement, invite_members, revoke_sheet
from services.training.use_cases.share_diploma import revoke_diploma_link, share_diploma


@click.command()
@click.pass_obj
def questionnaires(house: Any) -> None:
    """Every edition of every questionnaire, the latest written first."""
    with database_of(house).reading() as session:
        page = list_instruments(session, limit=MOST, after=None)
    for row in page.rows:
        click.echo(f"{row['code']:<24} {row['edition']:>3}  {row['purpose']:<12} {row['written_on']}  {row['title']}")


@click.command()
@UNIT
@click.pass_obj
def measurements(house: Any, unit: str | None) -> None:
    """Which groups were asked what and when, latest first, and how many handed in."""
    with database_of(house).reading() as session:
        page = list_measurements(session, operator(), {"unit": unit}, limit=MOST, after=None)
    for row in page.rows:
        told = f"{row['id']}  {row['group_number']:>4}  {row['moment']:<7} {row['state']:<7} {row['closes_on']}"
        click.echo(f"{told}  {row['handed_in']}/{row['asked']}  {row['instrument']['title']}")


@click.group()
def measurement() -> None:
    """One measurement: its links, who is asked since, its end."""


@measurement.command()
@click.argument("measurement_id", type=click.UUID)
@click.pass_obj
def links(house: Any, measurement_id: UUID) -> None:
    """The path of the group's link, then of each woman her code, how far she is, and the path of her own."""
    context: Composition = house.service("training").web.extensions["context"]
    with database_of(house).reading() as session:
        shown = show_measurement(session, operator(), measurement_id, context.signing)
    click.echo(f"/answer/{shown['token']}")
    for row in shown["sheets"]:
        click.echo(f"{row['entrepreneur_id']}  {row['code']}  {row['state']:<9}  /answer/{row['token']}")


@measurement.command("ask-new")
@click.argument("measurement_id", type=click.UUID)
@click.pass_obj
def ask_new(house: Any, measurement_id: UUID) -> None:
    """Ask also those who joined the group since."""
    with database_of(house).transaction() as session:
        invite_members(session, operator(), measurement_id, version=None)


@measurement.command("close")
@click.argument("measurement_id", type=click.UUID)
@click.pass_obj
def close_one(house: Any, measurement_id: UUID) -> None:
    """Take no answers any more: from now on it is in the figures."""
    with database_of(house).transaction() as session:
        click.echo(close_measurement(session, operator(), measurement_id, version=None).state)


@measurement.command("revoke-link")
@click.argument("measurement_id", type=click.UUID)
@click.argument("sheet_id", type=click.UUID)
@click.pass_obj
def revoke_link(house: Any, measurement_id: UUID, sheet_id: UUID) -> None:
    """Let the own link of one woman lead nowhere any more."""
    with database_of(house).transaction() as session:
        revoke_sheet(session, operator(), measurement_id, sheet_id)


@diplomas.command()
@click.argument("number")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Its last day; the last allowed unless given.")
@click.pass_obj
def share(house: Any, number: str, until: datetime | None) -> None:
    """Make a personal link to diploma NUMBER; prints its id and the path of its page."""
    context: Composition = house.service("training").web.extensions["context"]
    with database_of(house).transaction() as session:
        found = session.scalar(select(Diploma.id).where(Diploma.number == number))
        if found is None:
            raise click.ClickException(f"There is no diploma {number}.")
        link = share_diploma(session, operator(), found, expires_on=until.date() if until else None)
        told = link_row(link, context.diploma_links)
    click.echo(f"{told['id']}  /diploma/{told['token']}")


@diplomas.command()
@click.argument("link_id", type=click.UUID)
@click.pass_obj
def unshare(house: Any, link_id: UUID) -> None:
    """Let a personal link lead nowhere any more."""
    with database_of(house).transaction() as session:
        click.echo(revoke_diploma_link(session, operator(), link_id, version=None).state)


COMMANDS = [questionnaires, measurements, measurement]
