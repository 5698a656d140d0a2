"""Placement in rounds: the conditions hold, the worth is right, and everybody left out is told why, truly."""

from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random
from uuid import UUID

import pytest

from deploy.bench.training_rounds import invented
from services.training.rules.placement.answer import Answer, Bound, Change, LeftOut, Reason
from services.training.rules.placement.checking import violations, worth
from services.training.rules.placement.checking_reasons import checked
from services.training.rules.placement.propose import bound, explain, improve, propose
from services.training.rules.placement.relaxations import changed, relaxations, strongest
from services.training.rules.placement.round import Cell, Facilitator, Group, Room, Round, Venue, Woman, Worth
from tests.training import soak
from tests.training.rounds import small_round

PLACE = (-91.5, 14.8)
VENUE = Venue(
    "school",
    PLACE,
    (Room("hall", 4),),
    (Facilitator("ana", frozenset({"costing"}), frozenset({"es"}), frozenset({"sat"})),),
    frozenset({"sat"}),
    {"sat": 1},
)


def woman(number: int, **facts: object) -> Woman:
    usual = {
        "chain": "coffee",
        "needs": {"costing": 50},
        "place": PLACE,
        "slots": frozenset({"sat"}),
        "languages": frozenset({"es"}),
    }
    return Woman(UUID(int=number), **(usual | facts))  # type: ignore[arg-type]


def round_of(*women: Woman, **facts: object) -> Round:
    usual = {
        "venues": (VENUE,), "topics": frozenset({"costing"}), "minimum": 3, "maximum": 4, "reach_m": 10_000,
        "families": {"coffee": "farming", "honey": "farming"},
    }  # fmt: skip
    return Round(women=women, **(usual | facts))  # type: ignore[arg-type]


def reason(round_: Round, number: int) -> LeftOut:
    answer = propose(round_)
    assert checked(round_, answer) == ()
    return next(one for one in answer.left_out if one.woman == UUID(int=number))


THREE = (woman(1), woman(2), woman(3))


def test_women_who_can_learn_together_are_placed_and_nobody_is_left_out() -> None:
    answer = propose(round_of(*THREE))
    group = Group(Cell("school", "sat", "costing", "coffee", "es"), "hall", "ana", tuple(one.id for one in THREE))
    assert answer == Answer((group,), Worth(3, -1, 3 * 150, 0), ())


def test_chains_of_one_family_learn_together_and_match_less() -> None:
    answer = propose(round_of(*THREE, woman(4, chain="honey")))
    assert [group.cell.type for group in answer.groups] == ["family:farming"]
    assert answer.worth == Worth(4, -1, 4 * 50, 0)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"place": None}, (Reason.NO_PLACE, {})),
        ({"needs": {"credit": 50}}, (Reason.NO_NEED, {})),
        ({"place": (-91.5, 14.9)}, (Reason.TOO_FAR, {"metres": 11_120, "venue": "school"})),
        ({"slots": frozenset({"mon"})}, (Reason.NO_SLOT, {})),
        ({"languages": frozenset({"mam"})}, (Reason.NO_LANGUAGE, {"languages": ("mam",)})),
        ({"children": 2}, (Reason.NO_CHILD_CARE, {"children": 2, "places": 1})),
    ],
)
def test_a_woman_whom_no_cell_takes_is_told_the_first_thing_that_lacks(
    facts: dict[str, object], told: tuple[Reason, dict[str, object]]
) -> None:
    found = reason(round_of(*THREE, woman(9, **facts)), 9)
    assert (found.reason, found.facts) == told


def test_nobody_teaches_what_she_needs() -> None:
    round_ = round_of(*THREE, woman(9, needs={"credit": 50}), topics=frozenset({"costing", "credit"}))
    assert reason(round_, 9).reason is Reason.NO_FACILITATOR


def test_a_room_smaller_than_the_least_group_takes_nobody() -> None:
    venue = replace(VENUE, rooms=(Room("closet", 2),))
    assert reason(round_of(*THREE, venues=(venue,)), 1).facts == {"seats": 2}


def test_too_few_women_are_told_how_many_more_would_open_a_group() -> None:
    found = reason(round_of(*THREE[:2]), 1)
    assert (found.reason, found.facts["more"], found.facts["type"]) == (Reason.NO_COHORT, 1, "family:farming")


def test_a_companion_who_can_go_nowhere_keeps_her_out() -> None:
    round_ = round_of(*THREE, woman(9), woman(10, slots=frozenset()), together=frozenset({(UUID(int=9), UUID(int=10))}))
    assert reason(round_, 9) == LeftOut(UUID(int=9), Reason.TOGETHER, {"companions": (str(UUID(int=10)),)})
    assert reason(round_, 10).reason is Reason.NO_SLOT


def test_the_woman_for_whom_there_is_no_seat_learns_what_her_place_would_cost() -> None:
    found = reason(round_of(*THREE, woman(4, priority=2), woman(5, needs={"costing": 10})), 5)
    assert found.reason is Reason.DISPLACED
    assert [found.facts[part] for part in ("placed", "match", "metres")] == [0, 40, 0]


def test_a_room_that_is_taken_is_told_with_who_has_it() -> None:
    both = Facilitator("bea", frozenset({"credit"}), frozenset({"es"}), frozenset({"sat"}))
    venue = replace(VENUE, facilitators=(*VENUE.facilitators, both))
    others = [woman(number, needs={"credit": 50}) for number in (7, 8, 9)]
    round_ = round_of(*THREE, woman(4), *others, venues=(venue,), topics=frozenset({"costing", "credit"}))
    assert reason(round_, 8) == LeftOut(UUID(int=8), Reason.CAPACITY, {"holders": ("school/sat/hall",)})


def test_those_who_must_be_apart_are_and_those_who_come_together_do() -> None:
    pair = frozenset({(UUID(int=1), UUID(int=2))})
    apart = propose(round_of(*THREE, woman(4), apart=pair))
    assert len({UUID(int=1), UUID(int=2)} & set(apart.groups[0].women)) == 1
    together = propose(round_of(*THREE, woman(4, priority=9), woman(5, priority=9), together=pair))
    assert len({UUID(int=1), UUID(int=2)} & set(together.groups[0].women)) in (0, 2)


def test_a_group_under_the_minimum_is_allowed_to_a_named_exception_alone() -> None:
    cell = Cell("school", "sat", "costing", "coffee", "es")
    group = Group(cell, "hall", "ana", (UUID(int=1), UUID(int=2)))
    round_ = round_of(*THREE[:2])
    assert [one.code for one in violations(round_, [group])] == ["too_few"]
    assert checked(round_, explain(round_, [group]), [(cell, "hall")]) == ()


@pytest.mark.parametrize("others", [(), (Room("hall", 4),)])
def test_an_exception_may_sit_in_a_room_that_no_other_group_could_have(others: tuple[Room, ...]) -> None:
    venue = replace(VENUE, rooms=(Room("closet", 2), *others))
    cell = Cell("school", "sat", "costing", "coffee", "es")
    group = Group(cell, "closet", "ana", (UUID(int=1), UUID(int=2)))
    round_ = round_of(*THREE, woman(4), woman(5), venues=(venue,))
    assert checked(round_, explain(round_, [group]), [(cell, "closet")]) == ()


def test_who_is_taken_out_by_hand_is_told_that_there_is_room() -> None:
    round_ = round_of(*THREE, woman(4))
    group = propose(round_).groups[0]
    answer = explain(round_, [replace(group, women=group.women[:3])])
    assert [one.reason for one in answer.left_out] == [Reason.PLACEABLE]
    assert checked(round_, answer) == ()


def broken(group: Group, **facts: object) -> Group:
    return replace(group, **facts)  # type: ignore[arg-type]


def test_the_checker_sees_each_broken_condition() -> None:
    round_ = round_of(*THREE, woman(4, children=1), woman(5, children=1), woman(6, slots=frozenset()),
                      apart=frozenset({(UUID(int=1), UUID(int=5))}), together=frozenset({(UUID(int=2), UUID(int=6))}))  # fmt: skip
    good = Group(
        Cell("school", "sat", "costing", "coffee", "es"), "hall", "ana", (UUID(int=1), UUID(int=3), UUID(int=4))
    )
    assert violations(round_, [good]) == ()
    cases = {
        "unknown_venue": broken(good, cell=replace(good.cell, venue="nowhere")),
        "unknown_room": broken(good, room="attic"),
        "unknown_topic": broken(good, cell=replace(good.cell, topic="credit")),
        "unknown_woman": broken(good, women=(*good.women, UUID(int=77))),
        "not_taught": broken(good, facilitator="bea"),
        "too_few": broken(good, women=good.women[:2]),
        "too_many": broken(good, women=(*good.women, UUID(int=2), UUID(int=6))),
        "not_for_her": broken(good, women=(UUID(int=1), UUID(int=3), UUID(int=6))),
        "not_apart": broken(good, women=(UUID(int=1), UUID(int=3), UUID(int=5))),
        "not_together": broken(good, women=(UUID(int=1), UUID(int=2), UUID(int=3))),
        "too_many_children": broken(good, women=(UUID(int=3), UUID(int=4), UUID(int=5))),
        "twice": broken(good, women=(UUID(int=1), UUID(int=1), UUID(int=3))),
    }
    for code, group in cases.items():
        assert code in {one.code for one in violations(round_, [group])}, code
    both = {one.code for one in violations(round_, [good, good])}
    assert {"room_twice", "facilitator_twice", "twice"} <= both


@pytest.mark.parametrize("seed", range(40))
def test_the_checker_sees_every_false_reason(seed: int) -> None:
    round_ = small_round(seed)
    answer = propose(round_)
    for number, told in enumerate(answer.left_out):
        for other in set(Reason) - {told.reason}:
            lie = (*answer.left_out[:number], replace(told, reason=other), *answer.left_out[number + 1 :])
            assert checked(round_, replace(answer, left_out=lie)) != ()
    assert not answer.left_out or checked(round_, replace(answer, left_out=answer.left_out[1:])) != ()
    assert checked(round_, replace(answer, worth=replace(answer.worth, match=-1))) != ()


@pytest.mark.parametrize("seed", range(10_000, 10_150))
def test_random_rounds_are_answered_within_every_condition_and_with_true_reasons(seed: int) -> None:
    assert soak.faults(seed, Counter()) == []


def best_by_force(round_: Round) -> int:
    """The most that can be placed: every way of filling one cell after the other, groups drawn by brute force."""
    women = {one.id: one for one in round_.women}
    cells = [
        Group(Cell(venue.id, slot, topic, "family:farming", language), room.id, teacher.id, ())
        for venue in round_.venues for slot in sorted(venue.slots) for room in venue.rooms
        for teacher in venue.facilitators if slot in teacher.slots
        for topic in sorted(teacher.topics) for language in sorted(teacher.languages)
    ]  # fmt: skip
    best = 0
    able = [
        {one for one in women if "not_for_her" not in _codes(round_, replace(cell, women=(one,)))} for cell in cells
    ]

    def fill(groups: list[Group], left: list[UUID], after: int) -> None:
        nonlocal best
        wrong = {one.code for one in violations(round_, groups)}
        if not wrong:
            best = max(best, worth(round_, groups).placed)
        for number in range(after, len(cells) if wrong <= {"not_together"} else 0):
            for size in range(round_.minimum, round_.maximum + 1):
                for some in combinations([one for one in left if one in able[number]], size):
                    fill(
                        [*groups, replace(cells[number], women=some)],
                        [one for one in left if one not in some],
                        number + 1,
                    )

    fill([], sorted(women), 0)
    return best


def _codes(round_: Round, group: Group) -> list[str]:
    return [one.code for one in violations(round_, [group])]


@pytest.mark.parametrize("seed", range(12))
def test_the_improved_answer_to_a_tiny_round_is_the_best_there_is(seed: int) -> None:
    chance = Random(seed)
    ana = Facilitator("ana", frozenset({"costing"}), frozenset({"es"}), frozenset({"sat", "sun"}))
    bea = Facilitator("bea", frozenset({"credit"}), frozenset({"es"}), frozenset({"sat"}))
    venue = Venue(
        "school", PLACE, (Room("hall", 3), Room("yard", 2)), (ana, bea), frozenset({"sat", "sun"}), {"sat": 1}
    )
    women = [
        woman(
            number,
            needs=dict.fromkeys(chance.sample(["costing", "credit"], chance.randint(1, 2)), 50),
            slots=frozenset(chance.sample(["sat", "sun"], chance.randint(1, 2))),
            children=chance.choice((0, 0, 1)),
            priority=chance.randint(1, 3),
        )
        for number in range(1, 7)
    ]
    pair = frozenset({(UUID(int=1), UUID(int=2))})
    round_ = round_of(
        *women, venues=(venue,), topics=frozenset({"costing", "credit"}), minimum=2, maximum=3,
        apart=pair if seed % 2 else frozenset(), together=frozenset() if seed % 2 else pair,
    )  # fmt: skip
    *_, last = improve(round_, propose(round_).groups, seed=1, budget=3)
    assert last.worth.placed == best_by_force(round_)
    assert bound(round_, budget=50).placed >= last.worth.placed


def test_the_same_round_seed_and_budget_give_the_same_answer_in_whatever_order_it_is_told() -> None:
    round_ = invented(250)
    mixed = replace(
        round_,
        women=tuple(Random(1).sample(round_.women, len(round_.women))),
        venues=tuple(reversed(round_.venues)),
    )
    first, again = (list(improve(one, propose(one).groups, seed=5, budget=3)) for one in (round_, mixed))
    assert first == again
    assert repr(propose(round_)) == repr(propose(mixed))


def test_a_search_says_how_far_it_is_never_falls_back_and_can_be_left() -> None:
    round_ = invented(300)
    start = propose(round_)
    steps = list(improve(round_, start.groups, seed=1, budget=4))
    assert [(step.iteration, step.budget) for step in steps] == [(number, 4) for number in range(1, 5)]
    values = [start.worth, *(step.worth for step in steps)]
    assert values == sorted(values)
    assert steps[-1].worth.placed > start.worth.placed
    assert next(iter(improve(round_, start.groups, seed=1, budget=1_000_000))).iteration == 1


def test_when_a_round_is_planned_again_confirmed_women_stay_where_they_are() -> None:
    round_ = invented(300)
    *_, last = improve(round_, propose(round_).groups, seed=1, budget=3)
    keep = {one: group.cell for group in last.groups for one in group.women}
    gone = {one for group in last.groups for one in group.women[:1]}
    smaller = replace(round_, women=tuple(one for one in round_.women if one.id not in gone))
    *_, again = improve(smaller, last.groups, seed=2, budget=3, keep=keep)
    assert violations(smaller, again.groups) == ()
    where = {one: group.cell for group in again.groups for one in group.women}

    def stays(one: UUID) -> bool:
        before, after = keep[one], where.get(one)
        return after is not None and (before.venue, before.slot, before.topic) == (after.venue, after.slot, after.topic)

    *_, anew = improve(smaller, propose(smaller).groups, seed=2, budget=3)
    elsewhere = {one: group.cell for group in anew.groups for one in group.women}
    kept = sum(stays(one) for one in keep if one not in gone)
    by_chance = sum(one in elsewhere and elsewhere[one].venue == keep[one].venue
                    and elsewhere[one].slot == keep[one].slot for one in keep)  # fmt: skip
    assert kept > by_chance
    assert kept >= 0.8 * (len(keep) - len(gone))


def test_the_gap_is_how_much_of_the_bound_is_not_reached() -> None:
    assert Bound(200).gap_percent(Worth(190, 0, 0, 0)) == pytest.approx(5.0)
    assert Bound(0).gap_percent(Worth(0, 0, 0, 0)) == 0


def test_the_relaxations_that_place_most_are_found_by_solving_again() -> None:
    monday = [woman(number, slots=frozenset({"mon"})) for number in range(10, 14)]
    minded = [woman(number, children=1, needs={"credit": 50}) for number in range(20, 23)]
    both = Facilitator("bea", frozenset({"credit"}), frozenset({"es"}), frozenset({"sat"}))
    venue = replace(VENUE, facilitators=(*VENUE.facilitators, both), rooms=(Room("hall", 4), Room("yard", 4)))
    round_ = round_of(*THREE, *monday, *minded, venues=(venue,), topics=frozenset({"costing", "credit"}))
    found = strongest(list(relaxations(round_, propose(round_), seed=1, budget=2)))
    told = {(one.change, one.placed, one.women) for one in found}
    assert (Change.CHILD_CARE, 3, 3) in told
    for one in found:
        again = propose(changed(round_, one.change, one.facts))
        assert again.worth.placed == propose(round_).worth.placed + one.placed
    assert [one.placed for one in found] == sorted((one.placed for one in found), reverse=True)
