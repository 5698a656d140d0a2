"""`csem training workshop | sme | dialogue | partner | csr-report`."""

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.cli.told import ON_HOLIDAY
from services.training.documents.csr_report import MEDIA_TYPES, PrintedCsrReport
from services.training.models import Activity
from services.training.models.activities import DIALOGUE_KINDS, WORKSHOP
from services.training.models.participants import SEXES
from services.training.models.partners import PARTNER_KINDS
from services.training.models.smes import SECTORS, SIZES
from services.training.queries.activities import list_activities, whole_activity
from services.training.queries.csr_report import csr_report
from services.training.queries.partners import list_partners
from services.training.queries.scope import check_units
from services.training.queries.smes import list_smes
from services.training.use_cases.issue_csr_report import issue_csr_report
from services.training.use_cases.keep_partners import write_partner
from services.training.use_cases.keep_smes import write_sme
from services.training.use_cases.plan_activity import cancel_activity, hold_activity, move_activity, plan_activity
from services.training.use_cases.register_participant import register_by_team
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.service import Service

_DAY = click.DateTime(["%Y-%m-%d"])
_UNIT = click.option("--unit", default=None, help="That place and what lies in it: an official code.")
_MOST = 10_000


@click.group()
def workshop() -> None:
    """Workshops on social responsibility for small firms."""


@workshop.command("list")
@_UNIT
@click.pass_obj
def list_workshops(house: Any, unit: str | None) -> None:
    """The workshops, latest first, with distinct firms and persons who came."""
    _listed(house, {"unit": unit, "dialogues": False})


@workshop.command("show")
@click.argument("workshop_id", type=click.UUID)
@click.pass_obj
def show_workshop(house: Any, workshop_id: UUID) -> None:
    """One workshop: its dates, partners and counts; no names of persons."""
    with _database(house).reading() as session:
        found = session.get(Activity, workshop_id)
        if found is None:
            raise NotFound("csr_activity.unknown")
        row = whole_activity(session, found, b"")
    click.echo(f"{row['title']}, {row['city']}, {row['starts_on']}, {row['state']}")
    for one in row["dates"]:
        click.echo(f"  {one['number']}. {one['starts_on']}  {one['reason']}")
    for one in row["partners"]:
        click.echo(f"  {one['kind']:<24}  {one['name']}")
    click.echo(f"  {row['smes_registered']}/{row['persons_registered']} -> {row['smes_came']}/{row['persons_came']}")


@workshop.command("plan")
@click.argument("unit")
@click.argument("city")
@click.argument("title")
@click.option("--on", "starts_on", type=_DAY, required=True, help="Its first day.")
@click.option("--places", "capacity", type=click.IntRange(1, 1_000), default=None)
@click.option("--gender-module", is_flag=True, help="The module on gender equality is taught.")
@ON_HOLIDAY
@click.pass_obj
def plan(house: Any, /, *, starts_on: datetime, **told: Any) -> None:
    """Plan the workshop TITLE in CITY of UNIT (an official code)."""
    with _database(house).transaction() as session:
        made = plan_activity(session, _operator(), kind=WORKSHOP, starts_on=starts_on.date(), topics="", **told)
        click.echo(made.id)


@workshop.command("move")
@click.argument("workshop_id", type=click.UUID)
@click.option("--to", "starts_on", type=_DAY, required=True, help="Its new first day.")
@click.option("--because", "reason", required=True)
@ON_HOLIDAY
@click.pass_obj
def move(house: Any, /, workshop_id: UUID, starts_on: datetime, **told: Any) -> None:
    """Move the workshop with this id; its dates of before stay written."""
    with _database(house).transaction() as session:
        move_activity(session, _operator(), workshop_id, version=None, starts_on=starts_on.date(), **told)


@workshop.command("register")
@click.argument("workshop_id", type=click.UUID)
@click.argument("sme_id", type=click.UUID)
@click.argument("name")
@click.option("--sex", type=click.Choice(SEXES), required=True)
@click.pass_obj
def register(house: Any, workshop_id: UUID, sme_id: UUID, name: str, sex: str) -> None:
    """Register NAME for the firm with this id."""
    told = {"sme": None, "sme_id": sme_id, "name": name, "sex": sex, "email": None, "phone": None}
    with _database(house).transaction() as session:
        click.echo(register_by_team(session, _operator(), workshop_id, **told).id)


@workshop.command("hold")
@click.argument("workshop_id", type=click.UUID)
@click.pass_obj
def hold(house: Any, workshop_id: UUID) -> None:
    """The workshop with this id took place."""
    with _database(house).transaction() as session:
        hold_activity(session, _operator(), workshop_id, version=None)


@workshop.command("cancel")
@click.argument("workshop_id", type=click.UUID)
@click.pass_obj
def cancel(house: Any, workshop_id: UUID) -> None:
    """The workshop with this id does not take place."""
    with _database(house).transaction() as session:
        cancel_activity(session, _operator(), workshop_id, version=None)


@click.group()
def sme() -> None:
    """Small firms that come to the workshops."""


@sme.command("list")
@_UNIT
@click.option("--sector", type=click.Choice(SECTORS), default=None)
@click.pass_obj
def list_smes_(house: Any, unit: str | None, sector: str | None) -> None:
    """The firms by name."""
    with _database(house).reading() as session:
        found = list_smes(session, _operator(), {"unit": unit, "sector": sector}, limit=_MOST, after=None)
    for row in found.rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['sector']:<22}  {row['size']:<6}  {row['name']}")


@sme.command("write")
@click.argument("unit")
@click.argument("name")
@click.option("--sector", type=click.Choice(SECTORS), required=True)
@click.option("--size", type=click.Choice(SIZES), required=True)
@click.option("--city", default="")
@click.pass_obj
def write(house: Any, /, **told: Any) -> None:
    """Write the firm NAME of UNIT (an official code) down."""
    with _database(house).transaction() as session:
        click.echo(write_sme(session, _operator(), **told).id)


@click.group("csr-dialogue")
def dialogue() -> None:
    """Dialogues on social responsibility."""


@dialogue.command("list")
@_UNIT
@click.option("--kind", type=click.Choice(DIALOGUE_KINDS), default=None)
@click.pass_obj
def list_dialogues(house: Any, unit: str | None, kind: str | None) -> None:
    """The dialogues, latest first."""
    _listed(house, {"unit": unit, "kind": kind, "dialogues": True})


@click.group("csr-partner")
def partner() -> None:
    """Institutions that take part."""


@partner.command("list")
@click.option("--kind", type=click.Choice(PARTNER_KINDS), default=None)
@click.pass_obj
def list_partners_(house: Any, kind: str | None) -> None:
    """The partners by name."""
    with _database(house).reading() as session:
        found = list_partners(session, _operator(), {"kind": kind}, limit=_MOST, after=None)
    for row in found.rows:
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['kind']:<24}  {row['name']}")


@partner.command("write")
@click.argument("unit")
@click.argument("name")
@click.option("--kind", type=click.Choice(PARTNER_KINDS), required=True)
@click.pass_obj
def write_partner_(house: Any, unit: str, name: str, kind: str) -> None:
    """Write the institution NAME of UNIT (an official code) down."""
    with _database(house).transaction() as session:
        click.echo(write_partner(session, _operator(), unit=unit, name=name, kind=kind).id)


@click.command("csr-report")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--unit", "units", multiple=True, required=True, help="Official code; may be repeated.")
@click.option("--as-of", type=_DAY, default=None, help="The day up to which it tells; today unless given.")
@click.option("--language", type=click.Choice(["es", "en"]), default="es", show_default=True)
@click.pass_obj
def report(house: Any, file: Path, units: tuple[str, ...], as_of: datetime | None, language: str) -> None:
    """Write the annual report into FILE, whose name ends in .pdf or .xlsx."""
    form = file.suffix.removeprefix(".")
    if form not in MEDIA_TYPES:
        raise click.BadParameter("FILE ends in .pdf or .xlsx", param_hint="FILE")
    day: date = as_of.date() if as_of else clock.today()
    if day > clock.today():
        raise Invalid("csr_report.day_to_come", pointer="/as_of", today=clock.today())
    check_units(units, pointer="/unit")
    service: Service = house.service("training")
    composition = service.web.extensions["context"]
    with service.database.reading() as session:
        told = csr_report(session, units, day, language)
    printed = PrintedCsrReport(told, composition.words(language), language)
    file.write_bytes(printed.written(form, composition.public_url))
    with service.database.transaction() as session:
        issue_csr_report(session, printed.hash, told)
    click.echo(printed.hash)


def _listed(house: Any, filters: dict[str, Any]) -> None:
    with _database(house).reading() as session:
        found = list_activities(session, _operator(), filters, limit=_MOST, after=None)
    for row in found.rows:
        came = f"{row['smes_came']}/{row['persons_came']}"
        told = f"{row['id']}  {row['unit']:<6}  {row['starts_on']}  {row['state']:<9}  {came:>9}"
        click.echo(f"{told}  {row['title']} ({row['city']})")


def _operator() -> Caller:
    return Caller.operator(getpass.getuser())


def _database(house: Any) -> Database:
    found: Database = house.service("training").database
    return found


COMMANDS = [workshop, sme, dialogue, partner, report]
