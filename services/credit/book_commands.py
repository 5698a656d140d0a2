"""The commands of the books: `csem credit books | sources | bank-item | share-income`."""

from datetime import datetime
from typing import Any

import click

from services.credit.queries import books as book_queries
from services.credit.queries import funding
from services.credit.terminal import fund_called, operator, reading, table, writing
from services.credit.use_cases.book_bank_item import ITEMS, book_bank_item
from services.credit.use_cases.share_income import share_income
from shared.kernel import Money, clock

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("fund")
@click.option("--date", "day", type=DAY, default=None, help="As of this day, else today.")
@click.pass_context
def books(context: click.Context, fund: str, *, day: datetime | None) -> None:
    """The trial balance of the fund with this code; ends with 1 where its books do not agree."""
    with reading(context.obj) as session:
        found = fund_called(session, fund)
        told = book_queries.told(session, found, day.date() if day else clock.today())
    table(
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


@click.command()
@click.argument("fund")
@click.pass_obj
def sources(house: Any, fund: str) -> None:
    """What was mobilised for the fund with this code, by source."""
    with reading(house) as session:
        found = fund_called(session, fund)
        rows = funding.sources(session, found)
    table(
        ("source", "contributions", "put in", "went back", "left", "of it to be paid back", ""),
        [
            (
                row["source"].replace("_", " "),
                row["count"],
                row["amount"],
                row["withdrawn"],
                row["left"],
                row["repayable_left"],
                found.currency,
            )
            for row in rows
        ],
    )


@click.command("bank-item")
@click.argument("fund")
@click.argument("item", type=click.Choice(sorted(ITEMS)))
@click.argument("amount")
@click.option("--date", "day", type=DAY, required=True, help="The day of the bank.")
@click.option("--memo", required=True, help="What the bank calls it.")
@click.pass_obj
def bank_item(house: Any, fund: str, item: str, amount: str, *, day: datetime, memo: str) -> None:
    """Book what the bank charged, or paid as interest."""
    with writing(house) as session:
        found = fund_called(session, fund)
        money = Money.parse(amount, found.currency)
        entry = book_bank_item(
            session, operator(), fund_id=found.id, item=item, amount=money, booked_on=day.date(), memo=memo
        )
        click.echo(f"movement {entry.number}: {money} {found.currency}")


@click.command("share-income")
@click.argument("fund")
@click.option("--until", type=DAY, required=True, help="The last day of the period.")
@click.pass_obj
def share_income_(house: Any, fund: str, *, until: datetime) -> None:
    """Share the result of the fund with this code out, as its regulations say."""
    with writing(house) as session:
        found = fund_called(session, fund)
        row = share_income(session, operator(), fund_id=found.id, ends_on=until.date())
        told = funding.income_share(session, found, row)
    click.echo(f"result {told['result']} {found.currency} from {told['began_on']} to {told['ends_on']}")
    table(
        ("who", "per cent", "amount"),
        [(part["receiver"], part["percent"], part["amount"]) for part in told["parts"]]
        + [("carried", "", told["carried"])],
    )


COMMANDS = (books, sources, bank_item, share_income_)
