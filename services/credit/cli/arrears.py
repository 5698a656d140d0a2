"""The commands of arrears: `close`, `par`."""

from datetime import datetime, timedelta
from typing import Any

import click

from services.credit.cli.terminal import fund_called, operator, reading, table
from services.credit.jobs import close_funds
from services.credit.queries import portfolio as portfolio_queries
from services.credit.rules.indicators import RISK_DAYS
from shared.database import Database
from shared.kernel import clock

DAY = click.DateTime(["%Y-%m-%d"])


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
        closed, refused = close_funds(database, operator(), wanted, ids)
    finally:
        database.dispose()
    for code, days in closed.items():
        click.echo(f"{code}: {f'{days} days closed' if days else 'closed already'}, up to {wanted}")
    if refused:
        raise next(iter(refused.values()))


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


COMMANDS = (close, par)
