"""One record at a time, from the terminal: `application`, `loan`, `award`, `committee`, `journal`, `contributions`."""

from typing import Any

import click
from sqlalchemy import select

from services.credit.cli.terminal import fund_called, numbered, operator, reading, table
from services.credit.models import Application, Committee, Loan, SeedAward
from services.credit.queries import applications as application_queries
from services.credit.queries import funding as funding_queries
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import seed as seed_queries
from services.credit.queries import sessions as session_queries
from shared import places

MANY = 200


@click.command()
@click.argument("number")
@click.pass_obj
def application(house: Any, number: str) -> None:
    """One application (by its NUMBER): what is asked for, where it stands, what was resolved about it."""
    with reading(house) as session:
        told = application_queries.detail(session, numbered(session, Application, number))
    click.echo(
        f"{told['number']}: {told['state']}, {told['product_name']}, {told['amount']} {told['amount'].currency} in "
        f"{told['instalments']} instalments, {places.full_name(told['municipality'])}"
    )
    table(
        ("resolution", "outcome", "amount", "on"),
        [(row["number"], row["outcome"], row["amount"], row["decided_at"].date()) for row in told["resolutions"]],
    )
    table(("when", "what"), [(row["at"].date(), row["action"]) for row in told["timeline"]])
    if told["loan"]:
        click.echo(f"loan {told['loan']['number']}")


@click.command()
@click.argument("number")
@click.pass_obj
def loan(house: Any, number: str) -> None:
    """One loan (by its NUMBER): its schedule with what is left of each instalment, its repayments, what is due."""
    with reading(house) as session:
        told = loan_queries.detail(session, operator(), numbered(session, Loan, number))
    names = ("number", "due", "principal", "interest", "payment", "paid", "outstanding", "state")
    table(names, ([row[name] for name in names] for row in told["instalments"]))
    names = ("number", "paid_on", "channel", "amount", "principal", "interest", "penalty", "excess")
    table(("receipt", "day", *names[2:]), ([row[name] for name in names] for row in told["repayments"]))
    click.echo(
        f"{told['number']}: {told['state']}, {told['outstanding']} {told['currency']} still owed, "
        f"{told['due_now']} due today, {told['overdue']} of it overdue for {told['days_overdue']} days"
    )


@click.command()
@click.argument("number")
@click.pass_obj
def award(house: Any, number: str) -> None:
    """One award of seed capital (by its NUMBER) with its parts, and what is left to come back."""
    with reading(house) as session:
        told = seed_queries.detail(session, operator(), numbered(session, SeedAward, number))
    table(
        ("part", "what for", "amount", "until", "paid on", "state"),
        [
            (one["position"], one["text"], one["amount"], one["due_on"], one["paid_on"] or "", one["state"])
            for one in told["milestones"]
        ],
    )
    click.echo(
        f"{told['number']}: {told['state']}, {told['paid']} of {told['amount']} {told['currency']} paid, "
        f"{told['to_come_back']} to come back, final report {'kept' if told['reported'] else 'missing'}"
    )


@click.command()
@click.argument("fund")
@click.pass_obj
def committee(house: Any, fund: str) -> None:
    """Who sits on the credit committee of the fund with this code, today and from a day to come."""
    with reading(house) as session:
        bodies = session.scalars(select(Committee).where(Committee.fund_id == fund_called(session, fund).id))
        told = [session_queries.committee(body, operator()) for body in bodies]
    names = ("constituency", "position", "name", "organization", "since", "until", "alternate_for")
    rows = ([row[name] or "" for name in names] for body in told for row in (*body["seats"], *body["coming"]))
    table((*names[:-1], "alternate of"), rows)


@click.command()
@click.argument("fund")
@click.option("--last", type=click.IntRange(1, MANY), default=50, show_default=True, help="How many movements.")
@click.pass_obj
def journal(house: Any, fund: str, *, last: int) -> None:
    """The last movements in the books of the fund with this code, newest first, each with its lines."""
    with reading(house) as session:
        found = fund_called(session, fund)
        page = fund_queries.journal(session, found, limit=last, after=None)
    table(
        ("no.", "day", "movement", "account", "debit", "credit"),
        [
            (entry["number"], entry["booked_on"], entry["kind"], line["name"], line["debit"], line["credit"])
            for entry in page.rows
            for line in entry["lines"]
        ],
    )


@click.command()
@click.argument("fund")
@click.pass_obj
def contributions(house: Any, fund: str) -> None:
    """What each funder put into the fund with this code, what went back, and what is left of it."""
    with reading(house) as session:
        rows = funding_queries.contributions(session, fund_called(session, fund))
    names = ("funder", "source", "received_on", "amount", "withdrawn", "left", "repayable_left")
    table(("funder", "source", "day", *names[3:-1], "to be paid back"), ([row[name] for name in names] for row in rows))


COMMANDS = (application, loan, award, committee, journal, contributions)
