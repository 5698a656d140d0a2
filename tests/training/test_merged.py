"""Women who turned out to be one are one here: in one group, with the needs of both, called by the name of today."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CopyMerged, GroupMember
from services.training.queries.groups import groups_by_woman, show_group
from services.training.queries.learners import learners
from services.training.queries.needs import as_they_stand, needs_board
from services.training.reference.rounds import policy
from services.training.subscriptions import SUBSCRIPTIONS
from shared.bus.replay import canonical
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)
from tests.training.forming import form
from tests.training.house import TRAINER, facts, lend, number, register, register_many, tell, woman_of


def merge(session: Session, survivor: int, absorbed: int) -> None:
    """The registry merged two women and their enterprises."""
    gone = facts(absorbed, active=False, point=None, needs=[], owner_ids=[])
    tell(session, EnterpriseChanged(facts=gone), number(absorbed))
    tell(session, EnterpriseMerged(survivor_id=number(survivor), absorbed_id=number(absorbed)), number(absorbed))
    women = {"survivor_id": woman_of(survivor), "absorbed_id": woman_of(absorbed)}
    tell(session, EntrepreneurMerged(**women), women["absorbed_id"])


def unmerge(session: Session, survivor: int, absorbed: int) -> None:
    women = {"survivor_id": woman_of(survivor), "absorbed_id": woman_of(absorbed)}
    tell(session, EnterpriseUnmerged(survivor_id=number(survivor), absorbed_id=number(absorbed)), number(absorbed))
    tell(session, EntrepreneurUnmerged(**women), women["absorbed_id"])
    tell(session, EnterpriseChanged(facts=facts(absorbed)), number(absorbed))


def waiting(session: Session) -> dict[str, int]:
    return {row["need"]: row["waiting"] for row in needs_board(session, TRAINER, {})}


def test_who_was_in_a_group_under_the_absorbed_id_is_in_it(session: Session) -> None:
    register_many(session, 1, 8)
    group = form(session)
    register(session, 20)
    assert waiting(session) == {"quality": 1}
    merge(session, 20, 3)
    assert waiting(session) == {"quality": 0}
    assert groups_by_woman(session, "quality")[woman_of(20)] == group.number
    members = as_they_stand(session, show_group(session, TRAINER, group.id)["members"])
    assert {member["entrepreneur_id"] for member in members} == {woman_of(e) for e in (1, 2, 4, 5, 6, 7, 8, 20)}
    assert number(20) in {member["enterprise_id"] for member in members}
    unmerge(session, 20, 3)
    assert waiting(session) == {"quality": 1}


def test_a_need_that_a_loan_of_the_absorbed_record_told_is_the_survivors(session: Session) -> None:
    register(session, 1)
    register(session, 2)
    lend(session, 2, ["market"])
    merge(session, 1, 2)
    lend(session, 2, ["formalization"], loan=9_500)  # paid out under the old id
    assert waiting(session) == {"quality": 1, "market": 1, "formalization": 1}
    assert [woman for woman, one in learners(session, ["HN"], policy()).items() if "market" in one.needs] == [
        woman_of(1)
    ]


def test_a_withdrawal_strikes_her_out_under_both_ids(session: Session) -> None:
    register_many(session, 1, 8)
    form(session)
    register(session, 20)
    merge(session, 20, 3)
    for woman, enterprises in ((20, [number(20), number(3)]), (3, [])):
        gone = EntrepreneurWithdrawn(entrepreneur_id=woman_of(woman), enterprise_ids=enterprises)
        tell(session, gone, woman_of(woman))
    assert woman_of(3) not in session.scalars(select(GroupMember.entrepreneur_id)).all()
    assert session.scalars(select(CopyMerged)).all() == []


def test_the_same_events_again_make_the_same_copies(session: Session) -> None:
    def told() -> str:
        for survivor, absorbed in ((2, 1), (3, 2)):
            merge(session, survivor, absorbed)
        unmerge(session, 3, 2)
        merge(session, 3, 2)
        return canonical(session, SUBSCRIPTIONS.copy_tables)

    first = told()
    for table in SUBSCRIPTIONS.copy_tables:
        if table.name in {"copy_merged", "copy_need", "copy_owner"}:
            session.execute(table.delete())
    assert told() == first
