"""What becomes of the facts that a file cannot carry: nothing; they stay as they are known."""

from collections.abc import Collection, Mapping
from typing import Any

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
            }
            for product in profile.products
        ],
    }


def completed(facts: dict[str, Any], absent: Collection[str], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """The facts of a submission where its file says nothing of some (`absent`): those stay as they are `known`, because
    what a file cannot carry is not taken away by it. The accuracy of a point stays with that point.
    """
    if known is None or not absent:
        return facts
    whole = facts | {name: known[name] for name in absent if name in facts and name in known}
    point, before = whole["point"], known["point"]
    if "accuracy_m" in absent and point and before and (point["lon"], point["lat"]) == (before["lon"], before["lat"]):
        whole["point"] = before
    return whole
