"""The words of the library, of trainers, of centres that teach and of licences, and the lists to choose from."""

from collections.abc import Mapping
from typing import Any

from flask import g

from services.portal.clients import Answer, api
from services.portal.pages.registry.codes import CHAINS, said
from services.portal.pages.training.area import TEAM, blueprint
from services.portal.pages.training.round_words import FAMILIES

KEEPERS = (*TEAM, "network_coordinator")
SHARERS = ("coordinator", "network_coordinator")
LIBRARY_READERS = (*KEEPERS, "csr_reviewer", "auditor")
TRAINER_READERS = (*KEEPERS, "auditor")
REACHES = {
    "team": ("The teams of its territory", ""),
    "network": ("The whole network", "accent"),
    "public": ("Anybody", "good"),
}
MEDIA = {
    "application/pdf": "PDF",
    "image/jpeg": "Picture (JPEG)",
    "image/png": "Picture (PNG)",
    "audio/mpeg": "Sound (MP3)",
    "audio/ogg": "Sound (Ogg)",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Text (DOCX)",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Spreadsheet (XLSX)",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "Presentation (PPTX)",
    "application/vnd.oasis.opendocument.text": "Text (ODT)",
    "application/vnd.oasis.opendocument.spreadsheet": "Spreadsheet (ODS)",
    "application/vnd.oasis.opendocument.presentation": "Presentation (ODP)",
}
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.mp3,.ogg,.docx,.xlsx,.pptx,.odt,.ods,.odp"
LEARNING_KINDS = {
    "university": "University",
    "learning_centre": "Learning centre",
    "vocational_institute": "Vocational institute",
    "school": "School",
    "training_organization": "Organization that trains",
}
AGREEMENT_STANDINGS = {
    "in_force": ("In force", "good"),
    "ending": ("Ends soon", "warn"),
    "over": ("It ended", ""),
}
OBLIGED = {"partner": "The institution", "network": "The network"}
LICENCE_STANDINGS = {
    "valid": ("In force", "good"),
    "future": ("It begins later", "accent"),
    "suspended": ("Licence suspended", "warn"),
    "expired": ("Licence expired", ""),
    "revoked": ("Licence annulled", "bad"),
}
LICENCE_STEPS = {
    "issue": "Licence issued",
    "renew": "Renewed by a new one",
    "suspend": "Licence suspended",
    "give_back": "Licence given back",
    "revoke": "Licence annulled",
}
PROOFS = {"hours": "Hours attended", "test": "Test", "observation": "Observed sessions"}


@blueprint.context_processor
def library_words() -> dict[str, Any]:
    """What the templates of these rooms say codes with."""
    person = g.get("me")
    return {
        "REACHES": REACHES,
        "MEDIA": MEDIA,
        "LEARNING_KINDS": LEARNING_KINDS,
        "AGREEMENT_STANDINGS": AGREEMENT_STANDINGS,
        "OBLIGED": OBLIGED,
        "LICENCE_STANDINGS": LICENCE_STANDINGS,
        "LICENCE_STEPS": LICENCE_STEPS,
        "PROOFS": PROOFS,
        "kilobytes": kilobytes,
        "type_said": type_said,
        "may_keep": person is not None and person.has(*KEEPERS),
        "may_share": person is not None and person.has(*SHARERS),
    }


def kilobytes(size: int) -> int:
    """Bytes in whole kilobytes, rounded up."""
    return (size + 1023) // 1024


def type_said(code: str) -> str:
    """A chain, or a family of chains, in words."""
    return said(FAMILIES, code.removeprefix("family:")) if code.startswith("family:") else said(CHAINS, code)


def type_choices(families: list[str]) -> list[tuple[str, str]]:
    """Families of chains, then chains, for boxes to tick."""
    return [(code, type_said(code)) for code in (*families, *CHAINS)]


def library_choices(*, public: bool = False) -> Answer:
    """What a material is told by: kinds, licences, languages and topics as pairs; their names by code in `named`."""
    client = api("training", as_portal=public)
    found = client.get("/public-library/choices" if public else "/library/choices")
    return paired(found, "kinds", "licences", "languages", "topics")


def paired(found: Answer, *kinds: str) -> Answer:
    """The lists of codes and names as pairs for a select; `named`: each list as names by code."""
    found["named"] = {kind: {one["code"]: one["name"] for one in found[kind]} for kind in kinds}
    for kind in kinds:
        found[kind] = list(found["named"][kind].items())
    return found


def trainer_choices(filters: Mapping[str, Any] | None = None) -> list[tuple[str, str]]:
    """The trainers of her territory, for a select; who may not see them chooses among none."""
    if not g.me.has(*TRAINER_READERS):
        return []
    return [
        (one["id"], one["name"]) for one in api("training").get("/trainers", {"limit": 200, **(filters or {})}).rows
    ]
