"""A campaign by which the centre makes itself known: what it costs, whom it reaches, whose record came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity, rows_of
from services.registry.models.institutions import Centre, Institution
from services.registry.models.undertaking import InMunicipality, Undertaking, WithFile
from services.registry.rules.outreach import impossible_reach
from shared.database import CurrencyCode
from shared.identity import Caller
from shared.kernel import Invalid, Money, NotFound, Refused, clock, uuid7


@dataclass(frozen=True, slots=True)
class Reach:
    """Persons; None is not known, never zero. The young women are among the women."""

    women: int | None = None
    men: int | None = None
    young_women: int | None = None

    def require_possible(self, pointer: str) -> None:
        if impossible_reach(self.women, self.young_women):
            raise Invalid("reach.young_women", pointer=f"{pointer}/young_women")


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of what a campaign cost, and where the money came from."""

    what: str
    amount: Money
    source: str


class Campaign(Undertaking, Entity):
    """A campaign of a centre, or of the whole network where it is of none."""

    __tablename__ = "campaign"
    __table_args__ = (Index("ix_campaign_begins", "begins_on", "id"),)

    unknown = "campaign.unknown"
    files_full = "campaign.files_full"

    channel: Mapped[str] = mapped_column(String(24))
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("centre.id"), index=True)
    currency: Mapped[str] = mapped_column(CurrencyCode())
    planned_women: Mapped[int | None]
    planned_men: Mapped[int | None]
    planned_young_women: Mapped[int | None]
    reached_women: Mapped[int | None]
    reached_men: Mapped[int | None]
    reached_young_women: Mapped[int | None]
    reached_how: Mapped[str | None] = mapped_column(String(300))
    centre: Mapped[Centre | None] = relationship(lazy="joined")
    partners: Mapped[list["CampaignPartner"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    costs: Mapped[list["CampaignCost"]] = relationship(
        cascade="all, delete-orphan", order_by="CampaignCost.rank", lazy="selectin"
    )
    activities: Mapped[list["CampaignActivity"]] = relationship(
        cascade="all, delete-orphan", order_by="CampaignActivity.held_on, CampaignActivity.id", lazy="selectin"
    )

    @classmethod
    def plan(cls, **facts: Any) -> Self:
        """A new campaign."""
        self = cls(id=uuid7(), created_at=clock.now(), places=[], partners=[], costs=[], activities=[], files=[])
        self.describe(**facts)
        return self

    def describe(
        self,
        *,
        title: str,
        channel: str,
        centre: Centre | None,
        period: tuple[date, date | None],
        currency: str,
        municipalities: Sequence[str],
        partners: Sequence[Institution],
        planned: Reach,
        reached: Reach,
        reached_how: str | None,
        costs: Sequence[Cost],
    ) -> None:
        """Take what is said of it. Refuses an end before its beginning, amounts of another currency, more young women
        than women, and a number of people reached without how it was estimated.
        """
        begins_on, ends_on = period
        if ends_on is not None and ends_on < begins_on:
            raise Invalid("campaign.ends_before", pointer="/ends_on", begins=begins_on.isoformat())
        planned.require_possible("/planned")
        reached.require_possible("/reached")
        if reached != Reach() and not reached_how:
            raise Invalid("reach.without_how", pointer="/reached_how")
        strange = next((row for row, cost in enumerate(costs) if cost.amount.currency != currency), None)
        if strange is not None:
            raise Invalid("campaign.currency", pointer=f"/costs/{strange}/amount", currency=currency)
        self.title, self.channel, self.centre, self.currency = title, channel, centre, currency
        self.begins_on, self.ends_on = begins_on, ends_on
        self.planned_women, self.planned_men = planned.women, planned.men
        self.planned_young_women = planned.young_women
        self.reached_women, self.reached_men = reached.women, reached.men
        self.reached_young_women, self.reached_how = reached.young_women, reached_how
        self.places = rows_of(CampaignPlace, self.places, "municipality", municipalities)
        beside = {partner.institution_id: partner for partner in self.partners}
        self.partners = [beside.get(one.id) or CampaignPartner(institution=one) for one in dict.fromkeys(partners)]
        if [cost.value(self.currency) for cost in self.costs] != list(costs):
            self.costs = [CampaignCost.of(rank, cost) for rank, cost in enumerate(costs)]
        self.touch()

    def hold(self, *, held_on: date, municipality: str, what: str, reach: Reach, how: str | None) -> "CampaignActivity":
        """One more activity: a talk, a broadcast, a round of visits. Refuses what lies outside its period, and people
        reached on a day that has not come.
        """
        reach.require_possible("/reach")
        if held_on < self.begins_on or (self.ends_on is not None and held_on > self.ends_on):
            raise Invalid("activity.outside_period", pointer="/held_on", begins=self.begins_on.isoformat())
        if reach != Reach() and held_on > clock.today():
            raise Invalid("activity.in_the_future", pointer="/held_on", today=clock.today().isoformat())
        if reach != Reach() and not how:
            raise Invalid("reach.without_how", pointer="/how")
        activity = CampaignActivity(
            id=uuid7(),
            held_on=held_on,
            municipality=municipality,
            what=what,
            women=reach.women,
            men=reach.men,
            young_women=reach.young_women,
            how=how,
        )
        self.activities.append(activity)
        self.touch()
        return activity

    def drop(self, activity_id: UUID) -> "CampaignActivity":
        """An activity was written down wrongly: it is taken out."""
        found = next((activity for activity in self.activities if activity.id == activity_id), None)
        if found is None:
            raise NotFound("activity.none")
        self.activities.remove(found)
        self.touch()
        return found

    @property
    def planned(self) -> Reach:
        return Reach(self.planned_women, self.planned_men, self.planned_young_women)

    @property
    def reached(self) -> Reach:
        return Reach(self.reached_women, self.reached_men, self.reached_young_women)

    @property
    def cost_lines(self) -> list[Cost]:
        return [cost.value(self.currency) for cost in self.costs]

    def facts(self) -> Mapping[str, Any]:
        """What is said of it today, also for its history."""
        names = ("title", "channel", "begins_on", "ends_on", "currency", "reached_how", "municipalities")
        costs = [(cost.what, str(cost.amount), cost.source) for cost in self.cost_lines]
        told = {name: getattr(self, name) for name in names}
        reach = {
            f"{when}_{who}": getattr(self, f"{when}_{who}")
            for when in ("planned", "reached")
            for who in ("women", "men", "young_women")
        }
        partners = sorted(str(partner.institution_id or partner.institution.id) for partner in self.partners)
        return told | reach | {"centre_id": self.centre and self.centre.id, "costs": costs, "partners": partners}


class CampaignPlace(InMunicipality, Entity):
    """A municipality in which a campaign is held."""

    __tablename__ = "campaign_municipality"
    __table_args__ = (Index("ix_campaign_municipality", "municipality", "campaign_id"),)

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)


class CampaignPartner(Entity):
    """An institution that carries a campaign too."""

    __tablename__ = "campaign_partner"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True, index=True)
    institution: Mapped[Institution] = relationship(lazy="joined")


class CampaignCost(Entity):
    """One line of what a campaign cost, in its currency."""

    __tablename__ = "campaign_cost"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(200))

    @classmethod
    def of(cls, rank: int, cost: Cost) -> Self:
        return cls(rank=rank, what=cost.what, amount_minor=cost.amount.minor, source=cost.source)

    def value(self, currency: str) -> Cost:
        return Cost(self.what, Money(self.amount_minor, currency), self.source)


class CampaignActivity(Entity):
    """Something a campaign held on a day in a place, and whom it reached."""

    __tablename__ = "campaign_activity"
    __table_args__ = (Index("ix_campaign_activity", "campaign_id", "held_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    held_on: Mapped[date]
    municipality: Mapped[str] = mapped_column(String(6))
    what: Mapped[str] = mapped_column(String(300))
    women: Mapped[int | None]
    men: Mapped[int | None]
    young_women: Mapped[int | None]
    how: Mapped[str | None] = mapped_column(String(300))

    def facts(self) -> dict[str, Any]:
        names = ("held_on", "municipality", "what", "women", "men", "young_women", "how")
        return {name: getattr(self, name) for name in names}


class CampaignFile(WithFile, Entity):
    """A piece of a campaign's material."""

    __tablename__ = "campaign_file"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), index=True)


class CampaignRecord(Entity):
    """A record that a campaign brought in, or validated: who says so, and since when."""

    __tablename__ = "campaign_record"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    linked_by: Mapped[str] = mapped_column(String(120))
    linked_by_name: Mapped[str] = mapped_column(String(200))
    linked_at: Mapped[datetime]

    @classmethod
    def link(cls, campaign: Campaign, enterprise_id: UUID, kind: str, by: Caller) -> Self:
        """Say that a record came of a campaign; refuses one that has not begun."""
        if campaign.begins_on > clock.today():
            raise Refused("campaign.not_begun", begins=campaign.begins_on.isoformat())
        return cls(
            campaign_id=campaign.id,
            enterprise_id=enterprise_id,
            kind=kind,
            linked_by=by.subject,
            linked_by_name=by.name,
            linked_at=clock.now(),
        )
