"""A group goes before the committee together."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import AgendaItem
from services.credit.models.groups import PAYABLE
from services.credit.use_cases import find
from services.credit.use_cases.convene_session import put_on_agenda
from services.credit.use_cases.form_group import changing
from shared.identity import Caller
from shared.kernel import Refused, clock


def place_group(session: Session, caller: Caller, *, session_id: UUID, group_id: UUID) -> list[AgendaItem]:
    """The items of all members who wait for the committee, together on one agenda.

    Refuses a group with too few members, one in which a member was refused or withdrew and has not left, and a member
    who asks for another product than is lent to groups, is not appraised, whose guarantees do not cover her credit, or
    who lies before another session.
    """
    group, rules = changing(session, caller, group_id)
    meeting = find.committee_session(session, caller, session_id, lock=True)
    rules.require_enough(len(group.members), group.name)
    group.require_nobody_out()
    waiting = [one for one in group.applications if one.standing(clock.today()) not in PAYABLE]
    if not waiting:
        raise Refused("group.nobody_waits", name=group.name)
    for one in waiting:
        rules.check_product(one.product)
    return [put_on_agenda(session, caller, meeting, one.id) for one in waiting]
