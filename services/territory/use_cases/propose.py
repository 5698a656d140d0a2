"""A proposal is written, and written anew as long as nobody was asked to decide on it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import DevelopmentPlan, Proposal, ProposalStep
from services.territory.rules.access import may_write
from services.territory.rules.proposals import PROPOSED, line_cost
from services.territory.use_cases.finding import locked, recorder
from services.territory.use_cases.write_plan import minor_of
from shared import history, places
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Forbidden, Invalid, Money, NotFound, clock, uuid7

LARGEST = 10**15
"""Minor units; what an amount may be anywhere in the house."""


def propose(session: Session, caller: Caller, told: Mapping[str, Any]) -> Proposal:
    """The proposal, as written; refuses a place that is unknown or not the caller's, a plan of another place, another
    currency than the country's, and a financing that does not add up to the cost.
    """
    unit = told["unit"]
    if unit not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=unit)
    caller.require_scope(unit)
    now, today = clock.now(), clock.today()
    facts = _facts(session, told)
    proposal = Proposal(
        id=uuid7(),
        year=today.year,
        since=today,
        proposed_by=caller.subject,
        proposed_by_name=caller.name,
        proposed_at=now,
        **facts,
    )
    proposal.begin(ProposalStep(id=uuid7(), state=PROPOSED, day=today, recorded_at=now, **recorder(caller)))
    session.add(proposal)
    session.flush()
    history.record(session, caller, subject=proposal.id, kind="proposal", action="propose", after=facts)
    return proposal


def rewrite_proposal(
    session: Session, caller: Caller, proposal_id: UUID, *, version: int | None, told: Mapping[str, Any]
) -> Proposal:
    """The proposal, written anew; refuses who did not write it (but for coordinators), a place outside her territory,
    and one that was submitted.
    """
    proposal = own_proposal(session, caller, proposal_id)
    proposal.require_version(version)
    if told["unit"] not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=told["unit"])
    caller.require_scope(told["unit"])
    facts = _facts(session, told)
    before = {name: getattr(proposal, name) for name in facts}
    proposal.rewrite(facts)
    session.flush()
    history.record(session, caller, subject=proposal.id, kind="proposal", action="rewrite", before=before, after=facts)
    return proposal


def proposal_in_scope(session: Session, caller: Caller, proposal_id: UUID) -> Proposal:
    """A proposal of the caller's territory, locked."""
    proposal = locked(session, Proposal, proposal_id, "proposal.unknown")
    caller.require_scope(proposal.unit)
    return proposal


def own_proposal(session: Session, caller: Caller, proposal_id: UUID) -> Proposal:
    """A proposal whose text the caller may change, locked; refuses another's (but to coordinators)."""
    proposal = proposal_in_scope(session, caller, proposal_id)
    if not may_write(caller.roles, own=proposal.proposed_by == caller.subject):
        raise Forbidden("proposal.of_another", title=proposal.title)
    return proposal


def _facts(session: Session, told: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what was written, once all of it holds."""
    if told["women_direct"] > told["women_total"]:
        raise Invalid("proposal.more_direct_than_total", pointer="/women_direct")
    _check_plan(session, told)
    currency = COUNTRY_CURRENCY[told["unit"][:2]]
    costs = [
        {**line, "unit_cost": minor_of(line["unit_cost"], currency, f"/costs/{at}/unit_cost")}
        for at, line in enumerate(told["costs"])
    ]
    financing = [
        {**part, "amount": minor_of(part["amount"], currency, f"/financing/{at}")}
        for at, part in enumerate(told["financing"])
    ]
    return {
        **told,
        "currency": currency,
        "costs": costs,
        "financing": financing,
        "asked": _sum(costs, financing, currency),
    }


def _sum(costs: Sequence[Mapping[str, Any]], financing: Sequence[Mapping[str, Any]], currency: str) -> int:
    cost = sum(line_cost(line["quantity"], line["unit_cost"]) for line in costs)
    if cost > LARGEST:
        raise Invalid("money.out_of_range", pointer="/costs", amount=str(Money(cost, currency)))
    paid = sum(part["amount"] for part in financing)
    if paid != cost:
        raise Invalid(
            "proposal.financing_differs",
            pointer="/financing",
            cost=str(Money(cost, currency)),
            financing=str(Money(paid, currency)),
            currency=currency,
        )
    return cost


def _check_plan(session: Session, told: Mapping[str, Any]) -> None:
    if told["plan_id"] is None:
        if told["line_id"] is not None:
            raise Invalid("proposal.line_without_plan", pointer="/plan_id")
        return
    plan = session.get(DevelopmentPlan, told["plan_id"])
    if plan is None:
        raise NotFound("development_plan.unknown")
    if not told["unit"].startswith(plan.unit):
        raise Invalid("proposal.plan_elsewhere", pointer="/plan_id", title=plan.title)
    plan.require_adopted()
    if told["line_id"] is not None:
        plan.line(told["line_id"])
