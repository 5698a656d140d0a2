"""An enterprise of the inventory: what it does, where it is, whose it is."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.registry.codes import sales_of_year
from services.registry.models.enterprise_parts import FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import BYTEWISE, Entity
from services.registry.models.entrepreneur import Entrepreneur
from services.registry.models.listing import LIST_INDEXES
from services.registry.rules import searching
from services.registry.rules.activities import section_of
from services.registry.rules.chains import ChainTable, folded
from services.registry.rules.formalization import formal_by
from services.registry.rules.inventory import Asset, Partner, Position, Product, Profile
from services.registry.sealing import Sealer
from shared.database import CurrencyCode, Versioned
from shared.events.registry import EnterpriseFacts, Point, ProfileLevels
from shared.kernel import Invalid, Money, NotFound, Refused, clock, uuid7

SORTED = 200
_ABSENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Enterprise(Versioned, Entity):
    """An enterprise; it is changed by describing it anew, by settling its place, by judging it, by withdrawal."""

    __tablename__ = "enterprise"
    __table_args__ = (
        Index("ix_enterprise_municipality", "municipality", "id"),
        Index("ix_enterprise_chain", "chain", "id"),
        Index("ix_enterprise_place_state", "place_state", "id"),
        Index("ix_enterprise_point", "lon", "lat"),
        Index("ix_enterprise_validation", "validation", "id"),
        Index("ix_enterprise_tier", "tier", "id"),
        *LIST_INDEXES,
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(String(searching.LONGEST_TEXT), active_history=True)
    search_marks: Mapped[str] = mapped_column(String(searching.LONGEST_MARKS), active_history=True)
    sort_name: Mapped[str] = mapped_column(BYTEWISE)
    municipality: Mapped[str] = mapped_column(String(6))
    derived_municipality: Mapped[str | None] = mapped_column(String(6))
    place_state: Mapped[str] = mapped_column(String(12))
    place_boundaries: Mapped[str | None] = mapped_column(String(12))
    snapped_m: Mapped[float | None]
    """How many metres outside of its derived municipality the point lies; None where it lies inside."""
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    point_source: Mapped[str | None] = mapped_column(String(12))
    site: Mapped[str | None] = mapped_column(String(12))
    activity: Mapped[str | None] = mapped_column(String(5))
    chain: Mapped[str] = mapped_column(String(24))
    chain_declared: Mapped[bool]
    started_year: Mapped[int | None]
    jobs_women: Mapped[int]
    jobs_men: Mapped[int]
    sales_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CurrencyCode())
    formal: Mapped[bool]
    validation: Mapped[str] = mapped_column(String(12))
    consent_registry: Mapped[bool]
    consent_credit: Mapped[bool]
    consent_map: Mapped[bool]
    recorded_on: Mapped[date]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ownership: Mapped[str] = mapped_column(String(12))
    address: Mapped[str | None] = mapped_column(String(300))
    unpaid_women: Mapped[int | None]
    unpaid_men: Mapped[int | None]
    sales_band: Mapped[str | None] = mapped_column(String(12))
    assets: Mapped[list[Any]]
    checked_on: Mapped[date | None]
    """The day of the evidence on which its validation rests; None while it is captured."""
    tier: Mapped[str | None] = mapped_column(String(12))
    """What its latest profile makes it; None without one."""
    profiled: Mapped[dict[str, Any] | None] = mapped_column(_ABSENT)
    """The levels, score and day of its latest profile, as the others hear of them; None without one."""
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("enterprise.id"), index=True)
    tags: Mapped[list["Tag"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    products: Mapped[list["OfferedProduct"]] = relationship(
        cascade="all, delete-orphan", order_by="OfferedProduct.rank", lazy="selectin"
    )
    partners: Mapped[list["TradePartner"]] = relationship(
        cascade="all, delete-orphan",
        order_by="TradePartner.rank",
        lazy="selectin",
        foreign_keys="TradePartner.enterprise_id",
    )
    steps: Mapped[list["FormalStep"]] = relationship(
        cascade="all, delete-orphan", order_by="FormalStep.step", lazy="selectin"
    )
    owners: Mapped[list["Owner"]] = relationship(
        cascade="all, delete-orphan", order_by="Owner.rank", lazy="selectin", back_populates="enterprise"
    )

    @classmethod
    def register(cls, profile: Profile, owners: list[Entrepreneur], chains: ChainTable, recorded_on: date) -> Self:
        """A new enterprise of `owners`, not yet validated by anybody."""
        if not owners:
            raise Refused("enterprise.without_owner")
        self = cls(id=uuid7(), recorded_on=recorded_on, active=True, created_at=clock.now(), validation="captured")
        self.owners = [Owner(rank=rank, entrepreneur=owner) for rank, owner in enumerate(owners)]
        self.describe(profile, chains)
        self.heed_consents()
        return self

    @classmethod
    def restore(
        cls,
        enterprise_id: UUID,
        profile: Profile,
        owners: list[Entrepreneur],
        chains: ChainTable,
        *,
        recorded_on: date,
        checked_on: date | None,
        chain: str,
        settled: tuple[str, str | None, str | None, float | None],
    ) -> Self:
        """An enterprise under the id it had, as an export says it stood: its chain, and its place as `settled` (state,
        municipality of the point, boundaries, metres outside). How far it is checked is to be judged.
        """
        self = cls.register(profile, owners, chains, recorded_on)
        self.id, self.checked_on, self.chain = enterprise_id, checked_on, chain
        if self.position is not None:
            self.place_state, self.derived_municipality, self.place_boundaries, self.snapped_m = settled
        return self

    def describe(self, profile: Profile, chains: ChainTable) -> None:
        """Take what `profile` says; a place that changed has to be settled again."""
        self.require_counted()
        self._move(profile.municipality, profile.position)
        self.name = profile.name
        self.site, self.activity = profile.site, profile.activity
        self.address, self.started_year = profile.address, profile.started_year
        self._own(profile.ownership)
        self._formalize(otherwise=profile.formal)
        self.jobs_women, self.jobs_men = profile.jobs_women, profile.jobs_men
        self.unpaid_women = within(profile.unpaid_women, profile.jobs_women)
        self.unpaid_men = within(profile.unpaid_men, profile.jobs_men)
        self.sales_band = profile.sales_band
        self.assets = [{"kind": asset.kind, "text": asset.text} for asset in profile.assets]
        self.currency = profile.currency
        self.sales_minor = None if profile.sales is None else profile.sales.minor
        self._tag("link", profile.links)
        self._tag("need", profile.needs)
        self._tag("market", profile.markets)
        self._trade(profile.partners)
        self._offer(profile.products)
        self.chain_declared = profile.chain is not None
        self.chain = profile.chain or chains.chain_of(
            [product.name for product in profile.products], profile.name, section_of(profile.activity or "")
        )
        self._make_findable()
        self._touch()

    def profile(self) -> Profile:
        """What is described of the enterprise today."""
        return Profile(
            name=self.name,
            municipality=self.municipality,
            activity=self.activity,
            site=self.site,
            position=self.position,
            chain=self.chain if self.chain_declared else None,
            links=self.tagged("link"),
            needs=self.tagged("need"),
            started_year=self.started_year,
            jobs_women=self.jobs_women,
            jobs_men=self.jobs_men,
            sales=None if self.sales_minor is None else Money(self.sales_minor, self.currency),
            formal=self.formal,
            products=tuple(product.value for product in self.products),
            ownership=self.ownership,
            address=self.address,
            unpaid_women=self.unpaid_women,
            unpaid_men=self.unpaid_men,
            sales_band=self.sales_band,
            markets=self.tagged("market"),
            assets=tuple(Asset(asset["kind"], asset["text"]) for asset in self.assets),
            partners=tuple(partner.value for partner in self.partners),
        )

    @property
    def counts(self) -> bool:
        """Whether it is of the inventory: not withdrawn, and its owners agree to be in it."""
        return self.active and self.consent_registry

    @property
    def position(self) -> Position | None:
        if self.lon is None or self.lat is None:
            return None
        return Position(self.lon, self.lat, self.accuracy_m, self.point_source or "device")

    @property
    def owner_ids(self) -> list[UUID]:
        return [owner.entrepreneur_id or owner.entrepreneur.id for owner in self.owners]

    def tagged(self, kind: str) -> tuple[str, ...]:
        """Its links or needs, in alphabetical order."""
        return tuple(sorted(tag.code for tag in self.tags if tag.kind == kind))

    def settle(
        self, municipality: str | None, contradicts: bool | None, boundaries: str, snapped_m: float | None = None
    ) -> None:
        """Take territory's answer about the place; an answer that decides nothing leaves it pending."""
        self.require_counted()
        if self.position is None or contradicts is None:
            return
        self.derived_municipality = municipality
        self.place_state = "contradicted" if contradicts else "consistent"
        self.place_boundaries, self.snapped_m = boundaries, snapped_m

    def judge(self, validation: str, on: date) -> None:
        """Set how far the record has been checked, on evidence of which day. Growing stale leaves that day as it is."""
        self.require_counted()
        self.validation = validation
        if validation != "stale":
            self.checked_on = None if validation == "captured" else on
        self._touch()

    def rank(self, tier: str | None, profiled: Mapping[str, Any] | None) -> None:
        """Take the tier and the levels of its latest profile."""
        self.require_counted()
        if (self.tier, self.profiled) != (tier, profiled):
            self.tier, self.profiled = tier, None if profiled is None else dict(profiled)
            self._touch()

    def heed_consents(self) -> None:
        """Owners changed their minds: an enterprise is shared for a purpose when all of its owners agree."""
        owners = [owner.entrepreneur for owner in self.owners]
        self.consent_registry = bool(owners) and all(owner.agrees("registry") for owner in owners)
        self.consent_credit = bool(owners) and all(owner.agrees("credit") for owner in owners)
        self.consent_map = bool(owners) and all(owner.agrees("map") for owner in owners)
        self._make_findable()

    def withdraw(self) -> None:
        """Its last owner withdrew: what is left counts for nobody and shows nobody."""
        self.name = self.search_text = self.search_marks = self.sort_name = ""
        self._move(self.municipality, None)
        self._offer(())
        self._trade(())
        self.steps, self.assets, self.tags = [], [], []
        self.address = self.sales_band = self.unpaid_women = self.unpaid_men = None
        self.sales_minor = self.started_year = self.site = self.tier = self.profiled = None
        self.consent_registry = self.consent_credit = self.consent_map = self.active = False
        self._touch()

    def give_way(self, survivor_id: UUID) -> None:
        """It is part of another one now: what remains is a row that leads there."""
        self._require_active()
        self.withdraw()
        self.owners = []
        self.merged_into = survivor_id

    def hand_over(self, absorbed_id: UUID, survivor: Entrepreneur) -> None:
        """Two owners' records are one: `survivor` owns it in the place of the absorbed one, where she does not yet."""
        owners = {owner.entrepreneur_id: owner for owner in self.owners}
        gone = owners[absorbed_id]
        self.owners.remove(gone)
        if survivor.id not in owners:
            self.owners.append(Owner(rank=gone.rank, entrepreneur=survivor))
        self.heed_consents()
        self._touch()

    def add_owner(self, woman: Entrepreneur) -> None:
        """One more woman owns it; who worked alone until now works as a group."""
        self.require_counted()
        if any(owner.entrepreneur_id == woman.id for owner in self.owners):
            raise Refused("owner.already")
        self.owners.append(Owner(rank=max(owner.rank for owner in self.owners) + 1, entrepreneur=woman))
        if self.ownership == "individual":
            self.ownership = "group"
        self.heed_consents()
        self._touch()

    def remove_owner(self, entrepreneur_id: UUID) -> None:
        """She does not own it any more; the last owner stays: without her there is no enterprise."""
        self.require_counted()
        if all(owner.entrepreneur_id != entrepreneur_id for owner in self.owners):
            raise NotFound("owner.unknown")
        if len(self.owners) == 1:
            raise Refused("owner.last")
        self.part_with(entrepreneur_id)

    def formalize(self, step: str, state: str, on: date | None, number: bytes | None, masked: str | None) -> None:
        """Say how far a step of its formalization is; `number` is sealed. Where the steps tell it, they decide whether
        it is formal.
        """
        self.require_counted()
        found = next((known for known in self.steps if known.step == step), None)
        if found is None:
            found = FormalStep(step=step)
            self.steps.append(found)
        found.stand(state, on, number, masked)
        self._formalize(otherwise=self.formal)
        self._touch()

    @property
    def states(self) -> Mapping[str, str]:
        """How far each step of its formalization is that is known."""
        return {step.step: step.state for step in self.steps}

    def steps_told(self, sealer: Sealer) -> dict[str, dict[str, Any]]:
        """How far each known step is, with its day and its opened number, as a form tells it."""
        return {step.step: step.told(sealer) for step in self.steps}

    def part_with(self, entrepreneur_id: UUID) -> None:
        """One of several owners withdrew: the others go on."""
        self.owners = [owner for owner in self.owners if owner.entrepreneur_id != entrepreneur_id]
        self.heed_consents()
        self._touch()

    def facts(self) -> EnterpriseFacts:
        """What the other services may know; what does not count any more is no point and not active to them."""
        here = self.position if self.counts else None
        sales = None if self.sales_minor is None else Money(self.sales_minor, self.currency)
        return EnterpriseFacts(
            enterprise_id=self.id,
            municipality=self.municipality,
            place_state=self.place_state,
            point=None if here is None else Point(lon=here.lon, lat=here.lat, accuracy_m=here.accuracy_m),
            chain=self.chain,
            links=list(self.tagged("link")),
            activity=self.activity or "",
            needs=list(self.tagged("need")),
            owner_ids=self.owner_ids,
            jobs_women=self.jobs_women,
            jobs_men=self.jobs_men,
            home_based=self.site == "home",
            formal=self.formal,
            started_year=self.started_year,
            validation=self.validation,
            consent_credit=self.consent_credit,
            consent_map=self.consent_map,
            recorded_on=self.recorded_on,
            active=self.counts,
            tier=self.tier,
            profile=levels_told(self.profiled) if self.counts else None,
            sales=sales_of_year(sales, self.sales_band, self.currency) if self.counts else None,
            markets=list(self.tagged("market")),
            trade=[partner.value.trade() for partner in self.partners] if self.counts else [],
            formalization=dict(sorted(self.states.items())),
        )

    def _move(self, municipality: str, position: Position | None) -> None:
        before = (self.municipality, self.lon, self.lat) if self.municipality else None
        self.municipality = municipality
        self.lon, self.lat = (None, None) if position is None else (position.lon, position.lat)
        self.accuracy_m = None if position is None else position.accuracy_m
        self.point_source = None if position is None else position.source
        if (self.municipality, self.lon, self.lat) != before:
            self.derived_municipality = self.place_boundaries = self.snapped_m = None
            self.place_state = "missing" if position is None else "pending"

    def _tag(self, kind: str, codes: tuple[str, ...]) -> None:
        kept = [tag for tag in self.tags if tag.kind != kind or tag.code in codes]
        known = {tag.code for tag in kept if tag.kind == kind}
        self.tags = kept + [Tag(kind=kind, code=code) for code in dict.fromkeys(codes) if code not in known]

    def _offer(self, products: tuple[Product, ...]) -> None:
        if tuple(product.value for product in self.products) != products:
            self.products = [OfferedProduct.of(rank, product) for rank, product in enumerate(products)]

    def _trade(self, partners: tuple[Partner, ...]) -> None:
        if tuple(partner.value for partner in self.partners) != partners:
            self.partners = [TradePartner.of(rank, partner) for rank, partner in enumerate(partners)]

    def _own(self, ownership: str) -> None:
        if ownership == "individual" and len(self.owners) > 1:
            raise Invalid("enterprise.several_owners", pointer="/ownership", owners=len(self.owners))
        self.ownership = ownership

    def _make_findable(self) -> None:
        """What it is searched and sorted by follows its name, its owners and its products; so does the index
        (`models/searching`).
        """
        women = [owner.entrepreneur.searched() for owner in self.owners]
        products = [product.name for product in self.products]
        self.search_text = searching.text_of(self.name, women, products)
        self.search_marks = searching.marks_of(women)
        self.sort_name = folded(self.name)[:SORTED]

    def _formalize(self, *, otherwise: bool) -> None:
        told = formal_by(self.states)
        self.formal = otherwise if told is None else told

    def _touch(self) -> None:
        self.changed_at = clock.now()

    def require_counted(self) -> None:
        """Refuses what is withdrawn, and what its owner does not agree to any more."""
        self._require_active()
        if self.consent_registry is False:
            raise Refused("enterprise.agreement_taken_back")

    def _require_active(self) -> None:
        if self.merged_into is not None:
            raise Refused("enterprise.merged")
        if self.active is False:
            raise Refused("enterprise.withdrawn")


def levels_told(profiled: Mapping[str, Any] | None) -> ProfileLevels | None:
    """What the other services may know of a profile as it is kept (`profiled`)."""
    if profiled is None:
        return None
    return ProfileLevels(**{**profiled, "assessed_on": date.fromisoformat(profiled["assessed_on"])})


def within(unpaid: int | None, all_of_them: int) -> int | None:
    """A split that the total does not allow any more is not known any more."""
    return None if unpaid is None or unpaid > all_of_them else unpaid
