"""Where applications wait, stage by stage, and for how long."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from services.credit.models import Application, TrustFund, regulations_in_force
from services.credit.queries.applications import COLUMNS, conditions, lent, row_of, standing
from services.credit.rules.pipeline import STAGES, Patience
from services.credit.use_cases.find import in_view
from shared.identity import Caller
from shared.kernel import Money, clock

SHOWN = 25
"""As many applications of a stage are told; the list has them all."""


def pipeline(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every stage of the caller's territory where something waits: how many and how much is to be lent, how many of
    them longer than their fund's regulations of today let them, and the longest waiting first.
    """
    where = [in_view(caller), *conditions(filters), standing().in_(STAGES)]
    plain = (Application.state, Application.fund_id, TrustFund.currency)
    query = (
        select(standing().label("standing"), _since().label("since"), *plain, func.count(), func.sum(lent()))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(*where)
        .group_by("standing", "since", *plain)
    )
    rows = session.execute(query).all()
    patience = {fund_id: _patience(session, fund_id) for fund_id in {row.fund_id for row in rows}}
    stages = {stage: _Stage(stage) for stage in STAGES}
    for stage, since, state, fund_id, currency, count, amount in rows:
        waited = (clock.today() - since).days - (state != stage)
        late = patience[fund_id].over(stage, waited)
        stages[stage].add(count, Money(int(amount), currency), late=late)
    return [
        stages[stage].told(_longest_waiting(session, where, stage, patience)) for stage in STAGES if stages[stage].count
    ]


class _Stage:
    """What is added up of one stage."""

    def __init__(self, state: str) -> None:
        self.state, self.count, self.late = state, 0, 0
        self.amounts: dict[str, Money] = {}

    def add(self, count: int, amount: Money, *, late: bool) -> None:
        self.count += count
        self.late += count if late else 0
        before = self.amounts.get(amount.currency, Money(0, amount.currency))
        self.amounts[amount.currency] = Money(before.minor + amount.minor, amount.currency)

    def told(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        amounts = [self.amounts[currency] for currency in sorted(self.amounts)]
        return {"state": self.state, "count": self.count, "late": self.late, "amounts": amounts, "items": items}


def _longest_waiting(
    session: Session, where: Iterable[ColumnElement[bool]], stage: str, patience: Mapping[UUID, Patience]
) -> list[dict[str, Any]]:
    query = (
        select(*COLUMNS, TrustFund.currency, TrustFund.code.label("fund"), TrustFund.kind.label("fund_kind"))
        .join(TrustFund, TrustFund.id == Application.fund_id)
        .where(*where, standing() == stage)
        .order_by(_since(), Application.id)
        .limit(SHOWN)
    )
    rows = [row_of(dict(row)) for row in session.execute(query).mappings()]
    return [{**row, "late": patience[row["fund_id"]].over(stage, row["days_in_stage"])} for row in rows]


def _since() -> ColumnElement[date]:
    """Since when an application stands where it stands; of an expired approval its last day."""
    return case((standing() == Application.state, Application.stage_since), else_=Application.approved_until)


def _patience(session: Session, fund_id: UUID) -> Patience:
    """How long the fund's regulations of today let an application wait."""
    return regulations_in_force(session, fund_id, clock.today()).read().pipeline
