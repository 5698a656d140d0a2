"""The commands of credit: `csem credit funds`, `loans`, `sessions`, `par`, and `close`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from getpass import getuser
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.jobs import close_funds
from services.credit.models import TrustFund
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import portfolio as portfolio_queries
from services.credit.queries import sessions as session_queries
from services.credit.rules.indicators import RISK_DAYS
from shared import places
from shared.database import Database
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Money, NotFound, clock

MANY = 200
DAY = click.DateTime(["%Y-%m-%d"])


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
@click.option("--date", "day", type=DAY, default=None, help="The day to close; yesterday by default.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.pass_obj
def close(house: Any, *, day: datetime | None, fund: str | None) -> None:
    """Close a day, and first every day that was missed before it: arrears, interest, late charges, allowance.

    A day that is closed stays as it is; asked for twice it is closed once.
    """
    wanted = day.date() if day else clock.today() - timedelta(days=1)
    database = Database(house.settings("credit").database_url)
    try:
        with database.reading() as session:
            ids = None if fund is None else [_fund_id(session, fund)]
        closed, refused = close_funds(database, _operator(), wanted, ids)
    finally:
        database.dispose()
    for code, days in closed.items():
        click.echo(f"{code}: {f'{days} days closed' if days else 'closed already'}, up to {wanted}")
    if refused:
        raise next(iter(refused.values()))


@group.command()
@click.option("--date", "day", type=DAY, default=None, help="As of the end of this day; today by default.")
@click.option("--by", type=click.Choice(portfolio_queries.DIMENSIONS), default=None, help="A row for each of these.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.pass_obj
def par(house: Any, *, day: datetime | None, by: str | None, fund: str | None) -> None:
    """The portfolio at risk over 1, 30, 60, 90 and 180 days: whole loans of which any principal is overdue for longer,
    and rescheduled ones, in per cent of all that is owed.
    """
    wanted = day.date() if day else clock.today()
    with _reading(house) as session:
        filters = {} if fund is None else {"fund": _fund_id(session, fund)}
        rows = portfolio_queries.at_risk(session, _operator(), wanted, by=by, filters=filters)
    over = [f"PAR{days}" for days in RISK_DAYS]
    _table(
        (by or "portfolio", "loans", "principal", *(cell for name in over for cell in (name, "%")), ""),
        (
            (
                row["label"] or "all",
                row["loans"],
                row["principal"],
                *(cell for part in row["at_risk"] for cell in (part["amount"], part["percent"])),
                row["currency"],
            )
            for row in rows
        ),
    )


def _fund_id(session: Session, code: str) -> Any:
    found = session.scalar(select(TrustFund.id).where(TrustFund.code == code))
    if found is None:
        raise NotFound("fund.unknown")
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
