"""Which id stands for which, as the registry's merges told: a service asks here before it says that two are two.

Each service that listens keeps a table of its own, `copy_merged`, of women and enterprises alike; it is a copy like
others, dropped and replayed at will.

    merged A into B, B into C       absorbed  survivor  root
                                    A         B         C
                                    B         C         C
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, delete, func, literal, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column


class Merged:
    """An id that became part of another; `root` is the one that stands at the end."""

    __tablename__ = "copy_merged"

    absorbed_id: Mapped[UUID] = mapped_column(primary_key=True)
    survivor_id: Mapped[UUID] = mapped_column(index=True)
    root_id: Mapped[UUID] = mapped_column(index=True)

    @classmethod
    def same_as(cls, column: Any, any_id: UUID) -> ColumnElement[bool]:
        """Whether the id in a column is one with this one."""
        return one_with(cls, column, standing_for(cls, literal(any_id, Uuid())))


def merge(session: Session, table: type[Any], survivor_id: UUID, absorbed_id: UUID) -> None:
    """Whatever is known under `absorbed_id` is the survivor's from now on."""
    root = standing(session, table, survivor_id)
    session.merge(table(absorbed_id=absorbed_id, survivor_id=survivor_id, root_id=root))
    session.flush()
    session.execute(update(table).where(table.root_id == absorbed_id).values(root_id=root))


def unmerge(session: Session, table: type[Any], absorbed_id: UUID) -> None:
    """That is undone: it stands for itself again, and for whatever had become part of it."""
    session.execute(delete(table).where(table.absorbed_id == absorbed_id))
    led: Collection[UUID] = [absorbed_id]
    while led:
        session.execute(update(table).where(table.survivor_id.in_(led)).values(root_id=absorbed_id))
        led = session.scalars(select(table.absorbed_id).where(table.survivor_id.in_(led))).all()


def forget(session: Session, table: type[Any], ids: Collection[UUID]) -> None:
    """A woman withdrew: that these ids were one is not kept."""
    hers = (table.absorbed_id.in_(ids), table.survivor_id.in_(ids), table.root_id.in_(ids))
    session.execute(delete(table).where(or_(*hers)))


def standing(session: Session, table: type[Any], any_id: UUID) -> UUID:
    """The id that stands for this one; itself where it was never merged."""
    root: UUID | None = session.scalar(select(table.root_id).where(table.absorbed_id == any_id))
    return root or any_id


def family(session: Session, table: type[Any], any_id: UUID) -> list[UUID]:
    """All ids that are one with this one, the one that stands first."""
    root = standing(session, table, any_id)
    return [root, *session.scalars(select(table.absorbed_id).where(table.root_id == root).order_by(table.absorbed_id))]


def one_with(table: type[Any], column: Any, root: Any) -> ColumnElement[bool]:
    """Whether the id in a column is one with `root`, an id (or a column or selection of ids) that stands."""
    return or_(column == root, column.in_(select(table.absorbed_id).where(table.root_id == root)))


def standing_for(table: type[Any], column: Any) -> ColumnElement[UUID]:
    """The id that stands for the one in a column, in SQL."""
    root = select(table.root_id).where(table.absorbed_id == column).scalar_subquery()
    return func.coalesce(root, column)
