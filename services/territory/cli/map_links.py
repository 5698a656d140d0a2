"""Links through which others show a map: made, listed, taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import click

from services.territory.api import map_links as api
from services.territory.cli.asking import DAY, LANGUAGE, MANY, asking, database, operator
from services.territory.cli.maps import asked_map, which_map
from services.territory.composition import Composition
from services.territory.models.map_links import VALID
from services.territory.queries.map_links import link_row, list_links
from services.territory.use_cases.share_map import revoke_link, share_map
from shared.service import Service
from shared.web.schemas import load


@click.group("map-links")
def map_links() -> None:
    """Links through which others show a map of published figures."""


@map_links.command("list")
@click.pass_obj
def list_map_links(house: Any) -> None:
    """The links, latest first, with the day until which they show something."""
    with database(house).reading() as session:
        rows = list_links(session, operator(), _composed(house).signing, limit=MANY, after=None).rows
    for row in rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['expires_on']}  {row['state']:<8}  {row['purpose']}")
        if row["state"] == VALID:
            click.echo(f"  {_address(house, row['token'])}")


@map_links.command()
@click.argument("unit")
@click.argument("purpose")
@click.option("--last-day", type=DAY, required=True, help="The last day on which it is shown.")
@which_map
@LANGUAGE
@click.pass_obj
def share(house: Any, /, unit: str, purpose: str, last_day: datetime, language: str, **told: Any) -> None:
    """Let others show a map of UNIT (an official code); PURPOSE says where. Its id is told, and its address."""
    which = {name: value for name, value in asked_map(told).items() if value not in (None, ())}
    days = {name: value.isoformat() for name, value in which.items() if isinstance(value, date)}
    breaks = {"breaks": list(which["breaks"])} if "breaks" in which else {}
    about = {"unit": unit, "purpose": purpose, "language": language, "expires_on": last_day.date().isoformat()}
    body = load(api.MapLinkIn(), about | {"map": which | days | breaks})
    with asking(house, language=language) as call:
        api.require_drawable(call, body)
    with database(house).transaction() as session:
        made = share_map(session, operator(), which=api.as_kept(body.pop("map")), **body)
        token = link_row(made, _composed(house).signing)["token"]
        click.echo(f"{made.id}\n{_address(house, token)}")


@map_links.command()
@click.argument("link_id", type=click.UUID)
@click.pass_obj
def revoke(house: Any, link_id: UUID) -> None:
    """Nothing is seen any more through the link with this id."""
    with database(house).transaction() as session:
        revoke_link(session, operator(), link_id, version=None)


def _composed(house: Any) -> Composition:
    service: Service = house.service("territory")
    found: Composition = service.web.extensions["context"]
    return found


def _address(house: Any, token: str) -> str:
    return f"{_composed(house).public_url}/embed/map/{token}"


COMMANDS = (map_links,)
