"""A woman of the inventory, what she agreed to, and how her document's number is kept."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.rules.chains import folded
from services.registry.rules.consents import Answer
from services.registry.rules.inventory import Person
from services.registry.rules.national_ids import Confirmation
from services.registry.rules.searching import Woman
from services.registry.sealing import Sealer
from shared.database import Versioned
from shared.kernel import Invalid, Refused, clock, uuid7

SEARCHED = 500


class Entrepreneur(Versioned, Entity):
    """A woman; her document's number is sealed and found only by its fingerprint."""

    __tablename__ = "entrepreneur"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    given_names: Mapped[str] = mapped_column(String(200))
    surnames: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(SEARCHED))
    id_kind: Mapped[str | None] = mapped_column(String(8))
    id_sealed: Mapped[bytes | None]
    id_fingerprint: Mapped[str | None] = mapped_column(String(64), index=True)
    born_on: Mapped[date | None]
    phone: Mapped[str | None] = mapped_column(String(40))
    people: Mapped[str | None] = mapped_column(String(12))
    other_phone: Mapped[str | None] = mapped_column(String(40))
    languages: Mapped[list[str]]
    schooling: Mapped[str | None] = mapped_column(String(16))
    dependants: Mapped[int | None]
    children_under_6: Mapped[int | None]
    others_in_care: Mapped[int | None]
    care_hours: Mapped[int | None]
    head_of_household: Mapped[bool | None]
    difficulties: Mapped[dict[str, Any] | None]
    id_confirmed_on: Mapped[date | None]
    id_confirmed_by: Mapped[str | None] = mapped_column(String(120))
    id_confirmed_by_name: Mapped[str | None] = mapped_column(String(200))
    id_confirmed_because: Mapped[str | None] = mapped_column(String(500))
    withdrawn_on: Mapped[date | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("entrepreneur.id"), index=True)
    created_at: Mapped[datetime]
    consents: Mapped[list["Consent"]] = relationship(
        back_populates="entrepreneur", order_by="Consent.id", cascade="all, delete-orphan", lazy="selectin"
    )

    @classmethod
    def register(cls, person: Person, sealer: Sealer) -> Self:
        self = cls(id=uuid7(), created_at=clock.now())
        self.describe(person, sealer)
        return self

    @classmethod
    def restore(cls, entrepreneur_id: UUID, person: Person, sealer: Sealer) -> Self:
        """A woman under the id she had, as an export says she stood; her answers are added to her."""
        self = cls(id=entrepreneur_id, created_at=clock.now())
        self.describe(person, sealer)
        return self

    def describe(self, person: Person, sealer: Sealer) -> None:
        """Take what `person` says; refuses for a woman who withdrew."""
        self._require_present()
        self.given_names, self.surnames = person.given_names, person.surnames
        # Folding may lengthen a text; what is beyond the column is not searched.
        self.search_text = folded(f"{person.given_names} {person.surnames}")[:SEARCHED]
        self.born_on, self.phone, self.people = person.born_on, person.phone, person.people
        self._take_circumstances(person)
        known = self._opened_number(sealer)
        if (self.id_kind, known) == (person.id_kind, person.id_number):
            return
        self.id_kind = person.id_kind
        self.id_sealed = self.id_fingerprint = None
        self._confirm(None)
        if person.id_number:
            self.id_sealed = sealer.seal(person.id_number.encode(), self.id.bytes)
            self.id_fingerprint = fingerprint_of(person.id_kind, person.id_number, sealer)

    def person(self, sealer: Sealer) -> Person:
        """What is known of her, her document's number opened."""
        return Person(
            given_names=self.given_names,
            surnames=self.surnames,
            id_kind=self.id_kind,
            id_number=self._opened_number(sealer),
            born_on=self.born_on,
            phone=self.phone,
            people=self.people,
            other_phone=self.other_phone,
            languages=tuple(self.languages),
            schooling=self.schooling,
            dependants=self.dependants,
            children_under_6=self.children_under_6,
            others_in_care=self.others_in_care,
            care_hours=self.care_hours,
            head_of_household=self.head_of_household,
            difficulties=self.difficulties,
        )

    def searched(self) -> Woman:
        """What of her her enterprises are found by."""
        return Woman(
            self.given_names, self.surnames, (self.phone, self.other_phone), self.people, tuple(self.languages)
        )

    @property
    def confirmation(self) -> Confirmation | None:
        """Who confirmed the number of her document although something is wrong with it, when and why."""
        if self.id_confirmed_on is None or self.id_confirmed_by is None:
            return None
        return Confirmation(
            by=self.id_confirmed_by,
            by_name=self.id_confirmed_by_name or self.id_confirmed_by,
            on=self.id_confirmed_on,
            because=self.id_confirmed_because or "",
        )

    def confirm_document(self, confirmation: Confirmation) -> None:
        """Somebody saw the document: its number is as it is; another number is confirmed anew."""
        self._require_present()
        self._confirm(confirmation)

    def agree(self, purpose: str, granted: bool, given_on: date, channel: str, recorded_by: str) -> None:
        """Record what she answered for one purpose; nothing is added when the last answer was the same."""
        self._require_present()
        last = self.last_answer(purpose)
        if last is not None and last.granted == granted:
            return
        self.consents.append(Consent.given(purpose, granted, given_on, channel, recorded_by))

    def agrees(self, purpose: str) -> bool:
        """Her last answer for this purpose; no answer is no."""
        last = self.last_answer(purpose)
        return last is not None and last.granted

    def last_answer(self, purpose: str) -> Answer | None:
        """What she answered last for this purpose, and when; None where she was never asked."""
        answers = [consent for consent in self.consents if consent.purpose == purpose]
        return Answer(answers[-1].granted, answers[-1].given_on) if answers else None

    def withdraw(self, on: date, recorded_by: str) -> None:
        """Forget her: what remains is a row without a person, so that what points here still stands."""
        for purpose in [c.purpose for c in self.consents if c.granted]:
            self.agree(purpose, False, on, "office", recorded_by)
        self._blank()
        self.withdrawn_on = on

    def give_way(self, survivor_id: UUID) -> None:
        """Her record is part of another one now: what remains is a row that leads there."""
        self._require_present()
        self._blank()
        self.merged_into = survivor_id

    def take_answers(self, absorbed: Self) -> None:
        """The answers of a record that is hers too stand in her own from now on."""
        for consent in list(absorbed.consents):
            self.consents.append(consent)

    def require_agreed(self) -> None:
        """Refuses for a woman who withdrew, or does not agree to be in the inventory."""
        self._require_present()
        if not self.agrees("registry"):
            raise Invalid("consent.registry_needed", pointer="/owner_id")

    def _blank(self) -> None:
        self.given_names = self.surnames = self.search_text = ""
        self.id_kind = self.id_sealed = self.id_fingerprint = None
        self.born_on = self.phone = self.people = None
        self._take_circumstances(Person("", ""))
        self._confirm(None)

    def _take_circumstances(self, person: Person) -> None:
        self.other_phone, self.languages = person.other_phone, list(person.languages)
        self.schooling, self.dependants = person.schooling, person.dependants
        self.children_under_6, self.others_in_care = person.children_under_6, person.others_in_care
        self.care_hours, self.head_of_household = person.care_hours, person.head_of_household
        self.difficulties = None if person.difficulties is None else dict(person.difficulties)

    def _confirm(self, confirmation: Confirmation | None) -> None:
        self.id_confirmed_on = None if confirmation is None else confirmation.on
        self.id_confirmed_by = None if confirmation is None else confirmation.by
        self.id_confirmed_by_name = None if confirmation is None else confirmation.by_name
        self.id_confirmed_because = None if confirmation is None else confirmation.because

    def _opened_number(self, sealer: Sealer) -> str | None:
        return None if self.id_sealed is None else sealer.opened(self.id_sealed, self.id.bytes).decode()

    def _require_present(self) -> None:
        if self.withdrawn_on is not None:
            raise Refused("entrepreneur.withdrawn", on=self.withdrawn_on.isoformat())
        if self.merged_into is not None:
            raise Refused("entrepreneur.merged")


class Consent(Entity):
    """One answer for one purpose; the last one counts, the earlier ones stay."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_entrepreneur", "entrepreneur_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    granted: Mapped[bool]
    given_on: Mapped[date]
    channel: Mapped[str] = mapped_column(String(12))
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
    entrepreneur: Mapped[Entrepreneur] = relationship(back_populates="consents")

    @classmethod
    def given(cls, purpose: str, granted: bool, given_on: date, channel: str, recorded_by: str) -> Self:
        return cls(
            id=uuid7(),
            purpose=purpose,
            granted=granted,
            given_on=given_on,
            channel=channel,
            recorded_by=recorded_by,
            recorded_at=clock.now(),
        )


def fingerprint_of(kind: str | None, number: str, sealer: Sealer) -> str:
    """By which a document's number is found without being read."""
    return sealer.fingerprint(f"{kind or ''}:{number}".encode())
