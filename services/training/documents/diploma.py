"""A diploma as it is printed, hashed and signed, and as a badge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.training.models import Diploma
from services.training.models.activities import WORKSHOP
from services.training.reference.diplomas import contexts, policy
from services.training.rules.diplomas import badge, payload, status
from shared import documents, places
from shared.kernel import clock
from shared.tokens import Keyring

TEMPLATE = Path(__file__).parent / "diploma.typ"
_LIST_LASTS = timedelta(days=1)
_TITLES = {
    "es": {"attendance": "Diploma de asistencia", "achievement": "Diploma de aprovechamiento"},
    "en": {"attendance": "Diploma of attendance", "achievement": "Diploma of achievement"},
}
_TOLD = {
    "es": {
        "badge": "{diploma}: {title}",
        "attendance": "Asistió a {attended} de las {hours} horas de la capacitación «{title}», que terminó el {ended}.",
        "achievement": "Completó la capacitación «{title}», de {hours} horas, que terminó el {ended}.",
        "rule_attendance": "Haber asistido al menos al {share} % de las horas.",
        "rule_achievement": "Haber completado la capacitación y asistido al menos al {share} % de las horas.",
        "rule_achievement_workshop": (
            "Haber asistido al menos al {share} % de las horas; su empresa entregó un plan de acción."
        ),
    },
    "en": {
        "badge": "{diploma}: {title}",
        "attendance": "Attended {attended} of the {hours} hours of the training “{title}”, which ended on {ended}.",
        "achievement": "Completed the training “{title}” of {hours} hours, which ended on {ended}.",
        "rule_attendance": "To have attended at least {share} % of the hours.",
        "rule_achievement": "To have completed the training and attended at least {share} % of the hours.",
        "rule_achievement_workshop": (
            "To have attended at least {share} % of the hours; her firm handed in an action plan."
        ),
    },
}


def title_of(kind: str, language: str) -> str:
    """`Diploma de asistencia`."""
    return _TITLES[language][kind]


def facts_of(diploma: Diploma, sealed: str) -> dict[str, Any]:
    """What is printed on it, and hashed; refused where its holder withdrew."""
    said = diploma.said
    return {
        "dated": diploma.issued_on,
        "letterhead": {"centre": "Red CSEM", "host": places.in_full(diploma.municipality)},
        "number": said.number,
        "kind": said.kind,
        "heading": title_of(said.kind, diploma.language),
        "name": said.name,
        "title": said.title,
        "hours": said.hours,
        "attended": said.attended,
        "ended_on": diploma.ended_on,
        "issued_on": diploma.issued_on,
        "issued_by": diploma.issued_by_name,
        "place": places.in_full(diploma.municipality),
        "payload": sealed,
        **({"workshop": True} if diploma.subject_kind == WORKSHOP else {}),
    }


def hash_of(diploma: Diploma, sealed: str) -> str:
    """The hash by which it is verified."""
    return documents.content_hash(TEMPLATE, facts_of(diploma, sealed), language=diploma.language)


@dataclass(frozen=True, slots=True)
class Paper:
    """A diploma before it is set, as it can be handed to another process."""

    number: str
    facts: Mapping[str, Any]
    sealed: str
    language: str
    verify_url: str

    def render(self) -> bytes:
        """The PDF/UA-1 file, not signed yet."""
        codes = {"payload": self.sealed}
        return documents.render(TEMPLATE, self.facts, language=self.language, verify_url=self.verify_url, codes=codes)


def paper_of(diploma: Diploma, public_url: str) -> Paper:
    """What is to be printed; refused where its holder withdrew."""
    sealed = str(diploma.payload)
    address = f"{public_url}/verify/{diploma.hash}"
    return Paper(diploma.number, facts_of(diploma, sealed), sealed, diploma.language, address)


def signed(pdf: bytes, sealed: str, keyring: Keyring) -> bytes:
    """The file as it leaves the house; the same bytes as long as the same key signs."""
    key, _ = keyring.sealing_key()
    return payload.signed_file(pdf, sealed, key, keyring.seal(payload.file_message(pdf, sealed)))


def printed(diploma: Diploma, keyring: Keyring, public_url: str) -> bytes:
    """The signed PDF/UA-1 file."""
    paper = paper_of(diploma, public_url)
    return signed(paper.render(), paper.sealed, keyring)


def as_badge(diploma: Diploma, keyring: Keyring, public_url: str) -> bytes:
    """The diploma as an Open Badge 3.0, signed by today's key."""
    said = diploma.said
    part, place = status.place_of(said.number)
    words = _TOLD[diploma.language]
    rule = policy(diploma.rule_from).rules[diploma.kind]
    told: Mapping[str, str] = {
        "diploma": title_of(diploma.kind, diploma.language),
        "title": said.title,
        "hours": said.hours,
        "attended": said.attended,
        "ended": said.ended_on,
        "share": str(rule.share_percent),
    }
    made = badge.Badge(
        id=diploma.id,
        subject_id=diploma.subject_id,
        issuer="Red CSEM",
        issuer_url=public_url,
        name=words["badge"].format_map(told),
        description=words[diploma.kind].format_map(told),
        criteria=_criteria(diploma, words).format_map(told),
        issued_at=diploma.issued_at,
        verify_url=f"{public_url}/verify/{diploma.hash}",
        status=status.entry(_list_address(public_url, part), place),
    )
    _, public = keyring.sealing_key()
    return badge.signed_badge(made, said, public, keyring.seal, contexts())


def _criteria(diploma: Diploma, words: Mapping[str, str]) -> str:
    rule = f"rule_{diploma.kind}"
    return words.get(f"{rule}_{diploma.subject_kind}", words[rule])


def as_status_list(part: int, revoked: Iterable[int], keyring: Keyring, public_url: str) -> bytes:
    """One of the lists of badges that were taken back, signed by today's key; it is to be asked again the next day."""
    now, address = clock.now(), _list_address(public_url, part)
    _, public = keyring.sealing_key()
    told = status.subject(address, revoked)
    return badge.signed_status_list(address, told, (now, now + _LIST_LASTS), public, keyring.seal, contexts())


def _list_address(public_url: str, part: int) -> str:
    return f"{public_url}/api/training/v1/diplomas/status-lists/{part}"
