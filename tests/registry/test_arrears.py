"""From a close in credit to a visit in the registry: what credit tells of arrears is what the registry hears."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from services.credit.models import Loan
from shared import events, files
from shared.bus.tables import event_log
from shared.database import Database
from shared.kernel import clock
from shared.testing import database_of
from tests.credit.closing import RULES, close, on
from tests.credit.house import House as CreditHouse
from tests.registry.house import House
from tests.registry.test_accompaniments import hear
from tests.registry.test_projects import for_arrears


def tell(credit: Database, registry: House) -> int:
    """Let the registry hear all that credit ever told of arrears, as it is stored; comes back with how much it was."""
    with credit.reading() as session:
        overdue = event_log.c.type.contains("instalment-overdue")
        told = session.execute(select(event_log).where(overdue).order_by(event_log.c.seq)).all()
    for row in told:
        event = events.load(row.type, row.data)
        assert event is not None
        hear(registry, event, event_id=row.id)
    return len(told)


def test_a_loan_that_is_overdue_at_a_close_is_visited_once_in_each_time_of_arrears(
    sqlite_house: House, tmp_path: Path
) -> None:
    enterprise = UUID(sqlite_house.register()["id"])
    lent_on = clock.today() - timedelta(days=100)
    folder = tmp_path / "credit"
    folder.mkdir()
    with database_of("credit", folder, "sqlite") as credit:
        files.keep_in(credit, folder / "files")
        with on(lent_on), credit.transaction() as session:
            house = CreditHouse.build(session, **RULES)
            known = house.enterprise()
            loan = house.disbursed(enterprise_id=known)
            loan.enterprise_id = enterprise
        first = loan.instalments[0]
        with on(first.due + timedelta(days=1)) as day, credit.transaction() as session:
            close(session, loan.fund_id, day)
        assert tell(credit, sqlite_house) == 1
        [visit] = for_arrears(sqlite_house)
        assert visit["needs"] == ["credit"]
        with on(first.due + timedelta(days=35)) as day, credit.transaction() as session:
            close(session, loan.fund_id, day)
            again = session.get_one(Loan, loan.id)
            assert again.outstanding > 0
        assert tell(credit, sqlite_house) == 2
        assert len(for_arrears(sqlite_house)) == 1
