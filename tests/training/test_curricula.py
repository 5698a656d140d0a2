"""Curricula are written in versions and accepted by an expert, a teacher and an entrepreneur of each group that learns
by them.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CurriculumAcceptance, CurriculumContribution, TrainingGroup
from services.training.queries.curricula import list_curricula, show_curriculum, show_version
from services.training.queries.curriculum_links import behind, opened
from services.training.queries.group_curricula import show_group_curriculum
from services.training.rules.curricula import VOICES, content_hash, lacking, refusal, settled
from services.training.use_cases.contribute import answer_contribution, contribute, contribute_by_link
from services.training.use_cases.keep_curriculum import (
    change_curriculum,
    propose_version,
    revise_curriculum,
    withdraw_version,
)
from services.training.use_cases.keep_material import (
    archive_material,
    erase_material,
    share_material,
    write_material,
)
from services.training.use_cases.link_curriculum import revoke_curriculum_link
from services.training.use_cases.note_subject import note_by_link
from services.training.use_cases.plan_session import cancel_session, change_module
from services.training.use_cases.write_modules import place_module, remove_module, rewrite_module
from shared import history
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, uuid7
from shared.testing import person
from tests.training import curriculum_house as house
from tests.training.house import COORDINATOR, STRANGER, TECHNICIAN, TRAINER, withdraw, woman_of
from tests.training.lessons import FIRST, SECOND, form_group, plan
from tests.training.test_groups import events
from tests.training.test_library import FACTS

pytestmark = pytest.mark.both_databases

MATERIAL = FACTS | {"title": "Cuaderno", "link": "https://ejemplo.org/cuaderno"}


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def refused(code: str) -> Any:
    return pytest.raises(Refused, match=f"^{code.replace('.', '[.]')}")


def test_a_draft_is_written_module_by_module_in_an_order_that_can_be_changed(session: Session) -> None:
    version = house.begin(session).latest
    for title in ("Uno", "Dos", "Tres"):
        house.write(session, version, title=title)
    last = version.modules[2].id
    place_module(session, TRAINER, version_id=version.id, version=None, module_id=last, position=1)
    told = house.MODULE | {"title": "Tres, de nuevo", "minutes": 45}
    rewrite_module(session, TRAINER, version_id=version.id, version=None, module_id=last, module=told)
    session.expire_all()
    shown = show_version(session, TRAINER, version.id)
    assert [(one["position"], one["title"]) for one in shown["modules"]] == [
        (1, "Tres, de nuevo"),
        (2, "Uno"),
        (3, "Dos"),
    ]
    assert shown["minutes"] == 45 + 240 + 240
    remove_module(session, TRAINER, version_id=version.id, version=None, module_id=last)
    session.expire_all()
    left = show_version(session, TRAINER, version.id)["modules"]
    assert [(one["position"], one["title"]) for one in left] == [(1, "Uno"), (2, "Dos")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"minutes": 50}, "curriculum.quarter_hours"),
        ({"minutes": 2_415}, "curriculum.quarter_hours"),
        ({"methods": ["case", "case"]}, "curriculum.method_twice"),
    ],
)
def test_hours_are_whole_quarters_and_a_method_stands_once(session: Session, wrong: dict[str, Any], code: str) -> None:
    version = house.begin(session).latest
    with refused(code):
        house.write(session, version, **wrong)


def test_who_wrote_meanwhile_is_noticed(session: Session) -> None:
    version = house.begin(session).latest
    seen = version.version
    house.write(session, version)
    with pytest.raises(Stale):
        propose_version(session, TRAINER, version_id=version.id, version=seen)


def test_a_curriculum_is_kept_by_its_territory_and_read_by_the_places_in_it(session: Session) -> None:
    country = house.begin(session, unit="HN", by=COORDINATOR)
    assert show_curriculum(session, TRAINER, country.id)["may_write"] is False
    assert [row["id"] for row in list_curricula(session, TRAINER, {}, limit=9, after=None).rows] == [country.id]
    assert list_curricula(session, STRANGER, {}, limit=9, after=None).rows == []
    with pytest.raises(Forbidden):
        show_curriculum(session, STRANGER, country.id)
    with pytest.raises(Forbidden):
        house.write(session, country.latest)
    with pytest.raises(Forbidden):
        house.begin(session, unit="HN06")
    with refused("municipality.unknown"):
        house.begin(session, unit="HN99", by=COORDINATOR)


def test_a_version_without_modules_is_not_proposed_and_a_proposed_one_does_not_change(session: Session) -> None:
    version = house.begin(session).latest
    with refused("curriculum.without_modules"):
        propose_version(session, TRAINER, version_id=version.id, version=None)
    with refused("curriculum.still_draft"):
        house.accept(session, version, "teacher", TRAINER, content_hash="0" * 64)
    house.write(session, version)
    propose_version(session, TRAINER, version_id=version.id, version=None)
    with refused("curriculum.not_draft"):
        house.write(session, version)
    with refused("curriculum.proposed_already"):
        change_curriculum(session, TRAINER, curriculum_id=version.curriculum_id, version=None, **house.HEAD)


def test_three_voices_accept_exactly_what_was_proposed_and_others_hear_of_it_once(
    session: Session, group: TrainingGroup
) -> None:
    version = house.proposed(session)
    house.accept(session, version, "teacher", TRAINER)
    house.accept(session, version, "expert", TECHNICIAN)
    assert (version.state, version.accepted_on) == ("proposed", None)
    assert show_version(session, TRAINER, version.id)["lacking"] == ["entrepreneur"]
    house.accept_through(session, house.woman_link(session, version, group))
    assert version.state == "accepted"
    house.choose(session, group, version.id)
    assert version.state == "in_use"
    (told,) = events(session, "curriculum-accepted")
    assert (told["version_id"], told["minutes"], told["kind"]) == (str(version.id), 390, "fishing")
    assert "accept" in [entry["action"] for entry in history.of(session, version.curriculum_id)]


def test_other_content_than_the_proposed_is_not_accepted(session: Session) -> None:
    version = house.proposed(session)
    with refused("curriculum.other_content"):
        house.accept(session, version, "teacher", TRAINER, content_hash="0" * 64)


def test_nobody_accepts_twice_nor_in_two_voices(session: Session) -> None:
    version = house.proposed(session)
    both = person("trainer", "coordinator", scope="HN17", subject="both", name="Dos Voces")
    house.accept(session, version, "teacher", both)
    with refused("curriculum.voice_accepted_already"):
        house.accept(session, version, "teacher", TRAINER)
    with refused("curriculum.accepted_in_other_voice"):
        house.accept(session, version, "expert", both)
    with refused("curriculum.accepted_in_other_voice"):
        house.accept_through(session, house.expert_link(session, version, "dos  voces"))
    house.accept_through(session, house.expert_link(session, version))


def test_an_account_speaks_in_its_own_voice_only(session: Session) -> None:
    version = house.proposed(session)
    with refused("curriculum.voice_of_another"):
        house.accept(session, version, "expert", TRAINER)
    with refused("curriculum.voice_of_another"):
        contribute(session, TECHNICIAN, version_id=version.id, voice="teacher", text="x")
    with refused("curriculum.voice_by_link"):
        house.accept(session, version, "entrepreneur", TRAINER)


def test_a_new_version_begins_with_the_last_one_and_is_accepted_anew(session: Session, group: TrainingGroup) -> None:
    first = house.accepted(session, group)
    made = revise_curriculum(session, TRAINER, curriculum_id=first.curriculum_id, change="Más práctica")
    with refused("curriculum.draft_open"):
        revise_curriculum(session, TRAINER, curriculum_id=first.curriculum_id, change="Otra")
    shown = show_version(session, TRAINER, made.id)
    assert [one["title"] for one in shown["modules"]] == ["Lo que cuesta producir", "Poner el precio"]
    assert (shown["state"], shown["acceptances"]) == ("draft", [])
    house.write(session, made, title="Vender por teléfono")
    propose_version(session, TRAINER, version_id=made.id, version=None)
    assert first.state == "accepted"
    house.accept(session, made, "teacher", TRAINER)
    house.accept(session, made, "expert", TECHNICIAN)
    house.accept_through(session, house.woman_link(session, made, group))
    assert (made.state, first.state) == ("accepted", "replaced")
    with refused("curriculum.version_over"):
        house.choose(session, group, first.id)


def test_a_version_is_not_proposed_while_a_contribution_has_no_answer(session: Session) -> None:
    version = house.begin(session).latest
    house.write(session, version)
    said = contribute(session, TRAINER, version_id=version.id, voice="teacher", text="Falta el flete")
    with refused("curriculum.contributions_open"):
        propose_version(session, TRAINER, version_id=version.id, version=None)
    reply = {"version_id": version.id, "contribution_id": said.id, "state": "taken_up", "answer": "Está en el módulo 1"}
    answer_contribution(session, TECHNICIAN, **reply)
    with refused("curriculum.answered_already"):
        answer_contribution(session, TRAINER, **reply)
    propose_version(session, TRAINER, version_id=version.id, version=None)
    shown = show_version(session, TRAINER, version.id)["contributions"][0]
    assert (shown["state"], shown["answer"], shown["answered_by_name"]) == (
        "taken_up",
        "Está en el módulo 1",
        "Tecla Técnica",
    )


def test_a_contribution_to_a_module_of_another_version_is_refused(session: Session) -> None:
    version = house.proposed(session)
    with pytest.raises(NotFound):
        contribute(session, TRAINER, version_id=version.id, voice="teacher", text="x", module_id=uuid7())


def test_a_session_teaches_a_module_only_when_all_three_accepted_it_for_this_group(
    session: Session, group: TrainingGroup
) -> None:
    version = house.proposed(session)
    module = version.modules[0].id
    with refused("session.module_of_no_curriculum"):
        plan(session, group, module_id=module)
    house.choose(session, group, version.id)
    with refused("session.module_without_anybody"):
        plan(session, group, module_id=module)
    house.accept(session, version, "teacher", TRAINER)
    with refused("session.module_without_expert_entrepreneur"):
        plan(session, group, module_id=module)
    house.accept(session, version, "expert", TECHNICIAN)
    with refused("session.module_without_entrepreneur"):
        plan(session, group, module_id=module)
    plan(session, group, title="Sin módulo")
    house.accept_through(session, house.woman_link(session, version, group))
    assert version.state == "in_use"
    assert plan(session, group, SECOND, module_id=module).module_id == module


def test_a_second_group_needs_an_entrepreneur_of_its_own(session: Session, group: TrainingGroup) -> None:
    version = house.accepted(session, group)
    second = form_group(session, 101, municipality="HN1701")
    house.choose(session, second, version.id)
    shown = show_group_curriculum(session, TRAINER, second.id)["curriculum"]
    assert (shown["lacking"], shown["taught"]) == (["entrepreneur"], False)
    with refused("session.module_without_entrepreneur"):
        plan(session, second, module_id=version.modules[0].id)
    house.accept_through(session, house.woman_link(session, version, second, 101))
    assert show_group_curriculum(session, TRAINER, second.id)["curriculum"]["taught"] is True


def test_the_hours_of_each_module_stand_beside_those_of_the_curriculum(session: Session, group: TrainingGroup) -> None:
    version = house.accepted(session, group)
    assert show_group_curriculum(session, TRAINER, group.id) == {"group_id": group.id, "curriculum": None}
    house.choose(session, group, version.id)
    first, second = (one.id for one in version.modules)
    plan(session, group, module_id=first, minutes=180)
    plan(session, group, SECOND, module_id=second)
    plan(session, group, SECOND.replace(day=24), title="Otra cosa", minutes=60)
    shown = show_group_curriculum(session, TRAINER, group.id)["curriculum"]
    told = [(one["minutes"], one["planned_minutes"], one["held_minutes"]) for one in shown["modules"]]
    assert told == [(240, 180, 0), (150, 240, 0)]
    assert (shown["minutes"], shown["planned_minutes"], shown["other_minutes"]) == (390, 420, 60)


def test_nothing_is_planned_with_a_withdrawn_version(session: Session, group: TrainingGroup) -> None:
    version = house.accepted(session, group)
    house.choose(session, group, version.id)
    withdraw_version(session, TRAINER, version_id=version.id, version=None, reason="Los precios son de antes")
    with refused("session.module_withdrawn"):
        plan(session, group, module_id=version.modules[0].id)
    with refused("curriculum.version_over"):
        withdraw_version(session, TRAINER, version_id=version.id, version=None, reason="x")


def test_a_group_chooses_once_and_no_draft(session: Session, group: TrainingGroup) -> None:
    draft = house.begin(session).latest
    with refused("curriculum.still_draft"):
        house.choose(session, group, draft.id)
    version = house.proposed(session)
    house.choose(session, group, version.id)
    with refused("curriculum.chosen_already"):
        house.choose(session, group, version.id)
    with pytest.raises(Forbidden):
        house.choose(session, group, version.id, by=STRANGER)


def test_a_link_leads_to_what_its_holder_may_read_and_to_what_she_said(session: Session, group: TrainingGroup) -> None:
    version = house.proposed(session)
    contribute(session, TRAINER, version_id=version.id, voice="teacher", text="De la capacitadora")
    link = house.woman_link(session, version, group)
    door = opened(session, house.token_of(link), house.KEY)
    contribute_by_link(session, door.link, door.caller, text="Más ejemplos de pescado seco")
    shown = behind(session, door)
    assert [one["text"] for one in shown["contributions"]] == ["Más ejemplos de pescado seco"]
    assert (shown["voice"], shown["may_accept"], shown["group_name"]) == ("entrepreneur", True, group.name)
    house.accept_through(session, link)
    assert (behind(session, door)["may_accept"], behind(session, door)["accepted_by_her"]) == (False, True)


def test_a_link_that_was_revoked_or_signed_elsewhere_leads_nowhere(session: Session, group: TrainingGroup) -> None:
    link = house.woman_link(session, house.proposed(session), group)
    with refused("curriculum.link_not_open"):
        opened(session, house.token_of(link, b"x" * 32), house.KEY)
    revoke_curriculum_link(session, TRAINER, link_id=link.id, version=None)
    with refused("curriculum.link_not_open"):
        opened(session, house.token_of(link), house.KEY)
    with refused("curriculum.link_revoked_already"):
        revoke_curriculum_link(session, TRAINER, link_id=link.id, version=None)


def test_the_link_of_a_woman_is_revoked_by_her_own_team(session: Session, group: TrainingGroup) -> None:
    """A curriculum of the whole country is near to every team in it; the women of their groups are not."""
    version = house.write(session, house.begin(session, unit="HN", by=COORDINATOR).latest, by=COORDINATOR)
    propose_version(session, COORDINATOR, version_id=version.id, version=None)
    link = house.woman_link(session, version, group)
    elsewhere = person("trainer", scope="HN06", subject="elsewhere", name="Vecina Capacitadora")
    with pytest.raises(Forbidden):
        revoke_curriculum_link(session, elsewhere, link_id=link.id, version=None)
    assert revoke_curriculum_link(session, TRAINER, link_id=link.id, version=None).state == "revoked"


def test_a_link_is_for_a_woman_of_the_group_until_a_day_that_is_near(session: Session, group: TrainingGroup) -> None:
    version = house.proposed(session)
    with refused("curriculum.not_a_member"):
        house.woman_link(session, version, group, 999)
    with pytest.raises(Invalid, match=r"curriculum\.link_last_day"):
        house.link_expert(
            session, TRAINER, version_id=version.id, voice="expert", name="x", expires_on=FIRST.replace(year=2027)
        )


def test_a_woman_who_withdraws_leaves_a_number_and_no_trace(session: Session, group: TrainingGroup) -> None:
    version = house.proposed(session)
    link = house.woman_link(session, version, group)
    door = opened(session, house.token_of(link), house.KEY)
    contribute_by_link(session, door.link, door.caller, text="Más ejemplos")
    note_by_link(session, door.link, door.caller, subject="Primeros auxilios")
    house.accept_through(session, link)
    withdraw(session, 1)
    session.expire_all()
    shown = show_version(session, TRAINER, version.id)
    assert [(one["voice"], one["entrepreneur_id"]) for one in shown["acceptances"]] == [("entrepreneur", None)]
    assert shown["contributions"][0]["entrepreneur_id"] is None
    for entity in (CurriculumAcceptance, CurriculumContribution):
        assert woman_of(1) not in session.scalars(select(entity.entrepreneur_id)).all()
    with refused("curriculum.link_not_open"):
        opened(session, house.token_of(link), house.KEY)


@given(st.permutations(list(house.MODULE)), st.text(max_size=20))
def test_the_hash_is_of_what_is_said_and_not_of_the_order_of_its_facts(order: list[str], title: str) -> None:
    module = house.MODULE | {"title": title}
    same = {name: module[name] for name in order}
    assert content_hash(house.HEAD, [module]) == content_hash(dict(reversed(house.HEAD.items())), [same])
    assert content_hash(house.HEAD, [module]) != content_hash(house.HEAD, [module | {"title": f"{title}."}])


@given(st.sets(st.sampled_from(VOICES)), st.booleans(), st.sampled_from(("draft", "proposed", "replaced", "withdrawn")))
def test_a_version_is_accepted_only_by_all_three(accepted: set[str], used: bool, state: str) -> None:
    after = settled(state, accepted, used=used)
    missing = lacking(accepted)
    if state != "proposed" or missing:
        assert after == state
    else:
        assert after == ("in_use" if used else "accepted")
    assert not missing or refusal(missing).startswith("session.module_without_")


def test_a_module_names_materials_of_the_library_and_so_does_the_next_version(session: Session) -> None:
    shelf = [write_material(session, TRAINER, MATERIAL | {"title": title}) for title in ("Cuaderno", "Afiche")]
    version = house.begin(session).latest
    house.write(session, version, material_ids=[shelf[1].id, shelf[0].id])
    (module,) = show_version(session, TRAINER, version.id)["modules"]
    assert [(one["title"], one["public"]) for one in module["materials"]] == [("Afiche", False), ("Cuaderno", False)]
    with refused("library.used_stays"):
        erase_material(session, TRAINER, shelf[0].id, version=None)
    bare = version.told_hash()
    told = house.MODULE | {"material_ids": [shelf[0].id]}
    rewrite_module(session, TRAINER, version_id=version.id, version=None, module_id=module["id"], module=told)
    assert version.told_hash() != bare, "who accepts it accepts its materials"
    erase_material(session, TRAINER, shelf[1].id, version=None)
    propose_version(session, TRAINER, version_id=version.id, version=None)
    after = revise_curriculum(session, TRAINER, curriculum_id=version.curriculum_id, change="Otra vez")
    session.expire_all()
    (copied,) = show_version(session, TRAINER, after.id)["modules"]
    assert [one["title"] for one in copied["materials"]] == ["Cuaderno"]


def test_only_what_the_library_offers_her_is_named_and_only_once(session: Session) -> None:
    other, own = (
        write_material(session, by, MATERIAL | {"unit": unit}) for by, unit in ((STRANGER, "GT01"), (TRAINER, "HN17"))
    )
    version = house.begin(session).latest
    with refused("library.not_offered"):
        house.write(session, version, material_ids=[other.id])
    with refused("curriculum.material_twice"):
        house.write(session, version, material_ids=[own.id, own.id])
    house.write(session, version, material_ids=[own.id])
    archive_material(session, TRAINER, own.id, version=None, why="Hay otro mejor")
    with refused("library.not_offered"):
        house.write(session, version, material_ids=[own.id])
    told = house.MODULE | {"material_ids": [own.id], "minutes": 60}
    kept = rewrite_module(
        session, TRAINER, version_id=version.id, version=None, module_id=version.modules[0].id, module=told
    )
    assert (kept.minutes, kept.modules[0].material_ids) == (60, [own.id]), "what it had may stay"


def test_who_comes_by_a_link_reads_of_a_material_for_the_team_no_more_than_its_title(session: Session) -> None:
    shut = write_material(session, TRAINER, MATERIAL)
    known = write_material(session, TRAINER, MATERIAL | {"title": "Para todas"})
    share_material(session, COORDINATOR, known.id, version=None, reach="public")
    version = house.begin(session).latest
    house.write(session, version, material_ids=[shut.id, known.id])
    propose_version(session, TRAINER, version_id=version.id, version=None)
    door = opened(session, house.token_of(house.expert_link(session, version)), house.KEY)
    told = behind(session, door)["modules"][0]["materials"]
    assert [(one["title"], one["link"]) for one in told] == [
        ("Cuaderno", None),
        ("Para todas", "https://ejemplo.org/cuaderno"),
    ]


def test_another_module_is_taught_in_a_planned_session_and_refused_as_at_planning(
    session: Session, group: TrainingGroup
) -> None:
    version = house.accepted(session, group)
    first, second = (one.id for one in version.modules)
    planned = plan(session, group)
    told: dict[str, Any] = {"session_id": planned.id, "version": None}
    with refused("session.module_of_no_curriculum"):
        change_module(session, TRAINER, module_id=first, **told)
    house.choose(session, group, version.id)
    assert change_module(session, TRAINER, module_id=second, **told).module_id == second
    with refused("session.module_same"):
        change_module(session, TRAINER, module_id=second, **told)
    with pytest.raises(Stale):
        change_module(session, TRAINER, session_id=planned.id, version=planned.version - 1, module_id=first)
    with pytest.raises(Forbidden):
        change_module(session, STRANGER, module_id=first, **told)
    assert change_module(session, TRAINER, module_id=None, **told).module_id is None
    assert [entry["action"] for entry in history.of(session, planned.id)].count("module") == 2
    withdraw_version(session, TRAINER, version_id=version.id, version=None, reason="Los precios son de antes")
    with refused("session.module_withdrawn"):
        change_module(session, TRAINER, module_id=first, **told)
    cancel_session(session, TRAINER, session_id=planned.id, version=None, reason="Llueve")
    with refused("session.cancelled"):
        change_module(session, TRAINER, module_id=None, **told)
