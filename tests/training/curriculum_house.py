"""A curriculum with modules, and the three voices that accept it, for the tests of curricula."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import Curriculum, CurriculumLink, CurriculumVersion, TrainingGroup
from services.training.queries.curriculum_links import opened
from services.training.use_cases.accept_curriculum import accept_by_link, accept_version
from services.training.use_cases.keep_curriculum import begin_curriculum, propose_version
from services.training.use_cases.link_curriculum import link_entrepreneur, link_expert
from services.training.use_cases.use_curriculum import choose_curriculum
from services.training.use_cases.write_modules import write_module
from shared import links
from tests.training.house import TECHNICIAN, TRAINER, woman_of

KEY = b"k" * 32
UNTIL = date(2026, 4, 1)
HEAD = {"title": "Costos y precios", "topic": "costing", "type": "fishing", "language": "es"}
MODULE: dict[str, Any] = {
    "title": "Lo que cuesta producir",
    "objectives": "Calcular el costo de una libra de pescado.",
    "contents": "Costos fijos y variables.",
    "methods": ["own_numbers", "practice"],
    "minutes": 240,
    "links": [{"title": "Hoja de costos", "link": "https://ejemplo.org/costos"}],
}


def begin(session: Session, **changed: Any) -> Curriculum:
    return begin_curriculum(session, changed.pop("by", TRAINER), **({"unit": "HN17"} | HEAD | changed))


def write(session: Session, version: CurriculumVersion, **changed: Any) -> CurriculumVersion:
    by = changed.pop("by", TRAINER)
    return write_module(session, by, version_id=version.id, version=None, module=MODULE | changed)


def proposed(session: Session) -> CurriculumVersion:
    """A version with two modules of four and two and a half hours."""
    version = begin(session).latest
    write(session, version)
    write(session, version, title="Poner el precio", minutes=150)
    return propose_version(session, TRAINER, version_id=version.id, version=None)


def accept(session: Session, version: CurriculumVersion, voice: str, by: Any, **changed: Any) -> CurriculumVersion:
    content = changed.get("content_hash", version.content_hash)
    return accept_version(session, by, version_id=version.id, voice=voice, content_hash=content)


def woman_link(session: Session, version: CurriculumVersion, group: TrainingGroup, woman: int = 1) -> CurriculumLink:
    asked = {"group_id": group.id, "entrepreneur_id": woman_of(woman), "expires_on": UNTIL}
    return link_entrepreneur(session, TRAINER, version_id=version.id, **asked)


def expert_link(session: Session, version: CurriculumVersion, name: str = "Pericia Inventada") -> CurriculumLink:
    asked = {"voice": "expert", "name": name, "expires_on": UNTIL}
    return link_expert(session, TRAINER, version_id=version.id, **asked)


def accept_through(session: Session, link: CurriculumLink) -> CurriculumVersion:
    door = opened(session, token_of(link), KEY)
    content = link.curriculum_version.content_hash or ""
    return accept_by_link(session, door.link, door.caller, content_hash=content)


def token_of(link: CurriculumLink, key: bytes = KEY) -> str:
    return links.signed(link.id, link.expires_on, key)


def accepted(session: Session, group: TrainingGroup, woman: int = 1) -> CurriculumVersion:
    """A version that all three voices accepted, the entrepreneur for this group."""
    version = proposed(session)
    accept(session, version, "teacher", TRAINER)
    accept(session, version, "expert", TECHNICIAN)
    return accept_through(session, woman_link(session, version, group, woman))


def choose(session: Session, group: TrainingGroup, version_id: UUID, by: Any = TRAINER) -> None:
    choose_curriculum(session, by, group_id=group.id, version_id=version_id)
