"""More of `csem training workshop | sme`, and `sme-links | sme-link-end | effect`: workshops and firms are kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.training.cli.csr import dialogue, sme, workshop
from services.training.cli.groups import database_of, operator
from services.training.cli.keeping import MOST, as_json
from services.training.composition import Composition
from services.training.models.participants import SEXES
from services.training.models.smes import SECTORS, SIZES
from services.training.queries.activities import show_activity
from services.training.queries.diagnoses import show_effect
from services.training.queries.sme_links import list_links
from services.training.queries.smes import show_sme
from services.training.use_cases import keep_smes
from services.training.use_cases import plan_activity as planning
from services.training.use_cases import register_participant as registering
from services.training.use_cases.link_sme import revoke_sme_link

_DAY = click.DateTime(["%Y-%m-%d"])
ONE = click.argument("activity_id", type=click.UUID)


def context_of(house: Any) -> Composition:
    """What training's handlers are given."""
    context: Composition = house.service("training").web.extensions["context"]
    return context


def changed(house: Any, change: Callable[..., Any], *ids: UUID, **told: Any) -> None:
    """Change something as it stands, and print its version since."""
    with database_of(house).transaction() as session:
        done = change(session, operator(), *ids, version=None, **told)
        click.echo(done.version)


@workshop.command()
@ONE
@click.option("--city", required=True)
@click.option("--title", required=True)
@click.option("--topics", default="")
@click.option("--places", "capacity", type=click.IntRange(1, 1_000), default=None)
@click.option("--gender-module", is_flag=True)
@click.pass_obj
def describe(house: Any, /, activity_id: UUID, **told: Any) -> None:
    """Put right all that is said of a workshop."""
    changed(house, planning.describe_activity, activity_id, **told)


@workshop.command("open")
@ONE
@click.option("--until", type=_DAY, required=True, help="The last day of the public form.")
@click.pass_obj
def open_form(house: Any, activity_id: UUID, until: datetime) -> None:
    """Let firms register themselves; prints the path of the form."""
    with database_of(house).transaction() as session:
        registering.open_registration(session, operator(), activity_id, version=None, until=until.date())
        shown = show_activity(session, operator(), activity_id, dialogue=False, key=context_of(house).signing)
    click.echo(f"/register/{shown['registration_token']}")


@workshop.command("close")
@ONE
@click.pass_obj
def close_form(house: Any, activity_id: UUID) -> None:
    """Let nobody register herself any more."""
    changed(house, registering.close_registration, activity_id)


@workshop.command()
@ONE
@click.argument("title")
@click.argument("address")
@click.pass_obj
def give(house: Any, activity_id: UUID, title: str, address: str) -> None:
    """Something more is handed out: TITLE, found at ADDRESS."""
    changed(house, planning.give_material, activity_id, title=title, address=address)


@workshop.command("take-back")
@ONE
@click.argument("material_id", type=click.UUID)
@click.pass_obj
def take_back(house: Any, activity_id: UUID, material_id: UUID) -> None:
    """Something is not handed out after all."""
    changed(house, planning.take_material, activity_id, material_id)


@workshop.command()
@ONE
@click.argument("participant_id", type=click.UUID)
@click.pass_obj
def forget(house: Any, activity_id: UUID, participant_id: UUID) -> None:
    """Erase the name and the addresses of somebody who was registered."""
    with database_of(house).transaction() as session:
        registering.forget_participant(session, operator(), activity_id, participant_id)


@workshop.command()
@ONE
@click.argument("participant_id", type=click.UUID)
@click.argument("name")
@click.option("--sex", type=click.Choice(SEXES), required=True)
@click.option("--email")
@click.option("--phone")
@click.pass_obj
def correct(house: Any, /, activity_id: UUID, participant_id: UUID, **told: Any) -> None:
    """Put right all that is said of somebody who was registered, NAME included."""
    with database_of(house).transaction() as session:
        registering.describe_participant(session, operator(), activity_id, participant_id, **told)


def _join(house: Any, activity_id: UUID, partner_id: UUID) -> None:
    """A partner takes part in it."""
    changed(house, planning.join_activity, activity_id, partner_id=partner_id)


def _leave(house: Any, activity_id: UUID, partner_id: UUID) -> None:
    """A partner takes no part in it after all."""
    changed(house, planning.leave_activity, activity_id, partner_id)


for kind in (workshop, dialogue):
    for name, act in (("join", _join), ("leave", _leave)):
        kind.command(name)(ONE(click.argument("partner_id", type=click.UUID)(click.pass_obj(act))))


@sme.command("show")
@click.argument("sme_id", type=click.UUID)
@click.pass_obj
def show_firm(house: Any, sme_id: UUID) -> None:
    """One firm as JSON, without whom it is reached by."""
    with database_of(house).reading() as session:
        found = show_sme(session, operator(), sme_id)
    as_json({name: value for name, value in found.items() if not name.startswith("contact_")})


@sme.command("change")
@click.argument("sme_id", type=click.UUID)
@click.option("--unit", help="An official code.")
@click.option("--name")
@click.option("--city")
@click.option("--sector", type=click.Choice(SECTORS))
@click.option("--size", type=click.Choice(SIZES))
@click.option("--employees", type=int)
@click.option("--women", "women_employees", type=int)
@click.pass_obj
def change_firm(house: Any, /, sme_id: UUID, **told: Any) -> None:
    """Put facts of a firm right; those not named stay."""
    names = ("unit", "city", "name", "sector", "size", "employees", "women_employees", "women_owned_percent")
    with database_of(house).transaction() as session:
        known = show_sme(session, operator(), sme_id)
        facts = {name: known[name] for name in (*names, "contact_name", "contact_email", "contact_phone")}
        facts |= {name: value for name, value in told.items() if value is not None}
        click.echo(keep_smes.change_sme(session, operator(), sme_id, version=None, **facts).version)


@sme.command("forget-contact")
@click.argument("sme_id", type=click.UUID)
@click.pass_obj
def forget_contact(house: Any, sme_id: UUID) -> None:
    """Erase the person by whom a firm is reached."""
    changed(house, keep_smes.forget_contact, sme_id)


@click.command()
@click.argument("diagnosis_id", type=click.UUID)
@click.pass_obj
def effect(house: Any, diagnosis_id: UUID) -> None:
    """What changed since the diagnosis before this one, as JSON."""
    with database_of(house).reading() as session:
        as_json(show_effect(session, operator(), diagnosis_id))


@click.command("sme-links")
@click.option("--sme", "sme_id", type=click.UUID, help="Of one firm.")
@click.pass_obj
def sme_links(house: Any, sme_id: UUID | None) -> None:
    """The links of firms, latest first; their addresses are not told."""
    with database_of(house).reading() as session:
        page = list_links(session, operator(), {"sme_id": sme_id}, b"", limit=MOST, after=None)
    for row in page.rows:
        click.echo(f"{row['id']}  {row['state']:<8} {row['expires_on']}  {row['sme_name']}")


@click.command("sme-link-end")
@click.argument("link_id", type=click.UUID)
@click.pass_obj
def sme_link_end(house: Any, link_id: UUID) -> None:
    """Let nothing be said through a firm's link any more."""
    with database_of(house).transaction() as session:
        click.echo(revoke_sme_link(session, operator(), link_id, version=None).state)


COMMANDS = [effect, sme_links, sme_link_end]
