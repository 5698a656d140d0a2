"""What a woman leaves behind who withdraws: every table is looked through for her, whatever kept her there."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.orm import Session

from services.training.models import TrainingGroup
from services.training.queries.curriculum_links import opened
from services.training.reference.fairs import checklist
from services.training.rules.case_stories import PURPOSES
from services.training.use_cases.agree_to_story import keep_paper
from services.training.use_cases.assist_borrower import note_visit, plan_assistance
from services.training.use_cases.award_groups import Taught, award_groups
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.contribute import contribute_by_link
from services.training.use_cases.note_subject import note_by_link
from services.training.use_cases.picture_story import add_picture
from services.training.use_cases.prepare_fair import note_readiness, prepare_fair
from services.training.use_cases.print_sheet import issue_sheet
from services.training.use_cases.share_diploma import share_diploma
from services.training.use_cases.tell_story import write_story
from shared import files
from shared.database import Database
from shared.events.registry import (
    EnterpriseMerged,
    EntrepreneurMerged,
    EntrepreneurWithdrawn,
    FairPlanned,
    FairStandMoved,
)
from shared.kernel import clock, uuid7
from shared.tokens import Keyring
from tests.training import curriculum_house
from tests.training.house import SAN_LORENZO, TRAINER, lend, number, register, tell, withdraw, woman_of
from tests.training.lessons import form_group, mark, plan
from tests.training.round_house import answered, note, reason_of, women
from tests.training.stories_house import NOTED, PDF, STORY, VERSION
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
def known(session: Session, keys: dict[str, Keyring], database: Database, tmp_path: Path) -> TrainingGroup:
    """A group in which she is known in every way training knows a woman."""
    files.keep_in(database, tmp_path / "files")
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
    _give_to_curriculum(session, group)
    _get_ready_for_fair(session)
    _tell_story(session)
    return group


def _give_to_curriculum(session: Session, group: TrainingGroup) -> None:
    version = curriculum_house.proposed(session)
    link = curriculum_house.woman_link(session, version, group)
    door = opened(session, curriculum_house.token_of(link), curriculum_house.KEY)
    contribute_by_link(session, door.link, door.caller, text="Más ejemplos")
    note_by_link(session, door.link, door.caller, subject="Primeros auxilios")
    curriculum_house.accept_through(session, link)


def _get_ready_for_fair(session: Session) -> None:
    days = {"begins_on": clock.today() + timedelta(days=9), "ends_on": clock.today() + timedelta(days=10)}
    fair, moved = uuid7(), {"enterprise_id": number(1), "state": "confirmed"}
    tell(session, FairPlanned(fair_id=fair, name="Feria de prueba", municipality=SAN_LORENZO, **days), fair)
    tell(session, FairStandMoved(fair_id=fair, **moved), number(1))
    made = prepare_fair(session, TRAINER, fair_id=fair)
    noted = {"preparation_id": made.id, "enterprise_id": number(1), "version": None}
    note_readiness(session, TRAINER, items=dict.fromkeys(checklist(clock.today()).items, "ready"), **noted)


def _tell_story(session: Session) -> None:
    told = {name: value for name, value in STORY.items() if name != "es"}
    told |= {"person_name": NAME, "dimension": None, "subject_kind": "enterprise", "subject_id": number(1)}
    story = write_story(session, TRAINER, content={"es": VERSION | {"situation": WORDS}, "en": None}, **told)
    picture = {"content": NOTED, "seen_es": NAME, "seen_en": NAME}
    add_picture(session, TRAINER, story_id=story.id, version=None, **picture)
    paper = {"content": PDF, "name": f"{NAME}.pdf", "said_on": clock.today()}
    keep_paper(session, TRAINER, story_id=story.id, answers=dict.fromkeys(PURPOSES, True), **paper)


def test_nothing_of_her_stays_but_ids_in_the_public_log_and_in_chains(session: Session, known: TrainingGroup) -> None:
    said = (str(HER), HER.hex, NAME, WORDS)
    known_by = {"group_member", "attendance_mark", "sheet_row", "answer_sheet", "diploma", "assistance_visit"}
    known_by |= {"curriculum_link", "curriculum_contribution", "curriculum_acceptance", "asked_subject"}
    known_by |= {"case_story", "case_story_woman", "case_story_picture", "stored_file"}
    assert known_by <= set(found_in(session, *said))
    assert found_in(session, str(number(1)), number(1).hex).keys() >= {"fair_readiness", "copy_fair_stand"}
    withdraw(session, 1)
    session.flush()
    assert set(found_in(session, NAME, WORDS)) == set(), "her name and her words are nowhere"
    assert set(found_in(session, str(HER), HER.hex)) <= _KEPT


def test_what_was_kept_under_an_id_that_became_part_of_hers_goes_too(session: Session) -> None:
    """The registry tells of each id of hers apart, and that they were one is forgotten with the first."""
    group = form_group(session)
    note(session, 1, children=2)
    mark(session, plan(session, group, clock.today()), 1)
    survivor = woman_of(30)
    register(session, 30)
    tell(session, EnterpriseMerged(survivor_id=number(30), absorbed_id=number(1)), number(1))
    tell(session, EntrepreneurMerged(survivor_id=survivor, absorbed_id=HER), HER)
    tell(session, EntrepreneurWithdrawn(entrepreneur_id=survivor, enterprise_ids=[number(30), number(1)]), survivor)
    tell(session, EntrepreneurWithdrawn(entrepreneur_id=HER, enterprise_ids=[]), HER)
    session.flush()
    assert set(found_in(session, str(HER), HER.hex, str(survivor), survivor.hex)) <= _KEPT


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
