"""What the last close of its fund charged a loan for being late."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Session

from services.credit.models.closes import Closing, LateCharge, counting_from

# Made once: every payment asks for it.
_HELD = (
    select(Closing.day, LateCharge.instalment, LateCharge.amount)
    .outerjoin(
        LateCharge,
        and_(
            LateCharge.loan_id == bindparam("its_loan"),
            LateCharge.fund_id == Closing.fund_id,
            LateCharge.slot == Closing.slot,
        ),
    )
    .where(Closing.fund_id == bindparam("its_fund"))
)


@dataclass(frozen=True, slots=True)
class LastClose:
    """The last closed day of a fund, None before the first, and what it charged one of its loans for being late: in
    cents, by instalment, paid or not.
    """

    day: date | None = None
    charges: dict[int, int] = field(default_factory=dict)

    def counts_from(self, day: date) -> date:
        """From when on a movement of `day` counts in the portfolio."""
        return counting_from(day, self.day)


def held(session: Session, fund_id: UUID, loan_id: UUID) -> LastClose:
    """What the last close of a fund charged a loan."""
    found = session.execute(_HELD, {"its_fund": fund_id, "its_loan": loan_id}).all()
    charges = {row.instalment: row.amount for row in found if row.instalment is not None}
    return LastClose(found[0].day if found else None, charges)


def replace(session: Session, loan_id: UUID, amounts: Mapping[int, int]) -> None:
    """Let these be the charges of the instalments that the last close charged; the fund must be locked."""
    holding = select(Closing.slot).where(Closing.fund_id == LateCharge.fund_id).scalar_subquery()
    for number, amount in amounts.items():
        session.execute(
            update(LateCharge)
            .where(LateCharge.loan_id == loan_id, LateCharge.slot == holding, LateCharge.instalment == number)
            .values(amount=amount)
            .execution_options(synchronize_session=False)
        )
