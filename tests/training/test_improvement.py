"""The improvement of a placement: kept as it is found, the same again after a kill, ended when somebody says so."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import update

from services.training.models import Placement
from services.training.queries.placements import show_placement
from services.training.queries.questions import groups_of, question_of
from services.training.rules.placement.checking import violations
from services.training.use_cases.move_woman import move_woman
from services.training.use_cases.propose_placement import (
    JOB,
    improve_placement,
    propose_placement,
    stop_improving,
)
from shared.database import Database
from shared.job_runner import Runner
from shared.jobs import job_table
from shared.kernel import Refused
from tests.training.house import TECHNICIAN, TRAINER, woman_of
from tests.training.round_house import note, round_with_venue, women

BUDGET = 6


def asked(database: Database) -> UUID:
    """A placement whose improvement waits for a worker."""
    with database.transaction() as session:
        women(session)
        for enterprise in range(1, 6):
            note(session, enterprise, slots=["sat-am"])
        made = round_with_venue(session, budget=BUDGET)
        return propose_placement(session, TRAINER, round_id=made.id).id


def told(database: Database, placement_id: UUID) -> dict:
    with database.reading() as session:
        return show_placement(session, TRAINER, placement_id)


def test_an_improvement_ends_with_a_bound_and_no_condition_broken(database: Database) -> None:
    placement_id = asked(database)
    assert (told(database, placement_id)["state"], told(database, placement_id)["done"]) == ("improving", 0)
    assert Runner(database, {JOB: improve_placement}).run_due() == 1
    after = told(database, placement_id)
    assert after["state"] == "ready"
    assert after["bound"] >= after["worth"][0] == after["placed"]
    assert 0 <= after["gap_percent"] <= 100
    assert after["placed"] + sum(row["women"] for row in after["reasons"]) == after["considered"]
    with database.reading() as session:
        placement = session.get_one(Placement, placement_id)
        question = question_of(session, placement)
        assert violations(question.round, list(groups_of(session, placement_id).values())) == ()


def test_an_improvement_that_was_killed_comes_to_the_same_when_it_is_taken_up_again(database: Database) -> None:
    placement_id = asked(database)
    stopping = threading.Event()

    def killed(job: object) -> None:
        stopping.set()
        improve_placement(job)

    Runner(database, {JOB: killed}).run(stopping)
    with database.transaction() as session:
        session.execute(update(job_table).values(due_at=job_table.c.created_at))
    Runner(database, {JOB: improve_placement}).run_due()
    once = told(database, placement_id)
    other = propose_again(database, placement_id)
    same = ("worth", "bound", "reasons", "relaxations")
    assert {name: once[name] for name in same} == {name: other[name] for name in same}


def propose_again(database: Database, placement_id: UUID) -> dict:
    with database.transaction() as session:
        round_id = session.get_one(Placement, placement_id).round_id
        again = propose_placement(session, TRAINER, round_id=round_id).id
    Runner(database, {JOB: improve_placement}).run_due()
    return told(database, again)


def test_nothing_is_changed_by_hand_while_better_groups_are_looked_for(database: Database) -> None:
    placement_id = asked(database)
    with database.transaction() as session, pytest.raises(Refused) as refused:
        move_woman(session, TRAINER, placement_id=placement_id, version=None, entrepreneur_id=woman_of(1), to=None)
    assert refused.value.code == "placement.improving"


@pytest.mark.parametrize("caller", [TRAINER, TECHNICIAN], ids=["who asked", "a colleague"])
def test_an_improvement_ends_when_somebody_says_so_and_changes_nothing_after(
    database: Database, caller: object
) -> None:
    placement_id = asked(database)
    first = told(database, placement_id)["worth"]
    with database.transaction() as session:
        stop_improving(session, caller, placement_id=placement_id)
    Runner(database, {JOB: improve_placement}).run_due()
    after = told(database, placement_id)
    assert (after["state"], after["worth"], after["bound"]) == ("ready", first, None)
    with database.transaction() as session, pytest.raises(Refused) as refused:
        stop_improving(session, caller, placement_id=placement_id)
    assert refused.value.code == "placement.not_improving"


def test_a_placement_whose_improvement_failed_can_be_worked_on(database: Database) -> None:
    placement_id = asked(database)
    with database.transaction() as session:
        session.execute(update(job_table).values(state="failed"))
    assert told(database, placement_id)["state"] == "ready"
    with database.transaction() as session, pytest.raises(Refused) as refused:
        move_woman(session, TRAINER, placement_id=placement_id, version=None, entrepreneur_id=woman_of(40), to=1)
    assert refused.value.code == "placement.broken.too_far"
