"""An annual report that was printed is remembered, so that whoever holds it can verify it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services.training.models import IssuedCsrReport
from shared.database import insert_on
from shared.kernel import clock


def issue_csr_report(session: Session, digest: str, report: Mapping[str, Any]) -> None:
    """The same report printed again is the same report."""
    facts: dict[str, Any] = {"hash": digest, "unit": ", ".join(report["units"]), "as_of": report["as_of"]}
    entry = insert_on(session.get_bind().dialect.name, IssuedCsrReport.__table__)
    session.execute(entry.values(**facts, issued_on=clock.today()).on_conflict_do_nothing())
