"""What the commands of credit share: the database, who runs them, and how a table is written."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import TrustFund
from shared import files
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Refused


@contextmanager
def reading(house: Any) -> Iterator[Session]:
    """A session to read with."""
    database = Database(house.settings("credit").database_url)
    try:
        with database.reading() as session:
            yield session
    finally:
        database.dispose()


@contextmanager
def writing(house: Any) -> Iterator[Session]:
    """A transaction; what a use case refuses is told and ends the command."""
    settings = house.settings("credit")
    database = Database(settings.database_url)
    files.keep_in(database, settings.files)
    try:
        with database.transaction() as session:
            yield session
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        database.dispose()


def operator() -> Caller:
    """Who runs the command."""
    return Caller.operator(getuser())


def fund_called(session: Session, code: str) -> TrustFund:
    """The fund with this code; ends the command where there is none."""
    found = session.scalar(select(TrustFund).where(TrustFund.code == code))
    if found is None:
        raise click.ClickException(f"There is no fund {code}.")
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell; numbers to the right."""
    lines = [tuple(map(str, row)) for row in rows]
    widths = [max(len(line[column]) for line in [tuple(head), *lines]) for column in range(len(head))]
    for line in [tuple(head), *lines]:
        cells = [
            cell.rjust(width) if cell.replace(".", "").replace("-", "").isdigit() else cell.ljust(width)
            for cell, width in zip(line, widths, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
