"""Proposals and where they stand, as lists, as a board and one by one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.territory.models import Council, DevelopmentPlan, FrozenAnalysis, PlanLine, Proposal, ProposalStep
from services.territory.queries.whole import all_rows
from services.territory.rules.access import may_record, may_write
from services.territory.rules.proposals import PROPOSED, STATES, by_year, line_cost, next_states
from services.territory.use_cases.freeze_analysis import hash_of
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Money, NotFound, clock
from shared.web import Page, keyset_page

_AMOUNTS = ("asked", "approved", "executed")
_SHOWN = (
    *("id", "version", "unit", "year", "title", "organization", "plan_id", "line_id", "chain", "currency"),
    *(*_AMOUNTS, "women_total", "women_direct", "state", "since", "proposed_by_name", "proposed_at"),
)


def list_proposals(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The proposals of the caller's territory, latest first."""
    columns = labelled(Proposal, *_SHOWN)
    statement = select(*columns).where(*matching(caller, filters))
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([_row(row) for row in page.rows], page.next)


def all_proposals(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every proposal that the list shows page by page; refuses more than a table takes."""
    statement = select(*labelled(Proposal, *_SHOWN)).where(*matching(caller, filters))
    return [_row(row) for row in all_rows(session, statement.order_by(Proposal.id.desc()))]


def board(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each state and currency how many proposals stand there, what they ask, what was approved and executed, and
    for how many days the oldest has stood there; states without any are left out.
    """
    sums = [func.sum(getattr(Proposal, name)).label(name) for name in _AMOUNTS]
    statement = (
        select(Proposal.state, Proposal.currency, func.count().label("proposals"), *sums)
        .add_columns(func.min(Proposal.since).label("oldest"))
        .where(*matching(caller, filters))
        .group_by(Proposal.state, Proposal.currency)
    )
    rows = session.execute(statement).mappings().all()
    today = clock.today()
    return [
        {
            "state": row["state"],
            "proposals": row["proposals"],
            **{name: Money(int(row[name] or 0), row["currency"]) for name in _AMOUNTS},
            "oldest_days": (today - row["oldest"]).days,
        }
        for row in sorted(rows, key=lambda row: (STATES.index(row["state"]), row["currency"]))
    ]


def show_proposal(session: Session, caller: Caller, proposal_id: UUID) -> dict[str, Any]:
    """One proposal of the caller's territory, whole."""
    return whole_proposal(session, _in_scope(session, caller, proposal_id), caller)


def whole_proposal(session: Session, proposal: Proposal, caller: Caller) -> dict[str, Any]:
    """One proposal with its costs, its financing, its evidence and every record of its way."""
    own = proposal.proposed_by == caller.subject
    costs = [_cost(proposal, line) for line in proposal.costs]
    years = by_year((line["year"], line["cost"].minor) for line in costs)
    financing = [{**part, "amount": Money(part["amount"], proposal.currency)} for part in proposal.financing]
    councils = _names(session, {step.council_id for step in proposal.steps})
    plan = session.get(DevelopmentPlan, proposal.plan_id) if proposal.plan_id else None
    line = session.get(PlanLine, proposal.line_id) if proposal.line_id else None
    return _row({name: getattr(proposal, name) for name in _SHOWN}) | {
        "text": proposal.text,
        "plan_title": plan.title if plan else None,
        "line_title": f"{line.number} {line.title}" if line else None,
        "costs": costs,
        "years": [{"year": year, "amount": Money(minor, proposal.currency)} for year, minor in years],
        "financing": financing,
        "steps": [_step(proposal, step, councils) for step in proposal.steps],
        "evidence": [_evidence(one) for one in proposal.evidence],
        "next_states": list(next_states(proposal.state)),
        "been_at": [step.state for step in proposal.counted],
        "may_write": proposal.state == PROPOSED and may_write(caller.roles, own=own),
        "may_record": [one for one in next_states(proposal.state) if may_record(caller.roles, one, own=own)],
    }


def show_evidence(session: Session, caller: Caller, proposal_id: UUID, evidence_id: UUID) -> dict[str, Any]:
    """A frozen analysis with what it says, and whether that is still what was frozen."""
    proposal = _in_scope(session, caller, proposal_id)
    found = next((one for one in proposal.evidence if one.id == evidence_id), None)
    if found is None:
        raise NotFound("proposal.evidence_unknown")
    return _evidence(found) | {"content": found.content, "intact": hash_of(found.content) == found.hash}


def paper_of_step(session: Session, caller: Caller, proposal_id: UUID, step_id: UUID) -> UUID:
    """The stored file of a step's paper."""
    step = _in_scope(session, caller, proposal_id).step(step_id)
    if step.file_id is None:
        raise NotFound("file.unknown")
    return step.file_id


def matching(caller: Caller, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions on the proposals of the caller's territory that the filters leave."""
    found: list[ColumnElement[bool]] = [caller.scope.condition(Proposal.unit)]
    if unit := filters.get("unit"):
        found.append(Proposal.unit.startswith(unit, autoescape=True))
    if organization := filters.get("organization"):
        found.append(Proposal.organization.icontains(organization, autoescape=True))
    found += [
        getattr(Proposal, name) == filters[name]
        for name in ("state", "year", "plan_id", "line_id", "chain")
        if filters.get(name) is not None
    ]
    return found


def _in_scope(session: Session, caller: Caller, proposal_id: UUID) -> Proposal:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("proposal.unknown")
    caller.require_scope(proposal.unit)
    return proposal


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    money = {name: None if row[name] is None else Money(row[name], row["currency"]) for name in _AMOUNTS}
    return {**row, **money, "days_at_state": (clock.today() - row["since"]).days}


def _cost(proposal: Proposal, line: Mapping[str, Any]) -> dict[str, Any]:
    cost = line_cost(line["quantity"], line["unit_cost"])
    return {**line, "unit_cost": proposal.money(line["unit_cost"]), "cost": Money(cost, proposal.currency)}


def _step(proposal: Proposal, step: ProposalStep, councils: Mapping[UUID, str]) -> dict[str, Any]:
    names = ("id", "number", "state", "day", "days", "act", "council_id", "reason", "corrects")
    return {name: getattr(step, name) for name in names} | {
        "council_name": councils.get(step.council_id) if step.council_id else None,
        "amount": proposal.money(step.amount),
        "has_paper": step.file_id is not None,
        "recorded_by_name": step.recorded_by_name,
        "recorded_at": step.recorded_at,
    }


def _evidence(one: FrozenAnalysis) -> dict[str, Any]:
    names = ("id", "kind", "unit", "published", "as_of", "hash", "frozen_by_name", "frozen_at")
    return {name: getattr(one, name) for name in names}


def _names(session: Session, ids: set[UUID | None]) -> dict[UUID, str]:
    known = [one for one in ids if one is not None]
    if not known:
        return {}
    return {row.id: row.name for row in session.execute(select(Council.id, Council.name).where(Council.id.in_(known)))}
