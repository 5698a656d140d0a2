"""What belongs to an enterprise: its owners, tags, products, suppliers and buyers, and steps of formalization."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import Entrepreneur
from services.registry.rules.inventory import Partner, Product
from services.registry.sealing import Sealer, step_key
from shared.database import CurrencyCode
from shared.kernel import Money, uuid7

if TYPE_CHECKING:
    from services.registry.models.enterprise import Enterprise


class Owner(Entity):
    """A woman owns (a part of) an enterprise; the first is the one the centre speaks with."""

    __tablename__ = "owner"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(ForeignKey("entrepreneur.id"), primary_key=True, index=True)
    rank: Mapped[int]
    enterprise: Mapped["Enterprise"] = relationship(back_populates="owners")
    entrepreneur: Mapped[Entrepreneur] = relationship(lazy="joined")


class Tag(Entity):
    """A link of the value chain an enterprise works at, or a need its owner named."""

    __tablename__ = "enterprise_tag"
    __table_args__ = (Index("ix_enterprise_tag_code", "kind", "code", "enterprise_id"),)

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)


class OfferedProduct(Entity):
    """One product of an enterprise."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_enterprise", "enterprise_id", "rank"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    rank: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str | None] = mapped_column(String(200))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(CurrencyCode())
    volume: Mapped[float | None]
    period: Mapped[str | None] = mapped_column(String(8))
    months: Mapped[list[Any]]

    @classmethod
    def of(cls, rank: int, product: Product) -> Self:
        price = product.price
        return cls(
            id=uuid7(),
            rank=rank,
            name=product.name,
            unit=product.unit,
            price_minor=None if price is None else price.minor,
            currency=None if price is None else price.currency,
            volume=product.volume,
            period=product.period,
            months=list(product.months),
        )

    @property
    def value(self) -> Product:
        price = None
        if self.price_minor is not None and self.currency is not None:
            price = Money(self.price_minor, self.currency)
        return Product(self.name, self.unit, price, self.volume, self.period, tuple(self.months))


class TradePartner(Entity):
    """A supplier or a buyer of an enterprise."""

    __tablename__ = "trade_partner"
    __table_args__ = (Index("ix_trade_partner_enterprise", "enterprise_id", "rank"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"))
    rank: Mapped[int]
    side: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    name: Mapped[str | None] = mapped_column(String(200))
    share: Mapped[int | None]
    product: Mapped[str | None] = mapped_column(String(200))

    @classmethod
    def of(cls, rank: int, partner: Partner) -> Self:
        return cls(
            id=uuid7(),
            rank=rank,
            side=partner.side,
            kind=partner.kind,
            partner_id=partner.enterprise_id,
            name=partner.name,
            share=partner.share,
            product=partner.product,
        )

    def recognise(self, partner_id: UUID) -> None:
        """It is registered too: its record says what it is called."""
        self.partner_id, self.name = partner_id, None

    @property
    def value(self) -> Partner:
        return Partner(self.side, self.kind, self.partner_id, self.name, self.share, self.product)


class FormalStep(Entity):
    """How far an enterprise is with one step of its formalization. The number is sealed: in two of the countries the
    tax number of a woman is that of her document.
    """

    __tablename__ = "formal_step"

    enterprise_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(24), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[date | None]
    number_sealed: Mapped[bytes | None]
    number_masked: Mapped[str | None] = mapped_column(String(40))

    def told(self, sealer: Sealer) -> dict[str, Any]:
        number = self.number_sealed and sealer.opened(self.number_sealed, step_key(self.enterprise_id, self.step))
        return {
            "state": self.state,
            "on": None if self.happened_on is None else self.happened_on.isoformat(),
            "number": number.decode() if number else None,
        }

    def stand(self, state: str, on: date | None, number: bytes | None, masked: str | None) -> None:
        self.state, self.happened_on = state, on
        self.number_sealed, self.number_masked = number, masked
