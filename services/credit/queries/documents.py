"""Printed documents by the hash of what they say."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgreementLetter,
    CommitteeSession,
    Correction,
    CreditRegulations,
    IssuedDocument,
    Loan,
    TrustFund,
)
from services.credit.queries import standing
from shared import files
from shared.kernel import LOCAL_TIME


def verification(session: Session, digest: str) -> dict[str, Any] | None:
    """What anybody may know of the document with this hash; None when it is not ours."""
    return _acta(session, digest) or _note(session, digest) or _issued(session, digest) or _instrument(session, digest)


def _acta(session: Session, digest: str) -> dict[str, Any] | None:
    acta = session.scalar(select(Acta).where(Acta.hash == digest))
    if acta is None:
        return None
    meeting = session.get_one(CommitteeSession, acta.session_id)
    before = select(Acta.id).where(
        Acta.committee_id == acta.committee_id,
        Acta.sequence == acta.sequence - 1,
        Acta.hash == acta.previous_hash,
    )
    after = select(Acta.hash).where(Acta.committee_id == acta.committee_id, Acta.sequence == acta.sequence + 1)
    return {
        "kind": "acta",
        "number": acta.number,
        "issued_on": acta.made_at.astimezone(LOCAL_TIME).date(),
        "issuer": _issuer(session, meeting.fund_id),
        "sequence": acta.sequence,
        "previous": acta.previous_hash,
        "following": session.scalar(after),
        "chain_whole": acta.sequence == 1 or session.scalar(before) is not None,
        "public_key": acta.public_key,
        "signature": acta.signature,
        **standing.nothing(),
        "corrected_by": _corrections(session, Correction.acta_id == acta.id, Acta.session_id == Correction.session_id),
        "corrects": _corrections(session, Correction.session_id == acta.session_id, Acta.id == Correction.acta_id),
    }


def _corrections(session: Session, which: ColumnElement[bool], joined: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Minutes on the other side of a correction, by number and hash; never what it says."""
    query = select(Acta.number, Acta.hash, Acta.sequence).join(Correction, joined).where(which).distinct()
    return [{"number": row.number, "hash": row.hash} for row in session.execute(query.order_by(Acta.sequence))]


def _note(session: Session, digest: str) -> dict[str, Any] | None:
    loan = session.scalar(select(Loan).where(Loan.note_hash == digest))
    if loan is None:
        return None
    told = _alone("promissory_note", loan.number, loan.disbursed_on, _issuer(session, loan.fund_id))
    return told | standing.of_note(session, loan)


def _issued(session: Session, digest: str) -> dict[str, Any] | None:
    paper = session.get(IssuedDocument, digest)
    if paper is None:
        return None
    told = _alone(paper.kind, paper.number, paper.dated, _issuer(session, paper.fund_id))
    return told | standing.of_issued(session, paper)


def _instrument(session: Session, digest: str) -> dict[str, Any] | None:
    """The signed file of an edition of the regulations or of an Agreement Letter, by the SHA-256 of its bytes."""
    ids = select(files.file_table.c.id).where(files.file_table.c.sha256 == digest)
    edition = session.scalar(select(CreditRegulations).where(CreditRegulations.file_id.in_(ids)).limit(1))
    letter = session.scalar(select(AgreementLetter).where(AgreementLetter.file_id.in_(ids)).limit(1))
    row = edition or letter
    if row is None:
        return None
    kind = "regulations" if row is edition else "agreement"
    return _alone(kind, f"{row.title}, {row.edition}", row.valid_from, _issuer(session, row.fund_id))


def _alone(kind: str, number: str, issued_on: date, issuer: str) -> dict[str, Any]:
    """A document that is not a link of a chain."""
    return {
        "kind": kind,
        "number": number,
        "issued_on": issued_on,
        "issuer": issuer,
        "sequence": None,
        "previous": None,
        "following": None,
        "chain_whole": True,
        "public_key": None,
        "signature": None,
        "corrected_by": [],
        "corrects": [],
        **standing.nothing(),
    }


def _issuer(session: Session, fund_id: Any) -> str:
    fund = session.get_one(TrustFund, fund_id)
    return f"{fund.name}, {fund.centre}"
