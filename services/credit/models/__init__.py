"""The entities of the credit service; their state changes only in their own guarded methods."""

from services.credit.models.applications import Application, Appraisal
from services.credit.models.base import Base, Counter, next_number
from services.credit.models.books import DrawerCount, IncomePart, IncomeShare, Withdrawal
from services.credit.models.closes import Closing, DailyClose, LateCharge, LoanPosition, LoanStanding
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
from services.credit.models.statements import StatementLine, TrusteeStatement

__all__ = [
    "Acta",
    "AgendaItem",
    "Application",
    "Appraisal",
    "Base",
    "Closing",
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
    "DailyClose",
    "DeclaredInterest",
    "DrawerCount",
    "IncomePart",
    "IncomeShare",
    "Instalment",
    "IssuedDocument",
    "LateCharge",
    "LedgerEntry",
    "LedgerLine",
    "Loan",
    "LoanPosition",
    "LoanStanding",
    "Movement",
    "Notified",
    "Observation",
    "Recusal",
    "Repayment",
    "RepaymentPart",
    "Resolution",
    "RollSeat",
    "Seat",
    "StatementLine",
    "Suspension",
    "TrustFund",
    "TrusteeStatement",
    "Vote",
    "Withdrawal",
    "next_number",
    "regulations_in_force",
    "require_lending",
]
