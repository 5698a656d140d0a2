"""The invented enterprises, written into the inventory by the demonstration's coordinator, fifty at a time."""

from dataclasses import dataclass
from datetime import date, timedelta

from deploy.demonstration.women import Invented, invent
from deploy.house import House
from services.registry.rules.inventory import Person, Position, Product, Profile
from services.registry.rules.validation import Judgement
from services.registry.use_cases.register_enterprise import Consenting, register_enterprise
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Money, clock

_VALIDATION = ("validated", "validated", "verified", "captured")
_BATCH = 50
# One quetzal or dollar is worth many lempiras: prices are invented in lempiras.
_LEMPIRAS = {"HNL": 1, "GTQ": 3, "USD": 25}


@dataclass(frozen=True)
class Entered:
    """What the rest of the demonstration needs to know of an enterprise."""

    id: str
    municipality: str
    chain: str
    creditworthy: bool


def register_enterprises(house: House, caller: Caller, count: int) -> list[Entered]:
    """The enterprises that were entered; every fourth stays as captured."""
    women = list(invent(count))
    entered: list[Entered] = []
    for start in range(0, count, _BATCH):
        entered += register_invented(house, caller, women[start : start + _BATCH])
    return entered


def register_invented(house: House, caller: Caller, women: list[Invented]) -> list[Entered]:
    """Write some women down, in one transaction."""
    registry = house.service("registry")
    sealer = registry.web.extensions["context"].sealer
    entered = []
    with registry.database.transaction() as session:
        for one in women:
            validation = _VALIDATION[one.number % len(_VALIDATION)]
            enterprise = register_enterprise(
                session, caller, sealer, profile=_profile(one), owner=_owner(one), judgement=_judged(one, validation)
            )
            session.flush()
            creditworthy = one.shares_with_committee and validation != "captured"
            entered.append(Entered(str(enterprise.id), one.municipality, one.trade.chain, creditworthy))
    return entered


def _judged(one: Invented, validation: str) -> Judgement | None:
    """Somebody was there within the last year and a half, or nobody yet."""
    if validation == "captured":
        return None
    seen = clock.today() - timedelta(days=10 + one.number * 7 % 500)
    return Judgement(validation, "visit" if one.number % 3 else "document", seen)


def _profile(one: Invented) -> Profile:
    currency = COUNTRY_CURRENCY[one.country]
    lempiras = _LEMPIRAS[currency]
    position = None
    if one.lon is not None and one.lat is not None:
        position = Position(one.lon, one.lat, one.accuracy_m, "device")
    return Profile(
        name=one.business,
        municipality=one.municipality,
        activity=one.trade.activity,
        site="home" if one.home_based else "shop",
        position=position,
        chain=one.trade.chain,
        links=tuple(sorted(one.trade.links)),
        needs=tuple(sorted(one.needs)),
        started_year=one.started,
        jobs_women=one.women,
        jobs_men=one.men,
        sales=Money(one.sales_minor // lempiras, currency),
        formal=one.formal,
        products=tuple(
            Product(name, unit, Money(price * 100 // lempiras, currency)) for name, unit, price in one.trade.products
        ),
    )


def _owner(one: Invented) -> tuple[Person, Consenting]:
    person = Person(
        given_names=one.given_names,
        surnames=one.surnames,
        born_on=date(one.born, 1 + one.number % 12, 1 + one.number % 28),
        phone=one.phone,
    )
    answers = {"registry": True, "credit": one.shares_with_committee, "map": one.on_public_map, "photos": False}
    return person, Consenting(answers, date(2026, 3, 8), "office")
