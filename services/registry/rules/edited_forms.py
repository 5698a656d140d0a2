"""What a submission of a form says, and what a record becomes when its form was edited in the field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.rules import phones
from services.registry.rules.inventory import Asset, Partner, Person, Position, Product, Profile
from shared.kernel import Money


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


def _with_what_is_known(form: Profile, now: Profile) -> tuple[Product, ...]:
    """The products of a form with what it does not ask for (volume, months) as the record has it."""
    known = {product.name: product for product in now.products}
    return tuple(
        replace(product, volume=other.volume, period=other.period, months=other.months)
        if (other := known.get(product.name))
        else product
        for product in form.products
    )
