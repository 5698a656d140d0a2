"""A movement of money that is sent twice counts once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import Connection, event, select
from werkzeug.test import TestResponse

from shared.database import Database
from shared.testing import ROOT as CHECKOUT
from shared.tokens import Keyring
from shared.web import forget_answers, idempotency
from tests.web.conftest import Fair
from tests.web.sample import ROOT, sample_app

PATH = f"{ROOT}/stalls/{uuid4()}/payments"
KEY = "recibo-0001"


def pay(
    fair: Fair, amount: str = "100.00", *, key: str | None = KEY, subject: str = "rosa", path: str = PATH
) -> TestResponse:
    told = {} if key is None else {"Idempotency-Key": key}
    body = {"amount": {"amount": amount, "currency": "HNL"}}
    return fair.client().post(path, json=body, headers=fair.headers("cashier", subject=subject, **told))


def test_money_without_a_key_is_refused(fair: Fair):
    assert (pay(fair, key=None).status_code, pay(fair, key=None).json["code"]) == (400, "idempotency.key_missing")
    assert fair.payments() == 0


def test_the_same_request_with_the_same_key_gets_the_same_answer_and_has_one_effect(fair: Fair):
    first, second = pay(fair), pay(fair)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert "Idempotent-Replay" not in first.headers
    assert second.headers["Idempotent-Replay"] == "true"
    assert fair.payments() == 1


def test_another_body_or_another_place_with_the_same_key_is_refused(fair: Fair):
    pay(fair)
    for other in (pay(fair, "200.00"), pay(fair, path=f"{ROOT}/stalls/{uuid4()}/payments")):
        assert (other.status_code, other.json["code"]) == (422, "idempotency.key_reused")
    assert fair.payments() == 1


def test_a_key_belongs_to_who_sent_it(fair: Fair):
    assert pay(fair, subject="rosa").json["id"] != pay(fair, subject="carmen").json["id"]
    assert fair.payments() == 2


def test_a_refusal_is_not_kept_so_that_the_request_may_be_corrected(fair: Fair):
    unlucky = {"amount": {"amount": "13.13", "currency": "GTQ"}}
    told = fair.headers("cashier", **{"Idempotency-Key": "recibo-0002"})
    refused = fair.client().post(PATH, json=unlucky, headers=told)
    assert (refused.status_code, refused.json["code"]) == (409, "stall.unlucky")
    corrected = fair.client().post(PATH, json={"amount": {"amount": "14.00", "currency": "GTQ"}}, headers=told)
    assert corrected.status_code == 201


def test_who_may_not_pay_gets_no_stored_answer(fair: Fair):
    pay(fair, subject="rosa")
    told = fair.headers("technician", subject="rosa", **{"Idempotency-Key": KEY})
    answer = fair.client().post(PATH, json={"amount": {"amount": "100.00", "currency": "HNL"}}, headers=told)
    assert answer.status_code == 403


def test_sent_by_ten_at_the_same_moment_it_has_one_effect_and_one_answer(fair: Fair):
    together = Barrier(10)

    def at_once(_: int) -> tuple[int, bytes]:
        together.wait()
        answer = pay(fair)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(at_once, range(10)))
    assert len(answers) == 1
    assert fair.payments() == 1


def test_a_twin_that_is_long_in_flight_is_told_to_come_back(fair: Fair, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
    with idempotency.turn(fair.database.url, "rosa", KEY):
        answer = pay(fair)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency.in_flight")
    assert fair.payments() == 0
    assert pay(fair).status_code == 201


def test_a_twin_in_flight_in_another_process_is_waited_for_where_the_database_knows_it(fair: Fair):
    if fair.database.is_sqlite:
        quick(fair.database)
    print_ = idempotency.fingerprint("x", {}, b"")
    with fair.database.transaction() as session:
        idempotency.claim(session, subject="rosa", key=KEY, operation="x", print_=print_)
        answer = pay(fair)
    # SQLite lets one writer in at a time, and one process is the house: there it is a writer like any other.
    told = (503, "service.busy") if fair.database.is_sqlite else (409, "idempotency.in_flight")
    assert (answer.status_code, answer.json["code"]) == told
    assert fair.payments() == 0


def quick(database: Database) -> None:
    """Waits a third of a second, not thirty, for SQLite's write lock."""

    @event.listens_for(database.engine, "begin", insert=True)
    def _shorten(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout=300")


def test_an_answer_that_was_erased_is_not_told_and_its_effect_not_repeated(fair: Fair):
    paid = pay(fair).json
    with fair.database.transaction() as session:
        assert forget_answers(session, paid["id"]) == 1
        assert forget_answers(session, paid["id"]) == 0
    again = pay(fair)
    assert (again.status_code, again.json["code"]) == (409, "idempotency.answer_erased")
    assert fair.payments() == 1


KILLED = """
import json, os, signal, sys
from pathlib import Path
from shared.database import Database
from shared.testing import headers, person
from shared.tokens import Keyring
from tests.web.sample import sample_app

url, keys, path, body, moment = sys.argv[1:]
ring = Keyring(Path(keys), "portal")
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
database = Database(url)
app = sample_app(database, ring, die if moment == "in the handler" else None)
if moment == "before the commit":
    from shared.web import idempotency
    keep = idempotency.keep
    idempotency.keep = lambda *a, **k: (keep(*a, **k), die())
told = headers({"portal": ring}, person("cashier", subject="rosa"), **{"Idempotency-Key": "recibo-0001"})
answer = app.test_client().post(path, json=json.loads(body), headers=told)
if moment == "after the commit":
    die()
print(answer.status_code)
"""


@pytest.mark.parametrize(("moment", "kept"), [("in the handler", 0), ("before the commit", 0), ("after the commit", 1)])
def test_killed_in_the_middle_the_request_can_be_sent_again_and_counts_once(
    open_database: Callable[[str], Database], keys: dict[str, Keyring], tmp_path: Path, moment: str, kept: int
):
    database = open_database("sample")
    fair = Fair(sample_app(database, keys["portal"]), database, keys)
    body = json.dumps({"amount": {"amount": "100.00", "currency": "HNL"}})
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(tmp_path / "keys"), PATH, body, moment]
    killed = subprocess.run(command, cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT)}, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert fair.payments() == kept
    answer = fair.client().post(
        PATH,
        json=json.loads(body),
        headers=fair.headers("cashier", subject="rosa", **{"Idempotency-Key": KEY}),
    )
    assert answer.status_code == 201, answer.text
    assert fair.payments() == 1
    with database.reading() as session:
        assert session.scalars(select(idempotency.answers.c.status)).all() == [201]
