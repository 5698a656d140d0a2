"""The close of each day: where every loan stood and since when, arrears, accruals, allowance."""

from datetime import date
from itertools import pairwise

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0009_closes"
down_revision = "0008_bodies"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
ENDLESS = date(9999, 12, 31)
LOAN = ("product", "officer", "officer_name", "tier", "interest_paid", "thirty", "rescheduled_on")
INSTALMENT = ("accrues_after", "accrues_until", "accrues_from", "accrues_days", "interest_before")


def upgrade() -> None:
    _columns()
    _positions()
    _closes()
    _fill(op.get_bind())


def _columns() -> None:
    op.add_column("copy_enterprise", sa.Column("tier", sa.String(40), nullable=True))
    for column in (
        sa.Column("product", sa.String(40), nullable=False, server_default=""),
        sa.Column("officer", sa.String(100), nullable=False, server_default=""),
        sa.Column("officer_name", sa.String(200), nullable=False, server_default=""),
        sa.Column("tier", sa.String(40), nullable=True),
        sa.Column("interest_paid", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("thirty", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("rescheduled_on", sa.Date, nullable=True),
    ):
        op.add_column("loan", column)
    for column in (
        sa.Column("accrues_after", sa.Date, nullable=False, server_default="1970-01-01"),
        sa.Column("accrues_until", sa.Date, nullable=False, server_default="1970-01-01"),
        sa.Column("accrues_from", sa.Integer, nullable=False, server_default="0"),
        sa.Column("accrues_days", sa.Integer, nullable=False, server_default="1"),
        sa.Column("interest_before", sa.BigInteger, nullable=False, server_default="0"),
    ):
        op.add_column("instalment", column)
    op.create_index("ix_repayment_paid_on", "repayment", ["paid_on"])


def _positions() -> None:
    op.create_table(
        "loan_position",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("principal_due", sa.Date, nullable=True),
        sa.Column("oldest_due", sa.Date, nullable=True),
        sa.Column("oldest_number", sa.Integer, nullable=True),
        sa.Column("rescheduled", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_loan_position_loan_id"),
        sa.PrimaryKeyConstraint("loan_id", "since", name="pk_loan_position"),
    )
    op.create_index("ix_loan_position_until", "loan_position", ["until"])


def _closes() -> None:
    op.create_table(
        "closing",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=True),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("journal", sa.Integer, nullable=False),
        sa.Column("prepared_day", sa.Date, nullable=True),
        sa.Column("prepared_journal", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_closing_fund_id"),
        sa.PrimaryKeyConstraint("fund_id", name="pk_closing"),
    )
    money = ("principal", "interest_receivable", "charges_receivable", "allowance")
    moved = ("interest_accrued", "charged", "provisioned")
    op.create_table(
        "daily_close",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("loans", sa.Integer, nullable=False),
        sa.Column("overdue", sa.Integer, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in (*money, *moved)),
        sa.Column("buckets", JSON, nullable=False),
        sa.Column("told", sa.Integer, nullable=True),
        sa.Column("regulations_id", sa.Uuid, nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=False),
        sa.Column("closed_by", sa.String(100), nullable=False),
        sa.Column("closed_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_daily_close_fund_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_daily_close_regulations_id"),
        sa.PrimaryKeyConstraint("id", name="pk_daily_close"),
        sa.UniqueConstraint("fund_id", "day", name="uq_daily_close_fund_id_day"),
    )
    op.create_table(
        "loan_standing",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("days_overdue", sa.Integer, nullable=False),
        sa.Column("bucket", sa.SmallInteger, nullable=False),
        sa.Column("oldest_due", sa.Date, nullable=True),
        sa.Column("oldest_number", sa.Integer, nullable=True),
        sa.Column("arrears_since", sa.Date, nullable=True),
        sa.Column("accrued", sa.BigInteger, nullable=False),
        sa.Column("interest_receivable", sa.BigInteger, nullable=False),
        sa.Column("charges_receivable", sa.BigInteger, nullable=False),
        sa.Column("allowance", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "slot", name="pk_loan_standing"),
    )
    late = sa.text("days_overdue > 0")
    op.create_index(
        "ix_loan_standing_late",
        "loan_standing",
        ["fund_id", "slot", "days_overdue"],
        postgresql_where=late,
        sqlite_where=late,
    )
    op.create_table(
        "late_charge",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("instalment", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "slot", "instalment", name="pk_late_charge"),
    )


def _fill(connection: sa.Connection) -> None:
    """What is kept from now on is found for the loans that were lent before."""
    loans = sa.Table("loan", sa.MetaData(), autoload_with=connection)
    for loan in connection.execute(sa.select(loans)).mappings().all():
        _fill_loan(connection, loans, loan)


def _fill_loan(connection: sa.Connection, loans: sa.Table, loan: sa.RowMapping) -> None:
    known = sa.MetaData()
    table = {
        name: sa.Table(name, known, autoload_with=connection)
        for name in ("instalment", "repayment", "repayment_part", "application", "appraisal", "loan_position")
    }
    instalments, parts, paid = table["instalment"], table["repayment_part"], table["repayment"]
    rows = connection.execute(
        sa.select(instalments).where(instalments.c.loan_id == loan["id"]).order_by(instalments.c.number)
    ).mappings()
    terms = loan["terms"]
    thirty = (terms["day_count"], terms["interest_period"], terms["unit"]) == ("30/360", "daily", "months")
    schedule, start, before = list(rows), loan["disbursed_on"], 0
    for row in schedule:
        begins, ends = _serial(start, thirty), _serial(row["due"], thirty)
        connection.execute(
            instalments.update()
            .where(instalments.c.loan_id == loan["id"], instalments.c.number == row["number"])
            .values(
                accrues_after=start,
                accrues_until=ENDLESS if row is schedule[-1] else row["due"],
                accrues_from=begins,
                accrues_days=max(1, ends - begins),
                interest_before=before,
            )
        )
        start, before = row["due"], before + row["interest"]
    applications, appraisals = table["application"], table["appraisal"]
    product = connection.scalar(sa.select(applications.c.product).where(applications.c.id == loan["application_id"]))
    officer = connection.execute(
        sa.select(appraisals.c.appraised_by, appraisals.c.appraised_by_name)
        .where(appraisals.c.application_id == loan["application_id"])
        .order_by(appraisals.c.position.desc())
        .limit(1)
    ).one_or_none()
    connection.execute(
        loans.update()
        .where(loans.c.id == loan["id"])
        .values(
            product=product or "",
            officer=officer[0] if officer else "",
            officer_name=officer[1] if officer else "",
            interest_paid=sum(row["paid_interest"] for row in schedule),
            thirty=thirty,
        )
    )
    moved = connection.execute(
        sa.select(paid.c.paid_on, parts)
        .join(parts, parts.c.repayment_id == paid.c.id)
        .where(paid.c.loan_id == loan["id"])
        .order_by(paid.c.paid_on, paid.c.id)
    ).mappings()
    _write_positions(connection, table["loan_position"], loan, schedule, list(moved))


def _write_positions(
    connection: sa.Connection,
    positions: sa.Table,
    loan: sa.RowMapping,
    schedule: list[sa.RowMapping],
    moved: list[sa.RowMapping],
) -> None:
    left = {row["number"]: [row["principal"], row["interest"] + row["fee"]] for row in schedule}
    due = {row["number"]: row["due"] for row in schedule}
    days = [loan["disbursed_on"], *sorted({part["paid_on"] for part in moved} - {loan["disbursed_on"]}), ENDLESS]
    for since, until in pairwise(days):
        for part in moved:
            if part["paid_on"] == since:
                left[part["instalment"]][0] -= part["principal"]
                left[part["instalment"]][1] -= part["interest"] + part["fee"]
        principal = [number for number, owed in sorted(left.items()) if owed[0] > 0]
        anything = [number for number, owed in sorted(left.items()) if sum(owed) > 0]
        if not anything:
            continue
        connection.execute(
            positions.insert().values(
                loan_id=loan["id"],
                since=since,
                until=until,
                fund_id=loan["fund_id"],
                principal=sum(owed[0] for owed in left.values()),
                principal_due=due[principal[0]] if principal else None,
                oldest_due=due[anything[0]],
                oldest_number=anything[0],
                rescheduled=False,
            )
        )


def _serial(day: date, thirty: bool) -> int:
    return day.year * 360 + day.month * 30 + min(day.day, 30) if thirty else day.toordinal()


def downgrade() -> None:
    for table in ("late_charge", "loan_standing", "daily_close", "closing", "loan_position"):
        op.drop_table(table)
    op.drop_index("ix_repayment_paid_on", "repayment")
    for column in reversed(INSTALMENT):
        op.drop_column("instalment", column)
    for column in reversed(LOAN):
        op.drop_column("loan", column)
    op.drop_column("copy_enterprise", "tier")
