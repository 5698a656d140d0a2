"""What stands behind an application, from the terminal: `appraisal`, `groups`, `guarantees`."""

from typing import Any

import click
from sqlalchemy import select

from services.credit.cli.terminal import fund_called, operator, reading, table
from services.credit.models import Application, CreditGroup, Guarantee, Loan, TrustFund
from services.credit.queries import appraisals as appraisal_queries
from services.credit.queries import groups as group_queries

MANY = 200


@click.command()
@click.argument("number")
@click.pass_obj
def appraisal(house: Any, number: str) -> None:
    """What the last appraisal of an application (by its NUMBER) found, what follows from it, and its score."""
    with reading(house) as session:
        application = session.scalar(select(Application).where(Application.number == number))
        if application is None or not application.appraisals:
            raise click.ClickException(f"There is no appraised application {number}.")
        fund = session.get_one(TrustFund, application.fund_id)
        told = appraisal_queries.shown(fund, application.product, application.appraisal)
    sums = ("monthly_income", "monthly_expense", "monthly_debts", "monthly_surplus", "instalment")
    ratios = ("share_of_surplus", "debt_service_coverage", "leverage")
    rows = [(name.replace("_", " "), told[name], fund.currency) for name in sums]
    rows += [(name.replace("_", " "), "unknown" if told[name] is None else told[name], "%") for name in ratios]
    table(("", "found", ""), rows)
    for one in told["uncovered_months"]:
        click.echo(f"{one['month']:%Y-%m}: {one['surplus']} left, {one['instalment']} to pay")
    if told["score"]:
        parts = ((one["name"], one["answer"] or one["value"], one["points"]) for one in told["score"]["parts"])
        table(("criterion", "found", "points"), parts)
        click.echo(
            f"{told['score']['points']} points of 100, at least {told['score']['minimum']} to recommend approval"
        )


@click.command()
@click.pass_obj
def groups(house: Any) -> None:
    """The groups, newest first: how each member stands, and who is late."""
    with reading(house) as session:
        rows = []
        for group in group_queries.listed(session, operator(), {}, limit=MANY, after=None).rows:
            found = session.get_one(CreditGroup, group["id"])
            told = group_queries.detail(session, operator(), found)
            rows += [
                (
                    told["number"],
                    told["name"],
                    one["number"],
                    one["state"],
                    one["loan"] or "",
                    one["overdue"] or "",
                    one["days_overdue"],
                )
                for one in told["members"]
            ]
    table(("group", "name", "application", "state", "loan", "overdue", "days late"), rows)


@click.command()
@click.argument("fund")
@click.pass_obj
def guarantees(house: Any, fund: str) -> None:
    """What stands behind the applications and loans of a FUND (its code), by kind and value; nobody is named."""
    with reading(house) as session:
        lending = fund_called(session, fund)
        query = (
            select(Guarantee, Application, Loan)
            .join(Application, Application.id == Guarantee.application_id)
            .outerjoin(Loan, Loan.application_id == Application.id)
            .where(Application.fund_id == lending.id)
            .order_by(Application.number, Guarantee.id)
        )
        rows = [
            (
                application.number,
                loan.number if loan else "",
                guarantee.kind,
                lending.money(guarantee.value),
                lending.currency,
                guarantee.standing(application, loan),
            )
            for guarantee, application, loan in session.execute(query)
        ]
    table(("application", "loan", "kind", "value", "", "state"), rows)


COMMANDS = (appraisal, groups, guarantees)
