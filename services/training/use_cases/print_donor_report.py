"""A donor report is put together and printed; one that was printed is remembered, so that it can be verified."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from services.training.composition import Composition
from services.training.documents.donor_report import PrintedDonorReport, Speak, in_words
from services.training.models import IssuedDonorReport
from services.training.queries.donor_report import donor_report, month_end, trained_women, units_of
from services.training.reference.learning import age_from
from services.training.rules.learning.donor_table import LEAST
from shared.database import insert_on
from shared.identity import Caller
from shared.kernel import Refused, clock


def told_report(
    session: Session, caller: Caller, context: Composition, *, unit: str | None, as_of: date | None, language: str
) -> dict[str, Any]:
    """The report of a place, or of all of the caller's territory, in words; the registry is asked for the sums that it
    alone knows.
    """
    day = month_end(as_of)
    units = units_of(caller, unit)
    women = trained_women(session, units, day)
    told = {woman: one.amounts.all[1:] for woman, one in women.items()}
    asked = context.directory.circumstances(told, day, age_from(day)) if len(women) >= LEAST else []
    names = context.directory.language_names(language) if asked else {}
    return in_words(donor_report(women, asked, units, day), speaker(context, language), names)


def printed_report(context: Composition, report: Mapping[str, Any], form: str, language: str) -> tuple[bytes, str]:
    """The report as PDF/UA-1, workbook or CSV, and the name of its file; refused while the registry does not answer, as
    half a report is none.
    """
    if not report["complete"]:
        raise Refused("donor_report.incomplete")
    speak = speaker(context, language)
    printed = PrintedDonorReport(report, speak, language)
    content = printed.written(form, context.public_url)
    with context.database.transaction() as session:
        _issue(session, printed.hash, report)
    return content, f"{speak('donor_report.file')}-{report['number']}.{form}"


def speaker(context: Composition, language: str) -> Speak:
    """What says a code with its facts."""
    return partial(_say, context, language)


def _say(context: Composition, language: str, code: str, **facts: Any) -> str:
    return context.sentence(code, language, **facts)


def _issue(session: Session, digest: str, report: Mapping[str, Any]) -> None:
    """Remember it by the hash of what it says; the same report printed again is the same report."""
    facts: dict[str, Any] = {"hash": digest, "unit": ", ".join(report["units"])[:200], "as_of": report["as_of"]}
    entry = insert_on(session.get_bind().dialect.name, IssuedDonorReport.__table__)
    session.execute(entry.values(**facts, issued_on=clock.today()).on_conflict_do_nothing())
