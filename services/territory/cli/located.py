"""Where points lie, and whether a printed report is ours."""

from typing import Any

import click

from services.territory.api.documents import verify as verify_report
from services.territory.api.places import LocateIn, locate
from services.territory.cli.asking import LANGUAGE, asking
from shared import places
from shared.web.schemas import load


@click.command("locate", context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--declared", default=None, help="The municipality that was declared, such as HN1709.")
@click.option("--accuracy-m", type=float, default=None, help="How far the point may be off, in metres.")
@click.pass_obj
def locate_(house: Any, lon: float, lat: float, declared: str | None, accuracy_m: float | None) -> None:
    """In which municipality the point LON LAT (degrees) lies, and whether that contradicts the declared one."""
    point = {"lon": lon, "lat": lat, "municipality": declared, "accuracy_m": accuracy_m}
    body = load(LocateIn(), {"points": [point]})
    with asking(house) as call:
        (found,) = locate(call, body)["places"]
    where = found["municipality"]
    click.echo(f"{where or '-'}  {places.in_full(where) if where else '-'}  ({found['boundaries']})")
    if found["snapped_m"] is not None:
        click.echo(f"  {found['snapped_m']:.0f} m outside of it")
    if found["contradicts"] is not None:
        click.echo("  contradicts the declared one" if found["contradicts"] else "  as declared")


@click.command("verify")
@click.argument("code")
@LANGUAGE
@click.pass_obj
def verify_(house: Any, code: str, language: str) -> None:
    """Whether the printed report with this hash (or the sixteen digits at its foot) is ours."""
    with asking(house, language=language) as call:
        found = verify_report(call, code)
    click.echo(f"{found['title']}: {found['number']}, {found['issued_on']}, {found['issuer']}")


COMMANDS = (locate_, verify_)
