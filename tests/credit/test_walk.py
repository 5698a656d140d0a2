"""From the application to the last cent, through the use cases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from services.credit.models import Base, LedgerEntry
from services.credit.rules import ledger
from services.credit.use_cases.close_session import close_session
from shared import files
from shared.bus.tables import event_log
from tests.credit.house import CHAIR, URL, House, names


def test_a_credit_is_applied_for_decided_paid_out_and_paid_back(house: House):
    application = house.appraised()
    meeting = house.opened(application)
    house.vote(meeting)
    from services.credit.use_cases.close_item import close_item

    resolution = close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    assert resolution.number == "FON-R-2026-0001"
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert files.read(house.session, acta.file_id).startswith(b"%PDF")
    loan = house.disburse(application)
    assert loan.number == "FON-P-2026-0001"
    assert sum(i.principal for i in loan.instalments) == 10_000_00
    repayment = house.repay(loan, "916.80")
    assert (repayment.number, repayment.interest) == ("FON-RC-2026-0001", 150_00)
    house.repay(loan, str(house.fund.money(loan.outstanding)))
    assert loan.state == "settled"
    balances = house.fund.balances(house.session)
    assert ledger.balance_sheet(balances).holds
    assert balances[ledger.LOANS] == 0
    assert house.session.scalars(select(LedgerEntry.number).order_by(LedgerEntry.number)).all() == [1, 2, 3, 4]
    types = house.session.scalars(select(event_log.c.type).order_by(event_log.c.seq)).all()
    assert [name.split(".")[3] for name in types] == [
        "application-submitted",
        "application-decided",
        "loan-disbursed",
        "repayment-posted",
        "repayment-posted",
        "loan-settled",
    ]


def test_the_migrations_make_exactly_the_tables_of_the_entities(database):
    ours = set(Base.metadata.tables)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _parents: kind != "table" or name in ours}
        )
        assert compare_metadata(context, Base.metadata) == []
