"""What stands behind an application and the loan it becomes."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, Text, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.applications import UNDECIDED, Application
from services.credit.models.base import Account, Base, Cents, Code, Identified, Label
from services.credit.models.loans import Loan
from services.credit.rules.guarantees import GUARANTOR, Offer

STATES = ("offered", "in_force", "released", "ended")


class Guarantee(Identified, Base):
    """One guarantee of an application. A guarantor is a woman of the registry (`guarantor_id`), or somebody else, whose
    name and document rest sealed, to be found again by the fingerprint of the document; of a joint guarantee it is the
    group's member who gives it, by her enterprise.

    Its state follows from the application and its loan (`standing`): nothing has to be told to it.
    """

    __tablename__ = "guarantee"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[Code]
    description: Mapped[str] = mapped_column(Text)
    value: Mapped[Cents]
    guarantor_id: Mapped[UUID | None] = mapped_column(index=True)
    enterprise_id: Mapped[UUID | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    file_id: Mapped[UUID | None]
    added_on: Mapped[date]
    added_by: Mapped[Account]
    added_by_name: Mapped[Label]

    @property
    def stands(self) -> bool:
        """Whether it still counts: of a guarantor who was forgotten nothing does."""
        return self.kind != GUARANTOR or self.sealed is not None or self.guarantor_id is not None

    @property
    def offer(self) -> Offer:
        """As the rules count it."""
        return Offer(self.kind, self.value)

    def seal(self, sealed: bytes, fingerprint: str) -> None:
        """Take the name and the document of somebody outside the registry."""
        self.sealed, self.fingerprint = sealed, fingerprint

    def show(self, file_id: UUID) -> UUID | None:
        """Keep the paper of it; comes back with the one it takes the place of."""
        before, self.file_id = self.file_id, file_id
        return before

    def forget_person(self) -> UUID | None:
        """Who gave it and in which words is known no more; comes back with the paper that is to be erased."""
        self.sealed = self.fingerprint = self.guarantor_id = None
        self.description = ""
        before, self.file_id = self.file_id, None
        return before

    @property
    def personal(self) -> bool:
        """Whether it holds anything of a person."""
        held = (self.sealed, self.guarantor_id, self.file_id)
        return bool(self.description) or any(one is not None for one in held)

    @classmethod
    def of(cls, session: Session, application_id: UUID) -> list["Guarantee"]:
        """The guarantees of an application, in the order in which they were put into its file."""
        mine = select(cls).where(cls.application_id == application_id).order_by(cls.id)
        return list(session.scalars(mine))

    @staticmethod
    def binding() -> ColumnElement[bool]:
        """Whether the application joined to it is not over: undecided, approved, or a loan that is not settled."""
        owed = exists().where(Loan.application_id == Application.id, Loan.state != "settled")
        return Application.state.in_([*UNDECIDED, "approved"]) | owed

    def standing(self, application: Application, loan: Loan | None) -> str:
        """`offered` until it is paid out, `in_force` until the loan is settled, `released` from then on; `ended` where
        nothing was lent.
        """
        if loan is not None:
            return "released" if loan.state == "settled" else "in_force"
        return "ended" if application.state in {"refused", "withdrawn"} else "offered"
