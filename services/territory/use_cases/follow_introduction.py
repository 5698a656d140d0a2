"""A technician says what became of an introduction; whoever withdraws takes hers with her."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import CopyEnterprise, CopyMerged, Introduction
from shared import history, merged
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused


def mark_introduction(
    session: Session, caller: Caller, *, buyer_id: UUID, supplier_id: UUID, item: str, mark: str, note: str | None
) -> Introduction:
    """The introduction with its first mark; refuses enterprises that are not in the inventory or not in the caller's
    territory, an enterprise with itself, an input that no chain buys, and a pair that has a mark already.
    """
    buyer, supplier = _enterprises(session, caller, buyer_id, supplier_id)
    if buyer.id == supplier.id:
        raise Invalid("introduction.with_herself", pointer="/supplier_id")
    if item not in reference.chain_edition().inputs:
        raise Invalid("introduction.input_unknown", pointer="/item", item=item)
    pair = (Introduction.buyer_id == buyer.id, Introduction.supplier_id == supplier.id, Introduction.item == item)
    if session.scalar(select(Introduction.id).where(*pair)) is not None:
        raise Refused("introduction.marked_already")
    made = Introduction.of(caller, unit=buyer.municipality, buyer_id=buyer.id, supplier_id=supplier.id, item=item)
    session.add(made)
    return _said(session, caller, made, mark, note, before=None)


def correct_introduction(
    session: Session, caller: Caller, introduction_id: UUID, *, mark: str, note: str | None, version: int | None
) -> Introduction:
    """The introduction with another mark; refuses one outside the caller's territory, and an old version of it."""
    wanted = select(Introduction).where(Introduction.id == introduction_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("introduction.unknown")
    caller.require_scope(found.unit)
    found.require_version(version)
    return _said(session, caller, found, mark, note, before={"mark": found.mark, "note": found.note})


def forget_introductions(session: Session, enterprise_ids: Collection[UUID]) -> int:
    """Those with one of these enterprises go, and what their history says; how many they were."""
    hers = or_(Introduction.buyer_id.in_(enterprise_ids), Introduction.supplier_id.in_(enterprise_ids))
    found = session.scalars(select(Introduction).where(hers).with_for_update()).all()
    for introduction in found:
        history.erase(session, introduction.id)
        session.delete(introduction)
    session.flush()
    return len(found)


def _said(
    session: Session,
    caller: Caller,
    introduction: Introduction,
    mark: str,
    note: str | None,
    *,
    before: dict[str, str | None] | None,
) -> Introduction:
    introduction.say(caller, mark, note)
    session.flush()
    after = {"mark": mark, "note": note}
    history.record(
        session, caller, subject=introduction.id, kind="introduction", action="mark", before=before, after=after
    )
    return introduction


def _enterprises(session: Session, caller: Caller, *asked: UUID) -> list[CopyEnterprise]:
    """The enterprises that stand for these ids today, locked: who withdraws meanwhile waits, and takes with her what
    is said now.
    """
    ids = [merged.standing(session, CopyMerged, one) for one in asked]
    wanted = select(CopyEnterprise).where(CopyEnterprise.id.in_(ids)).order_by(CopyEnterprise.id).with_for_update()
    found = {one.id: one for one in session.scalars(wanted.execution_options(populate_existing=True))}
    for one in ids:
        if one not in found or not found[one].counted:
            raise NotFound("introduction.enterprise_unknown")
        caller.require_scope(found[one].municipality)
    return [found[one] for one in ids]
