"""A business plan is printed; of a ready version the hash of what the paper says is kept, to verify it by."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.documents.business_plan import PlanPrint
from services.registry.models import BusinessPlan, Centre, Covered, Enterprise, IssuedPlan
from services.registry.queries.plans import find_plan
from services.registry.tables import plan_prudence_on
from shared.identity import Caller
from shared.kernel import clock


def print_plan(session: Session, caller: Caller, plan_id: UUID, *, language: str, public_url: str) -> tuple[str, bytes]:
    """The label of the version and its PDF in `language`. A draft says that it is one, and is not verified."""
    plan = find_plan(session, caller, plan_id)
    enterprise = session.get_one(Enterprise, plan.enterprise_id)
    covering = select(Centre).join(Covered).where(Covered.municipality == plan.municipality).order_by(Centre.id)
    centre = session.scalars(covering.limit(1)).first()
    dated = plan.ready_on or clock.today()
    printed = PlanPrint.of(plan, enterprise, centre, plan_prudence_on(dated), dated, language)
    if plan.state == "draft":
        return plan.label, printed.render(None)
    _issue(session, plan, printed.hash)
    return plan.label, printed.render(public_url)


def _issue(session: Session, plan: BusinessPlan, hash_: str) -> None:
    """Keep the hash, once: two who print at the same moment wait for each other on the plan."""
    session.execute(select(BusinessPlan.id).where(BusinessPlan.id == plan.id).with_for_update())
    if session.get(IssuedPlan, hash_) is None:
        dated = plan.ready_on or clock.today()
        session.add(IssuedPlan(hash=hash_, plan_id=plan.id, number=plan.label, dated=dated, issued_at=clock.now()))
