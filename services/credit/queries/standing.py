"""Whether what a printed paper says still holds, for who verifies it: nothing personal is told."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import IssuedDocument, Loan, LoanChange, Repayment
from services.credit.queries.disclosed import paper_number

STANDINGS = ("in_force", "amended", "replaced", "reversed", "paid", "void")
"""It holds; it holds but for its schedule, which another paper replaced; another paper took its place; the payment was
reversed; what it promised is paid in full; what it certifies is so no more."""
_REVOKED = {"reversed", "void"}


def nothing() -> dict[str, Any]:
    """What is told of a paper that says what was so on a day: that cannot change."""
    return {"standing": None, "standing_since": None, "standing_by": None, "revoked": False}


def of_note(session: Session, loan: Loan) -> dict[str, Any]:
    """Where the promissory note of a loan stands."""
    return _of_schedule(session, loan, loan.changes)


def of_issued(session: Session, paper: IssuedDocument) -> dict[str, Any]:
    """Where a paper stands that was made on demand."""
    if paper.kind in {"tranche", "addendum"}:
        return _of_change(session, paper)
    if paper.kind == "receipt":
        return _of_receipt(session, paper)
    if paper.kind == "closure":
        query = select(Loan.id).where(Loan.number == paper.number, Loan.settled_on == paper.dated)
        return _told("in_force" if session.scalar(query) else "void")
    return _told("in_force") if paper.kind in {"reversal", "refund"} else nothing()


def _of_change(session: Session, paper: IssuedDocument) -> dict[str, Any]:
    """Of the paper of a tranche or a new plan. Papers of tranches once bore the number of their loan."""
    query = select(Loan).where(Loan.number.in_([paper.number, paper.number.rpartition("-")[0]]))
    loan = session.scalars(query).one()
    bare = paper.number == loan.number
    mine = next(
        one
        for one in loan.changes
        if one.kind in {"tranche", "reschedule"}
        and (one.done_on == paper.dated if bare else paper_number(loan, one) == paper.number)
    )
    return _of_schedule(session, loan, [one for one in loan.changes if one.id > mine.id])


def _of_schedule(session: Session, loan: Loan, later: Sequence[LoanChange]) -> dict[str, Any]:
    """Of a paper with a schedule, after which a loan was changed so."""
    replaced = next((one for one in later if one.kind in {"reschedule", "refinance"}), None)
    if replaced is not None:
        return _told("replaced", replaced.done_on, _paper_of(session, loan, replaced))
    if loan.settled_on is not None:
        return _told("paid", loan.settled_on)
    parts = [one for one in later if one.kind == "tranche"]
    if parts:
        return _told("amended", parts[-1].done_on, _paper_of(session, loan, parts[-1]))
    return _told("in_force")


def _paper_of(session: Session, loan: Loan, change: LoanChange) -> dict[str, str | None]:
    """The paper of a change, by its number, and by its hash where it was printed: of a refinancing the new note."""
    if change.kind == "refinance":
        new = session.scalars(select(Loan).where(Loan.refinances == loan.id)).one()
        return {"number": new.number, "hash": new.note_hash}
    return _printed(session, change.kind.replace("reschedule", "addendum"), paper_number(loan, change))


def _printed(session: Session, kind: str, number: str) -> dict[str, str | None]:
    query = select(IssuedDocument.hash).where(IssuedDocument.kind == kind, IssuedDocument.number == number)
    return {"number": number, "hash": session.scalar(query.order_by(IssuedDocument.issued_at.desc()).limit(1))}


def _of_receipt(session: Session, paper: IssuedDocument) -> dict[str, Any]:
    repayment = session.scalars(select(Repayment).where(Repayment.number == paper.number)).one()
    counter = session.scalar(select(Repayment).where(Repayment.reverses_id == repayment.id))
    if counter is None:
        return _told("in_force")
    return _told("reversed", counter.paid_on, _printed(session, "reversal", counter.number))


def _told(standing: str, since: date | None = None, by: dict[str, str | None] | None = None) -> dict[str, Any]:
    return {
        "standing": standing,
        "standing_since": since,
        "standing_by": by,
        "revoked": standing in _REVOKED,
    }
