"""The cashier counts her drawer; what differs from the books is booked, with its reason."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import DrawerCount
from services.credit.rules import ledger
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Money, clock


def count_drawer(session: Session, caller: Caller, *, fund_id: UUID, counted: Money, reason: str) -> DrawerCount:
    """The count of this moment. Refuses less than nothing, and a difference without its reason."""
    fund = find.fund(session, caller, fund_id, lock=True)
    cents, today = fund.cents(counted, "/counted"), clock.today()
    if cents < 0:
        raise Invalid("drawer.less_than_nothing", pointer="/counted")
    count = DrawerCount(
        fund_id=fund.id,
        day=today,
        book=fund.balances(session)[ledger.CASH_IN_HAND],
        counted=cents,
        reason=reason.strip(),
        counted_at=clock.now(),
        counted_by=caller.subject,
        counted_by_name=caller.name,
    )
    if count.difference:
        if not count.reason:
            raise Invalid(
                "drawer.reason_needed",
                pointer="/reason",
                book=fund.money(count.book),
                difference=fund.money(count.difference),
            )
        lines = ledger.drawer_difference(count.difference)
        entry = fund.book(
            session,
            caller,
            lines,
            kind="drawer_difference",
            reference=fund.id,
            booked_on=today,
            memo=count.reason,
        )
        count.entry_id = entry.id
    session.add(count)
    session.flush()
    facts = {"counted": str(counted), "book": str(fund.money(count.book)), "reason": count.reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="count_drawer", after=facts)
    return count
