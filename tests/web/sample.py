"""A small service with one operation of every kind, on which the HTTP edge is tried: the stalls of a fair."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import String, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import COLUMN_TYPES, Database, Versioned, new_metadata
from shared.events.vocabulary import CHAINS
from shared.kernel import Invalid, Money, NotFound, Refused, clock, uuid7
from shared.tokens import Keyring
from shared.web import Call, Download, Input, Output, Page, Query, Resource, create_app, fields, keyset_page

LOCALE = Path(__file__).parent / "locale"
ROOT = "/api/sample/v1"


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = dict(COLUMN_TYPES)  # noqa: RUF012


class Stall(Versioned, Base):
    __tablename__ = "stall"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    municipality: Mapped[str] = mapped_column(String(6))
    chain: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    covered: Mapped[bool]
    opens_on: Mapped[date]
    registered_at: Mapped[datetime]


class Payment(Base):
    __tablename__ = "payment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    stall_id: Mapped[UUID]
    minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


class Site(Input):
    lon = fields.Number(minimum=-180, maximum=180, required=True)
    lat = fields.Number(minimum=-90, maximum=90, required=True)


class StallIn(Input):
    name = fields.String(required=True, maximum=100)
    municipality = fields.String(required=True, pattern="[A-Z]{2}[0-9]{4}")
    chain = fields.Code(CHAINS, required=True)
    seats = fields.Integer(required=True, minimum=1, maximum=500)
    covered = fields.Boolean(required=True)
    opens_on = fields.Day(required=True)
    site = fields.Nested(Site)
    organizers = fields.List(fields.Id(), maximum=20)


class StallOut(Output):
    id = fields.Id()
    name = fields.String()
    municipality = fields.String()
    chain = fields.Code(CHAINS)
    seats = fields.Integer()
    covered = fields.Boolean()
    opens_on = fields.Day()
    registered_at = fields.Moment()
    version = fields.Integer()


class PaymentIn(Input):
    amount = fields.MoneyField(required=True, minimum=1)


class PaymentOut(Output):
    id = fields.Id()
    amount = fields.MoneyField()


class StallQuery(Query):
    chain = fields.Code(CHAINS)
    chains = fields.List(fields.Code(CHAINS))
    q = fields.String(maximum=50)
    seats = fields.Integer(maximum=500)
    covered = fields.Boolean()
    opens_on = fields.Day()
    near = fields.Number(minimum=0, maximum=100)


class PhotoForm(Input):
    kind = fields.Code(["front", "inside"])


class PhotoOut(Output):
    name = fields.String()
    size = fields.Integer(maximum=10**9)


class PlaceOut(Output):
    code = fields.String()


EVERYBODY = {"coordinator", "technician"}
stalls = Resource("stalls", prefix="/stalls", description="The stalls of a fair.")
places = Resource("places", prefix="/places")


@stalls.get(query=StallQuery, returns=StallOut, paged=True, allow=EVERYBODY)
def list_stalls(call: Call) -> Page:
    """Stalls, the newest first."""
    table = Stall.__table__
    wanted = select(table).where(call.caller.scope.condition(table.c.municipality))
    if chain := call.query.get("chain"):
        wanted = wanted.where(table.c.chain == chain)
    if words := call.query.get("q"):
        wanted = wanted.where(table.c.name.contains(words, autoescape=True))
    if seats := call.query.get("seats"):
        wanted = wanted.where(table.c.seats == seats)
    keys = [table.c.registered_at, table.c.id]
    return keyset_page(call.session, wanted, keys=keys, limit=call.limit, after=call.after, descending=True)


@stalls.get("/by-size", returns=StallOut, paged=True, allow=EVERYBODY)
def list_by_size(call: Call) -> Page:
    """Stalls by seats, then name, day and id."""
    table = Stall.__table__
    keys = [table.c.seats, table.c.name, table.c.opens_on, table.c.id]
    return keyset_page(call.session, select(table), keys=keys, limit=call.limit, after=call.after)


@stalls.post(body=StallIn, returns=StallOut, allow={"coordinator"})
def register_stall(call: Call, body: dict[str, Any]) -> Stall:
    """A new stall."""
    call.caller.require_scope(body["municipality"])
    kept = {name: body[name] for name in ("name", "municipality", "chain", "seats", "covered", "opens_on")}
    stall = Stall(id=uuid7(), registered_at=clock.now(), version=1, **kept)
    call.session.add(stall)
    call.session.flush()
    return stall


@stalls.post("/count", body=StallIn, returns=PhotoOut, status=200, allow=EVERYBODY, writes=False)
def count_stalls(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Reads only, although it is a POST; what it writes by mistake is not kept."""
    call.session.execute(insert(Payment).values(id=uuid7(), stall_id=uuid7(), minor=1, currency="GTQ"))
    return {"name": body["name"], "size": 0}


@stalls.get("/<uuid:stall_id>", returns=StallOut, allow=EVERYBODY)
def show_stall(call: Call, stall_id: UUID) -> Stall:
    """One stall."""
    return _stall(call, stall_id)


@stalls.put("/<uuid:stall_id>", body=StallIn, returns=StallOut, allow={"coordinator"})
def change_stall(call: Call, body: dict[str, Any], stall_id: UUID) -> Stall:
    """Another name for a stall."""
    stall = _stall(call, stall_id)
    stall.require_version(call.if_match)
    stall.name = body["name"]
    call.session.flush()
    return stall


@stalls.delete("/<uuid:stall_id>", status=204, allow={"coordinator"})
def close_stall(call: Call, stall_id: UUID) -> None:
    """No stall any more."""
    stall = _stall(call, stall_id)
    stall.require_version(call.if_match)
    call.session.delete(stall)


@stalls.post("/<uuid:stall_id>/payments", body=PaymentIn, returns=PaymentOut, allow={"cashier"}, idempotent=True)
def pay_stall(call: Call, body: dict[str, Any], stall_id: UUID) -> Mapping[str, Any]:
    """The rent of a stall."""
    amount: Money = body["amount"]
    if amount == Money.parse("13.13", "GTQ"):
        raise Refused("stall.unlucky", amount=amount)
    payment = {"id": uuid7(), "stall_id": stall_id, "minor": amount.minor, "currency": amount.currency}
    call.session.execute(insert(Payment).values(**payment))
    if call.context:
        call.context(payment)
    return {"id": payment["id"], "amount": amount}


@stalls.post(
    "/<uuid:stall_id>/photos", upload=100_000, body=PhotoForm, returns=PhotoOut, allow={"technician"}, scoped=False
)
def add_photo(call: Call, stall_id: UUID) -> dict[str, Any]:
    """A photograph of a stall."""
    del stall_id
    if call.upload is None or not call.upload.content:
        raise Invalid("upload.missing", pointer="/file")
    return {"name": call.upload.name, "size": len(call.upload.content)}


@stalls.get("/<uuid:stall_id>/sign", download=True, allow=EVERYBODY)
def print_sign(call: Call, stall_id: UUID) -> Download:
    """The sign of a stall."""
    return Download(b"%PDF-", f"rótulo {_stall(call, stall_id).name}\r\nX-Evil: 1.pdf", "application/pdf")


@places.get("/<code>", returns=PlaceOut, public=True)
def show_place(call: Call, code: str) -> dict[str, Any]:
    """A place by its code; everybody may look."""
    if call.session.scalar(select(Stall.municipality).where(Stall.municipality == code).limit(1)) is None:
        raise NotFound("http.404")
    return {"code": code}


@places.get("/<code>/defect", public=True)
def fail(call: Call, code: str) -> None:
    """A defect, so that its answer can be looked at."""
    raise ZeroDivisionError(code)


def _stall(call: Call, stall_id: UUID) -> Stall:
    stall = call.session.get(Stall, stall_id)
    if stall is None:
        raise NotFound("http.404")
    call.caller.require_scope(stall.municipality)
    return stall


def sample_app(database: Database, keyring: Keyring, context: Any = None) -> Flask:
    """The application; its tables are made at once."""
    Base.metadata.create_all(database.engine)
    return create_app(
        "sample", database=database, keyring=keyring, resources=[stalls, places], locale=LOCALE, context=context
    )


def new_stall(**changes: Any) -> dict[str, Any]:
    """A body that registers a stall."""
    body = {"name": "Rosquillas Doña Ñata", "municipality": "HN1709", "chain": "food_processing", "seats": 12}
    return body | {"covered": True, "opens_on": "2026-11-07"} | changes
