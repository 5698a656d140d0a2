"""The materials of the library that a module of a curriculum is taught with."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity


class CurriculumMaterial(Entity):
    """A module names a material; its latest file is the one that is taught with."""

    __tablename__ = "curriculum_material"

    module_id: Mapped[UUID] = mapped_column(ForeignKey("curriculum_module.id"), primary_key=True)
    material_id: Mapped[UUID] = mapped_column(ForeignKey("library_material.id"), primary_key=True, index=True)
    position: Mapped[int]


def named(material_ids: Iterable[UUID], before: Sequence[CurriculumMaterial] = ()) -> list[CurriculumMaterial]:
    """These materials in their order; those named `before` stay the same rows."""
    kept = {one.material_id: one for one in before}
    found = [kept.get(one) or CurriculumMaterial(material_id=one) for one in material_ids]
    for position, one in enumerate(found, start=1):
        one.position = position
    return found
