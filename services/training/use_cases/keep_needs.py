"""What training copies of others' facts: women's enterprises, their owners and needs, and who borrows."""

from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from services.training.models import CopyEnterprise, CopyLoan, CopyMerged, CopyNeed, CopyOwner
from shared import merged
from shared.events.credit import LoanDisbursed
from shared.events.registry import (
    EnterpriseFacts,
    EnterpriseMerged,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)


def keep_enterprise(session: Session, facts: EnterpriseFacts) -> None:
    """Replace all that was known of an enterprise; nothing brings back what its owners withdrew."""
    row = session.get(CopyEnterprise, facts.enterprise_id) or CopyEnterprise(enterprise_id=facts.enterprise_id)
    if row.state == "withdrawn":
        return
    row.state = "known"
    row.municipality, row.chain, row.active = facts.municipality, facts.chain, facts.active
    row.place_state = facts.place_state
    row.lon, row.lat = (facts.point.lon, facts.point.lat) if facts.point else (None, None)
    session.add(row)
    _replace_owners(session, row, facts.owner_ids)
    mine = CopyNeed.enterprise_id == facts.enterprise_id
    session.execute(delete(CopyNeed).where(mine, CopyNeed.origin_id == facts.enterprise_id))
    _add_needs(session, facts.enterprise_id, facts.needs, facts.enterprise_id, "profile", facts.recorded_on)


def keep_borrower(session: Session, event: LoanDisbursed) -> None:
    """The appraisal of a loan said what its borrower needs. Her enterprise may not have arrived yet."""
    row = session.get(CopyEnterprise, event.enterprise_id)
    if row is None:
        row = CopyEnterprise(
            enterprise_id=event.enterprise_id, state="stub", municipality=event.municipality, chain=event.chain
        )
        session.add(row)
        _replace_owners(session, row, event.owner_ids)
    if row.state != "withdrawn":
        session.merge(_loan(event))
        needs = event.assistance_needs
        _add_needs(session, event.enterprise_id, needs, event.loan_id, "loan", event.disbursed_on)


def forget_enterprises(session: Session, event: EntrepreneurWithdrawn) -> None:
    """Blank what was copied of a woman who withdrew and of the enterprises that were hers alone."""
    session.execute(delete(CopyOwner).where(CopyOwner.entrepreneur_id == event.entrepreneur_id))
    for enterprise_id in event.enterprise_ids:
        session.execute(delete(CopyOwner).where(CopyOwner.enterprise_id == enterprise_id))
        session.execute(delete(CopyNeed).where(CopyNeed.enterprise_id == enterprise_id))
        session.execute(delete(CopyLoan).where(CopyLoan.enterprise_id == enterprise_id))
        if session.get(CopyEnterprise, enterprise_id) is None:
            session.add(CopyEnterprise(enterprise_id=enterprise_id, state="withdrawn", active=False))
    session.flush()
    merged.forget(session, CopyMerged, [event.entrepreneur_id, *event.enterprise_ids])
    blank = {"state": "withdrawn", "municipality": "", "chain": "", "place_state": "missing", "active": False}
    gone = CopyEnterprise.enterprise_id.in_(event.enterprise_ids)
    session.execute(update(CopyEnterprise).where(gone).values(lon=None, lat=None, **blank))


def keep_merge(session: Session, event: EnterpriseMerged | EntrepreneurMerged) -> None:
    """Two records are one: who is in a group under either is in it, and a need told of either is hers."""
    merged.merge(session, CopyMerged, event.survivor_id, event.absorbed_id)


def undo_merge(session: Session, event: EnterpriseUnmerged | EntrepreneurUnmerged) -> None:
    """They are two again."""
    merged.unmerge(session, CopyMerged, event.absorbed_id)


def _loan(event: LoanDisbursed) -> CopyLoan:
    return CopyLoan(
        loan_id=event.loan_id,
        enterprise_id=event.enterprise_id,
        municipality=event.municipality,
        chain=event.chain,
        disbursed_on=event.disbursed_on,
    )


def _replace_owners(session: Session, row: CopyEnterprise, owner_ids: list[UUID]) -> None:
    session.flush()
    session.execute(delete(CopyOwner).where(CopyOwner.enterprise_id == row.enterprise_id))
    owners = [{"enterprise_id": row.enterprise_id, "entrepreneur_id": owner} for owner in sorted(set(owner_ids))]
    if owners:
        session.execute(insert(CopyOwner), owners)


def _add_needs(
    session: Session, enterprise_id: UUID, needs: list[str], origin_id: UUID, origin: str, since: date
) -> None:
    known = {"enterprise_id": enterprise_id, "origin_id": origin_id, "origin": origin, "since": since}
    rows = [{"need": need, **known} for need in sorted(set(needs))]
    if rows:
        session.execute(insert(CopyNeed), rows)
