"""The fields of a profile that a body names, as the use cases take them."""

from typing import Any

from services.registry.rules.inventory import Asset, Partner, Position, Product
from shared.kernel import Invalid


def position_of(given: dict[str, Any] | None) -> Position | None:
    """The position that a body names."""
    if given is None:
        return None
    return Position(given["lon"], given["lat"], given["accuracy_m"], given["source"])


def changes_of(body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a profile that a body names."""
    changes = {name: body[name] for name in body if name not in _READ_APART}
    if "point" in body:
        changes["position"] = position_of(body["point"])
    if "products" in body:
        changes["products"] = tuple(
            Product(**product | {"months": tuple(sorted(set(product["months"])))}) for product in body["products"]
        )
    if "assets" in body:
        changes["assets"] = tuple(Asset(**asset) for asset in body["assets"])
    if "partners" in body:
        changes["partners"] = _partners(body["partners"])
    if "jobs" in body:
        changes |= _jobs(body)
    for name in ("links", "needs", "markets"):
        if name in changes:
            changes[name] = tuple(sorted(set(changes[name])))
    return changes


_READ_APART = frozenset({"point", "products", "assets", "jobs", "partners", "owner", "owner_id"})


def _partners(given: list[dict[str, Any]]) -> tuple[Partner, ...]:
    for number, one in enumerate(given):
        if (one["enterprise_id"] is None) == (one["name"] is None):
            raise Invalid("partner.id_or_name", pointer=f"/partners/{number}/name")
    return tuple(Partner(**one) for one in given)


def _jobs(body: dict[str, Any]) -> dict[str, int]:
    jobs = body["jobs"]
    if "jobs_women" in body or "jobs_men" in body:
        raise Invalid("enterprise.jobs_told_twice", pointer="/jobs")
    return {
        "jobs_women": jobs["women_paid"] + jobs["women_unpaid"],
        "jobs_men": jobs["men_paid"] + jobs["men_unpaid"],
        "unpaid_women": jobs["women_unpaid"],
        "unpaid_men": jobs["men_unpaid"],
    }
