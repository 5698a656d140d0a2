"""What is asked of a fund is measured against its Credit Regulations.

One rule says which edition. Whoever writes an amount down (handing in, correcting, appraising) measures it against the
edition in force that day, and the application belongs to that edition from then on: its money is lent on the terms the
product has there, whatever edition a later session decides under. From the session's edition come the quorum and the
majority, nothing else; the resolution cites both.
"""

from sqlalchemy.orm import Session

from services.credit.models import Application, CreditRegulations, TrustFund, regulations_in_force
from services.credit.rules.regulations import Request
from services.credit.rules.schedules import schedule
from services.credit.tables import holidays_on
from shared.kernel import Refused, clock


def measured(session: Session, fund: TrustFund, request: Request) -> CreditRegulations:
    """The edition in force today, which lends what is asked; refuses what it does not, naming the field, and what
    would make no schedule were it paid out today.
    """
    today = clock.today()
    edition = regulations_in_force(session, fund.id, today)
    with fund.in_its_currency():
        edition.read().measure(request)
    product = edition.product(request.product)
    holidays = holidays_on(today, fund.units[0])
    schedule(product.terms(request.amount, request.instalments, today, request.grace, holidays=holidays))
    return edition


def measured_again(
    session: Session, fund: TrustFund, application: Application, amount: int, instalments: int, grace: int
) -> CreditRegulations:
    """The same for what an appraisal recommends, in cents; refuses a product or purpose that is no longer lent, which
    an appraisal cannot change.
    """
    edition = regulations_in_force(session, fund.id, clock.today())
    if not edition.read().lends(application.product, application.purpose):
        raise Refused("application.no_longer_lent", number=application.number, since=edition.valid_from)
    return measured(session, fund, Request(application.product, amount, instalments, grace, application.purpose))
