"""Rounds begun in one step: venues suggested where most women wait, groups at once, nothing left of what is refused."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import Placement, RoundVenue, TrainingRound
from services.training.queries.placements import show_placement
from services.training.queries.rounds import show_round
from services.training.reference.rounds import policy
from services.training.use_cases.begin_round import begin_round, suggest_venues
from services.training.use_cases.keep_round import add_venue, plan_round
from shared.kernel import Forbidden, Invalid, NotFound, Refused, uuid7
from tests.training.house import (
    CENTRE,
    NACAOME,
    SAN_LORENZO,
    STRANGER,
    TECHNICIAN,
    TRAINER,
    register,
    register_many,
    woman_of,
)
from tests.training.round_house import ROUND, venue

WISH = {"topics": ["quality"], "minimum": 5, "maximum": 20, "improve": False}


def begin(session: Session, caller=TRAINER, units=("HN17",), **changed) -> dict:
    made = begin_round(session, caller, units=units, told=WISH | changed)
    return show_placement(session, caller, made.id)


def test_a_few_words_are_enough_for_groups(session: Session) -> None:
    register_many(session, 1, 12)
    register_many(session, 50, 6, municipality=NACAOME)
    register(session, 90, municipality="HN1705", point=None, place_state="missing")
    placement = begin(session)
    assert (placement["placed"], placement["left_out"]) == (18, 1)
    assert {row["reason"] for row in placement["reasons"]} == {"no_place"}
    found = show_round(session, TRAINER, placement["round_id"])
    assert [one["municipality"] for one in found["venues"]] == [SAN_LORENZO, NACAOME], "where most women wait first"
    assert found["venues"][0]["name"] == "San Lorenzo, por confirmar"
    assert found["venues"][0]["rooms"] == [{"name": "Salón por confirmar", "seats": 20}]
    assert found["venues"][0]["slots"] == list(policy().slots), "nobody said when it is closed"
    assert (found["begins_on"].isoformat(), found["ends_on"].isoformat()) == ("2026-03-05", "2026-09-01")
    assert found["name"] == "Calidad del producto, 2026-03-05"


def test_a_venue_of_the_round_before_is_suggested_as_it_was(session: Session) -> None:
    register_many(session, 1, 12)
    before = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    add_venue(session, TRAINER, round_id=before.id, told=venue(name="Casa del Mar"))
    add_venue(session, TRAINER, round_id=before.id, told=venue(name="Casa Nueva"))
    found = show_round(session, TRAINER, begin(session)["round_id"])
    (suggested,) = found["venues"]
    assert (suggested["name"], suggested["slots"]) == ("Casa Nueva", ["sat-am", "sun-am"])
    assert suggested["rooms"] == venue()["rooms"]


def test_where_a_venue_is_known_none_is_suggested_and_twice_adds_nothing(session: Session) -> None:
    register_many(session, 1, 6)
    register_many(session, 50, 6, municipality=NACAOME)
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    add_venue(session, TRAINER, round_id=made.id, told=venue())
    session.refresh(made, ["venues"])
    (added,) = suggest_venues(session, TRAINER, round_id=made.id)
    assert (added.municipality, added.lon) == (NACAOME, round(CENTRE[NACAOME][0], 2))
    assert suggest_venues(session, TRAINER, round_id=made.id) == []


def test_a_round_of_both_sides_of_the_border_is_begun_by_who_works_on_both(session: Session) -> None:
    register_many(session, 1, 6)
    register_many(session, 50, 6, municipality="SV1401")
    placement = begin(session, TECHNICIAN, units=["HN17", "HN1709", "SV14"])
    assert (placement["asked"]["units"], placement["placed"]) == (["HN17", "SV14"], 12)


def test_where_nobody_waits_nothing_is_begun(session: Session) -> None:
    register_many(session, 1, 6)
    with pytest.raises(Refused, match=r"round\.nobody"):
        begin(session, topics=["formalization"])


def test_a_round_outside_ones_territory_or_that_contradicts_itself_is_not_begun(session: Session) -> None:
    register_many(session, 1, 6)
    for units in (["HN06"], ["HN17", "HN06"], ["HN"]):
        with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
            begin(session, units=units)
    with pytest.raises(Invalid, match=r"municipality\.unknown"):
        begin(session, units=["HN99"])
    with pytest.raises(Invalid, match=r"round\.minimum_over_maximum"):
        begin(session, minimum=21)
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    with pytest.raises(Forbidden):
        suggest_venues(session, STRANGER, round_id=made.id)
    with pytest.raises(NotFound, match=r"round\.unknown"):
        suggest_venues(session, TRAINER, round_id=uuid7())
    assert session.scalar(select(func.count()).select_from(RoundVenue)) == 0
    assert session.scalar(select(func.count()).select_from(Placement)) == 0
    assert session.scalar(select(func.count()).select_from(TrainingRound)) == 1


def test_the_same_women_get_the_same_groups_again(session: Session) -> None:
    register_many(session, 1, 40)
    register_many(session, 60, 17, municipality=NACAOME)

    def shape() -> list:
        found = session.get_one(Placement, begin(session)["id"])
        return sorted((row.entrepreneur_id, row.group_number) for row in found.women)

    assert shape() == shape()
    assert {woman for woman, _ in shape()} >= {woman_of(1), woman_of(60)}
