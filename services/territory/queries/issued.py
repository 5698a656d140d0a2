"""Printed reports by the hash of what they say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import IssuedReport
from services.territory.queries.report_subjects import CHAIN
from shared.kernel import LOCAL_TIME

SHORTEST = 16
"""As many digits of the hash as stand at the foot of each page."""


def verification(session: Session, code: str) -> dict[str, Any] | None:
    """What anybody may know of the report whose hash begins with `code`; None when it is not ours."""
    if len(code) < SHORTEST:
        return None
    statement = select(IssuedReport).where(IssuedReport.hash.startswith(code, autoescape=True)).limit(1)
    issued = session.scalar(statement)
    if issued is None:
        return None
    return {
        "kind": f"{issued.kind}_report",
        "units": issued.units,
        "chain": issued.number.partition("-")[0] if issued.kind == CHAIN else None,
        "number": issued.number,
        "issued_on": issued.issued_at.astimezone(LOCAL_TIME).date(),
        "issuer": "Red CSEM",
    }
