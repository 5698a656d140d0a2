"""The command of seed capital: `awards`."""

from typing import Any

import click

from services.credit.cli.terminal import fund_called, operator, reading, table
from services.credit.queries import seed as queries

MANY = 200


@click.command()
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.option("--state", type=click.Choice(["active", "closed"]), default=None)
@click.pass_obj
def awards(house: Any, *, fund: str | None, state: str | None) -> None:
    """The awards of seed capital, newest first, with what is to be shown next."""
    with reading(house) as session:
        asked = {"fund": fund_called(session, fund).id if fund else None, "state": state}
        found: list[Any] = []
        after: str | None = None
        while True:
            page = queries.listed(session, operator(), asked, limit=MANY, after=after)
            found += page.rows
            after = page.next
            if after is None:
                break
    table(
        ("award", "fund", "kind", "amount", "paid", "next to be shown", "state", ""),
        [
            (
                row["number"],
                row["fund"],
                row["kind"],
                row["amount"],
                row["paid"],
                row["next_due"] or "",
                "late" if row["late"] else row["state"],
                row["currency"],
            )
            for row in found
        ],
    )


COMMANDS = (awards,)
