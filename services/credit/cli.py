"""The commands of credit: `csem credit funds | loans | sessions`, and those of the books."""

from typing import Any

import click

from services.credit.book_commands import COMMANDS as BOOKS
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import sessions as session_queries
from services.credit.terminal import operator as _operator
from services.credit.terminal import reading as _reading
from services.credit.terminal import table as _table
from shared import places
from shared.kernel import LOCAL_TIME, Money

MANY = 200


@click.group()
def group() -> None:
    """The trust funds, their committees and their loans."""


@group.command()
@click.pass_obj
def funds(house: Any) -> None:
    """What each fund has, has promised and may still lend."""
    with _reading(house) as session:
        rows = [
            (
                fund["code"],
                fund["name"],
                fund["cash_at_trustee"],
                fund["committed"],
                fund["available"],
                fund["currency"],
            )
            for fund in fund_queries.funds(session, _operator())
        ]
    _table(("fund", "name", "cash at trustee", "promised", "available", ""), rows)


@group.command()
@click.option("--overdue", is_flag=True, help="Only the loans with something overdue today.")
@click.option("--municipality", default=None, help="An official code: HN, HN17 or HN1709.")
@click.pass_obj
def loans(house: Any, *, overdue: bool, municipality: str | None) -> None:
    """The loans, newest first, with what is overdue today and the totals."""
    asked = {"overdue": overdue, "municipality": municipality}
    with _reading(house) as session:
        found: list[Any] = []
        after: str | None = None
        while True:
            page = loan_queries.listed(session, _operator(), asked, limit=MANY, after=after)
            found += page.rows
            after = page.next
            if after is None:
                break
        totals = loan_queries.totals(session, _operator(), asked)
    _table(
        ("loan", "municipality", "lent", "still owed", "overdue", "days late", ""),
        (
            (
                row["number"],
                places.full_name(row["municipality"]),
                row["principal"],
                row["outstanding"],
                row["overdue"],
                row["days_overdue"],
                row["currency"],
            )
            for row in found
        ),
    )
    for total in totals:
        principal = total["principal"]
        currency = principal.currency
        owed = Money.total((row["outstanding"] for row in found if row["currency"] == currency), currency)
        click.echo(
            f"{total['count']} loans, {principal} {currency} lent, {owed} still owed with the interest to come, "
            f"{total['outstanding_principal']} of it principal, {total['overdue']} overdue"
        )


@group.command()
@click.pass_obj
def sessions(house: Any) -> None:
    """The sessions of the committees, newest first, with their minutes."""
    with _reading(house) as session:
        page = session_queries.listed(session, _operator(), {}, limit=MANY, after=None)
    _table(
        ("session", "when", "items", "state", "minutes"),
        (
            (
                row["number"],
                row["scheduled_for"].astimezone(LOCAL_TIME).strftime("%Y-%m-%d %H:%M"),
                row["items"],
                row["state"],
                row["acta"] or "",
            )
            for row in page.rows
        ),
    )


for command in BOOKS:
    group.add_command(command)
