"""What the programme of social responsibility does: two-day workshops for small firms, and dialogues of many sides."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.training.models.entity import Entity
from services.training.models.partners import Partner
from services.training.models.smes import Recorded
from shared.database import Versioned
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7

WORKSHOP = "workshop"
DIALOGUE_KINDS = ("parliamentarians", "multi_stakeholder", "round_table", "forum")
ACTIVITY_KINDS = (WORKSHOP, *DIALOGUE_KINDS)
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
ACTIVITY_STATES = (PLANNED, HELD, CANCELLED)
SIDES = ("government", "parliament", "private_sector", "csr_organization", "civil_society", "academia", "international")

activity_partner = Table(
    "csr_activity_partner",
    Entity.metadata,
    Column("activity_id", ForeignKey("csr_activity.id"), primary_key=True),
    Column("partner_id", ForeignKey("csr_partner.id"), primary_key=True),
)


class Activity(Versioned, Recorded, Entity):
    """A workshop or a dialogue in a city; `starts_on` is the date of today, `dates` all that were announced."""

    __tablename__ = "csr_activity"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(6), index=True)
    city: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(200))
    topics: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date] = mapped_column(index=True)
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=PLANNED)
    state_since: Mapped[date]
    capacity: Mapped[int | None]
    agenda: Mapped[dict[str, Any]]
    """Of a workshop: the template of its days as it was when it was planned, with the day it is valid from."""
    gender_module: Mapped[bool] = mapped_column(default=False)
    registration_id: Mapped[UUID | None] = mapped_column(unique=True)
    """Stands in the address of its public form; a new one each time that registration is opened."""
    registration_until: Mapped[date | None]
    present: Mapped[list[Any]] = mapped_column(default=list)
    """Of a dialogue: `side`, `institutions`, `women` and `men` of each side that was there."""
    conclusions: Mapped[str] = mapped_column(Text, default="")

    dates: Mapped[list["ActivityDates"]] = relationship(order_by="ActivityDates.number")
    materials: Mapped[list["Material"]] = relationship(order_by="Material.id", cascade="all, delete-orphan")
    partners: Mapped[list[Partner]] = relationship(secondary=activity_partner, order_by="Partner.name_key")

    @property
    def ends_on(self) -> date:
        return self.starts_on + timedelta(days=self.days - 1)

    @property
    def takes_registrations(self) -> bool:
        """Whether its public form is open today."""
        last = self.registration_until
        return self.state == PLANNED and last is not None and clock.today() <= last

    def announce(self, dates: "ActivityDates") -> None:
        """Its first date, or another one; what was announced before stays written. Refused once it was held or called
        off, and for the date that it has.
        """
        self._require_planned()
        if self.dates and dates.starts_on == self.starts_on:
            raise Invalid("csr_activity.same_date", pointer="/starts_on")
        dates.number = len(self.dates) + 1
        self.dates.append(dates)
        self.starts_on = dates.starts_on

    def hold(self, *, present: Sequence[Mapping[str, Any]] = (), conclusions: str = "") -> None:
        """It took place; refused before its last day. What a dialogue came to may be put right afterwards."""
        if self.state == CANCELLED or (self.state == HELD and self.kind == WORKSHOP):
            raise Refused(f"csr_activity.is_{self.state}")
        if self.ends_on > clock.today():
            raise Refused("csr_activity.not_over", day=self.ends_on)
        if self.state == PLANNED:
            self.state, self.state_since = HELD, clock.today()
        self.present, self.conclusions = [dict(side) for side in present], conclusions
        self.close_registration()

    def cancel(self) -> None:
        """It does not take place."""
        self._require_planned()
        self.state, self.state_since = CANCELLED, clock.today()
        self.close_registration()

    def describe(self, *, city: str, title: str, topics: str, capacity: int | None, gender_module: bool) -> None:
        """Put right what is said of it."""
        self.city, self.title, self.topics = city, title, topics
        self.capacity, self.gender_module = capacity, gender_module

    def open_registration(self, until: date) -> None:
        """Firms may register themselves until a day, its own first day at the latest; the address is a new one. Refused
        where nobody said how many places there are: a form that anybody may send is bounded.
        """
        self._require_planned()
        if self.capacity is None:
            raise Refused("csr_activity.places_missing")
        if not clock.today() <= until <= self.starts_on:
            raise Invalid("csr_activity.registration_day", pointer="/until", first=clock.today(), last=self.starts_on)
        self.registration_id, self.registration_until = uuid7(), until

    def close_registration(self) -> None:
        self.registration_id = self.registration_until = None

    def join(self, partner: Partner) -> None:
        """A partner takes part in it; refused a second time."""
        if partner in self.partners:
            raise Refused("csr_activity.partner_already")
        self.partners.append(partner)
        flag_modified(self, "state")

    def leave(self, partner_id: UUID) -> None:
        """A partner takes no part in it after all."""
        gone = next((partner for partner in self.partners if partner.id == partner_id), None)
        if gone is None:
            raise NotFound("csr_partner.unknown")
        self.partners.remove(gone)
        flag_modified(self, "state")

    def give(self, material: "Material") -> None:
        self.materials.append(material)
        flag_modified(self, "state")

    def take_back(self, material_id: UUID) -> None:
        gone = next((material for material in self.materials if material.id == material_id), None)
        if gone is None:
            raise NotFound("csr_activity.material_unknown")
        self.materials.remove(gone)
        flag_modified(self, "state")

    def _require_planned(self) -> None:
        if self.state != PLANNED:
            raise Refused(f"csr_activity.is_{self.state}")


class ActivityDates(Recorded, Entity):
    """A date that was announced, and why it took the place of the one before."""

    __tablename__ = "csr_activity_dates"

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("csr_activity.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(500), default="")


class Material(Recorded, Entity):
    """What is handed out: a name and where it is found on the web, or a material of the library."""

    __tablename__ = "csr_material"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("csr_activity.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(500))
    """Empty where it lies in the library."""
    library_id: Mapped[UUID | None] = mapped_column(index=True)
