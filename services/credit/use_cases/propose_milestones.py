"""Who appraised an application for seed capital proposes in which parts it is paid, and what will show each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, SeedAward, SeedMilestone, SeedPlan, TrustFund
from services.credit.rules.seed import Part
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Money, Refused, clock


def propose_milestones(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    own_contribution: Money,
    milestones: Sequence[Mapping[str, Any]],
) -> SeedPlan:
    """The parts that belong to the last appraisal, in place of those proposed before; they become part of the motion.

    Refuses a fund that lends, anybody but who appraised it, an application that lies before the committee, and parts
    that the regulations do not know.
    """
    application = find.application(session, caller, application_id, lock=True)
    fund = find.fund(session, caller, application.fund_id)
    fund.require_seed()
    application.require_open_to_appraisal()
    appraisal = application.appraisal
    if appraisal.appraised_by != caller.subject:
        raise Refused("seed.only_appraiser", number=application.number)
    parts = [
        Part(fund.cents(row["amount"], f"/milestones/{n}/amount"), row["due_on"]) for n, row in enumerate(milestones)
    ]
    own = fund.cents(own_contribution, "/own_contribution")
    product = appraisal.edition.read().seed.product(application.product)
    with fund.in_its_currency():
        product.check(appraisal.amount, own, parts, clock.today())
    before = SeedPlan.of(session, application.id, appraisal.position)
    if before is not None:
        session.delete(before)
        session.flush()
    plan = SeedPlan(
        application_id=application.id,
        appraisal=appraisal.position,
        own_contribution=own,
        proposed_on=clock.today(),
        proposed_by=caller.subject,
        proposed_by_name=caller.name,
    )
    plan.milestones = [
        _milestone(number, row, part) for number, (row, part) in enumerate(zip(milestones, parts, strict=True), start=1)
    ]
    session.add(plan)
    session.flush()
    facts = {"parts": len(parts), "own_contribution": str(own_contribution)}
    history.record(session, caller, subject=application.id, kind="application", action="propose_parts", after=facts)
    return plan


def _milestone(position: int, row: Mapping[str, Any], part: Part) -> SeedMilestone:
    return SeedMilestone(
        position=position,
        text=row["text"],
        evidence_wanted=row["evidence"],
        amount=part.amount,
        due_on=part.due_on,
        state="open",
    )


def motion_of(session: Session, application: Application) -> str:
    """The parts of an application for seed capital as the committee votes on them, nothing of one for a loan; refuses
    seed capital of whose last appraisal no parts were proposed.
    """
    if session.get_one(TrustFund, application.fund_id).kind != "seed_capital":
        return ""
    plan = SeedPlan.of(session, application.id, application.appraisal.position)
    if plan is None:
        raise Refused("seed.no_parts", number=application.number)
    return plan.motion


def forget_seed(session: Session, applications: Collection[Application]) -> tuple[int, bool]:
    """Drop the parts of what was not awarded, release what of awards is not paid, erase what nobody has verified; comes
    back with how many plans were touched, and whether an agreement is kept.
    """
    ids = [application.id for application in applications]
    awards = {
        award.plan_id: award for award in session.scalars(select(SeedAward).where(SeedAward.application_id.in_(ids)))
    }
    plans = session.scalars(select(SeedPlan).where(SeedPlan.application_id.in_(ids))).all()
    for plan in plans:
        if plan.id not in awards:
            session.delete(plan)
            continue
        awards[plan.id].release()
        for milestone in plan.milestones:
            file_id = milestone.forget_evidence()
            if file_id is not None:
                files.erase(session, file_id)
    return len(plans), bool(awards)
