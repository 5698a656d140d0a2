"""With whom, in what and where the money of a fund lies: what is owed, promised and given, by group.

A loan counts with what is owed of it, an approval with what may still be paid out. Seed capital counts in its own fund:
a promised part, and a paid one until it is back, a grant for good. What was granted counts as the fund's capital too,
so that a share stays what it was when it was given.
"""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Application,
    CopyEnterprise,
    CopyMerged,
    Loan,
    SeedAward,
    SeedMilestone,
    SeedReturn,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules import ledger
from services.credit.rules.concentration import KINDS, Concentration, Share
from shared import places
from shared.kernel import Refused, clock

_ALL = Decimal(100)
_GROUPS: dict[str, tuple[Any, Any]] = {
    "borrower": (Loan.enterprise_id, Application.enterprise_id),
    "chain": (Loan.chain, Application.chain),
    "municipality": (Loan.municipality, Application.municipality),
}
"""What each kind groups by: of loans, and of applications and the awards they became."""
SHOWN = 3
"""The largest groups of each kind that are shown, besides those beyond their limit."""


def shares_with(
    session: Session, fund: TrustFund, limits: Concentration, application: Application, amount: int
) -> list[Share]:
    """What the borrower, the activity and the municipality of an application would hold with `amount` cents more; one
    share for each limit that is set.
    """
    if not limits.limits:
        return []
    capital = capital_of(session, fund)
    shares = []
    for kind in limits.limits:
        sums = _sums(session, fund, kind)
        held = _held(session, sums, kind, application)
        shares.append(limits.share(kind, held, amount, portfolio=sums.total(), capital=capital))
    return shares


def warnings(
    session: Session, fund: TrustFund, limits: Concentration, application: Application, amount: int
) -> list[dict[str, Any]]:
    """The limits that an approval of `amount` cents would go beyond."""
    shares = shares_with(session, fund, limits, application, amount)
    return [_told(fund, share, "") for share in shares if share.exceeds]


def concentrations(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The largest borrowers, activities and municipalities with their share, and everybody beyond a limit; where the
    regulations set no limit, the share is of what is owed, promised and given.
    """
    limits = _limits(session, fund)
    capital = capital_of(session, fund)
    rows = []
    for kind in KINDS:
        groups = grouped(session, fund, kind)
        for place, (group, held) in enumerate(groups.most_common()):
            share = _share(limits, kind, held, groups.total(), capital)
            if place >= SHOWN and not share.exceeds:
                break  # the next ones hold less
            rows.append(_told(fund, share, _named(session, fund, kind, group), limited=kind in limits.limits))
    return rows


def beyond(session: Session, fund: TrustFund, limits: Concentration, application: Application) -> list[str]:
    """The kinds of the limits that the groups of an application go beyond as things stand."""
    return [share.kind for share in shares_with(session, fund, limits, application, 0) if share.exceeds]


def largest(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The largest borrower, value chain and municipality, with their share of all that is owed, promised and given."""
    rows = []
    for kind in KINDS:
        groups = grouped(session, fund, kind)
        for group, held in groups.most_common(1) if groups.total() else ():
            share = Share(kind, held, held, groups.total(), _ALL, binds=False)
            named = _named(session, fund, kind, group)
            rows.append({"kind": kind, "of": named, "outstanding": fund.money(held), "percent": str(share.percent)})
    return rows


def grouped(session: Session, fund: TrustFund, kind: str) -> Counter[Any]:
    """What is owed, promised and given by group, in cents: a chain, a municipality, or a set of one borrower's
    enterprises.
    """
    sums = _sums(session, fund, kind)
    if kind != "borrower":
        return sums
    found: Counter[Any] = Counter()
    groups = _one_borrower(session, sums)
    for enterprise_id, held in sums.items():
        found[groups[enterprise_id]] += held
    return found


def capital_of(session: Session, fund: TrustFund) -> int:
    """The fund's own capital in cents: what was put in and earned, less what was lost and spent; what was granted as
    seed capital is part of it.
    """
    sheet = ledger.balance_sheet(fund.balances(session))
    granted = (
        select(func.coalesce(func.sum(SeedMilestone.amount), 0))
        .join(SeedAward, SeedAward.plan_id == SeedMilestone.plan_id)
        .where(SeedAward.fund_id == fund.id, SeedAward.kind == "grant", SeedMilestone.paid_on.is_not(None))
    )
    return sheet.equity + sheet.result + int(session.scalar(granted) or 0)


def _limits(session: Session, fund: TrustFund) -> Concentration:
    try:
        return regulations_in_force(session, fund.id, clock.today()).read().concentration
    except Refused:
        return Concentration()


def _share(limits: Concentration, kind: str, held: int, portfolio: int, capital: int) -> Share:
    if kind in limits.limits:
        return limits.share(kind, held, 0, portfolio=portfolio, capital=capital)
    return Share(kind, held, held, portfolio, _ALL, binds=False)


def _told(fund: TrustFund, share: Share, group: str, *, limited: bool = True) -> dict[str, Any]:
    return {
        "kind": share.kind,
        "of": group,
        "held": fund.money(share.held),
        "after": fund.money(share.after),
        "percent": str(share.percent),
        "percent_after": str(share.percent_after),
        "limit": f"{share.limit:f}" if limited else None,
        "ceiling": fund.money(share.ceiling) if limited else None,
        "binds": share.binds and limited,
        "exceeds": share.exceeds,
    }


def _sums(session: Session, fund: TrustFund, kind: str) -> Counter[Any]:
    lent, asked = _GROUPS[kind]
    owed = select(lent, func.sum(Loan.outstanding_principal)).where(
        Loan.fund_id == fund.id, Loan.outstanding_principal > 0
    )
    waiting = select(asked, func.sum(Application.committed)).where(*_promised(fund))
    part = or_(SeedMilestone.paid_on.is_not(None), SeedMilestone.state != "lapsed")
    parts = _awarded(fund, asked, func.sum(SeedMilestone.amount)).join(
        SeedMilestone, SeedMilestone.plan_id == SeedAward.plan_id
    )
    returned = _awarded(fund, asked, -func.sum(SeedReturn.amount)).join(SeedReturn, SeedReturn.award_id == SeedAward.id)
    found: Counter[Any] = Counter()
    for query, by in ((owed, lent), (waiting, asked), (parts.where(part), asked), (returned, asked)):
        for group, cents in session.execute(query.group_by(by)):
            found[group] += int(cents)
    return found


def _awarded(fund: TrustFund, asked: Any, amount: Any) -> Select[Any]:
    awards = select(asked, amount).join(SeedAward, SeedAward.application_id == Application.id)
    return awards.where(SeedAward.fund_id == fund.id)


def _promised(fund: TrustFund) -> tuple[ColumnElement[bool], ...]:
    waiting = or_(Application.approved_until.is_(None), Application.approved_until >= clock.today())
    return Application.fund_id == fund.id, Application.committed > 0, waiting


def _held(session: Session, sums: Counter[Any], kind: str, application: Application) -> int:
    """What the group of an application holds; a borrower in all of the enterprises she owns."""
    if kind != "borrower":
        return sums[getattr(application, kind)]
    groups = _one_borrower(session, [*sums, application.enterprise_id])
    hers = groups[application.enterprise_id]
    return sum(held for one, held in sums.items() if groups[one] == hers)


def _one_borrower(session: Session, enterprise_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """The enterprises of one borrower, by each of them: those that were merged, and those with an owner in common."""
    wanted = set(enterprise_ids)
    merged = session.execute(select(CopyMerged.absorbed_id, CopyMerged.root_id))
    roots = {absorbed: root for absorbed, root in merged}  # noqa: C416 - rows are tuples to no type checker
    stands = {one: roots.get(one, one) for one in wanted}
    owners: dict[UUID, list[str]] = {}
    known = select(CopyEnterprise.enterprise_id, CopyEnterprise.owner_ids)
    for enterprise_id, owner_ids in session.execute(
        known.where(CopyEnterprise.enterprise_id.in_(set(stands.values())))
    ):
        owners[enterprise_id] = [str(roots.get(UUID(owner), owner)) for owner in owner_ids]
    leads: dict[Any, Any] = {}

    def lead(one: Any) -> Any:
        while leads.setdefault(one, one) != one:
            one = leads[one]
        return one

    for enterprise_id in stands.values():
        for owner in owners.get(enterprise_id, ()):
            leads[lead(owner)] = lead(enterprise_id)
    groups: dict[Any, set[UUID]] = {}
    for one, root in stands.items():
        groups.setdefault(lead(root), set()).add(one)
    return {one: frozenset(group) for group in groups.values() for one in group}


def _named(session: Session, fund: TrustFund, kind: str, group: Any) -> str:
    """How a group is called: a borrower by the numbers of what she was lent, promised and given, never by her name."""
    if kind == "municipality":
        return places.full_name(group) or str(group)
    if kind == "chain":
        return str(group)
    lent = select(Loan.number).where(
        Loan.fund_id == fund.id, Loan.enterprise_id.in_(list(group)), Loan.outstanding_principal > 0
    )
    promised = select(Application.number).where(*_promised(fund), Application.enterprise_id.in_(list(group)))
    given = select(SeedAward.number).where(
        SeedAward.fund_id == fund.id,
        SeedAward.enterprise_id.in_(list(group)),
        or_(SeedAward.kind == "grant", SeedAward.state == "active"),
    )
    return ", ".join(
        [
            *session.scalars(lent.order_by(Loan.id)),
            *session.scalars(promised.order_by(Application.id)),
            *session.scalars(given.order_by(SeedAward.id)),
        ]
    )
