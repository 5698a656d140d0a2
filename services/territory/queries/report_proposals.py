"""What reports tell of proposals: where each stands and what it costs; of those that were submitted, for the others are
drafts of who writes them. Institutions and amounts, never a person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from services.territory import reference
from services.territory.models import Proposal
from services.territory.rules.influence import Course, Outcome, grouped, outcome, paces
from services.territory.rules.proposals import PROPOSED, by_year, line_cost
from shared import places
from shared.kernel import Money

MOST = 40
"""Proposals that one report tells in full, the latest first."""


def submitted(session: Session, units: Sequence[str], *, inside: bool = False) -> Sequence[Proposal]:
    """The proposals to some places that were ever submitted and not put back, the latest first; `inside`: those to what
    lies in them too.
    """
    to = [Proposal.unit.startswith(unit, autoescape=True) if inside else Proposal.unit == unit for unit in units]
    statement = select(Proposal).where(or_(*to), Proposal.state != PROPOSED).order_by(Proposal.id.desc())
    return session.scalars(statement.options(selectinload(Proposal.steps))).all()


def tracker(proposals: Sequence[Proposal], language: str) -> dict[str, Any]:
    """The way of these proposals: their outcome in each currency, the median of days of each step, and each proposal
    with its steps and costs.
    """
    courses = [_course(one) for one in proposals]
    return {
        "submitted": len(proposals),
        "left_out": max(0, len(proposals) - MOST),
        "outcomes": [_outcome(currency, outcome(group)) for (_, currency), group in grouped(courses, None).items()],
        "paces": [{"state": one.state, "n": one.n, "days": one.days} for one in paces(courses) if one.n],
        "proposals": [_told(one, language) for one in proposals[:MOST]],
    }


def standing_at(proposals: Sequence[Proposal]) -> Mapping[str, int]:
    """How many of them stand at each state."""
    return Counter(one.state for one in proposals)


def _course(one: Proposal) -> Course:
    return Course(one.unit, one.year, one.organization, one.currency, one.asked, one.counted)


def _outcome(currency: str, found: Outcome) -> dict[str, Any]:
    counts = ("submitted", "included", "budgeted", "executed", "rejected")
    return {
        "currency": currency,
        **{name: getattr(found, name) for name in counts},
        "inclusion_percent": _percent(found.inclusion_rate),
        "approved_percent": _percent(found.approved_share),
        "executed_percent": _percent(found.executed_share),
        "asked": Money(found.asked, currency),
        "approved": Money(found.approved, currency),
        "spent": Money(found.spent, currency),
    }


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _told(one: Proposal, language: str) -> dict[str, Any]:
    costs = [_cost(one, line) for line in one.costs]
    chain = reference.chain_templates().get(one.chain or "")
    return {
        "title": one.title,
        "place": places.name_of(one.unit),
        "organization": one.organization,
        "year": one.year,
        "chain": chain.names[language] if chain else None,
        "state": one.state,
        "since": one.since,
        "asked": Money(one.asked, one.currency),
        "approved": one.money(one.approved),
        "executed": one.money(one.executed),
        "women_total": one.women_total,
        "women_direct": one.women_direct,
        "steps": _steps(one),
        "costs": costs,
        "years": [
            {"year": year, "amount": Money(minor, one.currency)}
            for year, minor in by_year((line["year"], line["cost"].minor) for line in costs)
        ],
        "financing": [{**part, "amount": Money(part["amount"], one.currency)} for part in one.financing],
    }


def _steps(one: Proposal) -> list[dict[str, Any]]:
    """The steps that count, each with the days since the one before and the act that says so: that of the latest record
    of its state.
    """
    acts = {step.state: step.act for step in one.steps}
    counted = one.counted
    days = [None, *((step.day - before.day).days for before, step in pairwise(counted))]
    return [
        {"state": step.state, "day": step.day, "days": took, "act": acts[step.state], "amount": one.money(step.amount)}
        for step, took in zip(counted, days, strict=True)
    ]


def _cost(one: Proposal, line: Mapping[str, Any]) -> dict[str, Any]:
    cost = line_cost(line["quantity"], line["unit_cost"])
    return {**line, "unit_cost": one.money(line["unit_cost"]), "cost": Money(cost, one.currency)}
