"""Printed papers of the registry by the hash of what they say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import IssuedPlan

SHORTEST = 16
"""As many digits of the hash as stand at the foot of each page."""


def verification(session: Session, code: str) -> dict[str, Any] | None:
    """What anybody may know of the paper whose hash begins with `code`; None when it is not ours."""
    if len(code) < SHORTEST:
        return None
    paper = session.scalar(select(IssuedPlan).where(IssuedPlan.hash.startswith(code, autoescape=True)).limit(1))
    if paper is None:
        return None
    return {"kind": "business_plan", "number": paper.number, "issued_on": paper.dated, "issuer": "Red CSEM"}
