"""What a business plan still lacks before it is ready, what is to be thought over, and how two versions differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.registry.rules.cash_flow import Figures, Prudence
from services.registry.rules.plan_values import PlanBody

NEEDED = ("summary", "market", "ask")
"""Without these texts nobody can judge a plan."""

COMPARED = (
    "own_contribution",
    "asked",
    "sales",
    "variable",
    "fixed",
    "investment",
    "operating_average",
    "lowest_balance",
    "break_even_sales",
    "break_even_units",
    "recovered_in",
    "capacity",
    "instalment",
    "coverage_percent",
)
MONEY = frozenset(COMPARED) - {"break_even_units", "recovered_in", "coverage_percent"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing about a plan; while one that is `hindering` stands, it does not become ready."""

    code: str
    hindering: bool
    facts: dict[str, Any]


def remarks(plan: PlanBody, found: Figures, prudence: Prudence) -> list[Remark]:
    """Everything to say about a plan, what hinders first."""
    return sorted(_remarks(plan, found, prudence), key=lambda remark: not remark.hindering)


def _remarks(plan: PlanBody, found: Figures, prudence: Prudence) -> Iterator[Remark]:
    for section in NEEDED:
        if not plan.sections.get(section, "").strip():
            yield Remark(f"plan.lacks_{section}", True, {})
    if not plan.products:
        yield Remark("plan.lacks_products", True, {})
    for line in plan.products:
        if line.unit_cost >= line.price:
            yield Remark("plan.sold_below_cost", False, {"product": line.name})
    if not plan.fixed_costs:
        yield Remark("plan.lacks_fixed_costs", False, {})
    if found.lowest_balance < 0:
        yield Remark("plan.runs_out_of_cash", False, {"month": found.lowest_in})
    yield from _of_the_loan(plan, found, prudence)


def _of_the_loan(plan: PlanBody, found: Figures, prudence: Prudence) -> Iterator[Remark]:
    if plan.loan is None or found.coverage_percent is None:
        return
    if plan.loan.month + plan.loan.instalments > plan.months:
        yield Remark("plan.ends_before_the_loan", False, {})
    if found.coverage_percent < prudence.coverage_percent:
        yield Remark("plan.cannot_pay", False, {"covered": found.coverage_percent})


def told(plan: PlanBody, found: Figures) -> dict[str, int | None]:
    """The figures by which two versions are compared, by the names of `COMPARED`."""
    whole = {name: getattr(found.total, name) for name in ("sales", "variable", "fixed", "investment")}
    given = {"own_contribution": plan.own_contribution, "asked": plan.loan.amount if plan.loan else None}
    return whole | given | {name: getattr(found, name) for name in COMPARED if name not in whole | given}


def changed_parts(before: PlanBody, after: PlanBody) -> list[str]:
    """Which parts of a plan are not the same: texts by `sections.NAME`, and lines by the name of their table."""
    names = sorted(set(before.sections) | set(after.sections))
    texts = [f"sections.{name}" for name in names if before.sections.get(name, "") != after.sections.get(name, "")]
    parts = ("starts_on", "months", "products", "fixed_costs", "investments", "own_contribution", "loan")
    return texts + [name for name in parts if getattr(before, name) != getattr(after, name)]
