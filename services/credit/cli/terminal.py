"""What the commands of credit share: the database, who runs them, and how a table is written."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.directory import Directory
from services.credit.models import TrustFund
from shared import files
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Refused
from shared.tokens import Keyring
from shared.web import Peers


class Dated(click.DateTime):
    """A day or a month as the API takes it: of the years 1900 to 2200."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        day = super().convert(value, param, ctx)
        if not 1900 <= day.year <= 2200:
            self.fail(f"{value} is not between the years 1900 and 2200.", param, ctx)
        return day


class Words(click.ParamType[str]):
    """Words that say something, at most so many characters, as the API takes them."""

    name = "text"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        words = str(value).strip()
        if not 1 <= len(words) <= self._most:
            self.fail(f"1 to {self._most} characters are expected.", param, ctx)
        return words


DAY = Dated(["%Y-%m-%d"])
MONTH = Dated(["%Y-%m"])
EDITION = click.IntRange(1, 100_000)
TARGET = click.Path(dir_okay=False, path_type=Path)
T = TypeVar("T")


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


def registry(house: Any) -> Directory:
    """The registry, which is asked for the names on a paper."""
    settings = house.settings("credit")
    return Directory(Peers(settings, Keyring(settings.keys, "credit"), house))


def operator() -> Caller:
    """Who runs the command."""
    return Caller.operator(getuser())


def fund_called(session: Session, code: str) -> TrustFund:
    """The fund with this code; ends the command where there is none."""
    found = session.scalar(select(TrustFund).where(TrustFund.code == code))
    if found is None:
        raise click.ClickException(f"There is no fund {code}.")
    return found


def numbered(session: Session, entity: type[T], number: str) -> T:
    """The record of this kind with this number; ends the command where there is none."""
    column: Any = entity
    found: T | None = session.scalar(select(column).where(column.number == number))
    if found is None:
        raise click.ClickException(f"There is no {entity.__name__.lower()} {number}.")
    return found


def write(target: Path, content: bytes) -> None:
    """Write a paper to a file; ends the command where it cannot be written. Within the transaction, so that no hash is
    kept of a paper that nobody got.
    """
    try:
        target.write_bytes(content)
    except OSError as problem:
        raise unwritten(target, problem) from problem
    click.echo(f"{target}: {len(content)} bytes")


def unwritten(target: Path, problem: OSError) -> click.ClickException:
    """Why a file could not be written, in a sentence."""
    return click.ClickException(f"{target} cannot be written: {problem.strerror}.")


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
