"""What the inventory says of an enterprise and of the woman it belongs to, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.rules import phones
from shared.events import vocabulary
from shared.events.registry import Trade
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
MARKETS = vocabulary.MARKETS
ASSETS = ("land", "building", "vehicle", "machinery", "tools", "animals", "stock", "other")
SIDES, PARTNERS = vocabulary.TRADE_SIDES, vocabulary.TRADE_PARTNERS


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

    def trade(self) -> Trade:
        """What the other services may know: no name, no words."""
        return Trade(side=self.side, kind=self.kind, enterprise_id=self.enterprise_id, share=self.share)


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


def over_full(partners: tuple[Partner, ...]) -> str | None:
    """The side on which the shares add up to more than all there is; None where they do not."""
    for side in SIDES:
        if sum(partner.share or 0 for partner in partners if partner.side == side) > _ALL:
            return side
    return None


def _position_json(position: Position) -> dict[str, Any]:
    return {
        "lon": position.lon,
        "lat": position.lat,
        "accuracy_m": position.accuracy_m,
        "source": position.source,
    }


def _money_json(money: Money | None) -> dict[str, str] | None:
    return None if money is None else {"amount": str(money), "currency": money.currency}
