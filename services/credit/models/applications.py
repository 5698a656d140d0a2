"""An application for credit, from the day it is handed in to the day it is paid out, refused or taken back."""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.rules.appraisal import Figures, Sums
from services.credit.rules.completeness import Lacking
from services.credit.rules.regulations import Request
from services.credit.rules.restructuring import LENDING
from services.credit.rules.words import shown
from shared.database import Versioned
from shared.kernel import NotFound, Refused, clock

if TYPE_CHECKING:
    from services.credit.models.attachments import Attachment
    from services.credit.models.funds import CreditRegulations

State = Literal[
    "submitted",
    "appraised",
    "on_agenda",
    "approved",
    "refused",
    "deferred",
    "disbursed",
    "carried_out",
    "withdrawn",
    "lapsed",
]
STATES: tuple[State, ...] = (
    "submitted",
    "appraised",
    "on_agenda",
    "approved",
    "refused",
    "deferred",
    "disbursed",
    "carried_out",
    "withdrawn",
    "lapsed",
)
UNDECIDED = ("submitted", "appraised", "on_agenda", "deferred", "lapsed")
_OPEN_TO_APPRAISAL = ("submitted", "appraised", "deferred", "lapsed")
RECOMMENDATIONS = ("approve", "refuse")


class Application(Identified, Versioned, Base):
    """What an enterprise asks a fund for. `amount`, `instalments` and `grace` are what was asked; what was decided
    stands in the resolution. `edition` is the edition of the regulations it was last measured against. What is not of
    the `kind` "loan" asks the committee to change a running loan (`loan_id`), in the words of `project`. `committed` is
    what may still be paid out under its approval.
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
    kind: Mapped[Code] = mapped_column(default="loan")
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loan.id", use_alter=True), index=True)
    committed: Mapped[Cents] = mapped_column(default=0)
    stage_since: Mapped[date] = mapped_column(default=clock.today)
    """The day it came to the stage at which it stands."""

    edition: Mapped["CreditRegulations"] = relationship()
    appraisals: Mapped[list["Appraisal"]] = relationship(order_by="Appraisal.position", cascade="all, delete-orphan")
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id", cascade="all, delete-orphan")

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

    def attach(self, attachment: "Attachment") -> None:
        """Put a paper into the file; refuses while a committee deals with it, and once it was decided for good."""
        self.require_open_to_appraisal()
        self.attachments.append(attachment)

    def detach(self, attachment_id: UUID) -> "Attachment":
        """Take a paper out of the file again; refuses one that has lain before a committee."""
        self.require_open_to_appraisal()
        attachment = self.attachment(attachment_id)
        if attachment.seen:
            raise Refused("attachment.seen_by_committee", number=self.number)
        self.attachments.remove(attachment)
        return attachment

    def attachment(self, attachment_id: UUID) -> "Attachment":
        for attachment in self.attachments:
            if attachment.id == attachment_id:
                return attachment
        raise NotFound("attachment.unknown", number=self.number)

    def lacking(self) -> tuple[Lacking, ...]:
        """What the regulations it was measured against want in its file and is not there, for what is asked or, where
        that is more, recommended. What only changes a running loan needs none.
        """
        if self.kind not in LENDING:
            return ()
        amount = max([self.amount, *(appraisal.amount for appraisal in self.appraisals[-1:])])
        held = Counter(attachment.kind for attachment in self.attachments)
        return self.edition.read().file.lacking(self.product, amount, held)

    def place_on_agenda(self) -> None:
        """A committee will deal with it; refuses one that is not appraised, or whose file lacks a paper."""
        if not self.appraisals:
            raise Refused("application.not_appraised", number=self.number)
        self._require("appraised", "deferred", "lapsed")
        if lacking := self.lacking():
            raise Refused("application.incomplete", number=self.number, missing="; ".join(map(str, lacking)))
        for attachment in self.attachments:
            attachment.seen = True
        self._move("on_agenda", "appraised", "deferred", "lapsed")

    def return_from_agenda(self) -> None:
        """The session ended before the application's turn came: it waits for the next one."""
        self._move("appraised", "on_agenda")

    def decide(self, outcome: str, amount: int, until: date | None = None, committed: int | None = None) -> None:
        """Record the committee's decision; `amount` is what it approved, in cents, to be paid out `until` a day, and
        `committed` what of it the fund has to have ready: all of it, unless something else is said.
        """
        self._move(outcome, "on_agenda")
        approved = outcome == "approved"
        self.approved_amount, self.approved_until = (amount, until) if approved else (0, None)
        self.committed = (amount if committed is None else committed) if approved else 0

    def expired(self, day: date) -> bool:
        """Whether it was approved for longer ago than the regulations let an approval wait."""
        return self.state == "approved" and self.approved_until is not None and self.approved_until < day

    def standing(self, day: date) -> str:
        """Its state as of a day: an approval that expired is over, whether anybody wrote it down or not."""
        return "lapsed" if self.expired(day) else self.state

    def lapse(self) -> None:
        """Its approval is over; what was promised is free again, and a session may deal with it anew."""
        self._move("lapsed", "approved")
        self.approved_amount = self.committed = 0

    def disburse(self, amount: int | None = None) -> None:
        """The money is handed over: all of it, or `amount` of it; the rest stays promised."""
        self._move("disbursed", "approved")
        self.committed = 0 if amount is None else self.committed - amount

    def hand_out(self, amount: int) -> None:
        """Another part of what is still promised is handed over, in cents; refuses more than that."""
        if amount > self.rest(clock.today()):
            raise Refused("tranche.above_rest", number=self.number, rest=shown(self.rest(clock.today())))
        self.committed -= amount

    def rest(self, day: date) -> int:
        """What may still be paid out of a credit of which a part was, in cents."""
        over = self.approved_until is not None and self.approved_until < day
        return 0 if self.state != "disbursed" or over else self.committed

    def give_up_rest(self) -> int:
        """What was not paid out is free again; comes back with how much that is, in cents."""
        freed = self.rest(clock.today())
        self.committed = 0
        return freed

    def carry_out(self) -> None:
        """What was resolved about a running loan is done."""
        self._move("carried_out", "approved")

    def require_lending(self, *, lends: bool = True) -> None:
        """Refuses what is done otherwise: an application for money is paid out, one to change a loan carried out."""
        if (self.kind in LENDING) is not lends:
            raise Refused("application.other_kind", number=self.number, kind=self.kind)

    @property
    def told_kind(self) -> str | None:
        """How events tell what is asked for: nothing is said of a new credit."""
        return None if self.kind == "loan" else self.kind

    def require_new(self) -> None:
        """Refuses what asks to change a running loan: it is taken back and handed in anew."""
        if self.loan_id is not None:
            raise Refused("application.asks_for_change", number=self.number)

    def withdraw(self) -> None:
        """The applicant takes it back; what was promised to her is free again."""
        self._move("withdrawn", *UNDECIDED, "approved")
        self.committed = 0

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
        """To another stage, where its days are counted anew; appraised once more it stays where it is."""
        self._require(*from_states)
        if self.state != state:
            self.state, self.stage_since = state, clock.today()


class Appraisal(Identified, Base):
    """What somebody found on site, and what she recommends under `edition`; amounts in cents a month.

    `figures` is the detail that the three sums rest on (`Figures.written`), where she took it down; `score` how the
    scorecard of the edition rates it, and `score_reason` why she recommends it all the same. `change` says from what to
    what a running loan would change, as it stood that day. `due_dates` are the days of payment that were agreed for
    this loan alone, as harvests have it.
    """

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
    first_due: Mapped[date | None]
    due_dates: Mapped[list[str] | None]
    change: Mapped[dict[str, Any] | None]
    figures: Mapped[dict[str, Any] | None]
    score: Mapped[dict[str, Any] | None]
    score_reason: Mapped[str] = mapped_column(Text, default="", server_default="")

    edition: Mapped["CreditRegulations"] = relationship()

    @property
    def agreed_dates(self) -> tuple[date, ...]:
        """The days on which this loan is paid back, where they were agreed for it alone."""
        return tuple(map(date.fromisoformat, self.due_dates or ()))

    @property
    def sums(self) -> Sums:
        return Sums(self.monthly_income, self.monthly_expense, self.monthly_debts)

    @property
    def detail(self) -> Figures | None:
        """The figures as the rules take them."""
        return Figures.read(self.figures) if self.figures else None

    def erase_free_text(self) -> int:
        emptied = sum(1 for text in (self.guarantees, self.remarks, self.score_reason) if text)
        self.guarantees = self.remarks = self.score_reason = ""
        detail = self.detail
        if detail and detail.named:
            self.figures = detail.unnamed().written()
            emptied += 1
        return emptied
