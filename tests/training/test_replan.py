"""A round planned anew: nobody moves without need, only those of a lost venue, seen before, carried out once."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Invitation, Placement, TrainingGroup, TrainingRound, TrainingSession
from services.training.queries.due import list_due
from services.training.queries.formed_groups import formed_of
from services.training.queries.groups import show_group
from services.training.queries.placements import show_placement
from services.training.queries.questions import question_of, was_of
from services.training.queries.replans import list_changes
from services.training.queries.sessions import entries, show_session
from services.training.rules.continuing import Formed, continued, kept_cells, moved, seated_again, spot_of
from services.training.rules.edits import worth_of
from services.training.rules.placement import propose as placing
from services.training.rules.placement.checking import violations
from services.training.rules.placement.checking_moves import checked_moves
from services.training.rules.placement.round import Cell, Group
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.invite import answer_invitation
from services.training.use_cases.keep_round import add_venue, change_round, change_venue, plan_round
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.plan_session import cancel_session, plan_session
from services.training.use_cases.propose_placement import propose_placement
from services.training.use_cases.replan import carry_out
from services.training.use_cases.share_calendar import share_calendar
from shared import history
from shared.database import Database
from shared.kernel import Forbidden, NotFound, Refused, Stale, clock, uuid7
from tests.training.house import (
    CENTRE,
    COORDINATOR,
    NACAOME,
    STRANGER,
    TODAY,
    TRAINER,
    register_many,
    withdraw,
    woman_of,
)
from tests.training.round_house import ROUND, note, teacher, venue
from tests.training.rounds import small_round

WISH = ROUND | {"minimum": 5, "maximum": 8}


def hall(municipality: str, **changed: Any) -> dict[str, Any]:
    lon, lat = CENTRE[municipality]
    one = {"slots": ["sat-am"], "facilitators": [teacher("Ana Enseña", slots=["sat-am"])], "child_care": {}}
    rooms = {"rooms": [{"name": "Grande", "seats": 8}]}
    return venue(municipality=municipality, lon=lon, lat=lat, name=f"Casa {municipality}", **one, **rooms) | changed


@pytest.fixture
def round_(session: Session) -> TrainingRound:
    return two_groups(session)


def two_groups(session: Session) -> TrainingRound:
    """Two venues, each with a formed group of six."""
    register_many(session, 1, 6)
    register_many(session, 50, 6, municipality=NACAOME)
    made = plan_round(session, TRAINER, units=["HN17"], told=WISH | {"reach_km": 8})
    for municipality in ("HN1709", NACAOME):
        add_venue(session, TRAINER, round_id=made.id, told=hall(municipality))
    session.refresh(made, ["venues"])
    placement = propose_placement(session, TRAINER, round_id=made.id, improve=False)
    for number in (1, 2):
        form_placed_group(session, TRAINER, placement_id=placement.id, number=number)
    return made


def plan(session: Session, made: TrainingRound, **how: Any) -> Placement:
    session.refresh(made, ["venues"])
    return propose_placement(session, TRAINER, round_id=made.id, **({"improve": False, "keep": True} | how))


def counts(session: Session, placement: Placement) -> tuple[int, int, int]:
    told = show_placement(session, TRAINER, placement.id)["replan"]
    return told["stay"], told["move"], told["out"]


def confirmed(session: Session, placement: Placement) -> None:
    """The independent checker counts as many who move as the plan tells."""
    session.refresh(placement)
    was = {row.entrepreneur_id: row.was for row in placement.women if row.was}
    before = {
        woman: (UUID(one["group"]), (one["venue"], one["slot"], one["topic"], one["language"]))
        for woman, one in was.items()
    }
    groups = []
    for row in placement.groups:
        inside = tuple(sorted(one.entrepreneur_id for one in placement.women if one.group_number == row.number))
        cell = Cell(row.venue, row.slot, row.topic, row.type, row.language)
        groups.append((Group(cell, row.room, row.facilitator, inside), row.continues_id))
    stay, move, out = counts(session, placement)
    assert stay + move + out == len(was)
    assert checked_moves(before, groups, move + out) == ()
    assert violations(question_of(session, placement).round, [group for group, _ in groups]) == ()


def group_numbers(session: Session) -> dict[int, set[UUID]]:
    groups = session.scalars(select(TrainingGroup)).all()
    return {group.number: {member.entrepreneur_id for member in group.members} for group in groups}


def lose(session: Session, made: TrainingRound, municipality: str, **instead: Any) -> None:
    """The venue there is closed on Saturdays from now on."""
    found = next(one for one in made.venues if one.municipality == municipality)
    told = hall(municipality, slots=["sun-am"], facilitators=[teacher("Ana Enseña", slots=["sun-am"])]) | instead
    change_venue(session, TRAINER, round_id=made.id, venue_id=found.id, version=None, told=told)


def test_where_nothing_changed_nobody_moves(session: Session, round_: TrainingRound) -> None:
    before = group_numbers(session)
    placement = plan(session, round_)
    assert counts(session, placement) == (12, 0, 0)
    confirmed(session, placement)
    carry_out(session, TRAINER, placement_id=placement.id, version=placement.version)
    session.expire_all()
    assert group_numbers(session) == before
    assert {row.state for row in session.scalars(select(Invitation))} == {"invited"}
    assert len(session.scalars(select(Invitation)).all()) == 12


def test_of_a_lost_venue_only_its_women_move_and_their_group_goes_on(session: Session, round_: TrainingRound) -> None:
    before = group_numbers(session)
    lost = next(number for number, inside in before.items() if woman_of(50) in inside)
    answer_invitation(session, TRAINER, group_id=_id(session, lost), entrepreneur_id=woman_of(50), state="accepted")
    lose(session, round_, NACAOME)
    placement = plan(session, round_)
    assert counts(session, placement) == (6, 6, 0)
    confirmed(session, placement)
    rows = list_changes(session, TRAINER, placement.id, limit=50, after=None).rows
    assert {row["entrepreneur_id"] for row in rows} == before[lost]
    assert {(row["was"]["slot"], row["slot"]) for row in rows} == {("sat-am", "sun-am")}
    staying = list_changes(session, TRAINER, placement.id, stay=True, limit=4, after=None)
    rest = list_changes(session, TRAINER, placement.id, stay=True, limit=4, after=staying.next).rows
    assert {row["entrepreneur_id"] for row in (*staying.rows, *rest)} == set().union(*before.values()) - before[lost]
    assert all((row["was"]["slot"], row["slot"]) == ("sat-am", "sat-am") for row in staying.rows)
    assert group_numbers(session) == before, "nothing changes before somebody carries it out"
    carry_out(session, TRAINER, placement_id=placement.id, version=None)
    session.expire_all()
    assert group_numbers(session) == before, "the group goes on, at another hour"
    invitation = session.get(Invitation, (_id(session, lost), woman_of(50)))
    assert invitation.state == "invited", "she is asked again: she had said yes to another hour"


def test_who_has_no_place_any_more_is_told_before_and_leaves_her_group(session: Session, round_: TrainingRound) -> None:
    lost = next(number for number, inside in group_numbers(session).items() if woman_of(50) in inside)
    lose(session, round_, NACAOME, rooms=[{"name": "Chica", "seats": 2}])
    placement = plan(session, round_)
    assert counts(session, placement) == (6, 0, 6)
    confirmed(session, placement)
    rows = list_changes(session, TRAINER, placement.id, limit=4, after=None)
    assert {row["reason"] for row in rows.rows} == {"no_room"}
    assert len(list_changes(session, TRAINER, placement.id, limit=4, after=rows.next).rows) == 2
    carry_out(session, TRAINER, placement_id=placement.id, version=None)
    session.expire_all()
    assert group_numbers(session)[lost] == set()
    assert show_group(session, TRAINER, _id(session, lost))["dissolved_on"] == TODAY.date()


def given_up(session: Session, made: TrainingRound) -> tuple[UUID, Placement]:
    """A group that a plan gives up, and the plan."""
    lost = _id(session, _with(session, 50))
    lose(session, made, NACAOME, rooms=[{"name": "Chica", "seats": 2}])
    return lost, plan(session, made)


def test_the_sessions_to_come_of_a_group_that_is_given_up_are_cancelled_with_their_history(
    session: Session, round_: TrainingRound
) -> None:
    lost, other = _id(session, _with(session, 50)), _id(session, _with(session, 1))
    told = {"title": "Costos", "starts": "08:00", "ends": "12:00", "place": "Casa"}
    days = [TODAY.date() + timedelta(days=days) for days in (0, 1, 8)]
    planned = [plan_session(session, TRAINER, group_id=lost, first_day=day, **told).id for day in days]
    kept = plan_session(session, TRAINER, group_id=other, first_day=days[1], **told).id
    cancel_session(session, TRAINER, session_id=planned[2], version=None, reason="Llueve")
    with clock.frozen(TODAY + timedelta(days=1)):
        _, placement = given_up(session, round_)
        assert show_placement(session, TRAINER, placement.id)["replan"]["sessions"] == 1, "what is over stays"
        carry_out(session, COORDINATOR, placement_id=placement.id, version=None)
        session.expire_all()
        assert show_placement(session, TRAINER, placement.id)["replan"]["sessions"] == 0
        shown = show_session(session, TRAINER, planned[1])
        last = shown["revisions"][-1]
        assert (shown["state"], shown["sequence"]) == ("cancelled", 1)
        assert (last["action"], last["reason"], last["by_name"]) == ("cancel", "group_given_up", COORDINATOR.name)
        assert [one["action"] for one in history.of(session, planned[1])] == ["plan", "cancel"]
        states = [session.get_one(TrainingSession, one).state for one in (planned[0], kept)]
        assert states == ["planned", "planned"]
        assert list_due(session, TRAINER, {"kind": "roll"}, limit=9, after=None).rows == [], "nobody is left to mark"
        link = share_calendar(session, TRAINER, language="es", group_id=lost)
        told_of = {entry.id: entry.cancelled for entry in entries(session, link, TRAINER.scope, lambda code, **_: code)}
        assert told_of == {planned[0]: False, planned[1]: True, planned[2]: True}
        with pytest.raises(Refused, match=r"session\.group_given_up"):
            plan_session(session, TRAINER, group_id=lost, first_day=days[2], **told)


def test_of_two_who_carry_a_plan_out_at_once_one_is_told_that_it_was_done(database: Database) -> None:
    with database.transaction() as opened:
        made = two_groups(opened)
        lost = _id(opened, _with(opened, 50))
        told = {"title": "Costos", "starts": "08:00", "ends": "12:00", "place": "Casa"}
        session_id = plan_session(opened, TRAINER, group_id=lost, first_day=TODAY.date(), **told).id
        placement_id = given_up(opened, made)[1].id
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def race() -> None:
        gate.wait(10)
        try:
            with database.transaction() as mine:
                carry_out(mine, TRAINER, placement_id=placement_id, version=None)
            outcomes.append("carried out")
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["carried out", "replan.carried_out"]
    with database.reading() as session:
        assert [one["action"] for one in history.of(session, session_id)] == ["plan", "cancel"]


def test_a_group_that_withdrawals_made_too_small_is_filled_with_who_waits(
    session: Session, round_: TrainingRound
) -> None:
    for enterprise in (1, 2):
        withdraw(session, enterprise)
    register_many(session, 20, 2)
    session.expire_all()
    placement = plan(session, round_)
    assert counts(session, placement) == (10, 0, 0)
    confirmed(session, placement)
    carry_out(session, TRAINER, placement_id=placement.id, version=None)
    session.expire_all()
    sizes = sorted(len(inside) for inside in group_numbers(session).values())
    assert sizes == [6, 6]
    assert session.get(Invitation, (_id(session, _with(session, 20)), woman_of(20))).state == "invited"


def test_who_cannot_come_at_that_hour_any_more_moves_alone(session: Session, round_: TrainingRound) -> None:
    far = {"slots": ["sat-am", "sun-am"], "rooms": [{"name": "Grande", "seats": 8}]}
    lose(session, round_, NACAOME, **far, facilitators=[teacher("Ana Enseña")])
    note(session, 50, slots=["sun-am"])
    placement = plan(session, round_)
    assert counts(session, placement) == (11, 0, 1)
    confirmed(session, placement)


def test_a_group_whose_training_began_is_left_as_it_is(session: Session, round_: TrainingRound) -> None:
    began = _with(session, 50)
    told = {"title": "Costos", "first_day": TODAY.date(), "starts": "08:00", "ends": "12:00", "place": "Casa"}
    planned = plan_session(session, TRAINER, group_id=_id(session, began), **told)
    marked = {"mark_id": uuid7(), "status": "present"}
    mark_attendance(session, TRAINER, session_id=planned.id, entrepreneur_id=woman_of(50), **marked)
    lose(session, round_, NACAOME)
    placement = plan(session, round_)
    assert counts(session, placement) == (6, 0, 0)
    assert show_placement(session, TRAINER, placement.id)["in_groups"] == 6


def test_a_plan_is_carried_out_once_as_it_was_seen_and_by_who_works_there(
    session: Session, round_: TrainingRound
) -> None:
    lose(session, round_, NACAOME)
    placement = plan(session, round_)
    with pytest.raises(Refused, match=r"replan\.carry_out_first"):
        form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
    with pytest.raises(Forbidden):
        carry_out(session, STRANGER, placement_id=placement.id, version=None)
    with pytest.raises(Forbidden):
        list_changes(session, STRANGER, placement.id, limit=5, after=None)
    with pytest.raises(NotFound):
        carry_out(session, TRAINER, placement_id=uuid7(), version=None)
    with pytest.raises(Stale):
        carry_out(session, TRAINER, placement_id=placement.id, version=placement.version + 1)
    older = session.scalars(select(Placement).where(Placement.id != placement.id)).one()
    with pytest.raises(Refused, match=r"replan\.nothing_kept"):
        carry_out(session, TRAINER, placement_id=older.id, version=None)
    carry_out(session, TRAINER, placement_id=placement.id, version=None)
    with pytest.raises(Refused, match=r"replan\.carried_out"):
        carry_out(session, TRAINER, placement_id=placement.id, version=None)
    with pytest.raises(Refused, match=r"placement\.replaced"):
        form_placed_group(session, TRAINER, placement_id=older.id, number=1)


def test_who_left_a_group_meanwhile_makes_the_plan_be_made_again(session: Session, round_: TrainingRound) -> None:
    lose(session, round_, NACAOME)
    placement = plan(session, round_)
    group = _id(session, _with(session, 3))
    answer_invitation(session, TRAINER, group_id=group, entrepreneur_id=woman_of(3), state="declined")
    with pytest.raises(Refused, match=r"replan\.changed_meanwhile") as refused:
        carry_out(session, TRAINER, placement_id=placement.id, version=None)
    assert refused.value.facts == {"women": 1}


def test_without_a_formed_group_there_is_nothing_to_keep(session: Session) -> None:
    register_many(session, 1, 6)
    made = plan_round(session, TRAINER, units=["HN17"], told=WISH)
    add_venue(session, TRAINER, round_id=made.id, told=venue())
    with pytest.raises(Refused, match=r"replan\.no_groups"):
        plan(session, made)
    change_round(session, TRAINER, round_id=made.id, version=None, told={"ends_on": TODAY.date() + timedelta(days=30)})


@pytest.mark.parametrize("seed", range(6))
def test_in_random_rounds_women_move_only_where_more_are_placed(seed: int) -> None:
    """Planned anew without any change; then with a venue lost, of which alone women must move."""
    round_ = small_round(seed)
    answer = placing.propose(round_)
    formed = [Formed(UUID(int=number), group.cell, frozenset(group.women)) for number, group in
              enumerate(answer.groups, start=1)]  # fmt: skip
    keep = kept_cells(formed)
    first = placing.replan(round_, answer.groups, keep)
    *_, last = placing.improve(round_, first, seed=seed, budget=5, keep=keep)
    groups = seated_again(round_, last.groups, formed)
    assert violations(round_, groups) == ()
    gained = worth_of(round_, groups)[0] - answer.worth.placed
    assert gained >= 0
    who = moved(groups, formed)
    assert gained > 0 or not who
    goes_on = continued(groups, formed)
    before = {woman: (one.id, spot_of(one.cell)) for one in formed for woman in one.women}
    assert checked_moves(before, [(group, goes_on.get(n)) for n, group in enumerate(groups)], len(who)) == ()
    assert checked_moves(before, [(group, goes_on.get(n)) for n, group in enumerate(groups)], len(who) + 1)


def _id(session: Session, number: int) -> UUID:
    return session.scalars(select(TrainingGroup.id).where(TrainingGroup.number == number)).one()


def _with(session: Session, enterprise: int) -> int:
    return next(number for number, inside in group_numbers(session).items() if woman_of(enterprise) in inside)


def test_the_plan_knows_what_each_group_was(session: Session, round_: TrainingRound) -> None:
    placement = plan(session, round_)
    was = was_of(session, placement)
    formed = formed_of(question_of(session, placement).round, was)
    assert sorted(len(one.women) for one in formed) == [6, 6]
