"""The entities of the credit service; their state changes only in their own guarded methods."""

from services.credit.models.agreements import AgreementLetter, agreement_in_force, clauses_in_force
from services.credit.models.applications import Application, Appraisal
from services.credit.models.assents import Assent, assent_state, assents_of, require_assent
from services.credit.models.attachments import Attachment
from services.credit.models.attempts import NotApart, Of, RefusedAttempt
from services.credit.models.balances import AccountBalance
from services.credit.models.base import Base, Counter, next_number
from services.credit.models.books import DrawerCount, IncomePart, IncomeShare, Withdrawal
from services.credit.models.changes import LoanChange, Moving
from services.credit.models.closes import Closing, DailyClose, LateCharge, LoanPosition, LoanStanding
from services.credit.models.collection import CollectionAction
from services.credit.models.committees import Committee, CommitteeKey, DeclaredInterest, Seat
from services.credit.models.conditions import Condition
from services.credit.models.conflicts import interested
from services.credit.models.copies import (
    CopyAssistance,
    CopyEnterprise,
    CopyMerged,
    CopyPlan,
    CopyTraining,
    CopyWithdrawn,
)
from services.credit.models.funds import (
    Contribution,
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    TakenBackEdition,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.groups import CreditGroup, GroupMember
from services.credit.models.guarantees import Guarantee
from services.credit.models.instalments import Instalment
from services.credit.models.issued import IssuedDocument
from services.credit.models.loans import Loan
from services.credit.models.notices import Movement, Notified, Observer
from services.credit.models.oversight import (
    ComplianceReport,
    Observation,
    ReportReading,
    Suspension,
    require_lending,
)
from services.credit.models.payments import OverpaymentUse, PaymentFile, PaymentLayout, PaymentLine
from services.credit.models.repayments import Repayment, RepaymentPart
from services.credit.models.seed import SeedAward, SeedMilestone, SeedPlan, SeedReturn
from services.credit.models.sessions import (
    Acta,
    AgendaItem,
    CommitteeSession,
    Correction,
    Resolution,
    RollSeat,
    earlier_terms,
)
from services.credit.models.statements import StatementLine, TrusteeStatement
from services.credit.models.votes import Recusal, Vote

__all__ = [
    "AccountBalance",
    "Acta",
    "AgendaItem",
    "AgreementLetter",
    "Application",
    "Appraisal",
    "Assent",
    "Attachment",
    "Base",
    "Closing",
    "CollectionAction",
    "Committee",
    "CommitteeKey",
    "CommitteeSession",
    "ComplianceReport",
    "Condition",
    "Contribution",
    "CopyAssistance",
    "CopyEnterprise",
    "CopyMerged",
    "CopyPlan",
    "CopyTraining",
    "CopyWithdrawn",
    "Correction",
    "Counter",
    "CreditGroup",
    "CreditRegulations",
    "DailyClose",
    "DeclaredInterest",
    "DrawerCount",
    "GroupMember",
    "Guarantee",
    "IncomePart",
    "IncomeShare",
    "Instalment",
    "IssuedDocument",
    "LateCharge",
    "LedgerEntry",
    "LedgerLine",
    "Loan",
    "LoanChange",
    "LoanPosition",
    "LoanStanding",
    "Movement",
    "Moving",
    "NotApart",
    "Notified",
    "Observation",
    "Observer",
    "Of",
    "OverpaymentUse",
    "PaymentFile",
    "PaymentLayout",
    "PaymentLine",
    "Recusal",
    "RefusedAttempt",
    "Repayment",
    "RepaymentPart",
    "ReportReading",
    "Resolution",
    "RollSeat",
    "Seat",
    "SeedAward",
    "SeedMilestone",
    "SeedPlan",
    "SeedReturn",
    "StatementLine",
    "Suspension",
    "TakenBackEdition",
    "TrustFund",
    "TrusteeStatement",
    "Vote",
    "Withdrawal",
    "agreement_in_force",
    "assent_state",
    "assents_of",
    "clauses_in_force",
    "earlier_terms",
    "interested",
    "next_number",
    "regulations_in_force",
    "require_assent",
    "require_lending",
]
