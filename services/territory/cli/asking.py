"""How a command asks what the API answers: the same parameters, read as strictly, with the rights of the operator."""

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from services.territory.composition import Composition
from shared import i18n
from shared.database import Database
from shared.identity import Caller
from shared.service import Service
from shared.web import Call, Download, Query
from shared.web.schemas import reader

F = TypeVar("F", bound=Callable[..., Any])
DAY = click.DateTime(["%Y-%m-%d"])
MANY = 200
LANGUAGE = click.option("--language", type=click.Choice(i18n.LANGUAGES), default="es", show_default=True)


def operator() -> Caller:
    """Who runs the command."""
    return Caller.operator(getpass.getuser())


def database(house: Any) -> Database:
    """Territory's database."""
    service: Service = house.service("territory")
    return service.database


@contextmanager
def asking(
    house: Any, query: type[Query] | None = None, told: Mapping[str, Any] | None = None, *, language: str = "es"
) -> Iterator[Call]:
    """A call that reads; `told` are the parameters of `query` as options give them, None where one was left out.
    Refuses what the API refuses.
    """
    service: Service = house.service("territory")
    context: Composition = service.web.extensions["context"]
    asked = reader(query).from_text(_texts(told or {})) if query else {}
    with service.database.reading() as session:
        yield Call(session=session, caller=operator(), language=language, context=context, query=asked)


def form_of(output: Path, forms: Sequence[str]) -> str:
    """The form that the name of a file asks for; refuses what is none of `forms`."""
    form = output.suffix.removeprefix(".").lower()
    if form not in forms:
        named = ", ".join(f".{one}" for one in forms)
        raise click.BadParameter(f"{output.name}: a name that ends in one of {named}", param_hint="--output")
    return form


def content_of(file: Path, most: int) -> bytes:
    """What is in a file; refuses one of more than so many bytes."""
    if file.stat().st_size > most:
        raise click.BadParameter(f"{file.name} is larger than {most // 1_000_000} MB", param_hint="FILE")
    return file.read_bytes()


def kept(download: Download, output: Path) -> None:
    """Write a file that is sent, and say where it is."""
    with output.open("wb") as file:
        for piece in [download.content] if isinstance(download.content, bytes) else download.content:
            file.write(piece)
    click.echo(f"{output}: {download.name}")


def to_file(*, required: bool = True, about: str = "") -> Callable[[F], F]:
    """The option that names the file to be written."""
    path = click.Path(dir_okay=False, writable=True, path_type=Path)
    return click.option("-o", "--output", required=required, type=path, help=about or None)


def in_columns(lines: Sequence[Sequence[Any]]) -> None:
    """Say these lines, each cell as wide as the widest of its column."""
    told = [[_cell(value) for value in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    for line in told:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


def _texts(told: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [_text(value)] for name, value in told.items() if value is not None and value != ()}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
