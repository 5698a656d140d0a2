"""What governs a fund, from the terminal: `contribute`, `reserve`, `suspend`, `resume`."""

from datetime import datetime
from typing import Any

import click

from services.credit.cli.terminal import DAY, fund_called, operator, writing
from services.credit.models.funds import SOURCES
from services.credit.use_cases import govern_lending, keep_fund
from shared.kernel import Money


@click.command()
@click.argument("fund")
@click.argument("amount")
@click.option("--funder", required=True, help="Who gave it.")
@click.option("--source", type=click.Choice(SOURCES), required=True, help="Where it was mobilised.")
@click.option("--repayable", is_flag=True, help="It is to be paid back.")
@click.option("--date", "day", type=DAY, required=True, help="The day on which it reached the trustee.")
@click.pass_obj
def contribute(house: Any, fund: str, amount: str, *, funder: str, source: str, repayable: bool, day: datetime) -> None:
    """Record that AMOUNT of a funder's money reached the trustee of the fund with this code."""
    with writing(house) as session:
        found = fund_called(session, fund)
        money = Money.parse(amount, found.currency)
        keep_fund.record_contribution(
            session,
            operator(),
            fund_id=found.id,
            funder=funder,
            source=source,
            repayable=repayable,
            amount=money,
            received_on=day.date(),
        )
    click.echo(f"{money} {money.currency} from {funder}")


@click.command()
@click.argument("fund")
@click.argument("amount")
@click.pass_obj
def reserve(house: Any, fund: str, amount: str) -> None:
    """Let AMOUNT stay at the trustee of the fund with this code, whatever is lent."""
    with writing(house) as session:
        found = fund_called(session, fund)
        money = Money.parse(amount, found.currency)
        keep_fund.change_reserve(session, operator(), fund_id=found.id, if_match=found.version, reserve=money)
    click.echo(f"the reserve of {fund} is {money} {money.currency}")


@click.command()
@click.argument("fund")
@click.option("--reason", required=True, help="Why; it is told to everybody who works with the fund.")
@click.pass_obj
def suspend(house: Any, fund: str, *, reason: str) -> None:
    """Suspend the lending of the fund with this code: nothing is approved and nothing paid out."""
    with writing(house) as session:
        govern_lending.suspend_lending(session, operator(), fund_id=fund_called(session, fund).id, reason=reason)
    click.echo(f"{fund} lends nothing from now on")


@click.command()
@click.argument("fund")
@click.option("--reason", required=True, help="Why.")
@click.pass_obj
def resume(house: Any, fund: str, *, reason: str) -> None:
    """Let the fund with this code lend again."""
    with writing(house) as session:
        govern_lending.resume_lending(session, operator(), fund_id=fund_called(session, fund).id, reason=reason)
    click.echo(f"{fund} lends again")


COMMANDS = (contribute, reserve, suspend, resume)
