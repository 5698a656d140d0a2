"""The commands of evidence: `evidence`, `verify-evidence`."""

import shutil
from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit import sealing
from services.credit.cli.terminal import TARGET, operator, unwritten
from services.credit.directory import Directory
from services.credit.models import Loan, SeedAward
from services.credit.rules import evidence as rules
from services.credit.use_cases.gather_evidence import gather_award_evidence, gather_evidence
from shared import files
from shared.database import Database
from shared.i18n import LANGUAGES
from shared.kernel import Refused
from shared.tokens import Keyring
from shared.web import Peers


@click.command()
@click.argument("number")
@click.option("--output", type=TARGET, default=None, help="NUMBER.zip by default.")
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@click.pass_obj
def evidence(house: Any, number: str, *, output: Path | None, language: str) -> None:
    """Write the evidence file of the loan or the award with this number: all that is kept of it, chained and signed."""
    settings = house.settings("credit")
    keyring = Keyring(settings.keys, "credit")
    database = Database(settings.database_url)
    files.keep_in(database, settings.files)
    sealing.seal_with(database, keyring)
    directory = Directory(Peers(settings, keyring, house))
    try:
        with database.reading() as session:
            content = _gathered(session, number, directory, language)
        path = output or Path(f"{number}.zip")
        try:
            with content, path.open("wb") as target:
                shutil.copyfileobj(content, target)
        except OSError as problem:
            raise unwritten(path, problem) from problem
    except Refused as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        database.dispose()
    click.echo(f"{path}: {path.stat().st_size} bytes")


def _gathered(session: Session, number: str, directory: Directory, language: str) -> BinaryIO:
    names = directory.borrower
    loan_id = session.scalar(select(Loan.id).where(Loan.number == number))
    if loan_id is not None:
        return gather_evidence(
            session, operator(), loan_id=loan_id, names=names, people=directory.person, language=language
        )
    award_id = session.scalar(select(SeedAward.id).where(SeedAward.number == number))
    if award_id is not None:
        return gather_award_evidence(session, operator(), award_id=award_id, names=names, language=language)
    raise click.ClickException(f"There is no loan {number} and no award.")


@click.command("verify-evidence")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default=None, help="The committee's public key, as its minutes bear it.")
@click.pass_context
def verify_evidence(context: click.Context, file: Path, *, key: str | None) -> None:
    """Check the evidence file of a loan or an award with nothing but itself; ends with 1 where anything is wrong."""
    # A key that is copied from a paper brings the places with it where its line may break.
    key = "".join(sign for sign in key if sign.isascii() and not sign.isspace()) if key else None
    with file.open("rb") as content:
        manifest, found = rules.problems(content, key)
    for line in rules.told(manifest, found):
        click.echo(line)
    if found:
        context.exit(1)


COMMANDS = (evidence, verify_evidence)
