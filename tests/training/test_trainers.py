"""Trainers are found by what they teach and where; nobody teaches in two places at one hour."""

import re
import threading
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.training.models import RoundVenue, TrainingGroup
from services.training.queries.questions import counted_on
from services.training.queries.rounds import show_round
from services.training.queries.sessions import show_session
from services.training.queries.trainers import list_trainers, show_trainer
from services.training.use_cases.keep_partners import write_partner
from services.training.use_cases.keep_round import add_venue, plan_round
from services.training.use_cases.keep_trainers import change_trainer, let_trainer_go, take_trainer_back
from services.training.use_cases.plan_session import cancel_session, move_session, name_trainer
from services.training.use_cases.propose_placement import propose_placement
from shared import history
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock
from tests.training.house import COORDINATOR, STRANGER, TECHNICIAN, TRAINER, number, register
from tests.training.lessons import FIRST, SECOND, form_group, plan
from tests.training.round_house import ROUND, teacher, venue, women
from tests.training.trainers_house import HER, licensed, trainer

pytestmark = pytest.mark.both_databases


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def names(session: Session, by: Caller = TRAINER, **filters: Any) -> list[str]:
    return [row["name"] for row in list_trainers(session, by, filters, limit=50, after=None).rows]


def test_trainers_are_found_by_topic_language_place_and_a_part_of_the_name(session: Session) -> None:
    trainer(session)
    trainer(session, name="Ágata Maestra", topics=["market"], languages=["es", "garifuna"], units=("HN1709",))
    assert names(session) == ["Ágata Maestra", "Fabiola Formadora"]
    assert names(session, topic="costing") == ["Fabiola Formadora"]
    assert names(session, language="garifuna", topic="market") == ["Ágata Maestra"]
    assert names(session, text="AGATA") == ["Ágata Maestra"]
    assert names(session, unit="HN1701") == ["Fabiola Formadora"], "the other goes to one municipality only"
    assert names(session, unit="HN17") == ["Ágata Maestra", "Fabiola Formadora"]


def test_she_is_seen_where_she_is_at_home_and_where_she_goes(session: Session) -> None:
    away = trainer(session, units=("HN17", "GT01"))
    trainer(session, name="De aquí nada más")
    assert names(session, by=STRANGER) == ["Fabiola Formadora"]
    with pytest.raises(Forbidden):
        change_trainer(session, STRANGER, away.id, version=None, units=["GT01"], facts=HER)
    with pytest.raises(Forbidden):
        trainer(session, by=STRANGER)


def test_her_entry_is_put_right_and_an_old_version_is_refused(session: Session) -> None:
    school = write_partner(session, COORDINATOR, unit="HN17", name="Instituto Inventado", kind="civil_society_academia")
    made = trainer(session)
    told = HER | {"partner_id": school.id, "topics": ["market"]}
    change_trainer(session, TRAINER, made.id, version=1, units=["HN1701", "HN1709"], facts=told)
    shown = show_trainer(session, TRAINER, made.id)
    assert (shown["partner_name"], shown["units"]) == ("Instituto Inventado", ["HN1701", "HN1709"])
    with pytest.raises(Stale):
        change_trainer(session, TRAINER, made.id, version=1, units=["HN17"], facts=HER)
    assert [one["action"] for one in history.of(session, made.id)] == ["write", "change"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "¿?"}, "trainer.name_without_letters"),
        ({"unit": "HN99"}, "municipality.unknown"),
        ({"units": ("HN99",)}, "municipality.unknown"),
        ({"partner_id": number(9)}, "csr_partner.unknown"),
        ({"account": "cuenta-1"}, "trainer.account_taken"),
    ],
)
def test_wrong_facts_of_a_trainer_are_refused(session: Session, wrong: dict[str, Any], code: str) -> None:
    trainer(session, name="Otra", account="cuenta-1")
    with pytest.raises(Invalid, match=re.escape(code)):
        trainer(session, **wrong)


def test_a_session_names_who_teaches_it(session: Session, group: TrainingGroup) -> None:
    her = trainer(session)
    planned = plan(session, group, topic="costing", trainer_id=her.id)
    shown = show_session(session, TRAINER, planned.id)
    assert (shown["trainer_name"], shown["topic"], shown["needs_licence"]) == (her.name, "costing", False)
    assert [one["title"] for one in show_trainer(session, TRAINER, her.id)["sessions"]] == ["Costos y precios"]
    with pytest.raises(Refused, match=r"session\.teaching_same"):
        name_trainer(session, TRAINER, session_id=planned.id, version=None, topic="costing", trainer_id=her.id)
    with pytest.raises(Stale):
        name_trainer(session, TRAINER, session_id=planned.id, version=7, topic=None, trainer_id=None)
    name_trainer(session, TRAINER, session_id=planned.id, version=None, topic="costing", trainer_id=None)
    assert show_session(session, TRAINER, planned.id)["trainer_name"] is None


def test_nobody_teaches_in_two_places_at_one_hour_and_it_is_said_where(session: Session, group: TrainingGroup) -> None:
    other = form_group(session, 100)
    her = trainer(session)
    first = plan(session, group, trainer_id=her.id)
    with pytest.raises(Invalid, match=r"trainer\.clash") as refused:
        plan(session, other, title="Mercado", starts="11:00", ends="13:00", trainer_id=her.id)
    told = refused.value.facts
    assert (told["day"], told["starts"], told["place"]) == (FIRST, "08:00", "Casa comunal")
    second = plan(session, other, title="Mercado", starts="12:00", ends="13:00", trainer_id=her.id)
    when = {"first_day": FIRST, "starts": "11:30", "ends": "13:00", "place": "Escuela", "reason": "x"}
    with pytest.raises(Invalid, match=r"trainer\.clash"):
        move_session(session, TRAINER, session_id=second.id, version=None, **when)
    session.expire_all()
    cancel_session(session, TRAINER, session_id=first.id, version=None, reason="Llueve")
    move_session(session, TRAINER, session_id=second.id, version=None, **when)


def test_two_who_name_her_for_the_same_hour_at_the_same_moment_do_not_both_get_her(database: Database) -> None:
    with database.transaction() as session:
        groups = [form_group(session), form_group(session, 100)]
        planned = [plan(session, group).id for group in groups]
        her = trainer(session).id
    gate, said = threading.Barrier(2), []

    def name(session_id: Any) -> None:
        gate.wait()

        def act(session: Session) -> None:
            name_trainer(session, TRAINER, session_id=session_id, version=None, topic=None, trainer_id=her)

        try:
            database.insist(act)
            said.append("named")
        except Invalid as refused:
            said.append(refused.code)

    threads = [threading.Thread(target=name, args=(one,)) for one in planned]
    with clock.frozen(clock.now()):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(said) == ["named", "trainer.clash"]


def test_who_left_who_does_not_go_there_and_who_is_not_known_teach_nothing(
    session: Session, group: TrainingGroup
) -> None:
    elsewhere = trainer(session, units=("HN06",))
    with pytest.raises(Invalid, match=r"trainer\.not_there"):
        plan(session, group, trainer_id=elsewhere.id)
    hidden = trainer(session, by=STRANGER, unit="GT01", units=("GT01",))
    with pytest.raises(Invalid, match=r"trainer\.unknown"):
        plan(session, group, trainer_id=hidden.id)
    her = trainer(session, name="Otra")
    planned = plan(session, group, trainer_id=her.id)
    with pytest.raises(Refused, match=r"trainer\.has_sessions"):
        let_trainer_go(session, TRAINER, her.id, version=None)
    cancel_session(session, TRAINER, session_id=planned.id, version=None, reason="Llueve")
    let_trainer_go(session, TRAINER, her.id, version=None)
    assert names(session) == ["Fabiola Formadora"]
    assert names(session, left=True) == ["Otra"]
    with pytest.raises(Invalid, match=r"trainer\.left"):
        plan(session, group, SECOND, trainer_id=her.id)
    take_trainer_back(session, TRAINER, her.id, version=None)
    with pytest.raises(Refused, match=r"trainer\.active_already"):
        take_trainer_back(session, TRAINER, her.id, version=None)
    plan(session, group, SECOND, trainer_id=her.id)


def test_a_topic_that_needs_a_licence_is_taught_by_who_holds_one_on_those_days(
    session: Session, group: TrainingGroup
) -> None:
    her = trainer(session)
    with pytest.raises(Invalid, match=r"trainer\.no_licence"):
        plan(session, group, topic="food_safety", trainer_id=her.id)
    open_ = plan(session, group, topic="food_safety")
    assert show_session(session, TRAINER, open_.id)["needs_licence"], "the page asks for somebody who has one"
    found = licensed(session, her)
    name_trainer(session, TRAINER, session_id=open_.id, version=None, topic="food_safety", trainer_id=her.id)
    late = found.valid_until.replace(year=found.valid_until.year + 1)
    with pytest.raises(Invalid, match=r"trainer\.no_licence"):
        plan(session, group, late, topic="food_safety", trainer_id=her.id)


def test_a_venue_takes_who_teaches_from_the_list_and_keeps_those_that_are_typed(session: Session) -> None:
    register(session, 1)
    her = trainer(session, topics=["quality"], slots=["sat-am", "mon-am"])
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    listed = {"name": "", "trainer_id": her.id, "topics": [], "languages": [], "slots": []}
    kept = add_venue(session, TRAINER, round_id=made.id, told=venue(facilitators=[listed, teacher("Ana Enseña")]))
    first, second = kept.facilitators
    assert (first["name"], first["trainer_id"], first["topics"]) == (her.name, str(her.id), ["quality"])
    assert first["slots"] == ["sat-am"], "of her hours those in which the venue is open"
    assert "trainer_id" not in second
    for wrong, code in (
        ([listed, teacher(her.name)], "venue.same_name"),
        ([{**listed, "trainer_id": None}], "field.required"),
        ([{**listed, "trainer_id": made.id}], "trainer.unknown"),
        ([{**listed, "trainer_id": trainer(session, name="Otra", units=("GT",)).id}], "trainer.not_there"),
        ([{**listed, "trainer_id": trainer(session, name="De noche", slots=["fri-pm"]).id}], "closed"),
    ):
        with pytest.raises(Invalid, match=re.escape(code)):
            add_venue(session, TRAINER, round_id=made.id, told=venue(facilitators=wrong))


def test_a_placement_counts_on_nobody_for_what_she_has_no_licence_for(session: Session) -> None:
    women(session)
    her = trainer(session, topics=["food_safety"])
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND | {"topics": ["food_safety"]})
    listed = {"name": "", "trainer_id": her.id, "topics": [], "languages": [], "slots": []}
    teaching = [listed, teacher("Ana Enseña", topics=["food_safety", "quality"])]
    there = add_venue(session, TRAINER, round_id=made.id, told=venue(facilitators=teaching))
    session.refresh(made, ["venues"])
    assert [(one["name"], one["topics"]) for one in counted_on(session, made, made.venues)[there.id]] == [
        ("Ana Enseña", ["quality"])
    ]
    assert {one["name"] for one in show_round(session, TRAINER, made.id)["not_counted"]} == {her.name, "Ana Enseña"}
    before = propose_placement(session, TRAINER, round_id=made.id, improve=False)
    assert before.first_placed == 0
    licensed(session, her)
    after = propose_placement(session, TRAINER, round_id=made.id, improve=False)
    assert after.first_placed > 0
    assert [one["name"] for one in show_round(session, TRAINER, made.id)["not_counted"]] == ["Ana Enseña"]
    found = session.get_one(RoundVenue, there.id)
    assert len(found.facilitators) == 2, "what was told of the venue stays"


def test_a_trainer_of_another_territory_is_not_shown(session: Session) -> None:
    with pytest.raises(NotFound):
        show_trainer(session, STRANGER, trainer(session).id)
    assert show_trainer(session, TECHNICIAN, trainer(session, name="Otra").id)["licences"] == []
