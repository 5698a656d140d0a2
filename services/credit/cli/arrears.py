"""The commands of arrears: `close`, `closes`, `par`, `indicators`."""

from datetime import datetime, timedelta
from typing import Any

import click

from services.credit.cli.terminal import DAY, fund_called, operator, reading, table
from services.credit.jobs import close_funds
from services.credit.queries import portfolio as portfolio_queries
from services.credit.queries.funds import tables_of
from services.credit.rules.indicators import RISK_DAYS
from shared.database import Database
from shared.kernel import clock

RATIOS = ("portfolio_yield", "recovery_rate", "risk_coverage", "write_off_ratio", "self_sufficiency")


@click.command()
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
            ids = None if fund is None else [fund_called(session, fund).id]
        closed, stopped = close_funds(database, operator(), wanted, ids)
        with database.reading() as session:
            tables = {code: tables_of(session, fund_called(session, code)) for code in closed}
    finally:
        database.dispose()
    for code, days in closed.items():
        click.echo(f"{code}: {f'{days} days closed' if days else 'closed already'}, up to {wanted}")
        for one in tables[code]:
            click.echo(f"  {one['kind']} table {one['of']} of {one['since']}: {one['state']}")
    for problem in stopped.values():
        raise problem


@click.command()
@click.option("--date", "day", type=DAY, default=None, help="As of the end of this day; today by default.")
@click.option("--by", type=click.Choice(portfolio_queries.DIMENSIONS), default=None, help="A row for each of these.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.pass_obj
def par(house: Any, *, day: datetime | None, by: str | None, fund: str | None) -> None:
    """The portfolio at risk over 1, 30, 60, 90 and 180 days: whole loans of which any principal is overdue for longer,
    and rescheduled ones, in per cent of all that is owed.
    """
    wanted = day.date() if day else clock.today()
    with reading(house) as session:
        filters = {} if fund is None else {"fund": fund_called(session, fund).id}
        rows = portfolio_queries.at_risk(session, operator(), wanted, by=by, filters=filters)
    over = [f"PAR{days}" for days in RISK_DAYS]
    table(
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


@click.command()
@click.option("--from", "first", type=DAY, default=None, help="The first day; 364 days before the last by default.")
@click.option("--to", "last", type=DAY, default=None, help="The last day; today by default.")
@click.option("--by", type=click.Choice(portfolio_queries.DIMENSIONS), default=None, help="A row for each of these.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.option("--csv", "as_csv", is_flag=True, help="The rows of a dimension as values for a spreadsheet.")
@click.pass_obj
def indicators(
    house: Any, *, first: datetime | None, last: datetime | None, by: str | None, fund: str | None, as_csv: bool
) -> None:
    """The indicators of a period in per cent: yield, recovery, risk coverage, write-offs, self-sufficiency. By a
    dimension: the loans of the last day, the portfolio at risk, and the recovery of the twelve months to it.
    """
    end = last.date() if last else clock.today()
    begin = first.date() if first else end - timedelta(days=364)
    if first and by:
        raise click.UsageError("The rows of a dimension are of the twelve months to the last day: leave out --from.")
    if as_csv and not by:
        raise click.UsageError("A table for a spreadsheet has the rows of a dimension: add --by.")
    with reading(house) as session:
        fund_id = None if fund is None else fund_called(session, fund).id
        if by:
            rows = portfolio_queries.divided(session, operator(), end, by=by, filters={"fund": fund_id})
        else:
            rows = portfolio_queries.indicators(session, operator(), begin, end, fund_id)
    if by and as_csv:
        click.echo(portfolio_queries.table(rows, by, _code).decode(), nl=False)
        return
    if not by:
        table(("currency", *RATIOS), ((row["currency"], *(row[name] or "" for name in RATIOS)) for row in rows))
        return
    table(
        (by, "loans", "principal", *(f"PAR{days} %" for days in RISK_DAYS), "recovery_rate", ""),
        (
            (
                row["label"],
                row["loans"],
                row["principal"],
                *(part["percent"] for part in row["at_risk"]),
                row["recovery_rate"] or "",
                row["currency"],
            )
            for row in rows
        ),
    )


def _code(message: str) -> str:
    """A head or a code as it is: the terminal speaks to programs."""
    return message.rpartition(".")[2]


@click.command()
@click.argument("fund")
@click.option("--last", type=click.IntRange(1, 200), default=31, show_default=True, help="How many days.")
@click.pass_obj
def closes(house: Any, fund: str, *, last: int) -> None:
    """The last closed days of the fund with this code, newest first."""
    with reading(house) as session:
        page = portfolio_queries.closes(session, fund_called(session, fund), limit=last, after=None)
    names = ("day", "principal", "interest_receivable", "charges_receivable", "allowance")
    table([name.replace("_", " ") for name in names], ([row[name] for name in names] for row in page.rows))


COMMANDS = (close, closes, par, indicators)
