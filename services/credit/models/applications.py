"""An application for credit, from the day it is handed in to the day it is paid out, refused or taken back."""

from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.rules.regulations import Request
from shared.database import Versioned
from shared.kernel import Refused

if TYPE_CHECKING:
    from services.credit.models.funds import CreditRegulations

State = Literal[
    "submitted", "appraised", "on_agenda", "approved", "refused", "deferred", "disbursed", "withdrawn", "lapsed"
]
STATES: tuple[State, ...] = (
    "submitted",
    "appraised",
    "on_agenda",
    "approved",
    "refused",
    "deferred",
    "disbursed",
    "withdrawn",
    "lapsed",
)
UNDECIDED = ("submitted", "appraised", "on_agenda", "deferred", "lapsed")
_OPEN_TO_APPRAISAL = ("submitted", "appraised", "deferred", "lapsed")
RECOMMENDATIONS = ("approve", "refuse")


class Application(Identified, Versioned, Base):
    """What an enterprise asks a fund for. `amount`, `instalments` and `grace` are what was asked; what was decided
    stands in the resolution. `edition` is the edition of the regulations it was last measured against.
    """

    __tablename__ = "application"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"))
    enterprise_id: Mapped[UUID] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[Code]
    product: Mapped[Code]
    purpose: Mapped[Code]
    project: Mapped[str] = mapped_column(Text)
    amount: Mapped[Cents]
    instalments: Mapped[int]
    grace: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="submitted", index=True)
    submitted_on: Mapped[date]
    submitted_by: Mapped[Account]
    submitted_by_name: Mapped[Label]
    approved_amount: Mapped[Cents] = mapped_column(default=0)
    approved_until: Mapped[date | None]

    edition: Mapped["CreditRegulations"] = relationship()
    appraisals: Mapped[list["Appraisal"]] = relationship(order_by="Appraisal.position", cascade="all, delete-orphan")

    def correct(self, request: Request, project: str, edition: "CreditRegulations") -> None:
        """Change what is asked, until somebody has appraised it."""
        self._require("submitted")
        self.product, self.amount, self.purpose, self.project = (
            request.product,
            request.amount,
            request.purpose,
            project,
        )
        self.instalments, self.grace, self.edition = request.instalments, request.grace, edition

    def appraise(self, appraisal: "Appraisal") -> None:
        """Put an appraisal into the file; the last one is what the committee will see."""
        self._move("appraised", *_OPEN_TO_APPRAISAL)
        appraisal.position = len(self.appraisals) + 1
        self.appraisals.append(appraisal)
        self.edition = appraisal.edition

    def require_open_to_appraisal(self) -> None:
        """Refuses an application that lies before the committee, or was decided for good."""
        self._require(*_OPEN_TO_APPRAISAL)

    def place_on_agenda(self) -> None:
        if not self.appraisals:
            raise Refused("application.not_appraised", number=self.number)
        self._move("on_agenda", "appraised", "deferred", "lapsed")

    def return_from_agenda(self) -> None:
        """The session ended before the application's turn came: it waits for the next one."""
        self._move("appraised", "on_agenda")

    def decide(self, outcome: str, amount: int, until: date | None = None) -> None:
        """Record the committee's decision; `amount` is what it approved, in cents, to be paid out `until` a day."""
        self._move(outcome, "on_agenda")
        approved = outcome == "approved"
        self.approved_amount, self.approved_until = (amount, until) if approved else (0, None)

    def expired(self, day: date) -> bool:
        """Whether it was approved for longer ago than the regulations let an approval wait."""
        return self.state == "approved" and self.approved_until is not None and self.approved_until < day

    def standing(self, day: date) -> str:
        """Its state as of a day: an approval that expired is over, whether anybody wrote it down or not."""
        return "lapsed" if self.expired(day) else self.state

    def lapse(self) -> None:
        """Its approval is over; what was promised is free again, and a session may deal with it anew."""
        self._move("lapsed", "approved")
        self.approved_amount = 0

    def disburse(self) -> None:
        self._move("disbursed", "approved")

    def withdraw(self) -> None:
        """The applicant takes it back; what was promised to her is free again."""
        self._move("withdrawn", *UNDECIDED, "approved")

    def erase_free_text(self) -> int:
        """Empty what people wrote in their own words; comes back with the number of texts emptied."""
        texts = 1 if self.project else 0
        self.project = ""
        return texts + sum(appraisal.erase_free_text() for appraisal in self.appraisals)

    def erase_figures(self) -> int:
        """Empty what was asked and drop what was found on site; comes back with the number of appraisals dropped."""
        self.amount = self.instalments = self.grace = 0
        dropped = len(self.appraisals)
        self.appraisals.clear()
        return dropped

    @property
    def appraisal(self) -> "Appraisal":
        """The last appraisal; refuses an application that has none."""
        if not self.appraisals:
            raise Refused("application.not_appraised", number=self.number)
        return self.appraisals[-1]

    def appraised_by(self, subject: str) -> bool:
        return any(appraisal.appraised_by == subject for appraisal in self.appraisals)

    def require_approved(self) -> None:
        self._require("approved")

    def _require(self, *states: str) -> None:
        """Refuses any other state, saying where it stands: application.is_approved, application.is_disbursed …"""
        if self.state not in states:
            raise Refused(f"application.is_{self.state}", number=self.number)

    def _move(self, state: str, *from_states: str) -> None:
        self._require(*from_states)
        self.state = state


class Appraisal(Identified, Base):
    """What somebody found on site, and what she recommends under `edition`; amounts in cents a month."""

    __tablename__ = "appraisal"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    regulations_id: Mapped[UUID] = mapped_column(ForeignKey("regulations.id"), nullable=True)
    position: Mapped[int]
    appraised_by: Mapped[Account]
    appraised_by_name: Mapped[Label]
    appraised_on: Mapped[date]
    visited_on: Mapped[date]
    monthly_income: Mapped[Cents]
    monthly_expense: Mapped[Cents]
    monthly_debts: Mapped[Cents]
    guarantees: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    assistance_needs: Mapped[list[str]]
    recommendation: Mapped[Code]
    amount: Mapped[Cents]
    instalments: Mapped[int]
    grace: Mapped[int]
    conditions: Mapped[str] = mapped_column(Text)

    edition: Mapped["CreditRegulations"] = relationship()

    def erase_free_text(self) -> int:
        emptied = sum(1 for text in (self.guarantees, self.remarks) if text)
        self.guarantees = self.remarks = ""
        return emptied
