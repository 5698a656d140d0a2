"""What a technician should look at again in a record that is kept as it is."""

from collections.abc import Container, Iterable
from typing import Any

from services.registry.rules import capture, national_ids, phones
from services.registry.rules.inventory import Person, Profile
from services.registry.rules.national_ids import Confirmation


def warnings_of(profile: Profile, place_state: str, snapped_m: float | None) -> list[dict[str, Any]]:
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
    if snapped_m is not None:
        note("place.snapped_here", metres=round(snapped_m))
    return found


def warnings_about(
    owners: Iterable[tuple[Person, Confirmation | None]], country: str, *, municipalities: Container[str], year: int
) -> list[dict[str, Any]]:
    """The same about women who work in `country`: their documents, each with who confirmed it against what is wrong,
    and their telephones.
    """
    found: list[dict[str, Any]] = []

    def note(code: str, **facts: Any) -> None:
        found.append({"code": code, "facts": facts})

    for owner, confirmation in owners:
        if owner.id_number is None or owner.id_kind not in national_ids.KINDS:
            note("national_id.missing")
        elif finding := national_ids.examine(owner.id_kind, owner.id_number, municipalities=municipalities, year=year):
            found.append({"code": finding.code, "facts": finding.facts, "confirmation": confirmation})
        for number in filter(None, (owner.phone, owner.other_phone)):
            if phones.is_wrong(number, country):
                note("phone.wrong", number=number)
    return found
