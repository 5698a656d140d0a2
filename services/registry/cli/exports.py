"""`csem registry export`: the inventory into a file, from the command line."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import click

from services.registry.cli.house import directly, ready
from services.registry.exchange.formats import FORMATS
from services.registry.export_jobs import filters_of
from services.registry.use_cases.export_inventory import stream
from services.registry.use_cases.keep_exports import record_export, without_persons
from shared.kernel import Invalid, uuid7


@click.command("export")
@click.option("--format", "kind", type=click.Choice(tuple(FORMATS)), default="xlsx", show_default=True)
@click.option("--filter", "told", multiple=True, metavar="NAME=VALUE", help="As in the list: municipality=HN17.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(house: Any, kind: str, told: tuple[str, ...], file: Path) -> None:
    """Write the records that the filters show into FILE. It stands there whole or not at all.

    Ends with 0 when it is written, with 1 when a filter is refused, with 2 when the command was written wrongly.
    """
    pairs = [pair.partition("=") for pair in told]
    if any(not sign for _, sign, _ in pairs):
        raise Invalid("export.filter_unreadable", pointer="/filter")
    filters = filters_of(urlencode([(name, value) for name, _, value in pairs]))
    service = ready(house)
    work = directly(service)
    sealer = service.web.extensions["context"].sealer
    with TemporaryDirectory(dir=file.absolute().parent, prefix=".csem-") as folder:  # nobody else looks into it
        partial = Path(folder) / file.name
        with work.reading() as session:
            count = stream(session, work.caller, sealer, filters, kind, partial, progress=_progress)
        partial.chmod(0o600)
        partial.replace(file)
    with work.transaction() as session:
        told_of = without_persons(filters)
        record_export(session, work.caller, uuid7(), kind=kind, told=told_of, records=count)
    click.echo(f"{count} registros en {file}.")


def _progress(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{done}", nl=False, err=True)
