"""What tests of changed loans need: a change asked for, appraised, resolved and carried out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from services.credit.models import Application, Base, Loan
from services.credit.sealing import seal_with
from services.credit.use_cases.ask_change import appraise_change, ask_change
from services.credit.use_cases.carry_out_change import carry_out_change
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.pay_tranche import pay_tranche
from shared import files
from shared.database import Database, platform
from shared.identity import Caller
from shared.kernel import clock
from shared.tokens import Keyring, create_keys
from tests.credit.house import CHAIR, COORDINATOR, OFFICER, TECHNICIAN, House, lempiras


def asked(house: House, loan: Loan, kind: str = "reschedule", **facts: Any) -> Application:
    wanted: dict[str, Any] = {"reason": "Perdió la cosecha"}
    if kind != "write_off":
        wanted["instalments"] = 12
    return ask_change(house.session, TECHNICIAN, loan_id=loan.id, kind=kind, **(wanted | facts))


def appraised(house: House, application: Application, by: Caller = OFFICER, **facts: Any) -> Application:
    if application.kind == "refinance":
        return house.appraise(application, str(house.fund.money(application.amount)), by)
    found: dict[str, Any] = {
        "visited_on": clock.today(),
        "monthly_income": lempiras("5000.00"),
        "monthly_expense": lempiras("4000.00"),
        "monthly_debts": lempiras("0.00"),
        "recommendation": "approve",
        "remarks": "Vende la mitad",
    }
    if application.kind == "reschedule":
        found |= {"instalments": application.instalments, "grace": application.grace}
    return appraise_change(house.session, by, application_id=application.id, **(found | facts))


def resolved(house: House, application: Application, choice: str = "approve") -> Application:
    meeting = house.opened(application)
    house.vote(meeting, choice=choice)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


def approved(house: House, loan: Loan, kind: str = "reschedule", **facts: Any) -> Application:
    first_due = facts.pop("first_due", None)
    extra = {"first_due": first_due} if first_due else {}
    return resolved(house, appraised(house, asked(house, loan, kind, **facts), **extra))


def carry_out(house: House, application: Application, by: Caller = COORDINATOR) -> Loan:
    loan = carry_out_change(house.session, by, application_id=application.id)
    house.session.flush()
    return loan


def rescheduled(house: House, loan: Loan, **facts: Any) -> Loan:
    return carry_out(house, approved(house, loan, "reschedule", **facts))


def written_off(house: House, loan: Loan) -> Loan:
    return carry_out(house, approved(house, loan, "write_off"))


def tranche(house: House, loan: Loan, amount: str, by: Caller = OFFICER, **facts: Any) -> Loan:
    day = facts.get("disbursed_on") or clock.today()
    return pay_tranche(house.session, by, loan_id=loan.id, amount=lempiras(amount), disbursed_on=day)


@contextmanager
def empty_session() -> Iterator[Session]:
    """A session on an empty database of its own, for tests that hypothesis runs many times."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder}/changes.sqlite")
        files.keep_in(database, folder)
        create_keys(folder / "keys", "credit")
        seal_with(database, Keyring(folder / "keys", "credit"))
        try:
            with database.engine.connect().execution_options(csem_write=True) as connection:
                platform.create_all(connection)
                Base.metadata.create_all(connection)
                with Session(connection, expire_on_commit=False) as session:
                    yield session
        finally:
            database.dispose()
