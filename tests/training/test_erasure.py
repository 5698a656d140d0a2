"""What a woman leaves behind who withdraws: every table is looked through for her, whatever kept her there."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.orm import Session

from services.training.models import TrainingGroup
from services.training.use_cases.assist_borrower import note_visit, plan_assistance
from services.training.use_cases.award_groups import Taught, award_groups
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.print_sheet import issue_sheet
from services.training.use_cases.share_diploma import share_diploma
from shared.kernel import clock, uuid7
from shared.tokens import Keyring
from tests.training.house import TRAINER, lend, number, withdraw, woman_of
from tests.training.lessons import form_group, mark, plan
from tests.training.round_house import answered, note, reason_of, women
from tests.training.test_diplomas import issued
from tests.training.test_learning import measure, say, write

HER = woman_of(1)
NAME = "Marta Primera Inventada"
WORDS = "Dije algo mío"
_KEPT = {"event_log", "history", "reacted"}
"""The public log tells ids alone, and of whom something was written its place in the chain (docs/decisions/0067)."""


def found_in(session: Session, *said: str) -> dict[str, int]:
    """In how many rows of which tables any of these words stands, however it is kept."""
    connection = session.connection()
    metadata = MetaData()
    metadata.reflect(connection)
    found: dict[str, int] = {}
    for table in metadata.sorted_tables:
        for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
            if any(one in _as_text(row) for one in said):
                found[table.name] = found.get(table.name, 0) + 1
    return found


def _as_text(row: Any) -> str:
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in row)


@pytest.fixture
def known(session: Session, keys: dict[str, Keyring]) -> TrainingGroup:
    """A group in which she is known in every way training knows a woman."""
    group = form_group(session)
    note(session, 1, children=2)
    note(session, 2, together=[HER])
    planned = plan(session, group, clock.today())
    mark(session, planned, 1)
    issue_sheet(session, TRAINER, session_id=planned.id, members=[HER, woman_of(2)])
    measurement = measure(session, group, write(session), "before")
    say(session, measurement, 1, "1", "1", "2", "1", WORDS)
    lend(session, 1, ["quality"])
    told: dict[str, Any] = {"topics": ["quality"], "minutes": 60}
    asked = {"kind": "on_site_training", "goal": WORDS, "planned_minutes": 600, "begins_on": clock.today()}
    assisted = plan_assistance(session, TRAINER, loan_id=number(9_001), topics=["quality"], **asked)
    visit = {"visit_id": uuid7(), "day": clock.today(), "done": WORDS}
    note_visit(session, TRAINER, assistance_id=assisted.id, **visit, **told)
    everybody = [woman_of(one) for one in range(1, 9)]
    ended = {"completed_on": clock.today(), "entrepreneur_ids": everybody}
    complete_group(session, TRAINER, group_id=group.id, version=None, **ended)
    names = {one: NAME if one == HER else "Otra Inventada" for one in everybody}
    taught = [Taught(group.id, "Costos", 40, None)]
    batch = award_groups(session, TRAINER, keys["training"], names, kind="attendance", language="es", groups=taught)
    hers = next(one for one in issued(session, batch) if one.holder_id == HER)
    share_diploma(session, TRAINER, hers.id, expires_on=clock.today() + timedelta(days=5))
    return group


def test_nothing_of_her_stays_but_ids_in_the_public_log_and_in_chains(session: Session, known: TrainingGroup) -> None:
    said = (str(HER), HER.hex, NAME, WORDS)
    assert {"group_member", "attendance_mark", "sheet_row", "answer_sheet", "diploma", "assistance_visit"} <= set(
        found_in(session, *said)
    )
    withdraw(session, 1)
    session.flush()
    assert set(found_in(session, NAME, WORDS)) == set(), "her name and her words are nowhere"
    assert set(found_in(session, str(HER), HER.hex)) <= _KEPT


def test_the_reason_of_who_comes_with_her_names_her_no_more(session: Session) -> None:
    women(session, 9)
    note(session, 1, slots=["sun-am"])
    note(session, 2, slots=["sat-am"], together=[HER])
    placement = answered(session)
    assert reason_of(session, placement, 2) == ("together", {"companions": [str(HER)]})
    withdraw(session, 1)
    session.expire_all()
    assert reason_of(session, placement, 2) == ("together", {"companions": []})
    assert set(found_in(session, str(HER), HER.hex)) <= _KEPT
