"""Plans of municipalities, departments and countries, and what they put first."""

import getpass
import re
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.territory.models.proposals import FINANCIERS
from services.territory.queries.plans import list_plans, show_plan
from services.territory.use_cases.declare_plan import declare_plan, withdraw_plan
from services.territory.use_cases.write_plan import write_line, write_project
from shared import places
from shared.events.vocabulary import CHAINS, PLAN_KINDS, PURPOSES
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Money, Refused
from shared.service import Service

DAY = click.DateTime(["%Y-%m-%d"])
MANY = 200


@click.group()
def plan() -> None:
    """Plans of municipalities, departments and countries, and what they put first."""


@plan.command("list")
@click.option("--unit", default=None, help="Where they hold: an official code, such as HN, HN17 or HN1709.")
@click.option("--in-force", is_flag=True, help="Only those that hold today.")
@click.pass_obj
def list_declared(house: Any, unit: str | None, in_force: bool) -> None:
    """The plans, latest first."""
    service: Service = house.service("territory")
    asked = {"unit": unit, "in_force": in_force}
    with service.database.reading() as session:
        rows = list_plans(session, Caller.operator(getpass.getuser()), asked, limit=MANY, after=None).rows
    for row in rows:
        until = row["valid_until"] or ""
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['kind']:<6}  {row['valid_from']}/{until}  {row['state']}")
        click.echo(f"  {row['title']} ({places.name_of(row['unit'])}): {', '.join([*row['chains'], *row['purposes']])}")


@plan.command()
@click.argument("unit")
@click.argument("title")
@click.option("--kind", type=click.Choice(PLAN_KINDS), required=True)
@click.option("--source", required=True, help="The act that adopted it.")
@click.option("--from", "valid_from", type=DAY, required=True, help="Its first day.")
@click.option("--until", "valid_until", type=DAY, default=None, help="Its last day, where it has one.")
@click.option("--chain", "chains", type=click.Choice(CHAINS), multiple=True, required=True, help="May be repeated.")
@click.option("--purpose", "purposes", type=click.Choice(PURPOSES), multiple=True, help="May be repeated.")
@click.pass_obj
def declare(house: Any, /, *, valid_from: datetime, valid_until: datetime | None, **told: Any) -> None:
    """Declare TITLE, the plan of UNIT (an official code), with the value chains it puts first."""
    service: Service = house.service("territory")
    told |= {"valid_from": valid_from.date(), "valid_until": valid_until.date() if valid_until else None}
    with service.database.transaction() as session:
        made = declare_plan(session, Caller.operator(getpass.getuser()), **told)
        click.echo(made.id)


@plan.command()
@click.argument("plan_id", type=click.UUID)
@click.pass_obj
def withdraw(house: Any, plan_id: UUID) -> None:
    """The plan with this id holds no more."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        withdraw_plan(session, Caller.operator(getpass.getuser()), plan_id, version=None)


@plan.command()
@click.argument("plan_id", type=click.UUID)
@click.argument("number")
@click.argument("title")
@click.option("--chain", type=click.Choice(CHAINS), default=None)
@click.pass_obj
def line(house: Any, /, *, plan_id: UUID, **told: Any) -> None:
    """Write programme line NUMBER, TITLE, into a plan."""
    service: Service = house.service("territory")
    with service.database.transaction() as session:
        changed = write_line(session, Caller.operator(getpass.getuser()), plan_id, **told)
        click.echo(next(one.id for one in changed.lines if one.number == told["number"]))


@plan.command()
@click.argument("plan_id", type=click.UUID)
@click.argument("line_id", type=click.UUID)
@click.argument("title")
@click.option("--chain", type=click.Choice(CHAINS), default=None)
@click.option(
    "--money", multiple=True, metavar="YEAR:SOURCE:AMOUNT", help="In the country's currency; may be repeated."
)
@click.pass_obj
def project(house: Any, /, *, plan_id: UUID, line_id: UUID, money: tuple[str, ...], **told: Any) -> None:
    """Write the project TITLE, with its money by year and source, into a line of a plan."""
    service: Service = house.service("territory")
    caller = Caller.operator(getpass.getuser())
    with service.database.transaction() as session:
        currency = COUNTRY_CURRENCY[show_plan(session, caller, plan_id)["unit"][:2]]
        budget = [_budget(part, currency) for part in money]
        write_project(session, caller, plan_id, line_id, budget=budget, **told)


def _budget(part: str, currency: str) -> dict[str, Any]:
    year, source, amount = [*part.split(":"), "", ""][:3]
    try:
        money = Money.parse(amount, currency)
    except Refused:
        money = None
    if money is None or not re.fullmatch(r"20[0-9]{2}|2100", year, re.ASCII):
        said = f"{part!r}: write YEAR:SOURCE:AMOUNT, such as 2027:municipality:150000.00"
        raise click.BadParameter(said, param_hint="--money")
    if source not in FINANCIERS:
        raise click.BadParameter(f"{part!r}: SOURCE is one of {', '.join(FINANCIERS)}", param_hint="--money")
    return {"year": int(year), "source": source, "amount": money}


COMMANDS = (plan,)
