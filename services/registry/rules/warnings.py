"""What a technician should look at again in a record that is kept as it is."""

from collections.abc import Container, Sequence
from typing import Any

from services.registry.rules import capture, national_ids
from services.registry.rules.inventory import Person, Profile


def warnings_of(
    profile: Profile, place_state: str, owners: Sequence[Person], *, municipalities: Container[str], year: int
) -> list[dict[str, Any]]:
    """Codes with the facts of their sentences, the same codes that an import reports."""
    found: list[dict[str, Any]] = []

    def note(code: str, **facts: Any) -> None:
        found.append({"code": code, "facts": facts})

    if profile.position is None:
        note("gps.missing")
    elif (profile.position.accuracy_m or 0) > capture.ACCURACY_WARNING_M:
        note("gps.inaccurate", accuracy=f"{profile.position.accuracy_m:g}", limit=f"{capture.ACCURACY_WARNING_M:g}")
    if place_state == "contradicted":
        note("place.contradicted_here")
    for owner in owners:
        if owner.id_number is None or owner.id_kind not in national_ids.KINDS:
            note("national_id.missing")
            continue
        finding = national_ids.examine(owner.id_kind, owner.id_number, municipalities=municipalities, year=year)
        if finding:
            note(finding.code, **finding.facts)
    return found
