"""What the paper of a business plan says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from services.registry.models import BusinessPlan, Centre, Enterprise
from services.registry.rules.cash_flow import Figures, Flow, Prudence, figures
from services.registry.rules.plan_values import SECTIONS, PlanBody
from shared import documents, places
from shared.kernel import Money

TEMPLATE = Path(__file__).parent / "business_plan.typ"
_FLOW = (*Flow.__slots__, "margin", "operating", "instalment", "net")


@dataclass(frozen=True)
class PlanPrint:
    """A plan before it is set: its facts and its language."""

    data: Mapping[str, Any]
    language: str

    @classmethod
    def of(
        cls,
        plan: BusinessPlan,
        enterprise: Enterprise,
        centre: Centre | None,
        prudence: Prudence,
        dated: date,
        language: str,
    ) -> "PlanPrint":
        """The plan as facts."""
        body = plan.body
        found = figures(body, prudence)
        return cls(
            {
                "dated": dated,
                "letterhead": _letterhead(centre),
                "number": plan.label,
                "is_draft": plan.state == "draft",
                "currency": plan.currency,
                "enterprise": enterprise.name,
                "owners": [f"{o.entrepreneur.given_names} {o.entrepreneur.surnames}" for o in enterprise.owners],
                "municipality": places.full_name(plan.municipality),
                "written_by": plan.ready_by_name or plan.written_by_name,
                "sections": {name: body.sections.get(name, "") for name in SECTIONS},
                **_lines(body),
                **_outcome(found, plan.currency, prudence),
            },
            language,
        )

    @cached_property
    def hash(self) -> str:
        """The hash of what it says."""
        return documents.content_hash(TEMPLATE, self.data, language=self.language)

    def render(self, public_url: str | None) -> bytes:
        """The PDF, with a QR to the page that verifies it where there is one."""
        address = "" if public_url is None else f"{public_url}/verify/{{hash}}"
        return documents.render(TEMPLATE, self.data, language=self.language, verify_url=address)


def _letterhead(centre: Centre | None) -> dict[str, str]:
    if centre is None:
        return {"centre": "Red CSEM", "host": ""}
    return {"centre": centre.name, "host": centre.host.name if centre.host else ""}


def _lines(body: PlanBody) -> dict[str, Any]:
    return {
        "products": [
            {
                "name": line.name,
                "unit": line.unit,
                "price": _shown(line.price),
                "unit_cost": _shown(line.unit_cost),
                "volume": line.volume,
                "season": list(line.season),
            }
            for line in body.products
        ],
        "fixed_costs": [
            {"name": cost.name, "amount": _shown(cost.amount), "first": cost.first} for cost in body.fixed_costs
        ],
        "investments": [
            {"name": bought.name, "amount": _shown(bought.amount), "month": bought.month} for bought in body.investments
        ],
        "own_contribution": _shown(body.own_contribution),
        "loan": body.loan
        and {
            "amount": _shown(body.loan.amount),
            "annual_rate": str(body.loan.annual_rate),
            "instalments": body.loan.instalments,
            "grace": body.loan.grace,
            "month": body.loan.month,
        },
    }


def _outcome(found: Figures, currency: str, prudence: Prudence) -> dict[str, Any]:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    amounts = ("lowest_balance", "break_even_sales", "operating_average", "capacity", "instalment")
    counts = ("lowest_in", "margin_percent", "break_even_units", "recovered_in", "coverage_percent")
    return {
        "months": [
            {"number": one.number, "starts_on": one.starts_on, **_flow(one.flow), "balance": _shown(one.balance)}
            for one in found.months
        ],
        "years": [_flow(year) for year in found.years],
        "total": _flow(found.total),
        "share_percent": prudence.share_percent,
        **{name: money(getattr(found, name)) for name in amounts},
        **{name: getattr(found, name) for name in counts},
    }


def _flow(flow: Flow) -> dict[str, str]:
    return {name: _shown(getattr(flow, name)) for name in _FLOW}


def _shown(minor: int) -> str:
    """125000 -> "1250.00"."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"
