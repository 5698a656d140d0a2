"""The commands of the books: `books`, `sources`, `bank-item`, `share-income`, `statement`, `reconcile`, `drawer`."""

from datetime import datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from services.credit.cli.terminal import DAY, fund_called, operator, reading, table, writing
from services.credit.models import TrusteeStatement
from services.credit.queries import books as book_queries
from services.credit.queries import drawer as drawer_queries
from services.credit.queries import funding
from services.credit.queries import statements as statement_queries
from services.credit.rules.matching import WINDOW
from services.credit.rules.statements import FIELDS, Layout
from services.credit.use_cases.book_bank_item import ITEMS, book_bank_item
from services.credit.use_cases.receive_statement import read_statement, receive_statement
from services.credit.use_cases.share_income import share_income
from shared.kernel import Money, clock


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


@click.command()
@click.argument("fund")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--closing-balance", default=None, help="The balance after the last line, where the file tells none.")
@click.pass_obj
def statement(house: Any, fund: str, file: Path, *, closing_balance: str | None) -> None:
    """Bring a statement of the trustee in, with its columns as they are guessed."""
    with writing(house) as session:
        found = fund_called(session, fund)
        row = receive_statement(
            session,
            operator(),
            fund_id=found.id,
            name=file.name,
            content=file.read_bytes(),
            media_type=guess_type(file.name)[0] or "application/octet-stream",
        )
        layout = Layout(**{name: row.layout[name] for name in ("begins", "day_first", *FIELDS)})
        read_statement(
            session,
            operator(),
            fund_id=found.id,
            statement_id=row.id,
            layout=layout,
            closing_balance=Money.parse(closing_balance, found.currency) if closing_balance else None,
        )
        told = statement_queries.told(found, row)
    titles = {
        name: told["layout"]["titles"][told["layout"][name]] for name in FIELDS if told["layout"][name] is not None
    }
    click.echo(", ".join(f"{name} = {title}" for name, title in titles.items()))
    click.echo(
        f"{told['lines']} lines from {told['first_day']} to {told['last_day']}, {told['repeated']} known already, "
        f"balance {told['closing_balance']} {found.currency}"
    )


@click.command()
@click.argument("fund")
@click.option("--window", type=click.IntRange(0, 60), default=WINDOW, show_default=True, help="Days across.")
@click.pass_context
def reconcile(context: click.Context, fund: str, *, window: int) -> None:
    """The newest statement that was read beside the books; ends with 1 where a difference is not explained."""
    with reading(context.obj) as session:
        found = fund_called(session, fund)
        row = session.scalars(
            select(TrusteeStatement)
            .where(TrusteeStatement.fund_id == found.id, TrusteeStatement.state == "read")
            .order_by(TrusteeStatement.last_day.desc(), TrusteeStatement.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise click.ClickException(f"No statement of {fund} was read yet.")
        told = statement_queries.reconciliation(session, found, row, window)
    waiting = [line for line in told["rows"] if line["entry"] is None]
    table(
        ("only at the bank", "amount", "perhaps movement", ""),
        [
            (
                line["day"],
                line["amount"],
                next((one["number"] for one in line["candidates"] if one["id"] == line["suggested"]), ""),
                line["description"],
            )
            for line in waiting
        ],
    )
    table(
        ("only in the books", "amount", "movement", ""),
        [(one["booked_on"], one["amount"], one["number"], one["kind"]) for one in told["entries"]],
    )
    click.echo(
        f"{told['name']}: bank {told['closing']}, books {told['book']}, difference {told['difference']}, "
        f"unexplained {told['unexplained']} {found.currency} on {told['last_day']}"
    )
    if told["unexplained"]:
        context.exit(1)


@click.command("drawer")
@click.argument("fund")
@click.option("--date", "day", type=DAY, default=None, help="On this day, else today.")
@click.pass_obj
def drawer_(house: Any, fund: str, *, day: datetime | None) -> None:
    """The drawer of the fund with this code on one day: balances, totals by channel and by kind, counts."""
    with reading(house) as session:
        found = fund_called(session, fund)
        told = drawer_queries.drawer(session, found, day.date() if day else clock.today())
    table(
        ("channel", "taken by", "payments", "amount"),
        [(row["channel"], row["taken_by"], row["count"], row["amount"]) for row in told["channels"]],
    )
    click.echo()
    table(("paid", "in cash", "otherwise", "in all"), [[row[name] for name in _KINDS] for row in told["kinds"]])
    for row in told["movements"]:
        if not row["repayments"]:
            click.echo(f"{row['kind'].replace('_', ' ')} {row['amount']}")
    click.echo(
        f"drawer {told['opening']} in the morning, {told['closing']} {found.currency} at the end of {told['day']}"
    )
    for count in told["counts"]:
        click.echo(f"counted {count['counted']}, books {count['book']}, difference {count['difference']}")


_KINDS = ("kind", "cash", "otherwise", "amount")
COMMANDS = (books, sources, bank_item, share_income_, statement, reconcile, drawer_)
