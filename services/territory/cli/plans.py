"""Plans of municipalities, departments and countries, and what they put first."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.territory.cli.asking import DAY, MANY, database, operator
from services.territory.models.proposals import FINANCIERS
from services.territory.queries.plans import list_plans, show_plan
from services.territory.use_cases.declare_plan import declare_plan, withdraw_plan
from services.territory.use_cases.write_plan import remove_line, remove_project, write_line, write_project
from shared import places
from shared.events.vocabulary import CHAINS, PLAN_KINDS, PURPOSES
from shared.kernel import COUNTRY_CURRENCY, Money, Refused

_PLAN = click.argument("plan_id", type=click.UUID)
_LINE = click.argument("line_id", type=click.UUID)


@click.group()
def plan() -> None:
    """Plans of municipalities, departments and countries, and what they put first."""


@plan.command("list")
@click.option("--unit", default=None, help="Where they hold: an official code, such as HN, HN17 or HN1709.")
@click.option("--in-force", is_flag=True, help="Only those that hold today.")
@click.pass_obj
def list_declared(house: Any, unit: str | None, in_force: bool) -> None:
    """The plans, latest first."""
    asked = {"unit": unit, "in_force": in_force}
    with database(house).reading() as session:
        rows = list_plans(session, operator(), asked, limit=MANY, after=None).rows
    for row in rows:
        until = row["valid_until"] or ""
        click.echo(f"{row['id']}  {row['unit']:<6}  {row['kind']:<6}  {row['valid_from']}/{until}  {row['state']}")
        click.echo(f"  {row['title']} ({places.name_of(row['unit'])}): {', '.join([*row['chains'], *row['purposes']])}")


@plan.command("show")
@_PLAN
@click.pass_obj
def show_declared(house: Any, plan_id: UUID) -> None:
    """The lines of the plan with this id, their projects with their ids, and its money by year and source."""
    with database(house).reading() as session:
        row = show_plan(session, operator(), plan_id)
    click.echo(f"{row['title']} ({places.name_of(row['unit'])}), {row['source']}: {row['state']}")
    for one in row["lines"]:
        click.echo(f"  {one['id']}  {one['number']}  {one['title']}")
        for planned in one["projects"]:
            total = planned["total"]
            click.echo(f"    {planned['id']}  {total} {total.currency}  {planned['title']}")
    for part in row["money"]:
        click.echo(f"  {part['year']}  {part['source']:<24}  {part['amount']} {part['amount'].currency}")


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
    told |= {"valid_from": valid_from.date(), "valid_until": valid_until.date() if valid_until else None}
    with database(house).transaction() as session:
        made = declare_plan(session, operator(), **told)
        click.echo(made.id)


@plan.command()
@_PLAN
@click.pass_obj
def withdraw(house: Any, plan_id: UUID) -> None:
    """The plan with this id holds no more."""
    with database(house).transaction() as session:
        withdraw_plan(session, operator(), plan_id, version=None)


@plan.command()
@_PLAN
@click.argument("number")
@click.argument("title")
@click.option("--chain", type=click.Choice(CHAINS), default=None)
@click.pass_obj
def line(house: Any, /, *, plan_id: UUID, **told: Any) -> None:
    """Write programme line NUMBER, TITLE, into a plan."""
    with database(house).transaction() as session:
        changed = write_line(session, operator(), plan_id, **told)
        click.echo(next(one.id for one in changed.lines if one.number == told["number"]))


@plan.command()
@_PLAN
@_LINE
@click.argument("title")
@click.option("--chain", type=click.Choice(CHAINS), default=None)
@click.option(
    "--money", multiple=True, metavar="YEAR:SOURCE:AMOUNT", help="In the country's currency; may be repeated."
)
@click.pass_obj
def project(house: Any, /, *, plan_id: UUID, line_id: UUID, money: tuple[str, ...], **told: Any) -> None:
    """Write the project TITLE, with its money by year and source, into a line of a plan."""
    caller = operator()
    with database(house).transaction() as session:
        currency = COUNTRY_CURRENCY[show_plan(session, caller, plan_id)["unit"][:2]]
        budget = [_budget(part, currency) for part in money]
        write_project(session, caller, plan_id, line_id, budget=budget, **told)


@plan.command("remove-line")
@_PLAN
@_LINE
@click.pass_obj
def remove_line_(house: Any, plan_id: UUID, line_id: UUID) -> None:
    """Take a line that was a mistake out of a plan, with its projects."""
    with database(house).transaction() as session:
        remove_line(session, operator(), plan_id, line_id, version=None)


@plan.command("remove-project")
@_PLAN
@_LINE
@click.argument("project_id", type=click.UUID)
@click.pass_obj
def remove_project_(house: Any, plan_id: UUID, line_id: UUID, project_id: UUID) -> None:
    """Take a project that was a mistake out of a line of a plan."""
    with database(house).transaction() as session:
        remove_project(session, operator(), plan_id, line_id, project_id, version=None)


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
