"""The measured service: `shared.web` and `shared.bus` as every service uses them, with a table instead of a business.

Authorisation, scope, strict validation, Idempotency-Key, the event in the log, metrics and the request's log line are
all on.
"""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Select, insert, select

from deploy.bench.table import enterprises
from shared import logs
from shared.bus import log
from shared.database import Database
from shared.events.registry import EnterpriseFacts, EnterpriseRegistered, Point
from shared.kernel import Money, NotFound, clock, uuid7
from shared.tokens import Keyring
from shared.web import Call, Input, Output, Page, Resource, create_app, fields, keyset_page

STAFF = {"technician", "coordinator"}
CHAINS = ("coffee", "fishing", "cashew", "dairy")

resource = Resource("enterprises", prefix="/enterprises", description="What is measured.")
_columns = [column for column in enterprises.c if column.name not in {"income_minor", "currency"}]


class EnterpriseIn(Input):
    municipality = fields.String(pattern=r"[A-Z]{2}[0-9]{4}", required=True)
    name = fields.String(required=True)
    chain = fields.Code(CHAINS, required=True)
    activity = fields.String(maximum=10, required=True)
    links = fields.List(fields.String(maximum=40), required=True)
    needs = fields.List(fields.String(maximum=40), required=True)
    owner_id = fields.Id(required=True)
    jobs_women = fields.Integer(maximum=10_000, required=True)
    jobs_men = fields.Integer(maximum=10_000, required=True)
    home_based = fields.Boolean(required=True)
    formal = fields.Boolean(required=True)
    started_year = fields.Integer(minimum=1900, maximum=2100, load_default=None, allow_none=True)
    consent_credit = fields.Boolean(required=True)
    consent_map = fields.Boolean(required=True)
    lon = fields.Number(minimum=-180, maximum=180, required=True)
    lat = fields.Number(minimum=-90, maximum=90, required=True)
    accuracy_m = fields.Number(minimum=0, maximum=100_000, required=True)
    income = fields.MoneyField(required=True)
    recorded_on = fields.Day(required=True)
    notes = fields.String(maximum=2_000, load_default=None, allow_none=True)


class EnterpriseOut(Output):
    id = fields.Id()
    municipality = fields.String()
    name = fields.String()
    chain = fields.String()
    activity = fields.String()
    links = fields.List(fields.String())
    needs = fields.List(fields.String())
    owner_id = fields.Id()
    jobs_women = fields.Integer()
    jobs_men = fields.Integer()
    home_based = fields.Boolean()
    formal = fields.Boolean()
    started_year = fields.Integer(allow_none=True)
    validation = fields.String()
    consent_credit = fields.Boolean()
    consent_map = fields.Boolean()
    place_state = fields.String()
    lon = fields.Number(minimum=-180, maximum=180)
    lat = fields.Number(minimum=-90, maximum=90)
    accuracy_m = fields.Number(minimum=0, maximum=100_000)
    income = fields.MoneyField()
    recorded_on = fields.Day()
    created_at = fields.Moment()
    notes = fields.String(allow_none=True)
    version = fields.Integer()


_ROWS: Select[Any] = select(*_columns, enterprises.c.income_minor, enterprises.c.currency)


def _with_money(row: Any) -> dict[str, Any]:
    return {**row, "income": Money(row["income_minor"], row["currency"])}


@resource.get("/<uuid:enterprise_id>", returns=EnterpriseOut, allow=STAFF)
def show_enterprise(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    row = call.session.execute(_ROWS.where(enterprises.c.id == enterprise_id)).mappings().one_or_none()
    if row is None or not call.caller.scope.covers(row["municipality"]):
        raise NotFound("enterprise.unknown")
    return _with_money(row)


@resource.get(returns=EnterpriseOut, paged=True, allow=STAFF)
def list_enterprises(call: Call) -> Page:
    statement = _ROWS.where(call.caller.scope.condition(enterprises.c.municipality))
    page = keyset_page(call.session, statement, keys=[enterprises.c.id], limit=call.limit, after=call.after)
    return Page([_with_money(row) for row in page.rows], page.next)


@resource.post(body=EnterpriseIn, returns=EnterpriseOut, idempotent=True, allow=STAFF)
def register_enterprise(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    call.caller.require_scope(body["municipality"])
    income = body.pop("income")
    row = body | {
        "id": uuid7(),
        "income_minor": income.minor,
        "currency": income.currency,
        "validation": "captured",
        "place_state": "pending",
        "created_at": clock.now(),
        "version": 1,
    }
    call.session.execute(insert(enterprises), row)
    log.append(call.session, registered(row), row["id"])
    return row | {"income": income}


def registered(row: dict[str, Any]) -> EnterpriseRegistered:
    """What is announced of a new row."""
    return EnterpriseRegistered(
        facts=EnterpriseFacts(
            enterprise_id=row["id"],
            municipality=row["municipality"],
            place_state=row["place_state"],
            point=Point(lon=row["lon"], lat=row["lat"], accuracy_m=row["accuracy_m"]),
            chain=row["chain"],
            links=row["links"],
            activity=row["activity"],
            needs=row["needs"],
            owner_ids=[row["owner_id"]],
            jobs_women=row["jobs_women"],
            jobs_men=row["jobs_men"],
            home_based=row["home_based"],
            formal=row["formal"],
            started_year=row["started_year"],
            validation=row["validation"],
            consent_credit=row["consent_credit"],
            consent_map=row["consent_map"],
            recorded_on=row["recorded_on"],
        )
    )


def create() -> Flask:
    """The measured application; `BENCH_DATABASE` and `BENCH_KEYS` say with what."""
    logs.configure("json")
    return create_app(
        "bench",
        database=Database(os.environ["BENCH_DATABASE"]),
        keyring=Keyring(Path(os.environ["BENCH_KEYS"]), "registry"),
        resources=[resource],
        locale=Path(__file__).parent,
    )
