"""Groups: formed once, of women who still are those of the round, told to the others, and forgotten on request."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import GroupMember, Placement, TrainingGroup
from services.training.queries.groups import list_groups, show_group
from services.training.queries.placements import show_placement
from services.training.use_cases.confirm_group import rename_group
from services.training.use_cases.form_placed_group import form_placed_group
from shared import history
from shared.bus.tables import event_log
from shared.database import Database
from shared.events.registry import EnterpriseChanged
from shared.kernel import Forbidden, NotFound, Refused, Stale, uuid7
from tests.training.forming import propose
from tests.training.house import (
    COORDINATOR,
    SAN_LORENZO,
    STRANGER,
    TECHNICIAN,
    TRAINER,
    facts,
    number,
    register_many,
    tell,
    withdraw,
    woman_of,
)


def events(session: Session, name: str) -> list[dict]:
    session.flush()
    rows = session.execute(select(event_log).order_by(event_log.c.seq)).mappings()
    return [row["data"] for row in rows if f".{name}." in row["type"]]


@pytest.fixture
def placement(session: Session) -> Placement:
    register_many(session, 1, 8)
    return propose(session)


def confirm(session: Session, placement: Placement, caller=TRAINER, name: str | None = None) -> TrainingGroup:
    return form_placed_group(session, caller, placement_id=placement.id, number=1, name=name)


def test_a_confirmed_group_has_a_number_a_name_and_its_women(session: Session, placement: Placement) -> None:
    group = confirm(session, placement)
    shown = show_group(session, TRAINER, group.id)
    assert (shown["number"], shown["name"], shown["women"]) == (1, "Calidad del producto, San Lorenzo", 8)
    assert {member["entrepreneur_id"] for member in shown["members"]} == {woman_of(e) for e in range(1, 9)}
    assert show_placement(session, TRAINER, placement.id)["groups"][0]["group_id"] == group.id


def test_the_others_are_told_without_a_name_or_a_place(session: Session, placement: Placement) -> None:
    group = confirm(session, placement, name="Las Salineras")
    assert events(session, "group-formed") == [
        {
            "group_id": str(group.id),
            "chain": "fishing",
            "need": "quality",
            "municipality": SAN_LORENZO,
            "enterprise_ids": [str(number(enterprise)) for enterprise in range(1, 9)],
            "formed_on": "2026-03-05",
        }
    ]
    assert history.of(session, group.id)[0]["caller"] == "trainer"


def test_a_group_is_formed_once(session: Session, placement: Placement) -> None:
    confirm(session, placement)
    with pytest.raises(Refused, match=r"placement\.group_formed") as refused:
        confirm(session, placement)
    assert refused.value.facts == {"number": 1}
    assert len(events(session, "group-formed")) == 1


def test_a_woman_is_in_one_group_for_a_need(session: Session, placement: Placement) -> None:
    twin = propose(session)
    confirm(session, placement)
    with pytest.raises(Refused, match=r"group\.members_taken") as refused:
        confirm(session, twin)
    assert refused.value.facts == {"women": 8}


def test_women_whose_record_changed_are_not_grouped_unawares(session: Session, placement: Placement) -> None:
    for enterprise in (1, 2):
        tell(session, EnterpriseChanged(facts=facts(enterprise, needs=["market"])), number(enterprise))
    with pytest.raises(Refused, match=r"group\.members_changed") as refused:
        confirm(session, placement)
    assert refused.value.facts == {"women": 2}


def test_a_group_that_withdrawals_made_too_small_is_not_formed(session: Session, placement: Placement) -> None:
    for enterprise in (1, 2, 3, 4):
        withdraw(session, enterprise)
    session.expire_all()
    with pytest.raises(Refused, match=r"placement\.group_too_small") as refused:
        confirm(session, placement)
    assert refused.value.facts == {"women": 4, "minimum": 5}


def test_who_may_not_see_the_territory_forms_no_group_there(session: Session, placement: Placement) -> None:
    with pytest.raises(Forbidden):
        confirm(session, placement, STRANGER)
    with pytest.raises(NotFound, match=r"placement\.unknown"):
        form_placed_group(session, TRAINER, placement_id=uuid7(), number=1)
    with pytest.raises(NotFound, match=r"placement\.unknown_group"):
        form_placed_group(session, TRAINER, placement_id=placement.id, number=2)
    assert events(session, "group-formed") == []


def test_each_sees_the_groups_of_her_territory(session: Session, placement: Placement) -> None:
    group = confirm(session, placement)
    for caller, seen in ((TRAINER, 1), (TECHNICIAN, 1), (COORDINATOR, 1), (STRANGER, 0)):
        assert len(list_groups(session, caller, {}, limit=10, after=None).rows) == seen
    assert list_groups(session, TRAINER, {"chain": "honey"}, limit=10, after=None).rows == []
    assert len(list_groups(session, TRAINER, {"unit": "HN1709", "need": "quality"}, limit=9, after=None).rows) == 1
    with pytest.raises(Forbidden):
        show_group(session, STRANGER, group.id)
    with pytest.raises(NotFound, match=r"group\.unknown"):
        show_group(session, TRAINER, uuid7())


def test_a_group_gets_another_name_from_who_saw_its_present_one(session: Session, placement: Placement) -> None:
    group = confirm(session, placement)
    rename_group(session, TRAINER, group_id=group.id, version=group.version, name="  Las Salineras ")
    assert show_group(session, TRAINER, group.id)["name"] == "Las Salineras"
    with pytest.raises(Stale):
        rename_group(session, TRAINER, group_id=group.id, version=1, name="Otra")
    with pytest.raises(Refused, match=r"group\.name_missing"):
        rename_group(session, TRAINER, group_id=group.id, version=None, name="   ")
    with pytest.raises(Forbidden):
        rename_group(session, STRANGER, group_id=group.id, version=None, name="Otra")
    with pytest.raises(NotFound):
        rename_group(session, TRAINER, group_id=uuid7(), version=None, name="Otra")


def test_a_woman_who_withdraws_is_struck_out_and_the_erasure_is_reported(
    session: Session, placement: Placement
) -> None:
    group = confirm(session, placement)
    withdraw(session, 3)
    session.expire_all()
    shown = show_group(session, TRAINER, group.id)
    assert (shown["women"], shown["withdrawn"]) == (7, 1)
    assert woman_of(3) not in {member["entrepreneur_id"] for member in shown["members"]}
    (told,) = events(session, "erasure-completed")
    assert told["entrepreneur_id"] == str(woman_of(3))
    done = {what: count for what, count in told["erased"].items() if count}
    assert done == {"group_memberships": 1, "placements": 1, "invitations": 1, "enterprise_copies": 1}
    assert "group_sizes" in told["kept"]


def test_an_erasure_is_reported_for_a_woman_training_never_knew(session: Session) -> None:
    withdraw(session, 99)
    assert events(session, "erasure-completed")[0]["erased"]["group_memberships"] == 0


def test_two_who_confirm_rival_groups_at_once_make_one(
    database: Database, open_database: Callable[[str], Database]
) -> None:
    with database.transaction() as session:
        register_many(session, 1, 8)
        rivals = [propose(session).id for _ in range(4)]
    outcomes: list[str] = []
    gate = threading.Barrier(len(rivals))

    def race(placement_id: object) -> None:
        gate.wait(10)
        try:
            with database.transaction() as session:
                form_placed_group(session, TRAINER, placement_id=placement_id, number=1)  # type: ignore[arg-type]
            outcomes.append("formed")
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=race, args=(rival,)) for rival in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["formed", *["group.members_taken"] * 3]
    with database.reading() as session:
        assert len(session.scalars(select(TrainingGroup)).all()) == 1
        assert len(session.scalars(select(GroupMember)).all()) == 8
