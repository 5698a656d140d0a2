"""Rounds: set up, filled in, answered, changed by hand, formed; refused where they make no sense."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import GroupMember, Invitation, PlacementWoman, WomanPair, WomanProfile
from services.training.queries.invitations import list_invitations, list_replacements
from services.training.queries.need_sources import needs_by_source
from services.training.queries.rounds import list_rounds, list_women, show_round, show_woman
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.import_women import import_women, rows_of
from services.training.use_cases.invite import answer_invitation, invite_instead
from services.training.use_cases.keep_round import add_venue, change_round, change_venue, plan_round, remove_venue
from services.training.use_cases.move_woman import allow_small_group, move_woman, take_back
from services.training.use_cases.note_woman import note_woman
from services.training.use_cases.propose_placement import propose_placement
from shared.events.registry import ProfileLevels
from shared.events.territory import Gap, GapsFound
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, uuid7
from shared.spreadsheets import Sheet, as_xlsx
from tests.training.house import (
    NACAOME,
    SAN_LORENZO,
    STRANGER,
    TRAINER,
    lend,
    number,
    register,
    register_many,
    tell,
    withdraw,
    woman_of,
)
from tests.training.round_house import (
    BEGINS,
    ENDS,
    NOBODY_ASKED,
    ROUND,
    answered,
    everybody,
    members,
    note,
    reason_of,
    round_with_venue,
    shown,
    teacher,
    venue,
    women,
)


def gap(session: Session, *gaps: Gap, chain: str = "fishing") -> None:
    tell(session, GapsFound(unit=SAN_LORENZO, chain=chain, gaps=list(gaps), found_on=BEGINS), uuid7())


def weights(session: Session, **changed: object) -> dict:
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND | changed)
    rows = list_women(session, TRAINER, made.id, told=None, limit=100, after=None).rows
    return {row["entrepreneur_id"]: row["needs"] for row in rows}


def test_a_need_weighs_by_who_told_it_and_more_where_the_territory_has_that_gap(session: Session) -> None:
    register_many(session, 1, 2)
    lend(session, 2, ["quality"])
    register(session, 3, needs=[], profile=ProfileLevels(quality=0, assessed_on=BEGINS))
    register(session, 4, needs=[], profile=ProfileLevels(quality=3, assessed_on=BEGINS))
    assert weights(session) == {
        woman_of(1): {"quality": 60},
        woman_of(2): {"quality": 80},
        woman_of(3): {"quality": 100},
    }
    gap(session, Gap(subject="certifications", enterprises=8, women=9, known=10))
    assert weights(session)[woman_of(1)] == {"quality": 80}
    assert weights(session)[woman_of(4)] == {"quality": 20}, "a gap of her chain there is a need of hers"
    assert weights(session)[woman_of(3)] == {"quality": 100}, "never more than 100"


def test_what_territory_finds_anew_replaces_what_it_found_before(session: Session) -> None:
    register(session, 1, needs=[])
    gap(session, Gap(subject="quality", enterprises=8, women=9, known=10))
    assert weights(session)
    gap(session)
    assert weights(session) == {}


def test_the_board_tells_each_source_with_its_women_latest_day_and_points(session: Session) -> None:
    register_many(session, 1, 3)
    lend(session, 2, ["quality"])
    rows = needs_by_source(session, TRAINER, {})
    told = {(row["need"], row["origin"]): (row["women"], row["least"], row["most"]) for row in rows}
    assert told == {("quality", "profile"): (3, 60, 60), ("quality", "loan"): (1, 80, 80)}
    assert needs_by_source(session, STRANGER, {}) == []
    with pytest.raises(Forbidden):
        needs_by_source(session, STRANGER, {"unit": "HN17"})


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"ends_on": BEGINS - timedelta(days=1)}, "round.ends_before"),
        ({"minimum": 9, "maximum": 8}, "round.minimum_over_maximum"),
        ({"minimum": 1}, "round.out_of_limits"),
        ({"reach_km": 900}, "round.out_of_limits"),
        ({"topics": []}, "round.no_topics"),
    ],
)
def test_a_round_that_contradicts_itself_is_refused(session: Session, told: dict, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan_round(session, TRAINER, units=["HN17"], told=ROUND | told)
    assert refused.value.code == code


def test_a_round_belongs_to_its_territory(session: Session) -> None:
    with pytest.raises(Forbidden):
        plan_round(session, STRANGER, units=["HN17"], told=ROUND)
    made = round_with_venue(session)
    with pytest.raises(Forbidden):
        show_round(session, STRANGER, made.id)
    assert list_rounds(session, STRANGER, limit=10, after=None).rows == []
    assert [row["id"] for row in list_rounds(session, TRAINER, limit=10, after=None).rows] == [made.id]
    with pytest.raises(NotFound):
        show_round(session, TRAINER, uuid7())


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"slots": []}, "venue.no_slots"),
        ({"rooms": []}, "venue.no_rooms"),
        ({"facilitators": []}, "venue.no_facilitators"),
        ({"rooms": [{"name": "A", "seats": 9}, {"name": "a ", "seats": 9}]}, "venue.same_name"),
        ({"child_care": {"mon-am": 4}}, "venue.care_while_closed"),
        ({"facilitators": [teacher("Ana", slots=["mon-am"])]}, "venue.teaches_while_closed"),
        ({"municipality": "HN9999"}, "municipality.unknown"),
        ({"municipality": NACAOME, "lon": None, "lat": None}, "venue.no_point"),
    ],
)
def test_a_venue_that_contradicts_itself_is_refused(session: Session, told: dict, code: str) -> None:
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    with pytest.raises(Invalid) as refused:
        add_venue(session, TRAINER, round_id=made.id, told=venue(**told))
    assert refused.value.code == code


def test_a_venue_is_changed_by_who_saw_it_as_it_is_and_removed(session: Session) -> None:
    made = round_with_venue(session)
    (found,) = show_round(session, TRAINER, made.id)["venues"]
    ids = {"round_id": made.id, "venue_id": found["id"]}
    change_venue(session, TRAINER, **ids, version=1, told=venue(name="Casa Nueva"))
    with pytest.raises(Stale):
        change_venue(session, TRAINER, **ids, version=1, told=venue())
    assert show_round(session, TRAINER, made.id)["venues"][0]["name"] == "Casa Nueva"
    remove_venue(session, TRAINER, **ids, version=2)
    session.expire_all()
    assert show_round(session, TRAINER, made.id)["venues"] == []
    with pytest.raises(Refused) as refused:
        propose_placement(session, TRAINER, round_id=made.id)
    assert refused.value.code == "round.no_venues"


def test_a_venue_without_a_point_stands_among_the_enterprises_of_its_municipality(session: Session) -> None:
    register_many(session, 1, 3)
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    found = add_venue(session, TRAINER, round_id=made.id, told=venue(lon=None, lat=None))
    assert (found.lon, found.lat) == (-87.45, 13.43), "within a kilometre, on nobody"
    changed = {"round_id": made.id, "venue_id": found.id, "version": found.version}
    found = change_venue(session, TRAINER, **changed, told=venue(lon=None, lat=None))
    assert (found.lon, found.lat) == (-87.45, 13.43)


def test_the_middle_of_two_homes_is_told_to_nobody(session: Session) -> None:
    register_many(session, 1, 2)
    made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
    with pytest.raises(Invalid) as refused:
        add_venue(session, TRAINER, round_id=made.id, told=venue(lon=None, lat=None))
    assert refused.value.code == "venue.no_point"


def test_how_a_woman_can_come_replaces_what_was_noted_before(session: Session) -> None:
    register_many(session, 1, 2)
    assert show_woman(session, TRAINER, woman_of(1)) | {"municipality": ""} == {
        **NOBODY_ASKED,
        "entrepreneur_id": woman_of(1),
        "municipality": "",
        "noted_by_name": None,
        "noted_at": None,
        "version": 0,
        "told": False,
        "together": [],
        "apart": [],
    }
    note(session, 1, slots=["sat-am"], children=2, together=[woman_of(2)])
    found = show_woman(session, TRAINER, woman_of(1))
    assert (found["slots"], found["children"], found["together"]) == (["sat-am"], 2, [woman_of(2)])
    assert show_woman(session, TRAINER, woman_of(2))["together"] == [woman_of(1)]
    note(session, 1, apart=[woman_of(2)], together=[])
    found = show_woman(session, TRAINER, woman_of(1))
    assert (found["slots"], found["together"], found["apart"]) == ([], [], [woman_of(2)])
    with pytest.raises(Stale):
        note_woman(session, TRAINER, entrepreneur_id=woman_of(1), version=0, told=NOBODY_ASKED)


def test_a_woman_is_noted_only_by_who_works_where_she_is_and_never_with_a_contradiction(session: Session) -> None:
    register_many(session, 1, 2)
    for told, code in (
        ({"together": [woman_of(2)], "apart": [woman_of(2)]}, "woman.together_and_apart"),
        ({"together": [woman_of(1)]}, "woman.pair_with_herself"),
        ({"together": [uuid7()]}, "woman.unknown"),
    ):
        with pytest.raises(Refused) as refused:
            note(session, 1, **told)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        note(session, 1, caller=STRANGER)
    with pytest.raises(NotFound):
        note(session, 99)


def table(*rows: str) -> bytes:
    heads = "entrepreneur_id;name;municipality;slots;languages;children;priority"
    return ("﻿" + "\r\n".join((heads, *rows)) + "\r\n").encode()


def test_a_filled_in_table_is_taken_whole(session: Session) -> None:
    register_many(session, 1, 3)
    taken = table(f"{woman_of(1)};x;;sat-am sun-am;es mam;2;3", ";;;;;;", f"{woman_of(2)};;;;;;")
    told = import_women(session, TRAINER, rows_of(taken))
    assert told == {"noted": 2, "mistakes": []}
    one, two = show_woman(session, TRAINER, woman_of(1)), show_woman(session, TRAINER, woman_of(2))
    assert (one["slots"], one["languages"], one["children"], one["priority"]) == (
        ["sat-am", "sun-am"],
        ["es", "mam"],
        2,
        3,
    )
    assert (two["slots"], two["languages"], two["children"], two["priority"]) == ([], ["es"], 0, 1)


def test_a_table_with_a_mistake_is_not_taken_at_all_and_each_mistake_has_its_cell(session: Session) -> None:
    register_many(session, 1, 3)
    taken = table(
        f"{woman_of(1)};;;sat-am;es;0;1",
        "Marta;;;sat-am;es;0;1",
        f"{woman_of(2)};;;sábado;inglés;muchos;0",
        f"{woman_of(1)};;;;;;",
        f"{woman_of(77)};;;;;;",
    )
    told = import_women(session, TRAINER, rows_of(taken))
    assert told["noted"] == 0
    assert [(one["line"], one["column"], one["code"]) for one in told["mistakes"]] == [
        (3, "entrepreneur_id", "table.not_an_id"),
        (4, "slots", "table.unknown_slots"),
        (4, "languages", "table.unknown_languages"),
        (4, "children", "table.not_a_number"),
        (4, "priority", "table.not_a_number"),
        (5, "entrepreneur_id", "table.woman_twice"),
        (6, "entrepreneur_id", "table.woman_unknown"),
    ]
    assert session.scalars(select(WomanProfile)).all() == []
    wrong = import_women(session, TRAINER, rows_of(b"a;b\r\n1;2"))
    assert wrong["mistakes"][0]["code"] == "table.column_missing"
    for junk in (b"\xff\xfe\x00\x01", b"PK\x03\x04 no workbook"):
        with pytest.raises(Invalid):
            rows_of(junk)


def test_a_workbook_is_taken_like_the_table(session: Session) -> None:
    register_many(session, 1, 1)
    heads = ["entrepreneur_id", "slots", "languages", "children", "priority"]
    book = as_xlsx(Sheet("mujeres", heads, [[str(woman_of(1)), "sat-am", "es", 2, 1]]))
    assert import_women(session, TRAINER, rows_of(book)) == {"noted": 1, "mistakes": []}
    assert show_woman(session, TRAINER, woman_of(1))["children"] == 2


def test_a_small_workbook_that_asks_for_all_memory_is_refused_and_nothing_dies() -> None:
    cells = b"<row>" + b"<c/>" * 1_000_000 + b'<c t="n"><v>1</v></c></row>'
    far_down = b"<row/>" * 1_000_000 + b'<row><c t="n"><v>1</v></c></row>'
    with pytest.raises(Invalid) as refused:
        rows_of(workbook_with(cells + far_down))
    assert (refused.value.code, refused.value.pointer) in {
        (code, "/file") for code in ("file.cannot_be_read", "file.inflates_too_much")
    }


def workbook_with(rows: bytes) -> bytes:
    """A workbook whose only sheet has these rows, as they are written in it."""
    plain = zipfile.ZipFile(io.BytesIO(as_xlsx(Sheet("mujeres", ["a"], []))))
    out = io.BytesIO()
    with plain, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in plain.namelist():
            body = plain.read(name)
            if name == "xl/worksheets/sheet1.xml":
                body = body.partition(b"<sheetData>")[0] + b"<sheetData>" + rows + b"</sheetData></worksheet>"
            book.writestr(name, body)
    return out.getvalue()


def test_every_woman_is_in_one_group_or_left_out_for_one_reason(session: Session) -> None:
    women(session)
    register(session, 41, needs=["market"])
    placement = answered(session)
    found = shown(session, placement)
    placed = members(session, placement)
    assert sorted(map(len, placed.values())) in ([5, 8], [6, 7])
    assert reason_of(session, placement, 40)[0] == "too_far"
    assert reason_of(session, placement, 41)[0] == "no_need"
    assert (found["considered"], found["placed"], found["left_out"]) == (15, 13, 2)
    assert found["worth"][0] == 13


def test_who_is_in_a_group_for_it_is_left_aside_and_her_room_is_taken(session: Session) -> None:
    women(session)
    placement = answered(session)
    formed = form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
    again = propose_placement(session, TRAINER, round_id=placement.round_id, improve=False)
    inside = {member.entrepreneur_id for member in formed.members}
    assert not inside & set(everybody(members(session, again)))
    assert again.in_groups == len(inside)
    first = next(group for group in placement.groups if group.number == 1)
    for group in again.groups:
        assert (group.slot, group.room) != (first.slot, first.room)
        assert (group.slot, group.facilitator) != (first.slot, first.facilitator)


def test_a_round_that_is_over_or_for_nobody_is_not_answered(session: Session) -> None:
    made = round_with_venue(session)
    with pytest.raises(Refused) as refused:
        propose_placement(session, TRAINER, round_id=made.id)
    assert refused.value.code == "round.nobody"
    early = {"begins_on": BEGINS - timedelta(days=90), "ends_on": BEGINS - timedelta(days=60)}
    change_round(session, TRAINER, round_id=made.id, version=None, told=early)
    with pytest.raises(Refused) as refused:
        propose_placement(session, TRAINER, round_id=made.id)
    assert refused.value.code == "round.over"


def test_a_placement_keeps_what_it_was_asked(session: Session) -> None:
    women(session)
    placement = answered(session)
    change_round(session, TRAINER, round_id=placement.round_id, version=None, told={"reach_km": 1, "ends_on": ENDS})
    assert shown(session, placement)["asked"]["reach_km"] == 15


def test_a_move_is_kept_with_what_it_changed_and_taken_back(session: Session) -> None:
    women(session)
    placement = answered(session)
    before, worth = members(session, placement), shown(session, placement)["worth"]
    here = max(before, key=lambda number: len(before[number]))
    if len(before[here]) == 5:
        pytest.fail("no group can spare anybody")
    woman = min(before[here])
    move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman, to=None)
    after = shown(session, placement)
    assert after["moves"][0]["gained"][0] == -1
    assert after["worth"][0] == worth[0] - 1
    assert {row["reason"]: row["women"] for row in after["reasons"]}["by_hand"] == 1
    move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman, to=here)
    assert shown(session, placement)["worth"] == worth
    take_back(session, TRAINER, placement_id=placement.id, version=None)
    take_back(session, TRAINER, placement_id=placement.id, version=None)
    assert members(session, placement) == before
    with pytest.raises(Refused) as refused:
        take_back(session, TRAINER, placement_id=placement.id, version=None)
    assert refused.value.code == "placement.nothing_to_undo"


def refused_move(session: Session, placement: object, enterprise: int, to: int | None) -> str:
    with pytest.raises(Refused) as refused:
        move_woman(
            session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman_of(enterprise), to=to
        )
    return refused.value.code


def test_a_move_that_breaks_a_condition_is_refused_with_it(session: Session) -> None:
    women(session)
    register(session, 41, needs=["market"])
    register(session, 42, chain="textiles")
    placement = answered(session)
    placed = members(session, placement)
    assert refused_move(session, placement, 40, 1) == "placement.broken.too_far"
    assert refused_move(session, placement, 41, 1) == "placement.broken.no_need"
    assert refused_move(session, placement, 42, 1) == "placement.broken.other_type"
    with pytest.raises(NotFound):
        move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman_of(1), to=99)
    assert members(session, placement) == placed
    with pytest.raises(Forbidden):
        move_woman(session, STRANGER, placement_id=placement.id, version=None, entrepreneur_id=woman_of(1), to=1)


def test_hours_languages_children_and_pairs_are_conditions_too(session: Session) -> None:
    women(session, 7)
    placement = answered(session)
    (number_,) = members(session, placement)
    woman = woman_of(1)
    move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman, to=None)
    for told, code in (
        ({"slots": ["mon-am"]}, "no_slot"),
        ({"languages": ["mam"]}, "no_language"),
        ({"children": 9}, "no_child_care"),
        ({"apart": [woman_of(2)]}, "not_apart"),
    ):
        note(session, 1, **({"apart": [], "together": []} | told))
        assert refused_move(session, placement, 1, number_) == f"placement.broken.{code}"
    note(session, 1, apart=[], together=[])
    move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman, to=number_)


def test_a_group_is_made_smaller_only_by_the_exception_of_a_named_person(session: Session) -> None:
    women(session, 5)
    placement = answered(session)
    assert refused_move(session, placement, 1, None) == "placement.broken.too_few"
    ids = {"placement_id": placement.id, "number": 1}
    allow_small_group(session, TRAINER, **ids, version=None, why="Es el único grupo de la aldea")
    move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=woman_of(1), to=None)
    (group,) = shown(session, placement)["groups"]
    assert (group["women"], group["exception_by"]) == (4, TRAINER.name)
    assert form_placed_group(session, TRAINER, **ids).number == 1


def test_a_change_on_an_old_view_of_a_placement_is_refused(session: Session) -> None:
    women(session, 7)
    placement = answered(session)
    seen = shown(session, placement)["version"]
    ids = {"placement_id": placement.id, "version": seen}
    move_woman(session, TRAINER, **ids, entrepreneur_id=woman_of(1), to=None)
    with pytest.raises(Stale):
        move_woman(session, TRAINER, **ids, entrepreneur_id=woman_of(2), to=None)


def test_a_formed_group_is_a_training_group_whose_women_are_invited_and_it_is_formed_once(session: Session) -> None:
    women(session, 7)
    placement = answered(session)
    group = form_placed_group(session, TRAINER, placement_id=placement.id, number=1, name="Las Salineras")
    assert (group.name, group.need, group.chain, group.municipality) == (
        "Las Salineras", "quality", "fishing", SAN_LORENZO,
    )  # fmt: skip
    invited = list_invitations(session, TRAINER, group.id)
    assert {row["entrepreneur_id"] for row in invited} == {woman_of(one) for one in range(1, 8)}
    assert {row["state"] for row in invited} == {"invited"}
    with pytest.raises(Refused) as refused:
        form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
    assert refused.value.code == "placement.group_formed"
    assert refused_move(session, placement, 1, None) == "placement.group_formed"


def test_who_declines_leaves_and_somebody_of_the_waiting_list_comes_instead(session: Session) -> None:
    women(session, 7)
    placement = answered(session)
    group = form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
    register_many(session, 20, 3)
    note(session, 21, slots=["mon-am"])
    ids = {"group_id": group.id}
    waiting = list_replacements(session, TRAINER, group.id)
    assert {row["entrepreneur_id"] for row in waiting} == {woman_of(20), woman_of(22)}
    assert waiting == sorted(waiting, key=lambda row: (-row["match"], row["metres"]))
    answer_invitation(session, TRAINER, **ids, entrepreneur_id=woman_of(1), state="declined")
    session.expire_all()
    assert woman_of(1) not in {member.entrepreneur_id for member in group.members}
    invite_instead(session, TRAINER, **ids, entrepreneur_id=woman_of(20))
    invite_instead(session, TRAINER, **ids, entrepreneur_id=woman_of(22))
    with pytest.raises(Refused) as refused:
        invite_instead(session, TRAINER, **ids, entrepreneur_id=woman_of(21))
    assert refused.value.code == "invitation.does_not_fit"
    with pytest.raises(Refused) as refused:
        answer_invitation(session, TRAINER, **ids, entrepreneur_id=woman_of(1), state="accepted")
    assert refused.value.code == "invitation.full"
    answer_invitation(session, TRAINER, **ids, entrepreneur_id=woman_of(2), state="declined")
    answer_invitation(session, TRAINER, **ids, entrepreneur_id=woman_of(1), state="accepted")
    session.expire_all()
    assert len(group.members) == 8


def test_a_woman_who_withdraws_leaves_rounds_placements_and_invitations(session: Session) -> None:
    women(session, 7)
    note(session, 1, children=0, together=[woman_of(2)])
    placement = answered(session)
    group = form_placed_group(session, TRAINER, placement_id=placement.id, number=1)
    withdraw(session, 1)
    session.expire_all()
    for entity in (PlacementWoman, GroupMember, Invitation, WomanProfile):
        assert woman_of(1) not in set(session.scalars(select(entity.entrepreneur_id)))
    assert session.scalars(select(WomanPair)).all() == []
    assert (group.withdrawn, len(group.members)) == (1, 6)
    assert number(1) not in {row.enterprise_id for row in placement.women}
