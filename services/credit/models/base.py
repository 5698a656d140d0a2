"""What every entity of the credit service stands on: its table's place, and numbers without gaps."""

from typing import Annotated, cast
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Table, Uuid, bindparam, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from shared.database import COLUMN_TYPES, insert_many, new_metadata
from shared.kernel import uuid7

Cents = Annotated[int, mapped_column(BigInteger)]
Code = Annotated[str, mapped_column(String(40))]
Label = Annotated[str, mapped_column(String(200))]
Account = Annotated[str, mapped_column(String(100))]
"""The subject of an account: who did it, by id; accounts belong to the portal."""


class Base(DeclarativeBase):
    """An entity of the credit service."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Identified:
    """An entity with an id of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)


class Counter(Base):
    """The last number given in one series of a fund and year; numbers are never skipped and never given twice."""

    __tablename__ = "counter"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)


_COUNTERS = cast("Table", Counter.__table__)
# Made once: every movement needs it.
_COUNT = (
    update(_COUNTERS)
    .where(
        _COUNTERS.c.fund_id == bindparam("its_fund", type_=Uuid()),
        _COUNTERS.c.series == bindparam("its_series"),
        _COUNTERS.c.year == bindparam("its_year"),
    )
    .values(last=_COUNTERS.c.last + 1)
    .returning(_COUNTERS.c.last)
)


def next_number(session: Session, fund_id: UUID, series: str, year: int = 0) -> int:
    """The next number of a series. The fund's row must be locked: a number goes back when the transaction does.
    What the session holds unwritten is not flushed.
    """
    counted = session.connection().scalar(_COUNT, {"its_fund": fund_id, "its_series": series, "its_year": year})
    if counted is not None:
        return int(counted)
    insert_many(session, _COUNTERS, [{"fund_id": fund_id, "series": series, "year": year, "last": 1}])
    return 1
