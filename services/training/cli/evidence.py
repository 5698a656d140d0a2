"""`csem training evidence list | show-indicator | show-month | fetch | erase`."""

import mimetypes
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from services.training.cli.groups import database_of, operator
from services.training.queries.evidence import evidence_file, list_evidence
from services.training.use_cases.show_evidence import remove_evidence, show_indicator, show_month
from shared.papers import LARGEST_FILE

_MOST = 1000
_FILE = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("evidence")
def evidence() -> None:
    """Papers and pictures that firms show beside their diagnosis and the reports of their plan."""


@evidence.command("list")
@click.option("--sme", "sme_id", type=click.UUID, help="Of one firm.")
@click.pass_obj
def list_(house: Any, sme_id: UUID | None) -> None:
    """The files, latest first: id, what each one shows, kind, bytes."""
    with database_of(house).reading() as session:
        rows = list_evidence(session, operator(), {"sme_id": sme_id}, limit=_MOST, after=None).rows
    for row in rows:
        place = f"plan {row['plan_id']}  month {row['month']}"
        if row["plan_id"] is None:
            place = f"diagnosis {row['diagnosis_id']}  {row['indicator']}"
        click.echo(f"{row['id']}  {place}  {row['media_type']}  {row['size']}")


@evidence.command("show-indicator")
@click.argument("diagnosis_id", type=click.UUID)
@click.argument("indicator")
@_FILE
@click.pass_obj
def show_an_indicator(house: Any, diagnosis_id: UUID, indicator: str, path: Path) -> None:
    """Show INDICATOR of a diagnosis with the file at PATH."""
    told: dict[str, Any] = {"name": path.name, "content": _content(path)}
    with database_of(house).transaction() as session:
        show_indicator(session, operator(), diagnosis_id=diagnosis_id, indicator=indicator, **told)


@evidence.command("show-month")
@click.argument("plan_id", type=click.UUID)
@click.argument("month", type=int)
@_FILE
@click.pass_obj
def show_a_month(house: Any, plan_id: UUID, month: int, path: Path) -> None:
    """Show what was reported of MONTH of a plan with the file at PATH."""
    told: dict[str, Any] = {"name": path.name, "content": _content(path)}
    with database_of(house).transaction() as session:
        show_month(session, operator(), plan_id=plan_id, month=month, **told)


@evidence.command("fetch")
@click.argument("evidence_id", type=click.UUID)
@click.option("--into", type=click.Path(file_okay=False, exists=True, path_type=Path), default=Path())
@click.pass_obj
def fetch(house: Any, evidence_id: UUID, into: Path) -> None:
    """Write the file with this id into a folder."""
    with database_of(house).reading() as session:
        _name, media_type, content = evidence_file(session, operator(), evidence_id)
    path = into / f"{evidence_id}{mimetypes.guess_extension(media_type) or ''}"
    path.write_bytes(content)
    click.echo(path)


@evidence.command("erase")
@click.argument("evidence_id", type=click.UUID)
@click.pass_obj
def erase(house: Any, evidence_id: UUID) -> None:
    """Erase the file with this id for good."""
    with database_of(house).transaction() as session:
        remove_evidence(session, operator(), evidence_id)


def _content(path: Path) -> bytes:
    if path.stat().st_size > LARGEST_FILE:
        raise click.BadParameter(f"The file has more than {LARGEST_FILE // 1_000_000} MB.", param_hint="PATH")
    return path.read_bytes()


COMMANDS = [evidence]
