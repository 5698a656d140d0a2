"""Records that enter the inventory many at once: the very rows that their entities would write, without the entities.

An entity is watched attribute by attribute, which costs ten times what its rows do. What enters is new to everybody:
nothing is there to be locked, compared or guarded yet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Table

from services.registry.codes import sales_of_year
from services.registry.models.enterprise import SORTED, Enterprise, levels_told, within
from services.registry.models.enterprise_parts import FormalStep, OfferedProduct, Owner, Tag, TradePartner
from services.registry.models.entity import Entity
from services.registry.models.entrepreneur import SEARCHED, Consent, Entrepreneur, fingerprint_of
from services.registry.models.searching import SearchTerm
from services.registry.rules import searching
from services.registry.rules.activities import section_of
from services.registry.rules.assessment import Assessed, as_announced
from services.registry.rules.chains import ChainTable, folded
from services.registry.rules.formalization import Step, formal_by
from services.registry.rules.inventory import Person, Profile
from services.registry.sealing import Sealer, step_key
from shared.events.registry import EnterpriseFacts, Point
from shared.kernel import uuid7

Rows = dict[Table, list[dict[str, Any]]]


@dataclass(slots=True)
class Newcomer:
    """A woman who agrees to be in the inventory, and her enterprise, of which she is the only owner."""

    id: UUID
    woman_id: UUID
    person: Person
    answers: Mapping[str, bool]
    recorded_on: date
    described: Profile
    chain: str
    validation: str
    derived_municipality: str | None
    place_state: str
    place_boundaries: str | None
    snapped_m: float | None = None
    checked_on: date | None = None
    assessed: Assessed | None = None
    tier: str | None = None
    steps: tuple[Step, ...] = ()

    @classmethod
    def register(
        cls, person: Person, answers: Mapping[str, bool], profile: Profile, chains: ChainTable, recorded_on: date
    ) -> Self:
        """As `Entrepreneur.register` and `Enterprise.register` would have her and her enterprise stand."""
        described = replace(
            profile,
            links=_ordered(profile.links),
            needs=_ordered(profile.needs),
            markets=_ordered(profile.markets),
            unpaid_women=within(profile.unpaid_women, profile.jobs_women),
            unpaid_men=within(profile.unpaid_men, profile.jobs_men),
        )
        products = [product.name for product in profile.products]
        return cls(
            id=uuid7(),
            woman_id=uuid7(),
            person=person,
            answers=answers,
            recorded_on=recorded_on,
            described=described,
            chain=profile.chain or chains.chain_of(products, profile.name, section_of(profile.activity or "")),
            validation="captured",
            derived_municipality=None,
            place_state="missing" if profile.position is None else "pending",
            place_boundaries=None,
        )

    def judge(self, validation: str, on: date) -> None:
        """Set how far the record has been checked, on evidence of which day."""
        self.validation = validation
        self.checked_on = None if validation == "captured" else on

    def formalize(self, steps: tuple[Step, ...]) -> None:
        """Say how far its formalization is. Where the steps tell it, they decide whether it is formal."""
        self.steps = steps
        told = formal_by({step.step: step.state for step in steps})
        if told is not None:
            self.described = replace(self.described, formal=told)

    def profile_as(self, assessed: Assessed) -> None:
        """Take its first profile, and the tier that follows."""
        self.assessed, self.tier = assessed, assessed.result.tier

    def settle(
        self, municipality: str | None, contradicts: bool | None, boundaries: str, snapped_m: float | None = None
    ) -> None:
        """Take territory's answer about the place; an answer that decides nothing leaves it pending."""
        if self.described.position is None or contradicts is None:
            return
        self.derived_municipality = municipality
        self.place_state = "contradicted" if contradicts else "consistent"
        self.place_boundaries, self.snapped_m = boundaries, snapped_m

    def profile(self) -> Profile:
        """What is described of the enterprise."""
        return self.described

    @property
    def profiled(self) -> dict[str, Any] | None:
        if self.assessed is None:
            return None
        levels = {subject: level for subject, (level, _) in self.assessed.seen.items()}
        return as_announced(self.assessed.on, self.assessed.result.score, levels)

    @property
    def consent_registry(self) -> bool:
        return self.answers.get("registry", False)

    @property
    def consent_credit(self) -> bool:
        return self.answers.get("credit", False)

    @property
    def consent_map(self) -> bool:
        return self.answers.get("map", False)

    @property
    def owner_ids(self) -> list[UUID]:
        return [self.woman_id]

    def facts(self) -> EnterpriseFacts:
        """What the other services may know."""
        told, here = self.described, self.described.position if self.consent_registry else None
        return EnterpriseFacts(
            enterprise_id=self.id,
            municipality=told.municipality,
            place_state=self.place_state,
            point=None if here is None else Point(lon=here.lon, lat=here.lat, accuracy_m=here.accuracy_m),
            chain=self.chain,
            links=list(told.links),
            activity=told.activity or "",
            needs=list(told.needs),
            owner_ids=self.owner_ids,
            jobs_women=told.jobs_women,
            jobs_men=told.jobs_men,
            home_based=told.site == "home",
            formal=told.formal,
            started_year=told.started_year,
            validation=self.validation,
            consent_credit=self.consent_credit,
            consent_map=self.consent_map,
            recorded_on=self.recorded_on,
            active=self.consent_registry,
            tier=self.tier,
            profile=levels_told(self.profiled) if self.consent_registry else None,
            sales=sales_of_year(told.sales, told.sales_band, told.currency) if self.consent_registry else None,
            markets=list(told.markets),
            trade=[partner.trade() for partner in told.partners] if self.consent_registry else [],
            formalization={step.step: step.state for step in sorted(self.steps, key=lambda one: one.step)},
        )


def rows_of(newcomers: Iterable[Newcomer], sealer: Sealer, *, channel: str, by: str, at: datetime) -> Rows:
    """The rows of all of them by table, in an order in which they can be inserted; `by` recorded what they answered."""
    tables = (Entrepreneur, Enterprise, Owner, Consent, Tag, OfferedProduct, TradePartner, FormalStep)
    rows: Rows = {Entity.metadata.tables[entity.__tablename__]: [] for entity in tables}
    women, enterprises, owners, consents, tags, products, partners, steps = rows.values()
    for one in newcomers:
        women.append(_woman(one, sealer, at))
        enterprises.append(_enterprise(one, at))
        owners.append({"enterprise_id": one.id, "entrepreneur_id": one.woman_id, "rank": 0})
        consents += [
            {
                "id": uuid7(),
                "entrepreneur_id": one.woman_id,
                "purpose": purpose,
                "granted": granted,
                "given_on": one.recorded_on,
                "channel": channel,
                "recorded_by": by,
                "recorded_at": at,
            }
            for purpose, granted in one.answers.items()
        ]
        described = one.described
        for kind, codes in (("link", described.links), ("need", described.needs), ("market", described.markets)):
            tags += [{"enterprise_id": one.id, "kind": kind, "code": code} for code in codes]
        products += [_product(one.id, rank, product) for rank, product in enumerate(described.products)]
        partners += [_partner(one.id, rank, partner) for rank, partner in enumerate(described.partners)]
        steps += [_step(one.id, step, sealer) for step in one.steps]
    rows[Entity.metadata.tables[SearchTerm.__tablename__]] = _found_by(enterprises)
    return rows


def _found_by(enterprises: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the terms, in which the index takes many at once."""
    terms = ((one["id"], searching.terms_of(one["search_text"], one["search_marks"])) for one in enterprises)
    return [
        {"term": term, "record_id": record_id}
        for term, record_id in sorted((term, record_id) for record_id, mine in terms for term in mine)
    ]


def _ordered(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


def _woman(one: Newcomer, sealer: Sealer, at: datetime) -> dict[str, Any]:
    person = one.person
    number, difficulties = person.id_number, person.difficulties
    return {
        "id": one.woman_id,
        "given_names": person.given_names,
        "surnames": person.surnames,
        "search_text": folded(f"{person.given_names} {person.surnames}")[:SEARCHED],
        "id_kind": person.id_kind,
        "id_sealed": sealer.seal(number.encode(), one.woman_id.bytes) if number else None,
        "id_fingerprint": fingerprint_of(person.id_kind, number, sealer) if number else None,
        "born_on": person.born_on,
        "phone": person.phone,
        "people": person.people,
        "other_phone": person.other_phone,
        "languages": list(person.languages),
        "schooling": person.schooling,
        "dependants": person.dependants,
        "children_under_6": person.children_under_6,
        "others_in_care": person.others_in_care,
        "care_hours": person.care_hours,
        "head_of_household": person.head_of_household,
        "difficulties": None if difficulties is None else dict(difficulties),
        "created_at": at,
        "version": 1,
    }


def _enterprise(one: Newcomer, at: datetime) -> dict[str, Any]:
    told, here, her = one.described, one.described.position, one.person
    phones = (her.phone, her.other_phone)
    women = [searching.Woman(her.given_names, her.surnames, phones, her.people, tuple(her.languages))]
    return {
        "id": one.id,
        "name": told.name,
        "search_text": searching.text_of(told.name, women, [product.name for product in told.products]),
        "search_marks": searching.marks_of(women),
        "sort_name": folded(told.name)[:SORTED],
        "municipality": told.municipality,
        "derived_municipality": one.derived_municipality,
        "place_state": one.place_state,
        "place_boundaries": one.place_boundaries,
        "snapped_m": one.snapped_m,
        "lon": None if here is None else here.lon,
        "lat": None if here is None else here.lat,
        "accuracy_m": None if here is None else here.accuracy_m,
        "point_source": None if here is None else here.source,
        "site": told.site,
        "activity": told.activity,
        "chain": one.chain,
        "chain_declared": told.chain is not None,
        "started_year": told.started_year,
        "jobs_women": told.jobs_women,
        "jobs_men": told.jobs_men,
        "sales_minor": None if told.sales is None else told.sales.minor,
        "currency": told.currency,
        "formal": told.formal,
        "validation": one.validation,
        "checked_on": one.checked_on,
        "tier": one.tier,
        "profiled": one.profiled,
        "consent_registry": one.consent_registry,
        "consent_credit": one.consent_credit,
        "consent_map": one.consent_map,
        "recorded_on": one.recorded_on,
        "active": True,
        "created_at": at,
        "changed_at": at,
        "ownership": told.ownership,
        "address": told.address,
        "unpaid_women": told.unpaid_women,
        "unpaid_men": told.unpaid_men,
        "sales_band": told.sales_band,
        "assets": [{"kind": asset.kind, "text": asset.text} for asset in told.assets],
        "version": 1,
    }


def _product(enterprise_id: UUID, rank: int, product: Any) -> dict[str, Any]:
    price = product.price
    return {
        "id": uuid7(),
        "enterprise_id": enterprise_id,
        "rank": rank,
        "name": product.name,
        "unit": product.unit,
        "price_minor": None if price is None else price.minor,
        "currency": None if price is None else price.currency,
        "volume": product.volume,
        "period": product.period,
        "months": list(product.months),
    }


def _partner(enterprise_id: UUID, rank: int, partner: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "enterprise_id": enterprise_id,
        "rank": rank,
        "side": partner.side,
        "kind": partner.kind,
        "partner_id": partner.enterprise_id,
        "name": partner.name,
        "share": partner.share,
        "product": partner.product,
    }


def _step(enterprise_id: UUID, step: Step, sealer: Sealer) -> dict[str, Any]:
    number = step.number
    return {
        "enterprise_id": enterprise_id,
        "step": step.step,
        "state": step.state,
        "happened_on": step.happened_on,
        "number_sealed": None if number is None else sealer.seal(number.encode(), step_key(enterprise_id, step.step)),
        "number_masked": step.number_masked,
    }
