"""No more of the fund lies with one borrower, activity or municipality than its regulations let."""

from sqlalchemy.orm import Session

from services.credit.models import Application, TrustFund
from services.credit.queries.concentration import shares_with
from services.credit.rules.concentration import Concentration
from shared.kernel import Refused


def require_within_limits(
    session: Session, fund: TrustFund, application: Application, amount: int, limits: Concentration
) -> None:
    """Refuses an approval of `amount` cents of new money beyond a limit, naming it, what the group holds and what it
    would hold; the fund must be locked, so that nobody else promises meanwhile.
    """
    for share in shares_with(session, fund, limits, application, amount):
        if share.exceeds:
            raise Refused(
                f"concentration.{share.kind}",
                number=application.number,
                limit=share.limit,
                held=fund.money(share.held),
                after=fund.money(share.after),
                percent=share.percent_after,
                ceiling=fund.money(share.ceiling),
            )
