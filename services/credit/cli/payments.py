"""The commands of money that comes in and does not: `payments`, `overpayments`, `agenda`, `closure`."""

import hashlib
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from services.credit.cli.terminal import TARGET, fund_called, operator, reading, registry, table, write, writing
from services.credit.models import Loan, PaymentFile
from services.credit.models.payments import SOURCES
from services.credit.queries import collection as collection_queries
from services.credit.queries import overpayments as overpayment_queries
from services.credit.queries import payments as queries
from services.credit.rules.collection import NEXT_STEPS
from services.credit.rules.payment_lines import FIELDS, Layout
from services.credit.use_cases.post_payments import post_payments
from services.credit.use_cases.print_paper import print_closure
from services.credit.use_cases.receive_payments import read_payments, receive_payments
from shared import files, places
from shared.database import Database
from shared.kernel import Refused


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fund", required=True, help="The code of the fund that the money came to.")
@click.option("--source", type=click.Choice(sorted(SOURCES)), required=True, help="Who made the file.")
@click.option("--post", is_flag=True, help="Post the lines that name one loan which takes them.")
@click.pass_obj
def payments(house: Any, file: Path, *, fund: str, source: str, post: bool) -> None:
    """Read a file of payments and tell line by line what would become of each; with --post, post them.

    The columns are those that were confirmed last, or as they are guessed. A file that was read before is gone on
    with: every payment is posted once, however often this is called.
    """
    fund_id, file_id = _received(house, file, fund, source)
    if post:
        settings = house.settings("credit")
        database = Database(settings.database_url)
        files.keep_in(database, settings.files)
        try:
            posted = post_payments(database, operator(), fund_id=fund_id, file_id=file_id)
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused
        finally:
            database.dispose()
        click.echo(f"{posted} payments posted")
    with reading(house) as session:
        found = fund_called(session, fund)
        told = queries.told(session, operator(), found, session.get_one(PaymentFile, file_id))
    table(
        ("row", "day", "amount", "loan", "what", "transaction"),
        [
            (
                row["row_number"],
                row["day"],
                row["amount"],
                row["loan"] or "",
                row["receipt"] or (row["verdict"] or row["state"]).replace("_", " "),
                row["transaction"],
            )
            for row in told["rows"]
        ],
    )
    click.echo(
        f"{told['lines']} lines, {told['amount']} {told['currency']}: {told['posted']} posted "
        f"({told['posted_amount']}), {told['waiting']} wait ({told['postable']} can be posted), "
        f"{told['repeated']} repeated, {told['dismissed']} dismissed"
    )


def _received(house: Any, file: Path, fund: str, source: str) -> tuple[Any, Any]:
    """The ids of the fund and of the file, which is brought in and read where it was not before."""
    content = file.read_bytes()
    with writing(house) as session:
        found = fund_called(session, fund)
        try:
            row = receive_payments(
                session,
                operator(),
                fund_id=found.id,
                source=source,
                name=file.name,
                content=content,
                media_type=guess_type(file.name)[0] or "application/octet-stream",
            )
        except Refused as refused:
            known = session.scalar(
                select(PaymentFile).where(
                    PaymentFile.fund_id == found.id,
                    PaymentFile.source == source,
                    PaymentFile.sha256 == hashlib.sha256(content).hexdigest(),
                )
            )
            if refused.code != "payments.twice" or known is None:
                raise
            row = known
        if row.state == "guessed":
            layout = Layout(**{name: row.layout[name] for name in ("begins", "day_first", *FIELDS)})
            read_payments(session, operator(), fund_id=found.id, file_id=row.id, layout=layout)
        return found.id, row.id


@click.command()
@click.argument("fund")
@click.pass_obj
def overpayments(house: Any, fund: str) -> None:
    """What is held for borrowers of the fund with this code who paid more than they owed."""
    with reading(house) as session:
        found = fund_called(session, fund)
        rows = overpayment_queries.register(session, operator(), found)
    table(
        ("loan", "municipality", "state", "held", ""),
        [
            (row["number"], places.full_name(row["municipality"]), row["state"], row["held"], found.currency)
            for row in rows
        ],
    )


@click.command()
@click.option("--municipality", default=None, help="An official code: HN, HN17 or HN1709.")
@click.option("--fund", default=None, help="The code of one fund; all of them by default.")
@click.option("--todo", type=click.Choice(NEXT_STEPS), default=None, help="Only what waits for this.")
@click.option("--state", type=click.Choice(collection_queries.OWING), default=None, help="Only loans in this state.")
@click.pass_obj
def agenda(house: Any, *, municipality: str | None, fund: str | None, todo: str | None, state: str | None) -> None:
    """The loans that are overdue today, written off or not, by what is to be done about them, the most urgent first."""
    with reading(house) as session:
        filters = {
            "municipality": municipality,
            "todo": todo,
            "state": state,
            "fund": fund_called(session, fund).id if fund else None,
        }
        told = collection_queries.agenda(session, operator(), filters)
    table(
        ("loan", "state", "what", "days late", "overdue", "principal", "owed", "next", "municipality", "officer"),
        [
            (
                row["number"],
                row["state"].replace("_", " "),
                row["todo"].replace("_", " "),
                row["days_overdue"],
                row["overdue"],
                row["principal"],
                row["owed"],
                row["next_on"] or "",
                places.full_name(row["municipality"]),
                row["officer_name"],
            )
            for row in told["rows"]
        ],
    )
    overdue = ", ".join(f"{money} {money.currency}" for money in told["overdue"]) or "nothing"
    click.echo(f"{told['count']} loans on {told['day']}, {overdue} overdue")
    for money in told["written_off"]:
        click.echo(f"{money} {money.currency} of what was written off still owed")


@click.command()
@click.argument("number")
@click.argument("target", type=TARGET)
@click.pass_obj
def closure(house: Any, number: str, target: Path) -> None:
    """Write the certificate that the loan with this number is paid in full to TARGET, a PDF."""
    with writing(house) as session:
        loan_id = session.scalar(select(Loan.id).where(Loan.number == number))
        if loan_id is None:
            raise click.ClickException(f"There is no loan {number}.")
        content = print_closure(
            session,
            operator(),
            loan_id=loan_id,
            names=registry(house).borrower,
            language="es",
            public_url=house.settings("credit").public_url,
        )
        write(target, content)


COMMANDS = (payments, overpayments, agenda, closure)
