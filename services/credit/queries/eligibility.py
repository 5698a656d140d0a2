"""Whether a fund may lend to an enterprise, rule by rule: what is asked, what is known."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import (
    Application,
    Appraisal,
    CopyEnterprise,
    CreditRegulations,
    TrustFund,
    regulations_in_force,
)
from services.credit.queries import appraisals
from services.credit.rules.eligibility import CAPACITY, COHERENT, PURPOSE_OF, Check, Rule
from services.credit.rules.restructuring import LENDING
from shared.kernel import clock

_OWN_LOAN = "no_loan_in_force"


def eligibility(session: Session, fund: TrustFund, enterprise: CopyEnterprise) -> dict[str, Any]:
    """Whether the fund may lend to an enterprise today, each rule with what it asks and what is known."""
    rules = regulations_in_force(session, fund.id, clock.today()).read().eligibility
    found = [*enterprise.checks(session, fund, rules), _territory(fund, enterprise)]
    return {
        "enterprise_id": enterprise.enterprise_id,
        "municipality": enterprise.municipality,
        "chain": enterprise.chain,
        "eligible": all(check.met for check in found),
        **_told(found),
        "coherence": _coherence(session, fund, enterprise, None),
        **_needs(enterprise),
    }


def of_application(session: Session, fund: TrustFund, application: Application) -> dict[str, Any]:
    """What would stand against the enterprise were it to apply today; the loan of this very file is none of it. Whether
    it serves the plans of the territory is told even where the regulations do not ask for it. What only changes a
    running loan is measured by no rule.
    """
    lends = application.kind in LENDING
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    if enterprise is None:
        return {
            **_told([Check("consent_credit", met=False)]),
            "coherence": _row(Check(COHERENT, met=False, known=None)),
            **_needs(None),
        }
    rules = regulations_in_force(session, fund.id, clock.today()).read().eligibility if lends else ()
    asked = [rule for rule in rules if rule.name != _OWN_LOAN]
    found = enterprise.checks(session, fund, asked, purpose=application.purpose)
    coherence = _coherence(session, fund, enterprise, application.purpose)
    return {**_told(found), "coherence": coherence, **_needs(enterprise)}


def _needs(enterprise: CopyEnterprise | None) -> dict[str, Any]:
    """What the inventory says that it needs, since when that is known, and the purpose that follows from it."""
    needs = enterprise.needs if enterprise else []
    return {
        "needs": needs,
        "needs_on": enterprise.needs_on if enterprise else None,
        "purpose_of_needs": next((PURPOSE_OF[need] for need in needs if need in PURPOSE_OF), None),
    }


def unmet(
    session: Session,
    fund: TrustFund,
    application: Application,
    edition: CreditRegulations,
    *,
    but: UUID | None = None,
) -> list[Check]:
    """The rules of an edition that do not let an application be lent to today; the loan that it pays off does not
    count, nor does the loan `but`. What only changes a running loan is measured by none.
    """
    if application.kind not in LENDING:
        return []
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    if enterprise is None:
        return [Check("consent_credit", met=False, hard=True)]
    rules = edition.read().eligibility
    but = but or application.loan_id
    found = [
        *enterprise.checks(session, fund, rules, purpose=application.purpose, but=but),
        _territory(fund, enterprise),
    ]
    return [check for check in found if not check.met]


def departures(session: Session, fund: TrustFund, application: Application, motion: Appraisal) -> list[Check]:
    """Where a motion departs from the regulations that it was measured against: rules that are not met today, and an
    instalment beyond the part of the surplus that they let it take, where they say one. A new plan for a running loan
    has its own reason.
    """
    found = unmet(session, fund, application, motion.edition)
    limit = motion.edition.read().capacity
    if limit.source and fund.kind == "revolving" and application.kind in LENDING:
        share = appraisals.share_of(fund, application.product, motion)
        if share is None or share > limit.share:
            known = None if share is None else {"share": share}
            found.append(Check(CAPACITY, met=False, needed={"share": limit.share}, known=known))
    return found


def told(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Rules that are not met, as they go out."""
    return [_row(check) for check in checks]


def _coherence(session: Session, fund: TrustFund, enterprise: CopyEnterprise, purpose: str | None) -> dict[str, Any]:
    [found] = enterprise.checks(session, fund, [Rule(COHERENT)], purpose=purpose)
    return _row(found)


def _territory(fund: TrustFund, enterprise: CopyEnterprise) -> Check:
    """No fund lends outside its territory, whatever its regulations say."""
    known = {"municipality": enterprise.municipality}
    covers = fund.covers(enterprise.municipality)
    return Check("territory", covers, {"units": fund.units}, known, hard=True)


def _told(found: Iterable[Check]) -> dict[str, Any]:
    rows = list(found)
    return {
        "failed_rules": [check.rule for check in rows if not check.met],
        "checks": [_row(check) for check in rows],
    }


def _row(check: Check) -> dict[str, Any]:
    return {"rule": check.rule, "met": check.met, "needed": check.needed, "known": check.known, "hard": check.hard}
