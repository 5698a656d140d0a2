"""The commands of what changed running loans: `changes`, `addendum`."""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from services.credit.cli.terminal import TARGET, fund_called, operator, reading, registry, table, write, writing
from services.credit.models import Loan
from services.credit.queries import changes as change_queries
from services.credit.rules.restructuring import CHANGES
from services.credit.use_cases.print_paper import print_addendum

MANY = 200


@click.command()
@click.option("--kind", type=click.Choice((*CHANGES, "tranche")), default=None, help="Only changes of this kind.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.pass_obj
def changes(house: Any, *, kind: str | None, fund: str | None) -> None:
    """What was rescheduled, refinanced and written off by resolution, and paid out in parts; the newest first."""
    with reading(house) as session:
        asked = {"kind": kind, "fund": None if fund is None else fund_called(session, fund).id}
        page = change_queries.listed(session, operator(), asked, limit=MANY, after=None)
    columns = ("loan", "kind", "done_on", "principal", "interest", "charges", "resolution", "done_by_name", "currency")
    table(
        ("loan", "change", "day", "principal", "interest", "charges", "resolution", "carried out by", ""),
        ([row[name] for name in columns] for row in page.rows),
    )


@click.command()
@click.argument("number")
@click.argument("target", type=TARGET)
@click.pass_obj
def addendum(house: Any, number: str, target: Path) -> None:
    """Write the addendum of the last new plan of the loan with this number to TARGET, a PDF."""
    asked = registry(house)
    with writing(house) as session:
        loan = session.scalar(select(Loan).where(Loan.number == number))
        if loan is None:
            raise click.ClickException(f"There is no loan {number}.")
        planned = [change.id for change in loan.changes if change.kind == "reschedule"]
        if not planned:
            raise click.ClickException(f"The loan {number} was never planned anew.")
        content = print_addendum(
            session,
            operator(),
            loan_id=loan.id,
            change_id=planned[-1],
            names=asked.borrower,
            people=asked.person,
            language="es",
            public_url=house.settings("credit").public_url,
        )
        write(target, content)


COMMANDS = (changes, addendum)
