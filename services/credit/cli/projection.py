"""The command of the projection: `projection`."""

from decimal import Decimal
from typing import Any

import click

from services.credit.cli.terminal import fund_called, reading, table
from services.credit.queries import projection as queries
from shared.kernel import Money, Refused


@click.command()
@click.argument("fund")
@click.option("--rate", type=Decimal, default=None, help="The rate of new loans, in per cent a year.")
@click.option("--arrears", type=Decimal, default=None, help="Arrears in per cent of today's: 100 changes nothing.")
@click.option("--growth", type=Decimal, default=None, help="Growth of demand, in per cent a year; else all is lent.")
@click.option("--reserve", default=None, help="Another reserve.")
@click.option("--contribution", multiple=True, help="MONTH:AMOUNT that comes in (-AMOUNT: goes out); may be repeated.")
@click.option("--seed", type=int, default=None, help="The chances to draw; those of the day by default.")
@click.option("--csv", "as_csv", is_flag=True, help="As comma-separated values.")
@click.pass_obj
def projection(
    house: Any,
    /,
    *,
    fund: str,
    rate: Decimal | None,
    arrears: Decimal | None,
    growth: Decimal | None,
    reserve: str | None,
    contribution: tuple[str, ...],
    seed: int | None,
    as_csv: bool,
) -> None:
    """How much the fund with this code can lend in each of the next 24 months: the median and, of ten futures, the
    band in which eight lie. With options, as it would be.
    """
    with reading(house) as session:
        found = fund_called(session, fund)
        try:
            supposed = queries.Supposed(
                rate=rate,
                arrears=arrears,
                growth=growth,
                reserve=Money.parse(reserve, found.currency) if reserve else None,
                added=queries.read_added(contribution, found.currency),
            )
            told = queries.projection(session, found, supposed, seed)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal
    if as_csv:
        click.echo(queries.table(told).decode(), nl=False)
        return
    rows = told["supposed"] or told["today"]
    table(
        ("month", "until", "can be lent", "from", "to", "cash", "owed", "PAR30", ""),
        [
            (
                row["month"],
                row["until"],
                *(row["lendable"][part] for part in ("median", "low", "high")),
                row["cash"]["median"],
                row["portfolio"]["median"],
                row["par30"]["median"],
                told["currency"],
            )
            for row in rows
        ],
    )
    basis = told["basis"]
    click.echo(f"rests on {basis['instalments']} instalments of {basis['loans']} loans; seed {told['seed']}")


COMMANDS = (projection,)
