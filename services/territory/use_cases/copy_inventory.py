"""Keeps what the registry says of enterprises and of the projects it stands beside."""

from collections.abc import Collection
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from services.territory.models import (
    CopyAccompaniment,
    CopyApplication,
    CopyEnterprise,
    CopyGroupMember,
    CopyLink,
    CopyLoan,
    CopyMarket,
    CopyMerged,
    CopyNeed,
    CopyProfile,
    CopyTrade,
    CopyWithdrawn,
)
from services.territory.use_cases.as_of import changed, known, took
from services.territory.use_cases.draw_enterprises import NOTHING, placed, redraw, seen
from shared import merged
from shared.bus.envelope import Envelope
from shared.events.registry import (
    AccompanimentOpened,
    EnterpriseChanged,
    EnterpriseFacts,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurWithdrawn,
    Trade,
)

ERASED = "territory.erased"
"""Where in a session's notes the erasure leaves its counts for the report that follows it."""


def copy_enterprise(session: Session, event: EnterpriseRegistered | EnterpriseChanged, envelope: Envelope) -> None:
    """The facts replace all that was known before; of one whose owner withdrew nothing is kept."""
    took(session, envelope)
    if known(session, event.facts.enterprise_id):
        before = seen(session.get(CopyEnterprise, event.facts.enterprise_id))
        copied = session.merge(_copied(event.facts, _gone(session, event.facts)))
        session.flush()
        redraw(session, before, seen(copied))
        changed(session, [event.facts.enterprise_id])


def copy_accompaniment(session: Session, event: AccompanimentOpened, envelope: Envelope) -> None:
    took(session, envelope)
    beside = event.enterprise_id if known(session, event.enterprise_id) else None
    session.merge(CopyAccompaniment(id=event.accompaniment_id, enterprise_id=beside, municipality=event.municipality))
    session.flush()


def forget_entrepreneur(session: Session, event: EntrepreneurWithdrawn, envelope: Envelope) -> None:
    """Erase the copies of her enterprises; loans and applications stay as amounts that lead to nobody."""
    took(session, envelope)
    gone = list(event.enterprise_ids)
    changed(session, _led_to(session, gone))
    found = session.query(CopyEnterprise).where(CopyEnterprise.id.in_(gone)).all()
    for enterprise in found:
        redraw(session, seen(enterprise), NOTHING)
        session.delete(enterprise)
    session.flush()
    erased = {"enterprises": len(found)}
    erased["memberships"] = _rows(session, delete(CopyGroupMember).where(CopyGroupMember.enterprise_id.in_(gone)))
    for name, copy in (("loans", CopyLoan), ("applications", CopyApplication), ("accompaniments", CopyAccompaniment)):
        here = update(copy).where(copy.enterprise_id.in_(gone)).values(enterprise_id=None)
        erased[f"{name}_unlinked"] = _rows(session, here)
    traded = update(CopyTrade).where(CopyTrade.partner_id.in_(gone)).values(partner_id=None)
    erased["trade_unlinked"] = _rows(session, traded)
    merged.forget(session, CopyMerged, gone)
    for enterprise_id in gone:
        session.merge(CopyWithdrawn(enterprise_id=enterprise_id))
    session.flush()
    session.info.setdefault(ERASED, {})[event.entrepreneur_id] = erased


def copy_merge(session: Session, event: EnterpriseMerged, envelope: Envelope) -> None:
    """Two records are one enterprise: it is in a group where either is."""
    took(session, envelope)
    changed(session, merged.family(session, CopyMerged, event.absorbed_id))
    merged.merge(session, CopyMerged, event.survivor_id, event.absorbed_id)


def undo_merge(session: Session, event: EnterpriseUnmerged, envelope: Envelope) -> None:
    """They are two again."""
    took(session, envelope)
    changed(session, merged.family(session, CopyMerged, event.absorbed_id))
    merged.unmerge(session, CopyMerged, event.absorbed_id)


def erased_of(session: Session, entrepreneur_id: UUID) -> dict[str, int]:
    """What `forget_entrepreneur` erased in this transaction."""
    counts: dict[str, int] = session.info.get(ERASED, {}).pop(entrepreneur_id, {})
    return counts


def _led_to(session: Session, gone: Collection[UUID]) -> set[UUID]:
    """These enterprises, all that are one with one of them, and who trades with them by name."""
    trading = session.scalars(select(CopyTrade.enterprise_id).where(CopyTrade.partner_id.in_(gone)))
    return {*trading, *(same for one in gone for same in merged.family(session, CopyMerged, one)), *gone}


def _gone(session: Session, facts: EnterpriseFacts) -> set[UUID]:
    """Those of its partners whose owners withdrew: of them nothing comes back."""
    named = [one.enterprise_id for one in facts.trade or () if one.enterprise_id is not None]
    if not named:
        return set()
    return set(session.scalars(select(CopyWithdrawn.enterprise_id).where(CopyWithdrawn.enterprise_id.in_(named))))


def _copied(facts: EnterpriseFacts, gone: Collection[UUID]) -> CopyEnterprise:
    point, sales, here = facts.point, facts.sales, facts.enterprise_id
    counted = facts.active and facts.validation != "rejected"
    lon, lat = (point.lon, point.lat) if point else (None, None)
    place = placed(here, lon, lat, counted=counted, on_map=facts.consent_map)
    return CopyEnterprise(
        id=facts.enterprise_id,
        municipality=facts.municipality,
        place_state=facts.place_state,
        lon=lon,
        lat=lat,
        accuracy_m=point and point.accuracy_m,
        chain=facts.chain,
        activity=facts.activity,
        jobs_women=facts.jobs_women,
        jobs_men=facts.jobs_men,
        home_based=facts.home_based,
        formal=facts.formal,
        started_year=facts.started_year,
        validation=facts.validation,
        consent_credit=facts.consent_credit,
        consent_map=facts.consent_map,
        recorded_on=facts.recorded_on,
        tier=facts.tier,
        sales_low_minor=sales and sales.low.minor,
        sales_high_minor=None if sales is None or sales.high is None else sales.high.minor,
        sales_currency=sales and sales.low.currency,
        counted=counted,
        **asdict(place),
        profile=None if facts.profile is None else CopyProfile(enterprise_id=here, **asdict(facts.profile)),
        markets=[CopyMarket(enterprise_id=here, market=market) for market in sorted(set(facts.markets or ()))],
        trade=[_trade(here, rank, one, gone) for rank, one in enumerate(facts.trade or ())],
        links=[CopyLink(enterprise_id=here, link=link) for link in sorted(set(facts.links))],
        needs=[CopyNeed(enterprise_id=here, need=need) for need in sorted(set(facts.needs))],
    )


def _trade(enterprise_id: UUID, rank: int, told: Trade, gone: Collection[UUID]) -> CopyTrade:
    partner = None if told.enterprise_id in gone else told.enterprise_id
    return CopyTrade(
        enterprise_id=enterprise_id, rank=rank, side=told.side, kind=told.kind, partner_id=partner, share=told.share
    )


def _rows(session: Session, statement: object) -> int:
    return int(session.execute(statement).rowcount)  # type: ignore[call-overload]
