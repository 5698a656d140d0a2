"""What the other services have said, as territory needs it: rebuilt from their events at will.

Ids of enterprises stand in them without foreign keys: order holds per source only, so a loan may arrive before the
enterprise it is for. What is known of a woman's enterprise goes when she withdraws; its id stays in `copy_withdrawn`,
so that nothing that arrives later brings it back.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, PrimaryKeyConstraint, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.territory.models.entity import Entity
from shared.merged import Merged

DRAWN = ["municipality", "chain", "validation", "jobs_women"]
"""What a tile tells of an enterprise: it stands in the index itself, where the database can keep it there."""


class CopyEnterprise(Entity):
    """An enterprise of the inventory: no name, no owner."""

    __tablename__ = "copy_enterprise"
    __table_args__ = (
        Index("ix_copy_enterprise_place_key", "place_key", "id", postgresql_include=DRAWN),
        Index("ix_copy_enterprise_masked_key", "masked_key", "id", postgresql_include=DRAWN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    place_state: Mapped[str] = mapped_column(String(12))
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    chain: Mapped[str] = mapped_column(String(40), index=True)
    activity: Mapped[str] = mapped_column(String(10))
    jobs_women: Mapped[int]
    jobs_men: Mapped[int]
    home_based: Mapped[bool]
    formal: Mapped[bool]
    started_year: Mapped[int | None]
    validation: Mapped[str] = mapped_column(String(12))
    consent_credit: Mapped[bool]
    consent_map: Mapped[bool]
    recorded_on: Mapped[date]
    tier: Mapped[str | None] = mapped_column(String(12))
    sales_low_minor: Mapped[int | None] = mapped_column(BigInteger)
    """The limits of a year's sales in minor units of `sales_currency`: all None where nobody knows, the upper one alone
    where the band is open.
    """
    sales_high_minor: Mapped[int | None] = mapped_column(BigInteger)
    sales_currency: Mapped[str | None] = mapped_column(String(3))
    counted: Mapped[bool]
    """Active and not rejected: part of every figure."""
    profile: Mapped["CopyProfile | None"] = relationship(cascade="all, delete-orphan", lazy="selectin")
    markets: Mapped[list["CopyMarket"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    trade: Mapped[list["CopyTrade"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    place_key: Mapped[int | None] = mapped_column(BigInteger)
    """Where it is drawn (`rules.tiling`); None for what is not counted or has no point."""
    masked_lon: Mapped[float | None]
    masked_lat: Mapped[float | None]
    masked_key: Mapped[int | None] = mapped_column(BigInteger)
    """Where those see it who may not know its point; None unless its owner agreed to be on the map."""
    links: Mapped[list["CopyLink"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    needs: Mapped[list["CopyNeed"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class CopyCell(Entity):
    """How many enterprises of a municipality are drawn in one cell of the map, for maps of large areas."""

    __tablename__ = "copy_cell"

    sight: Mapped[str] = mapped_column(String(6), primary_key=True)
    """`exact`, or `masked`: as those see it who may not know exact points."""
    level: Mapped[int] = mapped_column(primary_key=True)
    """Of the grid (`rules.tiling`); 0 is the whole world, with what has no point."""
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    municipality: Mapped[str] = mapped_column(String(6), primary_key=True)
    number: Mapped[int]
    women: Mapped[int] = mapped_column(BigInteger)


class CopyFeature(Entity):
    """An enterprise as the standard doors tell it, written when its event comes: a page of them is read in one piece.

    All of it stands in the index itself, where the database can keep it there, in the order of the pages
    (docs/decisions/0020).
    """

    __tablename__ = "copy_feature"
    __table_args__ = (
        PrimaryKeyConstraint("sight", "key", "id", postgresql_include=["municipality", "lon", "lat", "told"]),
        {"sqlite_with_rowid": False},
    )

    sight: Mapped[str] = mapped_column(String(6))
    """`exact`, or `masked`: as those see it who may not know exact points."""
    key: Mapped[int] = mapped_column(BigInteger)
    """Of the place at which it is seen, as are `lon` and `lat`."""
    id: Mapped[UUID]
    municipality: Mapped[str] = mapped_column(String(6))
    lon: Mapped[float]
    lat: Mapped[float]
    told: Mapped[str] = mapped_column(Text)
    """GeoJSON on one line."""


class CopyLink(Entity):
    """A link of the chain at which an enterprise stands."""

    __tablename__ = "copy_link"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.id", ondelete="CASCADE"), primary_key=True)
    link: Mapped[str] = mapped_column(String(20), primary_key=True)


class CopyNeed(Entity):
    """Something an enterprise needs."""

    __tablename__ = "copy_need"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.id", ondelete="CASCADE"), primary_key=True)
    need: Mapped[str] = mapped_column(String(20), primary_key=True)


class CopyProfile(Entity):
    """The latest profile of an enterprise: levels from 0 to 4 (None: not judged), and its score."""

    __tablename__ = "copy_profile"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.id", ondelete="CASCADE"), primary_key=True)
    credit: Mapped[int | None]
    certifications: Mapped[int | None]
    market: Mapped[int | None]
    quality: Mapped[int | None]
    training: Mapped[int | None]
    innovation: Mapped[int | None]
    scaling: Mapped[int | None]
    score: Mapped[int | None]
    assessed_on: Mapped[date]


class CopyMarket(Entity):
    """Where an enterprise sells."""

    __tablename__ = "copy_market"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.id", ondelete="CASCADE"), primary_key=True)
    market: Mapped[str] = mapped_column(String(20), primary_key=True)


class CopyTrade(Entity):
    """One of those an enterprise buys from or sells to; `partner_id` where the other one is in the inventory, empty
    once she withdrew. `share` is per cent of all that the enterprise buys (or sells).
    """

    __tablename__ = "copy_trade"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("copy_enterprise.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    partner_id: Mapped[UUID | None] = mapped_column(index=True)
    share: Mapped[int | None]


class CopyWithdrawn(Entity):
    """An enterprise whose owner withdrew."""

    __tablename__ = "copy_withdrawn"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)


class CopyMerged(Merged, Entity):
    """Enterprises that became part of others."""


class CopyApplication(Entity):
    """An application for credit; `enterprise_id` is empty once she withdrew."""

    __tablename__ = "copy_application"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID | None] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    outcome: Mapped[str] = mapped_column(String(12))
    """`waiting`, `approved`, `refused`, `deferred`, or `withdrawn`: taken back."""
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    asked_minor: Mapped[int | None] = mapped_column(BigInteger)
    """None where nobody knows how much new money it asks for, as where it pays another loan off."""
    approved_minor: Mapped[int | None] = mapped_column(BigInteger)
    """What the last approval grants; it counts while the outcome is `approved`."""


class CopyLoan(Entity):
    """A loan that was paid out; amounts in minor units."""

    __tablename__ = "copy_loan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID | None] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    chain: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    outstanding_minor: Mapped[int] = mapped_column(BigInteger)
    disbursed_on: Mapped[date]
    settled_on: Mapped[date | None]


class CopyGroup(Entity):
    """A training group."""

    __tablename__ = "copy_group"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    need: Mapped[str] = mapped_column(String(20))
    municipality: Mapped[str] = mapped_column(String(6), index=True)
    formed_on: Mapped[date]


class CopyGroupMember(Entity):
    """An enterprise in a training group."""

    __tablename__ = "copy_group_member"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("copy_group.id", ondelete="CASCADE"), primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class CopyAccompaniment(Entity):
    """A project that the centre stands beside on site."""

    __tablename__ = "copy_accompaniment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID | None] = mapped_column(index=True)
    municipality: Mapped[str] = mapped_column(String(6), index=True)


class CopyAsOf(Entity):
    """The newest event of each source that is in the copies: what every figure says it is "as of"."""

    __tablename__ = "copy_as_of"

    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[int] = mapped_column(BigInteger)
    """How many events were taken: it rises with one that comes late, too."""
    time: Mapped[datetime]


class EnterpriseChange(Entity):
    """Which change of the copies was the last that touched an enterprise, or where it stands for another: who keeps
    what was read of them reads no more than these again. It is no copy: numbers only rise, also when copies are
    rebuilt, and an enterprise that is no more has one too.
    """

    __tablename__ = "enterprise_change"

    enterprise_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, index=True)


COPY_TABLES: list[Table] = [table for table in Entity.metadata.sorted_tables if table.name.startswith("copy_")]
