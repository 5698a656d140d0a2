"""Papers to a file, from the terminal: `paper` as it was signed, `print` made anew."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.cli.terminal import TARGET, numbered, operator, registry, write, writing
from services.credit.models import Acta, CommitteeSession, ComplianceReport, Loan, Repayment, SeedAward
from services.credit.use_cases import print_paper
from shared import files


@click.command()
@click.argument("number")
@click.argument("target", type=TARGET)
@click.pass_obj
def paper(house: Any, number: str, target: Path) -> None:
    """Write the signed paper with this NUMBER to TARGET, a PDF: the note of a loan, the agreement of an award,
    minutes, or a monthly report of compliance.
    """
    with writing(house) as session:
        file_id = session.scalar(select(Loan.note_file_id).where(Loan.number == number))
        file_id = file_id or session.scalar(select(SeedAward.agreement_file_id).where(SeedAward.number == number))
        file_id = file_id or session.scalar(select(Acta.file_id).where(Acta.number == number))
        file_id = file_id or session.scalar(select(ComplianceReport.file_id).where(ComplianceReport.number == number))
        if file_id is None:
            raise click.ClickException(f"There is no loan, award, minutes or report {number}.")
        write(target, files.read(session, file_id))


@click.command("print")
@click.argument("kind", type=click.Choice(["receipt", "statement", "reminder", "notice"]))
@click.argument("number")
@click.argument("target", type=TARGET)
@click.pass_obj
def print_(house: Any, kind: str, number: str, target: Path) -> None:
    """Write a paper to TARGET, a PDF in Spanish: the receipt of a repayment, the statement of a loan or the letter that
    reminds of what is overdue, the notice of a session, each by its NUMBER. Its hash is kept, to verify it by.
    """
    with writing(house) as session:
        more: dict[str, Any] = {"public_url": house.settings("credit").public_url}
        more |= {} if kind == "notice" else {"names": registry(house).borrower}
        more |= {} if kind == "reminder" else {"language": "es"}
        write(target, _PRINTED[kind](session, number, more))


def _receipt(session: Session, number: str, more: dict[str, Any]) -> bytes:
    return print_paper.print_receipt(session, operator(), repayment_id=numbered(session, Repayment, number).id, **more)


def _statement(session: Session, number: str, more: dict[str, Any]) -> bytes:
    return print_paper.print_statement(session, operator(), loan_id=numbered(session, Loan, number).id, **more)


def _reminder(session: Session, number: str, more: dict[str, Any]) -> bytes:
    return print_paper.print_reminder(session, operator(), loan_id=numbered(session, Loan, number).id, **more)


def _notice(session: Session, number: str, more: dict[str, Any]) -> bytes:
    meeting = numbered(session, CommitteeSession, number)
    return print_paper.print_notice(session, operator(), session_id=meeting.id, **more)


_PRINTED: dict[str, Callable[[Session, str, dict[str, Any]], bytes]] = {
    "receipt": _receipt,
    "statement": _statement,
    "reminder": _reminder,
    "notice": _notice,
}


COMMANDS = (paper, print_)
