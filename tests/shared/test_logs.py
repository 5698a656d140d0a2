"""What a log line tells of an error: which, where, and nothing that somebody typed."""

import io
from collections.abc import Callable, Iterator

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import logs
from shared.database import Database


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    written = io.StringIO()
    logs.configure("json", written)
    yield written
    logs.configure("console")


def test_an_error_of_the_database_is_told_without_what_the_statement_carried(
    open_database: Callable[[str], Database], lines: io.StringIO
) -> None:
    database = open_database("training")
    job = {"id": "0" * 32, "kind": "Rosa Ficticia 0801-1990-00001"}
    with pytest.raises(SQLAlchemyError) as caught, database.transaction() as session:
        session.execute(text("INSERT INTO job (id, kind) VALUES (:id, :kind)"), job)
    assert "Rosa" not in str(caught.value).partition("DETAIL")[0]
    logs.logger(service="training").error("defect", exc_info=caught.value)
    line = orjson.loads(lines.getvalue())
    assert "IntegrityError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    assert "Rosa" not in lines.getvalue()


def test_what_led_to_an_error_is_told_too() -> None:
    def fail() -> None:
        try:
            {}["María"]
        except KeyError as missing:
            raise RuntimeError("María is missing") from missing

    with pytest.raises(RuntimeError) as caught:
        fail()
    told = logs.whereabouts(caught.value)
    assert told.index("RuntimeError") < told.index("because of builtins.KeyError")
    assert "María" not in told
