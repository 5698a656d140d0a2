"""Repayments a second through the API beside a bare loop that writes the same rows, on PostgreSQL.

The API runs as in production: gunicorn with two processes, a signed token, an Idempotency-Key of its own for each
payment, balanced entries, receipts without gaps, history, event. The clients are processes that keep one connection
each. Beside them, in the same run, as many processes each post payments with psycopg and nothing else: a transaction of
the same rows, which are counted. A fund's row is locked while a payment is booked, so that one fund is one queue.
"""

import json
import multiprocessing
import socket
import statistics
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import create_engine, text

from deploy.bench.processes_bench import PORT, RABBITMQ
from deploy.bench.servers import PRODUCT_VENV, cpu_seconds, running
from services.credit.models import CreditRegulations, Instalment, Loan, LoanPosition, TrustFund
from services.credit.models.closes import ENDLESS
from services.credit.queries.books import checked_books
from services.credit.rules.accrual import serial
from shared.database import Database, insert_many, migrate
from shared.identity import Caller, Scope
from shared.kernel import clock, uuid7
from shared.settings import SERVICES
from shared.tokens import Keyring, create_keys

CLIENTS = (1, 2, 4)
FUNDS = (1, 8)
MOST_LOANS = 4_000
INSTALMENTS, PRINCIPAL, INTEREST = 12, 100_000, 1_500
AMOUNT = {"amount": "1.00", "currency": "HNL"}
"""A part of the interest, so that every payment is one part and two lines."""
COUNTED = (
    "ledger_entry",
    "ledger_line",
    "repayment",
    "repayment_part",
    "history",
    "event_log",
    "idempotency_answer",
)
"""The tables whose rows a payment adds to."""
_FOREIGN = ("application_id", "resolution_id", "entry_id")
_SHIFTED = ("paid_principal", "paid_interest", "moved_principal", "moved_interest")
_NOTHING = ("fee", "penalty", "paid_fee", "paid_penalty", *_SHIFTED)
_TODAY = clock.today()


def measure(_parts: list[str], given: Namespace) -> None:
    """Print repayments a second and how long the slowest hundredth waited, ours beside bare."""
    print("| funds | clients | API /s | p50 ms | p99 ms | CPU ms | bare /s | p50 ms | p99 ms | bare / API |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for funds in FUNDS:
        with _database(given.postgresql) as url, tempfile.TemporaryDirectory() as folder:
            bench = prepare(url, Path(folder), funds, min(given.loans, MOST_LOANS))
            with bench.serving() as pid:
                _load(bench.post, 1, 1)  # warm
                for clients in CLIENTS:
                    print(_row(bench, pid, funds, clients, given.seconds), flush=True)
            _require_books(bench)
    print()


@dataclass(frozen=True)
class Bench:
    """A database with loans, and who may post their repayments."""

    url: str
    folder: Path
    token: str
    loans: list[tuple[UUID, UUID]]
    """Each with its fund; the loans of the funds take turns."""

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The process id of the web server while it runs."""
        environ = {f"CSEM_{name.upper()}_URL": "http://127.0.0.1:9" for name in SERVICES} | {
            "CSEM_HOME": str(self.folder),
            "CSEM_DATABASE_URL": self.url,
            "CSEM_BUS_URL": RABBITMQ,
            "CSEM_BIND": f"127.0.0.1:{PORT}",
            "CSEM_WEB_WORKERS": "2",
        }
        command = (f"{PRODUCT_VENV}/gunicorn", "-c", "deploy/gunicorn.conf.py", "deploy.wsgi:create('credit')")
        with running(command, environ, self.folder / "log") as pid:
            until = time.monotonic() + 60
            while not _answers():
                if time.monotonic() > until:
                    raise TimeoutError((self.folder / "log").read_text()[-3000:])
                time.sleep(0.1)
            yield pid

    def post(self, turn: int) -> Callable[[int], None]:
        """What one client does for its nth payment, over HTTP."""
        connection = socket.create_connection(("127.0.0.1", PORT), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        prefix = uuid4().hex

        def pay(number: int) -> None:
            loan_id, _ = self.loans[(turn * 997 + number) % len(self.loans)]
            body = _body()
            connection.sendall(
                f"POST /api/credit/v1/loans/{loan_id}/repayments HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {self.token}\r\nIdempotency-Key: {prefix}-{number}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            answer = _answer(connection)
            if not answer.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(answer.decode()[-1000:])

        return pay

    def write(self, turn: int) -> Callable[[int], None]:
        """The same without the house: one transaction of the same rows."""
        connection = psycopg.connect(self.url)
        prefix = uuid4().hex

        def pay(number: int) -> None:
            loan_id, fund_id = self.loans[(turn * 997 + number) % len(self.loans)]
            with connection.transaction(), connection.cursor() as cursor:
                _bare(cursor, loan_id, fund_id, f"{prefix}-{number}")

        return pay


def prepare(url: str, folder: Path, funds: int, loans: int) -> Bench:
    """`loans` loans of twelve instalments, in so many funds."""
    database = Database(url)
    migrate(database, "credit")
    with database.engine.begin() as connection:
        for column in _FOREIGN:
            connection.execute(text(f"ALTER TABLE loan DROP CONSTRAINT fk_loan_{column}"))
    made = []
    with database.transaction() as session:
        ids = [_fund(session, number) for number in range(funds)]
        for number in range(loans):
            fund_id, edition_id = ids[number % funds]
            made.append((uuid7(), fund_id, edition_id, number))
        insert_many(session, Loan.__table__, [_loan(*one) for one in made])  # type: ignore[arg-type]
        rows = [_instalment(one[0], number) for one in made for number in range(1, INSTALMENTS + 1)]
        insert_many(session, Instalment.__table__, rows)  # type: ignore[arg-type]
        insert_many(session, LoanPosition.__table__, [_position(one[0], one[1]) for one in made])  # type: ignore[arg-type]
        _book_loans(session, ids)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    database.dispose()
    for service in SERVICES:
        create_keys(folder / "keys", service)
    cashier = Caller("bench", "Persona de prueba", frozenset({"cashier"}), Scope.of("HN17"))
    token = Keyring(folder / "keys", "portal").sign(cashier, seconds=36_000)
    return Bench(url, folder, token, [(one[0], one[1]) for one in made])


def _row(bench: Bench, pid: int, funds: int, clients: int, seconds: int) -> str:
    """One line of the table: the API, then the bare loop, each for some seconds; they write the same rows."""
    before, used = _counted(bench.url), cpu_seconds(pid)
    ours = _load(bench.post, clients, seconds)
    cpu = (cpu_seconds(pid) - used) / len(ours) * 1000
    between = _counted(bench.url)
    bare = _load(bench.write, clients, seconds)
    _require_same(between - before, len(ours), _counted(bench.url) - between, len(bare))
    told = [(len(some) / seconds, *_quantiles(some)) for some in (ours, bare)]
    (speed, half, worst), (possible, least, most) = told
    return (
        f"| {funds} | {clients} | {speed:,.0f} | {half:.1f} | {worst:.1f} | {cpu:.2f}"
        f" | {possible:,.0f} | {least:.1f} | {most:.1f} | {possible / speed:.1f} |"
    )


def _load(make: Callable[[int], Callable[[int], None]], clients: int, seconds: int) -> list[float]:
    """How long each payment took, in milliseconds, of so many clients that pay one after the other."""
    with multiprocessing.get_context("fork").Pool(clients) as pool:
        began = [pool.apply_async(_pay, (make, turn, seconds)) for turn in range(clients)]
        return [took for client in began for took in client.get(seconds + 120)]


def _pay(make: Callable[[int], Callable[[int], None]], turn: int, seconds: int) -> list[float]:
    pay = make(turn)
    took: list[float] = []
    until = time.perf_counter() + seconds
    while (begun := time.perf_counter()) < until:
        pay(len(took))
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _quantiles(took: list[float]) -> tuple[float, float]:
    cut = statistics.quantiles(took, n=100)
    return cut[49], cut[98]


def _counted(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone() for name in COUNTED}
    return Counter({name: row[0] for name, row in rows.items() if row})


def _require_same(ours: Counter[str], payments: int, bare: Counter[str], others: int) -> None:
    """Raises unless both wrote as many rows for a payment."""
    for name in COUNTED:
        if ours[name] * others != bare[name] * payments:
            raise RuntimeError(f"{name}: {ours[name]} rows of {payments} payments, bare {bare[name]} of {others}")


def _require_books(bench: Bench) -> None:
    """Raises unless every movement balances; the bare loop's payments are booked as ours are."""
    database = Database(bench.url)
    with database.reading() as session:
        for fund_id in dict.fromkeys(fund_id for _, fund_id in bench.loans):
            found = checked_books(session, fund_id, _TODAY)
            if found:
                raise RuntimeError(f"the books do not agree: {found[:3]}")
    database.dispose()


def _body() -> bytes:
    return json.dumps({"amount": AMOUNT, "paid_on": _TODAY.isoformat(), "channel": "cash"}).encode()


def _answer(connection: socket.socket) -> bytes:
    """One HTTP answer with a Content-Length."""
    got = connection.recv(65_536)
    while b"\r\n\r\n" not in got:
        got += connection.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    at = head.lower().index(b"content-length:") + 15
    length = int(head[at:].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def _answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", PORT), timeout=5) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return b"200" in connection.recv(100)
    except OSError:
        return False


def _bare(cursor: "psycopg.Cursor[Any]", loan_id: UUID, fund_id: UUID, key: str) -> None:
    """A payment of one of principal on the first instalment that is open: locks, rows, counters."""
    now = datetime.now(UTC)
    entry_id, repayment_id = uuid7(), uuid7()
    cursor.execute(
        "INSERT INTO idempotency_answer (subject, key, operation, fingerprint, status, body, at)"
        " VALUES ('bare', %s, 'bare', %s, 201, %s, %s)",
        (key, "0" * 64, "x" * 600, now),
    )
    cursor.execute("SELECT id FROM fund WHERE id = %s FOR UPDATE", (fund_id,))
    cursor.execute("SELECT id FROM loan WHERE id = %s FOR UPDATE", (loan_id,))
    cursor.execute(
        "SELECT number, principal - paid_principal, interest - paid_interest FROM instalment"
        " WHERE loan_id = %s AND paid_principal < principal ORDER BY number LIMIT 1",
        (loan_id,),
    )
    number, principal, interest = cursor.fetchone() or (0, 0, 0)
    paid = 100 if interest >= 100 else min(100, principal)
    on_interest = paid if interest >= 100 else 0
    on_principal = paid - on_interest
    earned = "4101" if on_interest else "1201"
    cursor.execute(
        "UPDATE instalment SET paid_interest = paid_interest + %s, paid_principal = paid_principal + %s"
        " WHERE loan_id = %s AND number = %s",
        (on_interest, on_principal, loan_id, number),
    )
    cursor.execute(
        "UPDATE loan SET outstanding = outstanding - %s, outstanding_principal = outstanding_principal - %s,"
        " interest_paid = interest_paid + %s, version = version + 1 WHERE id = %s",
        (paid, on_principal, on_interest, loan_id),
    )
    _position_of_today(cursor, loan_id, fund_id, on_principal)
    numbers = []
    for series, year in (("journal", 0), ("RC", _TODAY.year)):
        cursor.execute(
            "INSERT INTO counter (fund_id, series, year, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (fund_id, series, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
            (fund_id, series, year),
        )
        numbers.append((cursor.fetchone() or (0,))[0])
    cursor.execute(
        "INSERT INTO ledger_entry (id, fund_id, number, kind, reference, booked_on, recorded_at, recorded_by, memo)"
        " VALUES (%s, %s, %s, 'repayment', %s, %s, %s, 'bare', '')",
        (entry_id, fund_id, numbers[0], loan_id, _TODAY, now),
    )
    cursor.executemany(
        "INSERT INTO ledger_line (entry_id, position, account, amount) VALUES (%s, %s, %s, %s)",
        [(entry_id, 1, "1102", paid), (entry_id, 2, earned, -paid)],
    )
    cursor.executemany(
        "INSERT INTO account_balance (fund_id, account, amount) VALUES (%s, %s, %s)"
        " ON CONFLICT (fund_id, account) DO UPDATE SET amount = account_balance.amount + excluded.amount",
        [(fund_id, "1102", paid), (fund_id, earned, -paid)],
    )
    receipt = f"{fund_id.hex[-6:]}-RC-{numbers[1]}"
    cursor.execute(
        "INSERT INTO repayment (id, number, fund_id, loan_id, amount, principal, interest, fee, penalty,"
        " outstanding_after, channel, paid_on, posted_at, posted_by, posted_by_name, entry_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 'cash', %s, %s, 'bare', 'Bare', %s)",
        (repayment_id, receipt, fund_id, loan_id, paid, on_principal, on_interest, _TODAY, now, entry_id),
    )
    cursor.execute(
        "INSERT INTO repayment_part (repayment_id, instalment, principal, interest, fee, penalty)"
        " VALUES (%s, %s, %s, %s, 0, 0)",
        (repayment_id, number, on_principal, on_interest),
    )
    cursor.execute("SELECT max(number) FROM history WHERE subject = %s", (loan_id,))
    last = (cursor.fetchone() or (0,))[0] or 0
    cursor.execute(
        "INSERT INTO history (subject, number, at, caller, kind, action, after, facts_hash, hash, salt)"
        " VALUES (%s, %s, %s, 'bare', 'loan', 'repay', %s, %s, %s, %s)",
        (loan_id, last + 1, now, json.dumps({"receipt": "x", "amount": "1.00"}), "0" * 64, "0" * 64, "0" * 32),
    )
    cursor.execute(
        "INSERT INTO event_log (id, type, subject, time, data) VALUES (%s, 'bare', %s, %s, %s)",
        (uuid7(), loan_id, now, json.dumps({"loan_id": str(loan_id), "amount": {"amount": "1.00"}, "x": "x" * 200})),
    )


def _position_of_today(cursor: "psycopg.Cursor[Any]", loan_id: UUID, fund_id: UUID, principal: int) -> None:
    cursor.execute(
        "UPDATE loan_position SET principal = principal - %s WHERE loan_id = %s AND since = %s",
        (principal, loan_id, _TODAY),
    )
    if cursor.rowcount:
        return
    cursor.execute(
        "WITH before AS (UPDATE loan_position SET until = %s WHERE loan_id = %s AND until > %s RETURNING principal,"
        " principal_due, oldest_due, oldest_number)"
        " INSERT INTO loan_position SELECT %s, %s, '9999-12-31', %s, principal - %s, principal_due, oldest_due,"
        " oldest_number, false FROM before",
        (_TODAY, loan_id, _TODAY, loan_id, _TODAY, fund_id, principal),
    )


@contextmanager
def _database(server: str) -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    name = f"csem_bench_{uuid4().hex[:8]}"
    root = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with root.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield f"{server}/{name}"
    finally:
        with root.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        root.dispose()


def _fund(session: Any, number: int) -> tuple[UUID, UUID]:
    """A fund and the edition it lends under."""
    fund_id, edition_id = uuid7(), uuid7()
    session.add(
        TrustFund(
            id=fund_id,
            code=f"F{number}",
            name=f"Fondo {number}",
            centre="CSEM",
            host="ADEL",
            founding_trustee="Banco",
            founding_account="0",
            currency="HNL",
            units=["HN17"],
            reserve=0,
        )
    )
    session.flush()
    session.add(
        CreditRegulations(
            id=edition_id,
            fund_id=fund_id,
            edition=1,
            title="Reglamento",
            source="bench",
            valid_from=date(2024, 1, 1),
            signatories=[],
            parameters={},
            recorded_at=clock.now(),
            recorded_by="bench",
        )
    )
    session.flush()
    return fund_id, edition_id


def _lent_on() -> date:
    return _TODAY - timedelta(days=60)


def _loan(loan_id: UUID, fund_id: UUID, edition_id: UUID, number: int) -> dict[str, Any]:
    return {
        "id": loan_id,
        "number": f"P{number}",
        "fund_id": fund_id,
        **{name: uuid7() for name in ("application_id", "resolution_id", "enterprise_id", "note_file_id")},
        "entry_id": loan_id,
        "regulations_id": edition_id,
        "owner_ids": [],
        "municipality": "HN1709",
        "chain": "food_processing",
        "currency": "HNL",
        "principal": PRINCIPAL * INSTALMENTS,
        "terms": {"annual_rate": "18", "day_count": "30/360", "interest_period": "daily", "unit": "months"},
        "term_months": INSTALMENTS,
        "allocation_order": ["penalty", "fee", "interest", "principal"],
        "payment_in_advance": True,
        "disbursed_on": _lent_on(),
        "disbursed_by": "officer",
        "disbursed_by_name": "Oficial",
        "note_hash": f"hash{number}",
        "state": "active",
        "outstanding_principal": PRINCIPAL * INSTALMENTS,
        "outstanding": (PRINCIPAL + INTEREST) * INSTALMENTS,
        "product": "working-capital",
        "officer": "officer",
        "officer_name": "Oficial",
        **dict.fromkeys(("interest_paid", "capitalised", "withheld"), 0),
        "thirty": True,
        "plan": 1,
        "version": 1,
    }


def _instalment(loan_id: UUID, number: int) -> dict[str, Any]:
    begins, due = (_lent_on() + timedelta(days=30 * (number - ago)) for ago in (1, 0))
    return {
        "loan_id": loan_id,
        "number": number,
        "due": due,
        "days": 30,
        "principal": PRINCIPAL,
        "interest": INTEREST,
        **dict.fromkeys(_NOTHING, 0),
        "accrues_after": begins,
        "accrues_until": due if number < INSTALMENTS else ENDLESS,
        "accrues_from": serial(begins, thirty=True),
        "accrues_days": max(1, serial(due, thirty=True) - serial(begins, thirty=True)),
        "interest_before": INTEREST * (number - 1),
        "accrues": INTEREST,
        "plan": 1,
    }


def _position(loan_id: UUID, fund_id: UUID) -> dict[str, Any]:
    first = _lent_on() + timedelta(days=30)
    return {
        "loan_id": loan_id,
        "since": _lent_on(),
        "until": ENDLESS,
        "fund_id": fund_id,
        "principal": PRINCIPAL * INSTALMENTS,
        "principal_due": first,
        "oldest_due": first,
        "oldest_number": 1,
        "rescheduled": False,
    }


def _book_loans(session: Any, funds: list[tuple[UUID, UUID]]) -> None:
    """One movement for each loan, so that the books agree before and after."""
    session.execute(
        text(
            "INSERT INTO ledger_entry (id, fund_id, number, kind, reference, booked_on, recorded_at, recorded_by, memo)"
            " SELECT id, fund_id, row_number() OVER (PARTITION BY fund_id ORDER BY id), 'disbursement', id,"
            " disbursed_on, now(), 'bench', '' FROM loan"
        )
    )
    for position, account, sign in ((1, "1201", ""), (2, "1101", "-")):
        session.execute(
            text(
                "INSERT INTO ledger_line (entry_id, position, account, amount)"
                f" SELECT id, {position}, '{account}', {sign}principal FROM loan"
            )
        )
    session.execute(
        text(
            "INSERT INTO account_balance (fund_id, account, amount)"
            " SELECT fund_id, account, sum(amount) FROM ledger_line JOIN ledger_entry ON ledger_entry.id = entry_id"
            " GROUP BY fund_id, account"
        )
    )
    for fund_id, _ in funds:
        session.execute(
            text(
                "INSERT INTO counter (fund_id, series, year, last)"
                " SELECT fund_id, 'journal', 0, max(number) FROM ledger_entry WHERE fund_id = :fund GROUP BY fund_id"
            ),
            {"fund": fund_id},
        )
