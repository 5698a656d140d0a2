"""The commands of credit: `csem credit funds`, `loans`, `sessions`, `compliance`, `verify`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import TrustFund
from services.credit.queries import funds as fund_queries
from services.credit.queries import loans as loan_queries
from services.credit.queries import sessions as session_queries
from services.credit.queries.compliance import report
from services.credit.rules import signatures
from shared import places
from shared.database import Database
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Money, clock

MANY = 200
_PROBLEMS = {
    "no_minutes": "no minutes of a committee, or what they say was altered",
    "not_signed": "not signed",
    "bad_signature": "the file was altered after it was signed",
    "other_key": "signed with another key",
    "broken_chain": "does not follow the others",
}


@click.group()
def group() -> None:
    """The trust funds, their committees and their loans."""


@group.command()
@click.pass_obj
def funds(house: Any) -> None:
    """What each fund has, has promised and may still lend."""
    with _reading(house) as session:
        rows = [
            (
                fund["code"],
                fund["name"],
                fund["cash_at_trustee"],
                fund["committed"],
                fund["available"],
                fund["currency"],
            )
            for fund in fund_queries.funds(session, _operator())
        ]
    _table(("fund", "name", "cash at trustee", "promised", "available", ""), rows)


@group.command()
@click.option("--overdue", is_flag=True, help="Only the loans with something overdue today.")
@click.option("--municipality", default=None, help="An official code: HN, HN17 or HN1709.")
@click.pass_obj
def loans(house: Any, *, overdue: bool, municipality: str | None) -> None:
    """The loans, newest first, with what is overdue today and the totals."""
    asked = {"overdue": overdue, "municipality": municipality}
    with _reading(house) as session:
        found: list[Any] = []
        after: str | None = None
        while True:
            page = loan_queries.listed(session, _operator(), asked, limit=MANY, after=after)
            found += page.rows
            after = page.next
            if after is None:
                break
        totals = loan_queries.totals(session, _operator(), asked)
    _table(
        ("loan", "municipality", "lent", "still owed", "overdue", "days late", ""),
        (
            (
                row["number"],
                places.full_name(row["municipality"]),
                row["principal"],
                row["outstanding"],
                row["overdue"],
                row["days_overdue"],
                row["currency"],
            )
            for row in found
        ),
    )
    for total in totals:
        principal = total["principal"]
        currency = principal.currency
        owed = Money.total((row["outstanding"] for row in found if row["currency"] == currency), currency)
        click.echo(
            f"{total['count']} loans, {principal} {currency} lent, {owed} still owed with the interest to come, "
            f"{total['outstanding_principal']} of it principal, {total['overdue']} overdue"
        )


@group.command()
@click.pass_obj
def sessions(house: Any) -> None:
    """The sessions of the committees, newest first, with their minutes."""
    with _reading(house) as session:
        page = session_queries.listed(session, _operator(), {}, limit=MANY, after=None)
    _table(
        ("session", "when", "items", "state", "minutes"),
        (
            (
                row["number"],
                row["scheduled_for"].astimezone(LOCAL_TIME).strftime("%Y-%m-%d %H:%M"),
                row["items"],
                row["state"],
                row["acta"] or "",
            )
            for row in page.rows
        ),
    )


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default=None, help="The committee's public key, as its verification page shows it.")
def verify(files: tuple[Path, ...], *, key: str | None) -> None:
    """Check files of minutes with nothing but themselves: what they say, who signed them, their chain."""
    # A key that is copied from a paper brings the places with it where its line may break.
    key = "".join(sign for sign in key if sign.isascii() and not sign.isspace()) if key else None
    read = {path: signatures.read(path.read_bytes()) for path in files}
    wrong = 0
    for minutes, problems in signatures.check_chain(list(dict.fromkeys(read.values())), key):
        for path in (path for path, one in read.items() if one == minutes):
            said = ", ".join(_PROBLEMS[problem] for problem in problems) or "genuine"
            click.echo(f"{path}: {minutes.number or 'unknown'}: {said}")
            wrong += bool(problems)
        if minutes.hash:
            click.echo(f"  hash {minutes.hash}\n  follows {minutes.previous or 'none, it is the first'}")
            click.echo(f"  key {minutes.public_key or 'none'}")
    if wrong:
        raise SystemExit(1)


@group.command()
@click.argument("fund")
@click.option("--month", default=None, help="A month such as 2026-03; this one unless given.")
@click.pass_obj
def compliance(house: Any, fund: str, *, month: str | None) -> None:
    """Each rule of the regulations of a fund (by its code) against what happened in a month."""
    first = date.fromisoformat(f"{month}-01") if month else clock.today().replace(day=1)
    with _reading(house) as session:
        found = session.scalar(select(TrustFund).where(TrustFund.code == fund))
        if found is None:
            raise click.ClickException(f"there is no fund {fund}")
        told = report(session, found, first)
    _table(
        ("rule", "examined", "state", "findings"),
        (
            (
                check["rule"],
                check["examined"],
                check["state"],
                "; ".join(f"{one['record']} {one['what']}" for one in check["findings"]),
            )
            for check in told["checks"]
        ),
    )


@contextmanager
def _reading(house: Any) -> Iterator[Session]:
    database = Database(house.settings("credit").database_url)
    try:
        with database.reading() as session:
            yield session
    finally:
        database.dispose()


def _operator() -> Caller:
    return Caller.operator(getuser())


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    lines = [tuple(map(str, row)) for row in rows]
    widths = [max(len(line[column]) for line in [tuple(head), *lines]) for column in range(len(head))]
    for line in [tuple(head), *lines]:
        cells = [
            cell.rjust(width) if cell.replace(".", "").replace("-", "").isdigit() else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
