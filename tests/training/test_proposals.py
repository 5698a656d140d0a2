"""Proposals: kept with every woman placed or left out with one reason; refused where they make no sense."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import LeftOutWoman, Proposal, ProposedMember
from services.training.queries.proposals import list_proposals, show_proposal, show_proposed_group
from services.training.use_cases.confirm_group import confirm_group
from services.training.use_cases.propose_groups import propose_groups
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, uuid7
from tests.training.house import (
    CHOLUTECA,
    COORDINATOR,
    LA_UNION,
    NACAOME,
    SAN_LORENZO,
    STRANGER,
    TECHNICIAN,
    TRAINER,
    number,
    register,
    register_many,
    withdraw,
    woman_of,
)

ASKED = {"units": ["HN17"], "chain": "fishing", "need": "quality", "minimum": 5, "maximum": 20, "diameter_km": 10.0}


def propose(session: Session, caller: Caller = TRAINER, **changed) -> dict:
    made = propose_groups(session, caller, **(ASKED | changed))
    return show_proposal(session, caller, made.id)


def reasons(proposal: dict) -> dict[str, int]:
    return {row["reason"]: row["women"] for row in proposal["reasons"]}


def left_out(session: Session, proposal: dict) -> dict:
    rows = session.scalars(select(LeftOutWoman).where(LeftOutWoman.proposal_id == proposal["id"]))
    return {row.entrepreneur_id: row for row in rows}


def test_neighbours_of_the_same_kind_with_the_same_need_are_put_together(session: Session) -> None:
    register_many(session, 1, 12)
    register_many(session, 50, 6, municipality=NACAOME)
    register_many(session, 100, 7, chain="honey")
    register_many(session, 150, 7, needs=["market"])
    proposal = propose(session)
    assert [(g["women"], g["municipality"]) for g in proposal["groups"]] == [(12, SAN_LORENZO), (6, NACAOME)]
    assert all(g["chain"] == "fishing" and g["need"] == "quality" for g in proposal["groups"])
    assert (proposal["considered"], proposal["placed"], proposal["left_out"]) == (18, 18, 0)


def test_without_chain_and_need_each_of_them_gets_its_own_groups(session: Session) -> None:
    register_many(session, 1, 6, needs=["quality", "market"])
    register_many(session, 100, 6, chain="honey")
    proposal = propose(session, chain=None, need=None)
    found = {(g["chain"], g["need"]): g["women"] for g in proposal["groups"]}
    assert found == {("fishing", "market"): 6, ("fishing", "quality"): 6, ("honey", "quality"): 6}
    assert [g["number"] for g in proposal["groups"]] == [1, 2, 3]


def test_every_woman_is_placed_or_left_out_with_one_reason(session: Session) -> None:
    register_many(session, 1, 9, partners=2)
    register(session, 40, north_km=60)
    register(session, 41, point=None, place_state="missing", municipality="HN1705")
    register(session, 42, partners=25)
    proposal = propose(session)
    members = session.scalar(select(func.count()).select_from(ProposedMember))
    assert proposal["placed"] == members == 18
    assert proposal["considered"] == proposal["placed"] + proposal["left_out"] == 45
    assert reasons(proposal) == {"too_many_partners": 25, "no_place": 1, "too_few_near": 1}
    assert left_out(session, proposal)[woman_of(40)].facts == {"near": 1, "missing": 4}


def test_a_woman_without_a_point_stands_in_the_middle_of_her_municipality(session: Session) -> None:
    register_many(session, 1, 6)
    register(session, 7, point=None, place_state="missing")
    proposal = propose(session)
    assert (proposal["groups"][0]["women"], proposal["groups"][0]["placed_by_municipality"]) == (7, 1)


def test_a_point_that_contradicts_its_municipality_is_not_believed(session: Session) -> None:
    register_many(session, 1, 6)
    register(session, 7, place_state="contradicted", north_km=90)
    group = show_proposed_group(session, TRAINER, propose(session)["id"], 1)
    assert {m["placed_by"] for m in group["members"] if m["enterprise_id"] == number(7)} == {"municipality"}


def test_a_woman_with_two_enterprises_of_a_kind_counts_once(session: Session) -> None:
    register_many(session, 1, 5)
    register(session, 9, owner_ids=[woman_of(1)])
    proposal = propose(session)
    assert (proposal["considered"], proposal["groups"][0]["women"]) == (5, 5)


def test_who_is_in_a_group_for_that_need_stays_there(session: Session) -> None:
    register_many(session, 1, 6)
    first = propose(session)
    formed = confirm_group(session, TRAINER, proposal_id=first["id"], number=1)
    register_many(session, 20, 5)
    second = propose(session)
    assert [g["women"] for g in second["groups"]] == [5]
    assert reasons(second) == {"already_in_group": 6}
    assert (second["considered"], second["placed"], second["left_out"], second["in_groups"]) == (11, 5, 0, 6)
    assert left_out(session, second)[woman_of(1)].facts == {"group": formed.number}


def test_a_territory_may_be_several_places_on_both_sides_of_the_border(session: Session) -> None:
    register_many(session, 1, 6)
    register_many(session, 50, 6, municipality=LA_UNION)
    proposal = propose(session, TECHNICIAN, units=["HN17", "HN1709", "SV14"])
    assert proposal["units"] == ["HN17", "SV14"]
    assert proposal["considered"] == 12


def test_a_proposal_for_territory_outside_ones_own_is_refused(session: Session) -> None:
    register(session, 1, municipality=CHOLUTECA)
    for units in (["HN06"], ["HN17", "HN06"], ["HN"]):
        with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
            propose_groups(session, TRAINER, **(ASKED | {"units": units}))
    assert session.scalar(select(func.count()).select_from(Proposal)) == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"units": ["HN99"]}, "municipality.unknown"),
        ({"minimum": 21}, "proposal.minimum_over_maximum"),
        ({"minimum": 1}, "proposal.minimum_over_maximum"),
        ({"maximum": 31}, "proposal.group_too_large"),
    ],
)
def test_what_makes_no_sense_is_refused(session: Session, changed: dict, code: str) -> None:
    register_many(session, 1, 6)
    caller = COORDINATOR
    with pytest.raises(Invalid, match=code.replace(".", r"\.")):
        propose_groups(session, caller, **(ASKED | changed))


def test_where_nobody_has_the_need_there_is_nothing_to_propose(session: Session) -> None:
    register_many(session, 1, 6)
    with pytest.raises(Refused, match=r"proposal\.nobody_in_need"):
        propose_groups(session, TRAINER, **(ASKED | {"need": "formalization"}))


def test_others_see_only_proposals_inside_their_territory(session: Session) -> None:
    register_many(session, 1, 6)
    proposal = propose(session, TECHNICIAN, units=["HN17", "SV14"])
    assert list_proposals(session, TECHNICIAN, limit=10, after=None).rows[0]["id"] == proposal["id"]
    assert list_proposals(session, TRAINER, limit=10, after=None).rows == []
    for outsider in (TRAINER, STRANGER):
        with pytest.raises(Forbidden):
            show_proposal(session, outsider, proposal["id"])
    with pytest.raises(NotFound, match=r"proposal\.unknown"):
        show_proposal(session, TECHNICIAN, uuid7())
    with pytest.raises(NotFound, match=r"proposal\.unknown_group"):
        show_proposed_group(session, TECHNICIAN, proposal["id"], 99)


def test_the_same_women_give_the_same_proposal_again(session: Session) -> None:
    register_many(session, 1, 40, partners=1)
    register_many(session, 60, 17, municipality=NACAOME)

    def shape(proposal: dict) -> list:
        numbers = [g["number"] for g in proposal["groups"]]
        return [show_proposed_group(session, TRAINER, proposal["id"], n)["members"] for n in numbers]

    assert shape(propose(session)) == shape(propose(session))


def test_a_woman_who_withdraws_leaves_every_proposal(session: Session) -> None:
    register_many(session, 1, 6)
    register(session, 40, north_km=60)
    proposal = propose(session)
    withdraw(session, 1)
    withdraw(session, 40)
    session.expire_all()
    shown = show_proposal(session, TRAINER, proposal["id"])
    assert shown["groups"][0]["women"] == 5
    assert shown["reasons"] == []
