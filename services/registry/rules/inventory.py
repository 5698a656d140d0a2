"""What the inventory says of an enterprise and of the woman it belongs to, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.rules import phones
from shared.kernel import COUNTRY_CURRENCY, Money

SITES = ("home", "shop", "mobile", "farm")
PEOPLES = (
    "maya",
    "garifuna",
    "xinka",
    "lenca",
    "miskito",
    "tawahka",
    "pech",
    "tolupan",
    "chorti",
    "nahua",
    "kakawira",
    "afro",
    "mestiza",
    "otro",
)
"""The peoples the censuses of the three countries ask for; one answer, as they do."""

SCHOOLING = ("none", "primary_begun", "primary", "basic", "secondary", "technical", "university")
DIFFICULTIES = ("seeing", "hearing", "walking", "remembering", "self_care", "communicating")
"""The six questions of the Washington Group's short set on functioning."""

DEGREES = ("none", "some", "a_lot", "cannot")
PURPOSES = ("registry", "credit", "map", "photos")
CHANNELS = ("field_form", "office", "phone", "letter")
POINT_SOURCES = ("device", "map", "office")
OWNERSHIPS = ("individual", "group", "cooperative")
PERIODS = ("month", "year")
MARKETS = ("own_community", "municipality", "department", "country", "export")
ASSETS = ("land", "building", "vehicle", "machinery", "tools", "animals", "stock", "other")
SIDES = ("supplier", "buyer")
PARTNERS = ("enterprise", "cooperative", "intermediary", "shop", "institution", "consumers", "other")


_ALL = 100


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees (WGS 84), the accuracy the device reported in metres, and where the point comes from."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    source: str = "device"


@dataclass(frozen=True, slots=True)
class Product:
    """Something an enterprise sells; the price is for one unit, the volume in units of a month or a year, `months` are
    those of the year in which there is any (none named: all the year round).
    """

    name: str
    unit: str | None = None
    price: Money | None = None
    volume: float | None = None
    period: str | None = None
    months: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "price": _money_json(self.price),
            "volume": self.volume,
            "period": self.period,
            "months": list(self.months),
        }


@dataclass(frozen=True, slots=True)
class Asset:
    """Something an enterprise works with, in its owner's words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who an enterprise buys from or sells to: a registered enterprise by its id, or anybody else by name. `share` is
    the part of all it buys (or sells), in per cent.
    """

    side: str
    kind: str
    enterprise_id: UUID | None = None
    name: str | None = None
    share: int | None = None
    product: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "side": self.side,
            "kind": self.kind,
            "enterprise_id": None if self.enterprise_id is None else str(self.enterprise_id),
            "name": self.name,
            "share": self.share,
            "product": self.product,
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is described of an enterprise. `chain` is None where the chain table decides."""

    name: str
    municipality: str
    activity: str | None
    site: str | None
    position: Position | None = None
    chain: str | None = None
    links: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    started_year: int | None = None
    jobs_women: int = 0
    jobs_men: int = 0
    sales: Money | None = None
    formal: bool = False
    products: tuple[Product, ...] = ()
    ownership: str = "individual"
    address: str | None = None
    unpaid_women: int | None = None
    """How many of `jobs_women` are not paid; None where nobody asked."""
    unpaid_men: int | None = None
    sales_band: str | None = None
    markets: tuple[str, ...] = ()
    assets: tuple[Asset, ...] = ()
    partners: tuple[Partner, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of the country the enterprise works in."""
        return COUNTRY_CURRENCY[self.municipality[:2]]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the history."""
        return {
            "name": self.name,
            "municipality": self.municipality,
            "activity": self.activity,
            "site": self.site,
            "position": None if self.position is None else _position_json(self.position),
            "chain": self.chain,
            "links": list(self.links),
            "needs": list(self.needs),
            "started_year": self.started_year,
            "jobs_women": self.jobs_women,
            "jobs_men": self.jobs_men,
            "sales": _money_json(self.sales),
            "formal": self.formal,
            "products": [product.to_json() for product in self.products],
            "ownership": self.ownership,
            "address": self.address,
            "unpaid_women": self.unpaid_women,
            "unpaid_men": self.unpaid_men,
            "sales_band": self.sales_band,
            "markets": list(self.markets),
            "assets": [{"kind": asset.kind, "text": asset.text} for asset in self.assets],
            "partners": [partner.to_json() for partner in self.partners],
        }


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a woman; the number of her document is bare digits."""

    given_names: str
    surnames: str
    id_kind: str | None = None
    id_number: str | None = None
    born_on: date | None = None
    phone: str | None = None
    people: str | None = None
    other_phone: str | None = None
    languages: tuple[str, ...] = ()
    schooling: str | None = None
    dependants: int | None = None
    children_under_6: int | None = None
    others_in_care: int | None = None
    care_hours: int | None = None
    """Hours of a week in which she cares for others."""
    head_of_household: bool | None = None
    difficulties: Mapping[str, str] | None = None
    """The degree of each of the `DIFFICULTIES`, as she says; None where she was not asked or does not say."""

    @property
    def disabled(self) -> bool | None:
        """Whether she has a lot of difficulty with anything, or cannot do it: the Washington Group's threshold."""
        if self.difficulties is None:
            return None
        return not {"a_lot", "cannot"}.isdisjoint(self.difficulties.values())

    def callable_from(self, country: str) -> "Person":
        """The same woman with her telephones as they are dialled from anywhere."""
        return replace(
            self,
            phone=phones.normalised(self.phone, country),
            other_phone=phones.normalised(self.other_phone, country),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the history; the document's number only by its last three digits."""
        number = self.id_number
        return {
            "given_names": self.given_names,
            "surnames": self.surnames,
            "id_kind": self.id_kind,
            "id_number": None if number is None else "•" * max(len(number) - 3, 0) + number[-3:],
            "born_on": None if self.born_on is None else self.born_on.isoformat(),
            "phone": self.phone,
            "people": self.people,
            "other_phone": self.other_phone,
            "languages": list(self.languages),
            "schooling": self.schooling,
            "dependants": self.dependants,
            "children_under_6": self.children_under_6,
            "others_in_care": self.others_in_care,
            "care_hours": self.care_hours,
            "head_of_household": self.head_of_household,
            "difficulties": None if self.difficulties is None else dict(self.difficulties),
        }


def profile_of(facts: dict[str, Any]) -> Profile:
    """The profile that an imported submission describes."""
    point, currency = facts["point"], facts["currency"]
    sales = facts["sales_minor"]
    return Profile(
        name=facts["name"],
        municipality=facts["municipality"],
        activity=facts["activity"],
        site=facts["site"],
        position=None if point is None else Position(point["lon"], point["lat"], point["accuracy_m"]),
        links=tuple(sorted(facts["links"])),
        needs=tuple(sorted(facts["needs"])),
        started_year=facts["started_year"],
        jobs_women=facts["jobs_women"],
        jobs_men=facts["jobs_men"],
        sales=None if sales is None else Money(sales, currency),
        formal=bool(facts["formal"]),
        products=tuple(
            Product(
                product["name"],
                product["unit"],
                None if product["price_minor"] is None else Money(product["price_minor"], currency),
                product.get("volume"),
                product.get("period"),
                tuple(product.get("months", ())),
            )
            for product in facts["products"]
        ),
        ownership=facts.get("ownership", "individual"),
        address=facts.get("address"),
        unpaid_women=facts.get("unpaid_women"),
        unpaid_men=facts.get("unpaid_men"),
        sales_band=facts.get("sales_band"),
        markets=tuple(sorted(facts.get("markets", ()))),
        assets=tuple(Asset(asset["kind"], asset["text"]) for asset in facts.get("assets", ())),
        partners=tuple(_partner(partner) for partner in facts.get("partners", ())),
    )


def _partner(told: Mapping[str, Any]) -> Partner:
    known = told.get("enterprise_id")
    return Partner(
        told["side"], told["kind"], None if known is None else UUID(known), told["name"], told["share"], told["product"]
    )


def person_of(facts: dict[str, Any]) -> Person:
    """The woman that an imported submission describes."""
    born_on = facts["born_on"]
    return Person(
        given_names=facts["given_names"],
        surnames=facts["surnames"],
        id_kind=facts["id_kind"],
        id_number=facts["id_number"],
        born_on=date.fromisoformat(born_on) if isinstance(born_on, str) else born_on,
        phone=phones.normalised(facts["phone"], facts["municipality"][:2]),
        people=facts["people"],
        other_phone=phones.normalised(facts.get("other_phone"), facts["municipality"][:2]),
        languages=tuple(facts.get("languages", ())),
        difficulties=facts.get("difficulties"),
        **{name: facts.get(name) for name in ALONE if name != "other_phone"},
    )


ALONE = (
    "other_phone",
    "schooling",
    "dependants",
    "children_under_6",
    "others_in_care",
    "care_hours",
    "head_of_household",
)
"""What our own form asks of her in one answer each."""


CARRIED = frozenset(
    {
        *("name", "municipality", "activity", "site", "position", "links", "needs", "started_year"),
        *("jobs_women", "jobs_men", "sales", "formal", "products"),
        *("given_names", "surnames", "id_kind", "id_number", "born_on", "phone", "people"),
        *("ownership", "address", "unpaid_women", "unpaid_men", "sales_band", "markets", "assets", "partners"),
        *("languages", "difficulties", *ALONE),
    }
)
"""What a field form can say of an enterprise and its owner; what a form does not ask it says as it was before."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A record after an edited submission came, and the fields in which an edit by hand was kept instead."""

    profile: Profile
    person: Person
    kept: tuple[str, ...]


def merge(
    before: tuple[Profile, Person] | None,
    now: tuple[Profile, Person],
    submitted: tuple[Profile, Person],
    *,
    whole: tuple[bool, bool] = (False, False),
) -> Merged:
    """What a record becomes when its submission was edited in the field.

    `before` is what the last import brought, `now` what the record says today, `submitted` what comes in. A field
    that the submission did not change stays; one that it changed is taken, unless somebody changed it by hand to
    something else in the meantime: that is kept, and named. Without a `before` nothing is known to have changed in the
    field: all of today's stays, and every field in which the two differ is named. `whole` says of `before` and
    `submitted` whether their forms ask all of a product; what one does not ask is as the record has it.
    """
    kept: list[str] = []
    if not whole[1]:
        submitted = (replace(submitted[0], products=_with_what_is_known(submitted[0], now[0])), submitted[1])
    if before is not None and not whole[0]:
        before = (replace(before[0], products=_with_what_is_known(before[0], now[0])), before[1])

    def merged(one: Any, two: Any, three: Any) -> Any:
        changes = {}
        for name in CARRIED.intersection(two.__slots__):
            old, current, new = getattr(one, name, None), getattr(two, name), getattr(three, name)
            if new == current or (one is not None and new == old):
                continue
            if one is None or current != old:
                kept.append(name)
            else:
                changes[name] = new
        return replace(two, **changes)

    profile_before, person_before = before or (None, None)
    profile = merged(profile_before, now[0], submitted[0])
    person = merged(person_before, now[1], submitted[1])
    return Merged(profile, person, tuple(kept))


def over_full(partners: tuple[Partner, ...]) -> str | None:
    """The side on which the shares add up to more than all there is; None where they do not."""
    for side in SIDES:
        if sum(partner.share or 0 for partner in partners if partner.side == side) > _ALL:
            return side
    return None


def _with_what_is_known(form: Profile, now: Profile) -> tuple[Product, ...]:
    """The products of a form with what it does not ask for (volume, months) as the record has it."""
    known = {product.name: product for product in now.products}
    return tuple(
        replace(product, volume=other.volume, period=other.period, months=other.months)
        if (other := known.get(product.name))
        else product
        for product in form.products
    )


def _position_json(position: Position) -> dict[str, Any]:
    return {
        "lon": position.lon,
        "lat": position.lat,
        "accuracy_m": position.accuracy_m,
        "source": position.source,
    }


def _money_json(money: Money | None) -> dict[str, str] | None:
    return None if money is None else {"amount": str(money), "currency": money.currency}
