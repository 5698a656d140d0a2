"""The daily close of very many loans beside one bare pass over them, and portfolio at risk as of a past date.

The loans are made by a few statements, with twelve instalments each and where they stood since each repayment. They
are no loans of real applications: the references to applications, resolutions and entries are left out.
"""

import sqlite3
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from services.credit.models import CreditRegulations, DailyClose, Loan, LoanPosition, TrustFund
from services.credit.queries import portfolio
from services.credit.use_cases.close_day import close_through
from shared.database import Database, migrate
from shared.identity import Caller
from shared.kernel import clock

SMALL = 100_000
TODAY = date(2026, 6, 30)
INSTALMENTS = 12
FUND, EDITION = UUID(int=1), UUID(int=2)
OPERATOR = Caller.operator("bench")
_PARAMETERS: dict[str, Any] = {
    "products": [
        {
            "code": "working-capital",
            "name": "Capital de trabajo",
            "minimum": 100_00,
            "maximum": 20_000_00,
            "shortest": 3,
            "longest": 24,
            "annual_rate": "18",
        }
    ],
    "quorum": {"seats": 3},
    "late_charge": {"annual_rate": "24", "fixed": 500, "after_days": 3, "cap": "20"},
    "provisioning": {"table": "HN"},
}
_FOREIGN = ("application_id", "resolution_id", "entry_id")


def measure(parts: list[str], given: Namespace) -> None:
    """Print what the parts asked for took."""
    with clock.frozen(datetime(2026, 7, 1, 12, tzinfo=UTC)):
        with _postgresql(given.postgresql) as database:
            _measure(database, given.loans, parts, "PostgreSQL")
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{Path(folder) / 'credit.sqlite'}")
            _measure(database, min(SMALL, given.loans), parts, "SQLite")
            database.dispose()


def _measure(database: Database, loans: int, parts: list[str], name: str) -> None:
    begun = time.perf_counter()
    migrate(database, "credit")
    fill(database, loans)
    print(f"**{name}, {loans:,} active loans, {loans * INSTALMENTS:,} instalments** "
          f"(made in {time.perf_counter() - begun:,.0f} s)\n")  # fmt: skip
    if "close" in parts:
        _close(database, loans)
    if "par" in parts:
        _par(database)


def _close(database: Database, loans: int) -> None:
    def close(day: date) -> DailyClose:
        [made] = close_through(database, OPERATOR, fund_id=FUND, day=day)
        return made

    bare = _timed(lambda: _bare_pass(database, "bare"))
    first_seconds, first = _timed_with(lambda: close(TODAY - timedelta(days=1)))
    _vacuum(database)
    seconds, made = _timed_with(lambda: close(TODAY))
    if (made.loans, first.loans) != (loans, loans):
        raise RuntimeError(f"closed {first.loans} and {made.loans} of {loans}")
    print("| | s | loans/s | overdue | told |\n|---|---:|---:|---:|---:|")
    _vacuum(database)
    kept = _timed(lambda: _bare_pass(database, "loan_standing", "WHERE slot = (SELECT slot FROM closing)"))
    for label, took in (("a table of nothing else", bare), ("where the house keeps it", kept)):
        print(
            f"| bare pass: only the bucket of each loan is updated, {label} | {took:,.1f} | {loans / took:,.0f} | | |"
        )
    for label, took, one in (("first close of the fund", first_seconds, first), ("daily close", seconds, made)):
        print(f"| {label} | {took:,.1f} | {loans / took:,.0f} | {one.overdue:,} | {one.told or 0:,} |")
    print(
        f"\nDaily close / bare pass: {seconds / bare:.1f}, where the house keeps it {seconds / kept:.1f}\n", flush=True
    )


def _par(database: Database) -> None:
    print("| portfolio at risk as of 60 days before | ms, best of 3 | ms, worst |\n|---|---:|---:|")
    for by in (None, "fund", "municipality", "officer"):
        took = []
        for _ in range(3):
            with database.reading() as session:
                took.append(
                    _timed(lambda by=by, session=session: _asked(session, by))  # type: ignore[misc]
                )
        print(f"| {by or 'whole'} | {min(took) * 1000:,.0f} | {max(took) * 1000:,.0f} |", flush=True)
    print()


def _asked(session: Session, by: str | None) -> Any:
    return portfolio.at_risk(session, OPERATOR, TODAY - timedelta(days=60), by=by)


def _timed(step: Callable[[], Any]) -> float:
    return _timed_with(step)[0]


def _timed_with(step: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    done = step()
    return time.perf_counter() - begun, done


def _bare_pass(database: Database, table: str, where: str = "") -> None:
    """What nobody can do with less: one UPDATE of a kept row for each loan."""
    days = "julianday(:day) - julianday(oldest_due)" if database.is_sqlite else "CAST(:day AS date) - oldest_due"
    bucket = (
        f"CASE WHEN {days} > 180 THEN 5 WHEN {days} > 90 THEN 4 WHEN {days} > 60 THEN 3 WHEN {days} > 30 THEN 2"
        f" WHEN {days} > 0 THEN 1 ELSE 0 END"
    )
    with database.transaction() as session:
        session.execute(text(f"UPDATE {table} SET bucket = {bucket} {where}"), {"day": TODAY.isoformat()})


@contextmanager
def _postgresql(server: str) -> Iterator[Database]:
    """An empty database, dropped afterwards."""
    name = f"csem_bench_{uuid4().hex[:8]}"
    root = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with root.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(f"{server}/{name}")
    try:
        yield database
    finally:
        database.dispose()
        with root.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        root.dispose()


def _vacuum(database: Database) -> None:
    """What the server does by itself in the hours between two nights."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def fill(database: Database, loans: int) -> None:
    """`loans` active loans of one fund: lent on each of the last 330 days, an instalment every 30 days, one loan in
    twelve late by one to five of them, with the repayments of those that are late.
    """
    with database.transaction() as session:
        session.add(
            TrustFund(
                id=FUND,
                code="BENCH",
                name="Bench",
                centre="CSEM",
                host="ADEL",
                founding_trustee="Banco",
                founding_account="0",
                currency="HNL",
                units=["HN"],
                reserve=0,
            )
        )
        session.flush()
        session.add(
            CreditRegulations(
                id=EDITION,
                fund_id=FUND,
                edition=1,
                title="Reglamento",
                source="bench",
                valid_from=date(2024, 1, 1),
                signatories=[],
                parameters=_PARAMETERS,
                recorded_at=clock.now(),
                recorded_by="bench",
            )
        )
    if database.is_sqlite:
        with closing(sqlite3.connect(database.engine.url.database or "")) as file:
            for statement in _Sqlite().statements(loans):  # a connection of the driver's own checks no references
                file.execute(statement)
            file.commit()
    else:
        plain = {"isolation_level": "AUTOCOMMIT", "no_parameters": True}
        with database.engine.connect().execution_options(**plain) as connection:
            for column in _FOREIGN:
                connection.exec_driver_sql(f"ALTER TABLE loan DROP CONSTRAINT fk_loan_{column}")
            for statement in _Postgresql().statements(loans):
                connection.exec_driver_sql(statement)
    _vacuum(database)
    with database.reading() as session:
        counted = session.scalar(select(func.count()).select_from(Loan))
        standing = session.scalar(select(func.count()).select_from(LoanPosition))
    if counted != loans or not standing:
        raise RuntimeError("the loans were not made")


class _Postgresql:
    """How PostgreSQL numbers rows, makes ids of numbers, and counts days."""

    empty = "'[]'::jsonb"
    terms = "'{}'::jsonb"
    false = "false"

    def series(self, name: str, first: str, last: str) -> str:
        return f"generate_series({first}, {last}) AS {name}({name})"

    def id(self, number: str) -> str:
        return f"('00000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"

    def day(self, days: str) -> str:
        return f"(DATE '{TODAY}' - 330 + ({days})::integer)"

    def ordinal(self, days: str) -> str:
        return f"({TODAY.toordinal() - 330} + {days})"

    def constant(self, value: UUID) -> str:
        return f"'{value}'::uuid"

    def statements(self, loans: int) -> Iterator[str]:
        """The rows, the instalments in the order of the loans."""
        lent = "(n % 300)"
        n, k = self.series("n", "1", str(loans)), self.series("k", "1", str(INSTALMENTS))
        come = f"((330 - {lent}) / 30)"
        missed = "(CASE WHEN n % 12 = 0 THEN n / 12 % 5 + 1 ELSE 0 END)"
        # Nobody has paid all twelve, so that every loan is active.
        paid = f"(CASE WHEN {come} > {missed} THEN {come} - {missed} ELSE 0 END)"
        fund, edition, endless = self.constant(FUND), self.constant(EDITION), "'9999-12-31'"
        yield f"""
            INSERT INTO loan (number, fund_id, application_id, resolution_id, regulations_id, enterprise_id, owner_ids,
                municipality, chain, currency, principal, terms, term_months, allocation_order, payment_in_advance,
                disbursed_on, disbursed_by, disbursed_by_name, entry_id, note_file_id, note_hash, state,
                outstanding_principal, outstanding, id, version, product, officer, officer_name, interest_paid, thirty)
            SELECT 'P' || n, {fund}, {self.id("n")}, {self.id("n")}, {edition}, {self.id("n")}, {self.empty},
                'HN17' || CASE WHEN n % 9 = 8 THEN '09' ELSE '0' || (n % 9 + 1) END, 'food_processing', 'HNL', 120000,
                {self.terms}, 12, {self.empty}, NOT {self.false}, {self.day(lent)}, 'bench', 'Bench', {self.id("n")},
                {self.id("n")}, 'hash' || n, 'active', 120000 - 10000 * {paid}, 120000 - 10000 * {paid},
                {self.id("n")}, 1, 'working-capital', 'officer-' || n % 40, 'Officer ' || n % 40,
                150 * (12 * {paid} - {paid} * ({paid} - 1) / 2), {self.false}
            FROM {n}"""
        yield f"""
            INSERT INTO instalment (loan_id, number, due, days, principal, interest, fee, penalty, paid_principal,
                paid_interest, paid_fee, paid_penalty, accrues_after, accrues_until, accrues_from, accrues_days,
                interest_before, accrues)
            SELECT {self.id("n")}, k, {self.day(f"{lent} + 30 * k")}, 30, 10000, 150 * (13 - k), 0, 0,
                CASE WHEN k <= {paid} THEN 10000 ELSE 0 END, CASE WHEN k <= {paid} THEN 150 * (13 - k) ELSE 0 END, 0, 0,
                {self.day(f"{lent} + 30 * (k - 1)")},
                CASE WHEN k = {INSTALMENTS} THEN {endless} ELSE {self.day(f"{lent} + 30 * k")} END,
                {self.ordinal(f"{lent} + 30 * (k - 1)")}, 30, 150 * (12 * (k - 1) - (k - 1) * (k - 2) / 2),
                150 * (13 - k)
            FROM {n} CROSS JOIN {k}"""
        yield f"""
            INSERT INTO loan_position (loan_id, since, until, fund_id, principal, principal_due, oldest_due,
                oldest_number, rescheduled)
            SELECT {self.id("n")}, {self.day(f"{lent} + 30 * (k - 1)")},
                CASE WHEN k = {paid} + 1 THEN {endless} ELSE {self.day(f"{lent} + 30 * k")} END, {fund},
                120000 - 10000 * (k - 1), {self.day(f"{lent} + 30 * k")}, {self.day(f"{lent} + 30 * k")}, k,
                {self.false}
            FROM {n} CROSS JOIN {k} WHERE k <= {paid} + 1"""
        late = f"FROM {n} CROSS JOIN {k} WHERE n % 12 = 0 AND k <= {paid}"
        yield f"""
            INSERT INTO ledger_entry (fund_id, number, kind, reference, booked_on, recorded_at, recorded_by, id)
            VALUES ({fund}, 0, 'disbursement', {fund}, '2024-01-01', '2024-01-01 00:00:00', 'bench', {fund})"""
        yield f"""
            INSERT INTO repayment (number, fund_id, loan_id, amount, principal, interest, fee, penalty,
                outstanding_after, channel, paid_on, posted_at, posted_by, posted_by_name, entry_id, id)
            SELECT 'R' || n || '-' || k, {fund}, {self.id("n")}, 10000 + 150 * (13 - k), 10000, 150 * (13 - k), 0, 0, 0,
                'cash', {self.day(f"{lent} + 30 * k")}, '2026-01-01 00:00:00', 'bench', 'Bench', {fund},
                {self.id("n * 100 + k")} {late}"""
        yield f"""
            INSERT INTO repayment_part (repayment_id, instalment, principal, interest, fee, penalty)
            SELECT {self.id("n * 100 + k")}, k, 10000, 150 * (13 - k), 0, 0 {late}"""
        kept = "SELECT loan_id, oldest_due, 0 AS bucket FROM loan_position WHERE until = '9999-12-31'"
        yield f"CREATE TABLE bare AS {kept}"


class _Sqlite(_Postgresql):
    """The same in SQLite's words."""

    empty = "'[]'"
    terms = "'{}'"
    false = "0"

    def series(self, name: str, first: str, last: str) -> str:
        counted = f"WITH RECURSIVE c(x) AS (SELECT {first} UNION ALL SELECT x + 1 FROM c WHERE x < {last})"
        return f"({counted} SELECT x AS {name} FROM c)"

    def id(self, number: str) -> str:
        return f"('0000000000007000' || printf('8000%012x', {number}))"

    def day(self, days: str) -> str:
        return f"date('{TODAY}', (({days}) - 330) || ' days')"

    def constant(self, value: UUID) -> str:
        return f"'{value.hex}'"
