"""The training of a group ends: once, by women of the group, and the others hear whose enterprises completed it."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training.cli import group as cli
from services.training.models import TrainingGroup
from services.training.queries.groups import show_group
from services.training.use_cases.complete_group import complete_group
from shared import history
from shared.database import Database
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock, uuid7
from tests.training.forming import form
from tests.training.house import STRANGER, TRAINER, number, register_many, withdraw, woman_of
from tests.training.test_groups import events


@pytest.fixture
def formed(session: Session) -> TrainingGroup:
    """A group of eight women."""
    register_many(session, 1, 8)
    return form(session)


def complete(session: Session, group: TrainingGroup, *women: int, **facts: Any) -> TrainingGroup:
    told = {"group_id": group.id, "version": None, "completed_on": clock.today()} | facts
    by = told.pop("by", TRAINER)
    return complete_group(session, by, entrepreneur_ids=[woman_of(woman) for woman in women], **told)


def test_who_completed_a_training_is_known_and_told_by_enterprise(session: Session, formed: TrainingGroup) -> None:
    complete(session, formed, 1, 2, 3)
    assert events(session, "group-completed") == [
        {
            "group_id": str(formed.id),
            "chain": formed.chain,
            "need": formed.need,
            "municipality": formed.municipality,
            "enterprise_ids": [str(number(enterprise)) for enterprise in (1, 2, 3)],
            "completed_on": clock.today().isoformat(),
        }
    ]
    shown = show_group(session, TRAINER, formed.id)
    assert shown["completed_on"] == clock.today()
    done = {member["entrepreneur_id"] for member in shown["members"] if member["completed"]}
    assert done == {woman_of(woman) for woman in (1, 2, 3)}
    assert [entry["action"] for entry in history.of(session, formed.id)] == ["form", "complete"]


@pytest.mark.parametrize(
    ("women", "facts", "code"),
    [
        ((), {}, "group.nobody_completed"),
        ((1, 99), {}, "group.not_a_member"),
        ((1,), {"completed_on": date(2026, 3, 4)}, "group.end_out_of_range"),
        ((1,), {"completed_on": date(2099, 1, 1)}, "group.end_out_of_range"),
    ],
)
def test_what_cannot_have_been_is_refused(session: Session, formed: TrainingGroup, women: Any, facts: Any, code: str):
    with pytest.raises(Invalid) as refused:
        complete(session, formed, *women, **facts)
    assert refused.value.code == code
    assert events(session, "group-completed") == []


def test_a_training_ends_once_for_whom_it_concerns(session: Session, formed: TrainingGroup) -> None:
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        complete(session, formed, 1, by=STRANGER)
    with pytest.raises(NotFound, match=r"group\.unknown"):
        complete(session, formed, 1, group_id=uuid7())
    with pytest.raises(Stale):
        complete(session, formed, 1, version=formed.version + 1)
    complete(session, formed, 1)
    with pytest.raises(Refused, match=r"group\.completed_already"):
        complete(session, formed, 2)


def test_who_withdrew_is_not_told_of(session: Session, formed: TrainingGroup) -> None:
    withdraw(session, 1)
    with pytest.raises(Invalid, match=r"group\.not_a_member"):
        complete(session, formed, 1, 2)
    complete(session, formed, 2)
    assert events(session, "group-completed")[0]["enterprise_ids"] == [str(number(2))]


def test_the_command_ends_a_training(database: Database) -> None:
    with database.transaction() as opened:
        register_many(opened, 1, 8)
        form(opened)
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))
    done = CliRunner().invoke(cli, ("complete", "1", "--without", str(woman_of(1))), obj=place)
    assert done.output == "1: 7\n"
    assert "There is no group 9" in CliRunner().invoke(cli, ("complete", "9"), obj=place).output
