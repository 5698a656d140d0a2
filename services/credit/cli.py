"""The commands of credit: `csem credit funds | loans | sessions | books`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from getpass import getuser
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import TrustFund
from services.credit.queries import books as book_queries
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import sessions as session_queries
from shared import places
from shared.database import Database
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Money, clock

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


@group.command()
@click.argument("fund")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="As of this day, else today.")
@click.pass_context
def books(context: click.Context, fund: str, *, day: datetime | None) -> None:
    """The trial balance of the fund with this code; ends with 1 where its books do not agree."""
    with _reading(context.obj) as session:
        found = _fund(session, fund)
        told = book_queries.told(session, found, day.date() if day else clock.today())
    _table(
        ("account", "", "debit", "credit"),
        [(row["code"], row["name"].replace("_", " "), row["debit"], row["credit"]) for row in told["accounts"]]
        + [("", "", told["debit"], told["credit"])],
    )
    click.echo(
        f"assets {told['assets']} = liabilities {told['liabilities']} + equity {told['equity']} "
        f"+ result {told['result']} ({found.currency}, {told['day']})"
    )
    for one in told["differences"]:
        click.echo(f"{one['what']} {one['subject']}: the books say {one['books']}, the register {one['register']}")
    if not told["agrees"]:
        context.exit(1)


def _fund(session: Session, code: str) -> TrustFund:
    found = session.scalar(select(TrustFund).where(TrustFund.code == code))
    if found is None:
        raise click.ClickException(f"There is no fund {code}.")
    return found


@contextmanager
def _reading(house: Any) -> Iterator[Session]:
    database = Database(house.settings("credit").database_url)
    try:
        with database.reading() as session:
            yield session
    finally:
        database.dispose()


def _operator() -> Caller:
    return Caller.operator(getuser())


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    lines = [tuple(map(str, row)) for row in rows]
    widths = [max(len(line[column]) for line in [tuple(head), *lines]) for column in range(len(head))]
    for line in [tuple(head), *lines]:
        cells = [
            cell.rjust(width) if cell.replace(".", "").replace("-", "").isdigit() else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
