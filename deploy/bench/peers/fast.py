"""FastAPI with pydantic models and asyncpg, as its documentation writes it. No authorisation, no idempotency."""

# mypy: ignore-errors

import json
import os
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field


class Money(BaseModel):
    amount: str = Field(pattern=r"^[0-9]+\.[0-9]{2}$")
    currency: str = Field(pattern="^[A-Z]{3}$")


class EnterpriseIn(BaseModel):
    model_config = {"extra": "forbid"}

    municipality: str = Field(pattern=r"^[A-Z]{2}[0-9]{4}$")
    name: str = Field(max_length=200)
    chain: str = Field(max_length=40)
    activity: str = Field(max_length=10)
    links: list[str]
    needs: list[str]
    owner_id: UUID
    jobs_women: int = Field(ge=0, le=10_000)
    jobs_men: int = Field(ge=0, le=10_000)
    home_based: bool
    formal: bool
    started_year: int | None = Field(default=None, ge=1900, le=2100)
    consent_credit: bool
    consent_map: bool
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    accuracy_m: float = Field(ge=0)
    income: Money
    recorded_on: date
    notes: str | None = Field(default=None, max_length=2_000)


class Enterprise(EnterpriseIn):
    id: UUID
    validation: str
    place_state: str
    created_at: datetime
    version: int


class Page(BaseModel):
    items: list[Enterprise]


async def _jsonb(connection):
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@asynccontextmanager
async def _pool(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=8, max_size=8, init=_jsonb)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=_pool)
PATH = "/api/bench/v1/enterprises"


def _told(row) -> Enterprise:
    minor = row["income_minor"]
    money = Money(amount=f"{minor // 100}.{minor % 100:02d}", currency=row["currency"])
    return Enterprise(**{k: v for k, v in row.items() if k not in ("income_minor", "currency")}, income=money)


@app.get(PATH + "/{enterprise_id}")
async def show(enterprise_id: UUID) -> Enterprise:
    row = await app.state.pool.fetchrow("SELECT * FROM bench_enterprise WHERE id = $1", enterprise_id)
    if row is None:
        raise HTTPException(404)
    return _told(row)


@app.get(PATH)
async def listed() -> Page:
    rows = await app.state.pool.fetch(
        "SELECT * FROM bench_enterprise WHERE municipality LIKE 'HN17%' ORDER BY id LIMIT 51"
    )
    return Page(items=[_told(row) for row in rows[:50]])


@app.post(PATH, status_code=201)
async def create(given: EnterpriseIn) -> Enterprise:
    row = given.model_dump(exclude={"income"}) | {
        "id": uuid4(),
        "income_minor": int(Decimal(given.income.amount) * 100),
        "currency": given.income.currency,
        "validation": "captured",
        "place_state": "pending",
        "created_at": datetime.now(UTC),
        "version": 1,
    }
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await app.state.pool.execute(f"INSERT INTO bench_enterprise ({', '.join(row)}) VALUES ({marks})", *row.values())
    return _told(row)
