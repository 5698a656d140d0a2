"""What is due: of her role and territory, the oldest first, and counted as it is listed."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.cli import group as cli
from services.training.models import ActionPlan, Sme, TrainingGroup
from services.training.queries.due import KINDS, count_due, list_due
from services.training.use_cases import plan_actions
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.contribute import answer_contribution, contribute
from services.training.use_cases.keep_partners import renew_agreement, sign_agreement, write_partner
from services.training.use_cases.plan_session import cancel_session
from shared.database import Database
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import person
from tests.portal.conftest import Portal, text_of
from tests.training.csr_firms import CONTENT, REVIEWER, csr_portal, diagnosed, write_sme
from tests.training.curriculum_house import accept, proposed
from tests.training.house import COORDINATOR, STRANGER, TECHNICIAN, TODAY, TRAINER, woman_of
from tests.training.lessons import FIRST, SECOND, at, form_group, mark, plan
from tests.training.test_learning import measure, write
from tests.training.trainers_house import licensed, trainer

pytestmark = pytest.mark.both_databases
NETWORK = person("network_coordinator", subject="network", name="Nela Enlace")
AUDITOR = person("auditor", subject="auditor", name="Aurora Auditora")
_DAYS = ("begins_on", "ends_on")
DATED = CONTENT | {
    "actions": [one | {name: date.fromisoformat(one[name]) for name in _DAYS} for one in CONTENT["actions"]]
}


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def rows(session: Session, caller: Caller = TRAINER, kind: str | None = None) -> list[dict[str, Any]]:
    return list(list_due(session, caller, {"kind": kind}, limit=200, after=None).rows)


def titles(session: Session, caller: Caller = TRAINER, kind: str | None = None) -> list[str]:
    return [row["title"] for row in rows(session, caller, kind)]


def handed_in(session: Session) -> ActionPlan:
    """The plan of a firm that waits for its review."""
    with clock.frozen(TODAY):
        firm = write_sme(session, 0)
        diagnosed(session, firm, 1)
        made = plan_actions.begin_plan(session, TRAINER, sme_id=firm.id)
        which: dict[str, Any] = {"plan_id": made.id, "version": None}
        plan_actions.write_plan(session, TRAINER, **which, content=DATED)
        return plan_actions.submit_plan(session, TRAINER, **which)


def begun(session: Session) -> ActionPlan:
    """The same, accepted and carried out since the fifth of March."""
    made = handed_in(session)
    which: dict[str, Any] = {"plan_id": made.id, "version": None}
    with clock.frozen(TODAY):
        plan_actions.take_plan(session, REVIEWER, **which)
        plan_actions.review_plan(session, REVIEWER, **which, outcome="accepted", recommendations="Bien")
        plan_actions.select_key_actions(session, TRAINER, **which, actions=[1])
        return plan_actions.begin_execution(session, TRAINER, **which, begins_on=TODAY.date())


def test_a_session_that_is_over_without_a_roll_is_due_until_somebody_is_marked_or_it_is_cancelled(
    session: Session, group: TrainingGroup
) -> None:
    first, second = plan(session, group, title="Primera"), plan(session, group, SECOND, title="Segunda")
    third = plan(session, group, SECOND, title="Tercera", starts="13:00", ends="15:00")
    assert titles(session, kind="roll") == []
    with clock.frozen(at(SECOND)):
        assert titles(session, kind="roll") == ["Primera"], "the second one is of today"
    with clock.frozen(at(SECOND + timedelta(days=1))):
        found = rows(session, kind="roll")
        assert [(row["title"], row["day"], row["of"], row["late"]) for row in found][:2] == [
            ("Primera", FIRST, f"{group.number}. {group.name}", True),
            (second.title, SECOND, f"{group.number}. {group.name}", True),
        ]
        mark(session, first, 1)
        cancel_session(session, TRAINER, session_id=third.id, version=None, reason="Llovió")
        assert titles(session, kind="roll") == ["Segunda"]
        assert titles(session, STRANGER) == titles(session, REVIEWER) == titles(session, AUDITOR) == []


def test_a_plan_waits_for_the_review_of_who_did_not_write_it(session: Session) -> None:
    made = handed_in(session)
    both = person("csr_reviewer", "trainer", scope="HN17", subject=TRAINER.subject, name=TRAINER.name)
    assert [row["of"] for row in rows(session, REVIEWER)] == [made.sme.name]
    assert rows(session, both) == rows(session, TRAINER) == [], "she wrote it"


def test_a_plan_is_one_line_from_its_first_check_in_that_was_not_made(session: Session) -> None:
    made = begun(session)
    with clock.frozen(at(date(2026, 5, 6))):
        (row,) = rows(session)
        assert (row["kind"], row["day"], row["months"]) == ("check_in", date(2026, 4, 5), (1, 2))
        assert (row["of"], row["page_id"]) == (made.sme.name, made.sme_id)
        assert rows(session, REVIEWER) == []


def test_a_questionnaire_is_asked_again_half_a_year_after_a_training_and_until_a_year_after_it(
    session: Session, group: TrainingGroup
) -> None:
    instrument = write(session)
    measure(session, group, instrument, "after")
    done: dict[str, Any] = {"completed_on": clock.today(), "entrepreneur_ids": [woman_of(1)]}
    complete_group(session, TRAINER, group_id=group.id, version=None, **done)
    for day, expected in ((date(2026, 9, 4), []), (date(2026, 9, 5), ["Costos"]), (date(2027, 3, 5), [])):
        with clock.frozen(at(day)):
            assert titles(session, kind="later_survey") == expected
    with clock.frozen(at(date(2026, 9, 5))):
        measure(session, group, instrument, "later", closes_on=date(2026, 9, 30))
        assert titles(session, kind="later_survey") == []


def test_agreements_and_licences_are_due_sixty_days_before_their_end_until_they_are_renewed(session: Session) -> None:
    told = {"title": "Convenio", "purpose": "Formar", "contribution": "Un aula"}
    with_whom = write_partner(session, TRAINER, unit="HN17", name="Escuela Inventada", kind="academia")
    days: dict[str, Any] = {"signed_on": date(2026, 3, 1), "ends_on": date(2026, 6, 30)}
    signed = sign_agreement(session, TRAINER, unit="HN17", partner_ids=[with_whom.id], activity_id=None, **days, **told)
    licence = licensed(session, trainer(session))
    with clock.frozen(at(date(2026, 4, 30))):
        assert titles(session) == []
    with clock.frozen(at(date(2026, 5, 1))):
        (row,) = rows(session)
        assert (row["of"], row["day"], row["page_id"]) == ("Escuela Inventada", date(2026, 6, 30), with_whom.id)
        assert titles(session, TECHNICIAN) == [], "she keeps no agreements"
        renew_agreement(session, TRAINER, signed.id, version=None, signed_on=date(2026, 5, 1), ends_on=None)
        assert titles(session) == []
    with clock.frozen(at(licence.valid_until - timedelta(days=60))):
        assert titles(session, COORDINATOR, "licence") == titles(session, NETWORK, "licence") == [licence.number]
        assert titles(session, TRAINER, "licence") == [], "she licenses nobody"


def test_a_proposed_curriculum_waits_for_the_voice_of_each(session: Session) -> None:
    version = proposed(session)
    for caller in (TRAINER, TECHNICIAN, COORDINATOR):
        (row,) = rows(session, caller, "acceptance")
        assert (row["page_id"], row["part_id"]) == (version.curriculum_id, version.id)
    accept(session, version, "teacher", TRAINER)
    assert rows(session, TRAINER, "acceptance") == []
    both = person("trainer", "technician", scope="HN17", subject=TRAINER.subject, name=TRAINER.name)
    assert rows(session, both, "acceptance") == [], "she accepted in one voice and may not in another"
    assert len(rows(session, TECHNICIAN, "acceptance")) == 1
    accept(session, version, "expert", TECHNICIAN)
    assert rows(session, TECHNICIAN, "acceptance") == []


def test_a_contribution_is_due_until_it_is_answered(session: Session) -> None:
    version = proposed(session)
    said = contribute(session, TRAINER, version_id=version.id, voice="teacher", text="Más práctica")
    (row,) = rows(session, kind="contribution")
    assert "Más práctica" not in str(row)
    answer_contribution(session, TRAINER, version_id=version.id, contribution_id=said.id, state="taken_up", answer="Sí")
    assert rows(session, kind="contribution") == []


def everything(session: Session) -> None:
    group = form_group(session)
    begun(session)
    for day in (FIRST, SECOND):
        plan(session, group, day)
    version = proposed(session)
    contribute(session, TRAINER, version_id=version.id, voice="teacher", text="Más práctica")


@pytest.mark.parametrize("caller", [TRAINER, COORDINATOR, TECHNICIAN, NETWORK, REVIEWER, STRANGER, AUDITOR])
def test_the_counts_are_those_of_the_list_whoever_asks(session: Session, caller: Caller) -> None:
    everything(session)
    with clock.frozen(at(date(2026, 5, 6))):
        counted = count_due(session, caller)
        assert counted == {kind: len(rows(session, caller, kind)) for kind in KINDS}
        assert sum(counted.values()) == len(rows(session, caller))


def test_pages_of_the_list_follow_each_other_the_oldest_first(session: Session) -> None:
    everything(session)
    with clock.frozen(at(date(2026, 5, 6))):
        whole, seen, after = rows(session), [], None
        while True:
            page = list_due(session, TRAINER, {}, limit=2, after=after)
            seen += page.rows
            after = page.next
            if after is None:
                break
    assert seen == whole
    assert len(whole) == 5
    assert [row["day"] for row in whole] == sorted(row["day"] for row in whole)


def test_the_command_lists_it(database: Database) -> None:
    with database.transaction() as opened:
        plan(opened, form_group(opened))
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))
    with clock.frozen(at(SECOND)):
        told = CliRunner().invoke(cli, ("due", "--kind", "roll"), obj=place).output
        assert told.startswith("2026-03-10  roll ")
        assert "Costos y precios" in told
        assert json.loads(CliRunner().invoke(cli, ("due", "--json"), obj=place).output)[0]["kind"] == "roll"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Portal, Service]]:
    with csr_portal(tmp_path) as built:
        yield built


def test_home_counts_what_the_page_lists_and_each_line_leads_to_where_it_is_done(
    house: tuple[Portal, Service],
) -> None:
    portal, service = house
    with service.database.transaction() as session:
        firm = session.scalars(select(Sme).order_by(Sme.id)).first()
        assert firm is not None
        made = plan_actions.begin_plan(session, TRAINER, sme_id=firm.id)
        plan_actions.write_plan(session, TRAINER, plan_id=made.id, version=None, content=DATED)
        plan_actions.submit_plan(session, TRAINER, plan_id=made.id, version=None)
        held = plan(session, form_group(session), TODAY.date())
        firm_id, session_id = firm.id, held.id
    reviewer = portal.signed_in("csr_reviewer", username="revisora", units=("HN17",))
    assert "1 plan de acción por revisar" in text_of(reviewer.get("/"))
    listed = reviewer.get("/training/due?kind=review")
    assert f"/training/follow-up/{firm_id}/plan" in listed.text
    assert reviewer.get(f"/training/follow-up/{firm_id}/plan").status_code == 200
    with clock.frozen(TODAY + timedelta(hours=24)):
        teacher = portal.signed_in("trainer", username="maestra", units=("HN17",))
        assert "1 sesión pasó sin lista" in text_of(teacher.get("/"))
        due = teacher.get("/training/due")
        assert f"/training/sessions/{session_id}/attendance" in due.text
        assert "Costos y precios" in text_of(due)
        assert "No hay nada pendiente" in text_of(teacher.get("/training/due?kind=check_in"))
        assert teacher.get("/training/due?kind=otra").status_code == 200
    assert portal.signed_in("auditor", username="auditora").get("/training/due").status_code == 403
