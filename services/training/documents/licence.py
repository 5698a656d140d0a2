"""A licence to teach as it is printed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.training.reference import licences, rounds
from services.training.rules.licences import FUTURE, VALID
from shared import documents, places
from shared.kernel import LOCAL_TIME, Refused

TEMPLATE = Path(__file__).parent / "licence.typ"
_HEADING = {"es": "Licencia para enseñar", "en": "Licence to teach"}


def printed(licence: Mapping[str, Any], *, public_url: str, language: str) -> bytes:
    """The PDF/UA-1 file of a licence as `queries.licences.show_licence` tells it, with a QR to the page that says
    whether its number counts; the same bytes for the same facts. Refused of a licence that does not count any more, or
    not now.
    """
    if licence["standing"] not in {VALID, FUTURE}:
        raise Refused("licence.not_to_print", number=licence["number"])
    issued_on = licence["recorded_at"].astimezone(LOCAL_TIME).date()
    levels = {code: level for edition in reversed(licences.editions()) for code, level in edition.levels.items()}
    topics = {code: topic for edition in reversed(rounds.editions()) for code, topic in edition.topics.items()}
    data = {
        "dated": issued_on,
        "letterhead": {"centre": "Red CSEM", "host": places.in_full(licence["unit"])},
        "number": licence["number"],
        "heading": _HEADING[language],
        "name": licence["trainer_name"],
        "level": levels[licence["level"]].names[language].lower(),
        "topics": [topics[code].names[language] for code in licence["topics"]],
        "valid_from": licence["valid_from"],
        "valid_until": licence["valid_until"],
        "place": places.in_full(licence["unit"]),
        "issued_on": issued_on,
        "issued_by": licence["recorded_by_name"],
    }
    address = f"{public_url}/verify/licence?number={licence['number']}"
    return documents.render(TEMPLATE, data, language=language, verify_url=address)
