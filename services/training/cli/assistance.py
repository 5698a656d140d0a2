"""`csem training assistance waiting | plan | visit | end`."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from services.training.cli.groups import database_of, operator
from services.training.models.assistance import ASSISTANCE_KINDS, ON_SITE, OUTCOMES
from services.training.queries.assistance import waiting as waiting_for
from services.training.use_cases.assist_borrower import end_assistance, note_visit, plan_assistance
from shared.events.vocabulary import NEEDS
from shared.kernel import clock, uuid7

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("assistance")
def assistance() -> None:
    """Training and assistance of borrowers at their workplace."""


@assistance.command()
@click.option("--unit", help="Official code of a country, department or municipality.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def waiting(house: Any, unit: str | None, as_json: bool) -> None:
    """The loans for whose project nobody was visited yet, who waits longest first."""
    with database_of(house).reading() as session:
        page = waiting_for(session, operator(), {"unit": unit}, limit=200, after=None)
    if as_json:
        click.echo(json.dumps(page.rows, default=str))
        return
    for row in page.rows:
        click.echo(f"{row['loan_id']}  {row['disbursed_on']}  {row['days']:>4}  {', '.join(row['needs'])}")


@assistance.command()
@click.argument("loan", type=click.UUID)
@click.option("--kind", type=click.Choice(ASSISTANCE_KINDS), default=ON_SITE, show_default=True)
@click.option("--topic", "topics", type=click.Choice(NEEDS), multiple=True, required=True, help="May be repeated.")
@click.option("--goal", required=True)
@click.option("--minutes", "planned_minutes", type=click.IntRange(30), required=True)
@click.option("--from", "begins_on", type=_DAY, help="Today unless given.")
@click.pass_obj
def plan(house: Any, /, loan: UUID, begins_on: datetime | None, **told: Any) -> None:
    """Plan for the project that LOAN finances."""
    day = begins_on.date() if begins_on else clock.today()
    with database_of(house).transaction() as session:
        click.echo(str(plan_assistance(session, operator(), loan_id=loan, begins_on=day, **told).id))


@assistance.command()
@click.argument("plan_id", type=click.UUID)
@click.option("--on", "day", type=_DAY, help="Today unless given.")
@click.option("--minutes", type=click.IntRange(1, 1440), required=True)
@click.option("--topic", "topics", type=click.Choice(NEEDS), multiple=True, required=True, help="May be repeated.")
@click.option("--done", required=True, help="What was done.")
@click.pass_obj
def visit(house: Any, /, plan_id: UUID, day: datetime | None, **told: Any) -> None:
    """Note a visit of PLAN_ID."""
    on = day.date() if day else clock.today()
    with database_of(house).transaction() as session:
        plan_ = note_visit(session, operator(), assistance_id=plan_id, visit_id=uuid7(), day=on, **told)
        click.echo(str(sum(one.minutes for one in plan_.visits)))


@assistance.command()
@click.argument("plan_id", type=click.UUID)
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True)
@click.option("--on", "day", type=_DAY, help="Today unless given.")
@click.option("--lessons", help="What was learned.")
@click.pass_obj
def end(house: Any, plan_id: UUID, outcome: str, day: datetime | None, lessons: str | None) -> None:
    """PLAN_ID ended: what came of it."""
    on = day.date() if day else clock.today()
    with database_of(house).transaction() as session:
        ended = end_assistance(
            session, operator(), assistance_id=plan_id, version=None, outcome=outcome, lessons=lessons, ended_on=on
        )
        click.echo(ended.state)


COMMANDS = [assistance]
