"""Whether a rule that was met when an enterprise asked is met still; and what a committee decides where one is not.

It is asked again where the application goes before a committee, when it is approved and when it is paid out; before a
later part, only what is hard and about her record. A hard rule stops it each time. From any other the committee may
make an exception: the reason is noted before somebody votes for it, stands in the resolution and the minutes, and holds
for just those rules.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import AgendaItem, Application, CopyEnterprise, Resolution, TrustFund
from services.credit.queries.eligibility import departures, unmet
from services.credit.rules.eligibility import RECORD, Check
from services.credit.use_cases import find
from services.credit.use_cases.meet_conditions import CONVENERS
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def make_exception(session: Session, caller: Caller, *, session_id: UUID, item_id: UUID, reason: str) -> AgendaItem:
    """The item with the reason why it may be approved although rules are not met today.

    Refuses one without a reason, one that departs from no rule, one that a hard rule stops, and once somebody has voted
    for it.
    """
    if not reason.strip():
        raise Invalid("exception.reason_missing", pointer="/reason")
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if not caller.has(*CONVENERS):
        find.require_conductor(session, caller, meeting, clock.today())
    item = meeting.item(item_id)
    application = session.get_one(Application, item.application_id)
    fund = session.get_one(TrustFund, meeting.fund_id)
    found = departures(session, fund, application, item.appraisal)
    if not found:
        raise Refused("exception.nothing_to_except", number=application.number)
    _refuse_hard(found)
    item.except_from({check.rule: _told(check) for check in found}, reason.strip())
    session.flush()
    facts = {"rules": [check.rule for check in found]}
    history.record(session, caller, subject=item.id, kind="agenda_item", action="make_exception", after=facts)
    return item


def require_place_on_agenda(session: Session, fund: TrustFund, application: Application) -> None:
    """Refuses an application that a hard rule of the regulations stops by now, naming it."""
    if application.appraisals:
        _refuse_hard(unmet(session, fund, application, application.appraisal.edition))


def require_excepted(session: Session, fund: TrustFund, application: Application, item: AgendaItem) -> None:
    """Refuses to approve what a hard rule stops, and what departs from a rule for which no reason is noted."""
    found = departures(session, fund, application, item.appraisal)
    _refuse_hard(found)
    left = [check.rule for check in found if check.rule not in (item.exceptions or {})]
    if left:
        raise Refused("exception.reason_needed", number=application.number, rules=", ".join(left))


def require_met(
    session: Session,
    fund: TrustFund,
    application: Application,
    resolution: Resolution,
    *,
    but: UUID | None = None,
    begun: bool = False,
) -> CopyEnterprise:
    """The enterprise, which still meets every rule of the edition it is lent under, except those that the resolution
    itself excepted; refuses it otherwise, naming each. The loan `but` is none that stands against it.

    Of what is `begun`, a part of it having been paid, only the hard rules and those about her record are asked again:
    the others say who may begin, and what she did since (another loan, a training too long ago) would stop for good
    what she was promised and has built on.
    """
    found = unmet(session, fund, application, resolution.lent_under, but=but)
    if begun:
        found = [check for check in found if check.hard or check.rule in RECORD]
    refuse_unmet([check for check in found if check.hard or check.rule not in (resolution.exceptions or {})])
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    if enterprise is None or not enterprise.consent_credit:
        raise Refused("eligibility.consent_credit", rules="consent_credit")
    return enterprise


def _refuse_hard(found: Iterable[Check]) -> None:
    refuse_unmet([check for check in found if check.hard])


def refuse_unmet(failed: Sequence[Check]) -> None:
    """Refuses with the sentence of the first rule and the names of all."""
    if failed:
        raise Refused(failed[0].code, rules=", ".join(check.rule for check in failed), **failed[0].facts)


def _told(check: Check) -> dict[str, object]:
    return {name: value for name, value in asdict(check).items() if name in {"needed", "known"}}
