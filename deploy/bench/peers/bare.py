"""The least that could answer: a WSGI function, psycopg, orjson. No router, no checks, no authorisation."""

# mypy: ignore-errors

import os
import threading
from uuid import UUID, uuid4

import orjson
import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

_mine = threading.local()
PATH = "/api/bench/v1/enterprises"
GIVEN = (
    *("municipality", "name", "chain", "activity", "links", "needs", "owner_id", "jobs_women", "jobs_men"),
    *("home_based", "formal", "started_year", "consent_credit", "consent_map", "lon", "lat", "accuracy_m"),
    *("recorded_on", "notes"),
)
INSERT = (
    f"INSERT INTO bench_enterprise ({', '.join(GIVEN)}, id, income_minor, currency, validation, place_state, "
    f"created_at, version) VALUES ({', '.join(f'%({name})s' for name in GIVEN)}, %(id)s, %(income_minor)s, "
    "%(currency)s, 'captured', 'pending', now(), 1) RETURNING *"
)


def connection():
    """The connection of this thread."""
    if not hasattr(_mine, "connection"):
        _mine.connection = psycopg.connect(os.environ["BENCH_DATABASE"], row_factory=dict_row, autocommit=True)
    return _mine.connection


def told(row):
    minor = row.pop("income_minor")
    row["income"] = {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": row.pop("currency")}
    return row


def app(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        status, value = "201 Created", _create(environ)
    elif environ["PATH_INFO"] == PATH:
        rows = (
            connection()
            .execute("SELECT * FROM bench_enterprise WHERE municipality LIKE 'HN17%' ORDER BY id LIMIT 51")
            .fetchall()
        )
        status, value = "200 OK", {"items": [told(row) for row in rows[:50]]}
    else:
        wanted = UUID(environ["PATH_INFO"].rpartition("/")[2])
        row = connection().execute("SELECT * FROM bench_enterprise WHERE id = %s", [wanted]).fetchone()
        status, value = "200 OK", told(row)
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _create(environ):
    given = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    money = given.pop("income")
    given |= {
        "id": uuid4(),
        "income_minor": round(float(money["amount"]) * 100),
        "currency": money["currency"],
        "links": Jsonb(given["links"]),
        "needs": Jsonb(given["needs"]),
    }
    return told(connection().execute(INSERT, given).fetchone())
