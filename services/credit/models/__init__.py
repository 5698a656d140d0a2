"""The entities of the credit service; their state changes only in their own guarded methods."""

from services.credit.models.applications import Application, Appraisal
from services.credit.models.base import Base, Counter, next_number
from services.credit.models.committees import Committee, CommitteeKey, DeclaredInterest, Seat
from services.credit.models.conditions import Condition
from services.credit.models.copies import CopyEnterprise, CopyMerged
from services.credit.models.funds import (
    Contribution,
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.loans import Instalment, IssuedDocument, Loan, Repayment, RepaymentPart
from services.credit.models.oversight import Observation, Suspension, require_lending
from services.credit.models.sessions import (
    Acta,
    AgendaItem,
    CommitteeSession,
    Correction,
    Movement,
    Notified,
    Recusal,
    Resolution,
    RollSeat,
    Vote,
)

__all__ = [
    "Acta",
    "AgendaItem",
    "Application",
    "Appraisal",
    "Base",
    "Committee",
    "CommitteeKey",
    "CommitteeSession",
    "Condition",
    "Contribution",
    "CopyEnterprise",
    "CopyMerged",
    "Correction",
    "Counter",
    "CreditRegulations",
    "DeclaredInterest",
    "Instalment",
    "IssuedDocument",
    "LedgerEntry",
    "LedgerLine",
    "Loan",
    "Movement",
    "Notified",
    "Observation",
    "Recusal",
    "Repayment",
    "RepaymentPart",
    "Resolution",
    "RollSeat",
    "Seat",
    "Suspension",
    "TrustFund",
    "Vote",
    "next_number",
    "regulations_in_force",
    "require_lending",
]
