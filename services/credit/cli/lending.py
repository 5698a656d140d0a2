"""The commands of lending: `funds`, `loans`, `sessions`, `quote`."""

from datetime import datetime
from typing import Any

import click

from services.credit.cli.terminal import DAY, fund_called, operator, reading, table
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import sessions as session_queries
from shared import places
from shared.kernel import LOCAL_TIME, Money, Refused

MANY = 200
_YEARLY = ("instalments", "principal", "interest", "payment", "balance")


@click.command()
@click.pass_obj
def funds(house: Any) -> None:
    """What each fund has, has promised and may still lend."""
    with reading(house) as session:
        rows = [
            (
                fund["code"],
                fund["name"],
                fund["cash_at_trustee"],
                fund["committed"],
                fund["available"],
                fund["currency"],
            )
            for fund in fund_queries.funds(session, operator())
        ]
    table(("fund", "name", "cash at trustee", "promised", "available", ""), rows)


@click.command()
@click.option("--overdue", is_flag=True, help="Only the loans with something overdue today.")
@click.option("--municipality", default=None, help="An official code: HN, HN17 or HN1709.")
@click.pass_obj
def loans(house: Any, *, overdue: bool, municipality: str | None) -> None:
    """The loans, newest first, with what is overdue today and the totals."""
    asked = {"overdue": overdue, "municipality": municipality}
    with reading(house) as session:
        found: list[Any] = []
        after: str | None = None
        while True:
            page = loan_queries.listed(session, operator(), asked, limit=MANY, after=after)
            found += page.rows
            after = page.next
            if after is None:
                break
        totals = loan_queries.totals(session, operator(), asked)
    table(
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


@click.command()
@click.pass_obj
def sessions(house: Any) -> None:
    """The sessions of the committees, newest first, with their minutes."""
    with reading(house) as session:
        page = session_queries.listed(session, operator(), {}, limit=MANY, after=None)
    table(
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


@click.command()
@click.argument("fund")
@click.argument("product")
@click.argument("amount")
@click.argument("instalments", type=int)
@click.option("--grace", type=int, default=0, help="First instalments without principal.")
@click.option("--start", type=DAY, help="The day of the loan; today unless given.")
@click.option("--first-due", type=DAY, help="The first due date, where it is free.")
@click.option("--due", "due_dates", type=DAY, multiple=True, help="A due date agreed for this loan; once for each.")
@click.pass_obj
def quote(
    house: Any,
    /,
    *,
    fund: str,
    product: str,
    amount: str,
    instalments: int,
    grace: int,
    start: datetime | None,
    first_due: datetime | None,
    due_dates: tuple[datetime, ...],
) -> None:
    """The schedule a loan from FUND (its code) would have, and what it would cost a year."""
    with reading(house) as session:
        lending = fund_called(session, fund)
        try:
            told = fund_queries.quote(
                session,
                lending,
                product=product,
                amount=amount,
                instalments=instalments,
                grace=grace,
                start=start.date() if start else None,
                first_due=first_due.date() if first_due else None,
                due_dates=[day.date() for day in due_dates],
            )
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
        currency = lending.currency
    names = ("number", "due", "principal", "interest", "fee", "payment", "balance")
    table(names, ([row[name] for name in names] for row in told["items"]))
    click.echo()
    table(("year", *_YEARLY), ([row["year"], *(row[name] for name in _YEARLY)] for row in told["years"]))
    click.echo(
        f"{told['finance_charge']} {currency} on top of the principal, {told['total']} in all; "
        f"annual percentage rate {told['annual_percentage_rate']} %, effective {told['effective_annual_rate']} %"
    )
    click.echo(f"opening fee {told['fee']} ({told['fee_paid']}), handed over {told['handed_over']}")


COMMANDS = (funds, loans, sessions, quote)
