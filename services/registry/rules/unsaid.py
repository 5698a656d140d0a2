"""What becomes of the facts that a file cannot carry: nothing; they stay as they are known."""

from collections.abc import Collection, Mapping
from typing import Any

from services.registry.rules.edited_forms import ALONE
from services.registry.rules.inventory import Person, Profile


def facts_of(profile: Profile, person: Person) -> dict[str, Any]:
    """The record as a submission would tell it; what only a submission tells is not in it."""
    here = profile.position
    return {
        "id_kind": person.id_kind,
        "id_number": person.id_number,
        "born_on": person.born_on,
        "phone": person.phone,
        "people": person.people,
        "point": None if here is None else {"lon": here.lon, "lat": here.lat, "accuracy_m": here.accuracy_m},
        "site": profile.site,
        "activity": profile.activity,
        "links": list(profile.links),
        "needs": list(profile.needs),
        "started_year": profile.started_year,
        "jobs_women": profile.jobs_women,
        "jobs_men": profile.jobs_men,
        "sales_minor": None if profile.sales is None else profile.sales.minor,
        "formal": profile.formal,
        "products": [
            {
                "name": product.name,
                "unit": product.unit,
                "price_minor": None if product.price is None else product.price.minor,
                "volume": product.volume,
                "period": product.period,
                "months": list(product.months),
            }
            for product in profile.products
        ],
        **{name: getattr(profile, name) for name in ("address", "unpaid_women", "unpaid_men", "sales_band")},
        "ownership": profile.ownership,
        "markets": list(profile.markets),
        "assets": [{"kind": asset.kind, "text": asset.text} for asset in profile.assets],
        "partners": [partner.to_json() for partner in profile.partners],
        **{name: getattr(person, name) for name in ALONE},
        "languages": list(person.languages),
        "difficulties": None if person.difficulties is None else dict(person.difficulties),
    }


def completed(facts: dict[str, Any], absent: Collection[str], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The facts of a submission where its file says nothing of some: those stay as they are `known`, because what a
    file cannot carry is not taken away by it. Of the first form's facts `absent` names them, those of our own form are
    simply not there. The accuracy of a point stays with that point.
    """
    if known is None:
        return facts
    whole = {**known, **facts, **{name: known[name] for name in absent if name in known}}
    point, before = whole["point"], known["point"]
    if "accuracy_m" in absent and point and before and (point["lon"], point["lat"]) == (before["lon"], before["lat"]):
        whole["point"] = before
    return whole
