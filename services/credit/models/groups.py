"""Women who borrow side by side, each on her own, and answer for each other."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.credit.models.applications import Application
from services.credit.models.base import Account, Base, Code, Identified, Label
from shared.kernel import NotFound, Refused

OUT = ("refused", "withdrawn")
"""The states in which a member borrows nothing: she has to leave before the others are paid."""
PAYABLE = ("approved", "disbursed")


class CreditGroup(Identified, Base):
    """A group of a fund; its members are applications, each with its own appraisal, resolution and loan."""

    __tablename__ = "credit_group"

    number: Mapped[Code] = mapped_column(unique=True)
    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), index=True)
    name: Mapped[Label]
    formed_on: Mapped[date]
    formed_by: Mapped[Account]
    formed_by_name: Mapped[Label]

    members: Mapped[list["GroupMember"]] = relationship(
        order_by="GroupMember.application_id", cascade="all, delete-orphan"
    )

    @classmethod
    def of(cls, session: Session, application_id: UUID) -> "CreditGroup | None":
        """The group of an application, or None."""
        member = session.get(GroupMember, application_id)
        return session.get_one(cls, member.group_id) if member else None

    @property
    def applications(self) -> list[Application]:
        return [member.application for member in self.members]

    def join(self, application: Application, family: Collection[UUID], day: date) -> None:
        """Take an application in; refuses one of another fund, one that is before the committee or decided, and a
        second one of the same enterprise, whose records are its `family`.
        """
        if application.fund_id != self.fund_id:
            raise Refused("group.other_fund", number=application.number)
        application.require_open_to_appraisal()
        if any(one.enterprise_id in family for one in self.applications):
            raise Refused("group.same_enterprise", number=application.number)
        self.members.append(GroupMember(application=application, joined_on=day))

    def leave(self, application: Application) -> None:
        """Let a member go; refuses one who was paid already, or lies before the committee."""
        if application.state in {"disbursed", "on_agenda"}:
            raise Refused(f"application.is_{application.state}", number=application.number)
        self.members.remove(self._member(application.id))

    def require_nobody_decided(self) -> None:
        """Refuses once the committee has decided on a member: all of them borrow, or none."""
        decided = [one.number for one in self.applications if one.state in {"approved", "refused", "disbursed"}]
        if decided:
            raise Refused("group.all_or_none", name=self.name, numbers=", ".join(decided))

    def require_nobody_out(self) -> None:
        """Refuses while a member borrows nothing any more and has not left."""
        out = [one.number for one in self.applications if one.state in OUT]
        if out:
            raise Refused("group.member_out", name=self.name, numbers=", ".join(out))

    def require_all_approved(self, application: Application, day: date) -> None:
        """Refuses to pay one before all the others are approved too, each for a sum that can be paid on `day`."""
        self.require_nobody_out()
        waiting = [one.number for one in self.applications if one.standing(day) not in PAYABLE]
        if waiting:
            raise Refused("group.not_all_approved", number=application.number, waiting=", ".join(waiting))

    def _member(self, application_id: UUID) -> "GroupMember":
        for member in self.members:
            if member.application_id == application_id:
                return member
        raise NotFound("group.member_unknown", name=self.name)


class GroupMember(Base):
    """An application that belongs to a group; to one only."""

    __tablename__ = "group_member"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("credit_group.id"), index=True)
    joined_on: Mapped[date]

    application: Mapped[Application] = relationship()
