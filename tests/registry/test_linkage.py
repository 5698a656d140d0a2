"""When two records are of the same woman for certain, when somebody must look, and when they are two women."""

from dataclasses import replace
from datetime import date
from itertools import combinations
from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from services.registry import tables
from services.registry.rules.linkage.bearers import Bearers
from services.registry.rules.linkage.blocking import candidate_pairs, keys_of
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.duplicates import duplicates_among, explain
from services.registry.rules.linkage.names import given_names, surnames
from services.registry.rules.linkage.phonetics import skeleton, sound
from services.registry.rules.linkage.policy import Stance
from services.registry.rules.linkage.scoring import Decision, Verdict
from services.registry.rules.linkage.traits import traits_of
from services.registry.rules.national_ids import examine
from shared.i18n import LANGUAGES, Catalogue
from tests.registry.linkage_sets import invented

POLICY = tables.duplicate_policy_on(date(2026, 3, 2))
SENTENCES = Catalogue([Path(tables.__file__).parent / "locale"])
AROUND = Bearers.among([traits_of(candidate) for candidate in invented(3000, seed=1).candidates])
"""How common names and places are in an invented inventory."""

HER = Candidate(
    id="a",
    given_names="Yesenia Carolina",
    surnames="Pineda Zelaya",
    id_kind="dui",
    id_number="041223366",
    id_fingerprint="seal of 041223366",
    born_on=date(1985, 3, 12),
    phone="7012 3456",
    municipality="SV0203",
    place="Cantón El Zapote",
    address="Bo. El Centro, casa 12",
    point=(-89.5, 13.9),
    enterprise_name="Pupusería La Bendición",
)
NAME_ONLY = Candidate(id="a", given_names=HER.given_names, surnames=HER.surnames)


def seen(one: Candidate, **otherwise: Any) -> Verdict:
    """What is thought of a record and another that differs from it so."""
    return explain(one, replace(one, id="b", **otherwise), POLICY, AROUND)


def outcome(verdict: Verdict, field: str) -> str | None:
    return next((reason.outcome for reason in verdict.reasons if reason.field == field), None)


def numbered(number: str) -> dict[str, str]:
    return {"id_number": number, "id_fingerprint": f"seal of {number}"}


# -- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yessenia", "jesenia"),
        ("yessenia", "llesenia"),
        ("ximena", "jimena"),
        ("gimenez", "jimenez"),
        ("vasquez", "basques"),
        ("hernandez", "ernandes"),
        ("chavez", "chabes"),
        ("caceres", "kaseres"),
        ("quezada", "kesada"),
        ("guillermina", "guiyermina"),
        ("xiomara", "siomara"),
        ("roxana", "rocsana"),
        ("cecilia", "sesilia"),
        ("elizabeth", "elisabet"),
        ("jennifer", "yenifer"),
        ("wendy", "guendi"),
        ("huezo", "guezo"),
        ("mejia", "megia"),
        ("campos", "canpos"),
        ("ayala", "allala"),
    ],
)
def test_what_is_written_by_ear_sounds_the_same(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("maria", "marta"), ("ramos", "ramas"), ("pena", "perra"), ("gata", "gita"), ("cala", "cela"), ("choc", "coc")],
)
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_a_vowel_more_or_less_leaves_the_skeleton() -> None:
    assert skeleton("hernandez") == skeleton("hernandes") == skeleton("hernendez") != skeleton("fernandez")


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=20))
def test_whatever_the_word_it_has_a_sound_and_the_same_each_time(word: str) -> None:
    assert sound(word) == sound.__wrapped__(word)
    assert len(skeleton(word)) <= len(sound(word))


@pytest.mark.parametrize(
    "written", ["María del Carmen", "Ma. del Carmen", "M.ª del Carmen", "Mª Carmen", "MARIA DEL CARMEN"]
)
def test_given_names_are_their_words_written_out_without_particles(written: str) -> None:
    assert given_names(written) == ("maria", "carmen")


def test_surnames_tell_what_she_took_by_marriage() -> None:
    married = surnames("López Pineda de Hernández")
    assert (married.own, married.of_husband) == (("lopez", "pineda"), ("hernandez",))
    assert surnames("López Vda. de Paz").of_husband == ("paz",)
    assert surnames("Hdez. Núñez").words == ("hernandez", "nunez")


@pytest.mark.parametrize("written", ["de León", "De la O", "del Cid", "de la Cruz"])
def test_a_surname_that_begins_with_de_is_her_own(written: str) -> None:
    assert surnames(written).of_husband == ()
    assert len(surnames(written).own) == 1


# -- Her names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "one", "other", "expected"),
    [
        ("given_names", "María del Carmen", "Ma. del Carmen", "equal"),
        ("given_names", "Yessenia", "Jesenia", "sounds_equal"),
        ("given_names", "Yesenia Carolina", "Yesenia", "part"),
        ("given_names", "Yesenia Carolina", "Yesenia C.", "part"),
        ("given_names", "Ana María", "María Ana", "swapped"),
        ("given_names", "Ana Lucía", "Analucía", "equal"),
        ("given_names", "Xiomara", "Xiomrara", "nearly"),
        ("given_names", "María José", "María Fernanda", "one_shared"),
        ("given_names", "Karla", "Rosa", "different"),
        ("surnames", "López de Hernández", "López Hernández", "equal"),
        ("surnames", "López Hernández", "Hernández López", "swapped"),
        ("surnames", "Vásquez Núñez", "Basques Nuñes", "sounds_equal"),
        ("surnames", "López Pineda", "López Pineda de Hernández", "married"),
        ("surnames", "López de Hernández", "López Martínez", "married"),
        ("surnames", "López Pineda", "López", "part"),
        ("surnames", "López Pineda", "López Martínez", "one_shared"),
        ("surnames", "Quintanilla", "Quintanila Reyes", "nearly"),
        ("surnames", "López Pineda", "Reyes Cruz", "different"),
    ],
)
def test_names_are_compared_as_spanish_names_are_written(field: str, one: str, other: str, expected: str) -> None:
    verdict = explain(Candidate("a", **{field: one}), Candidate("b", **{field: other}), POLICY, AROUND)
    assert outcome(verdict, field) == expected


def test_names_in_the_wrong_columns_are_found() -> None:
    verdict = seen(HER, given_names="Pineda Zelaya", surnames="Yesenia Carolina")
    assert [outcome(verdict, "given_names"), outcome(verdict, "surnames")] == ["crossed", "crossed"]
    assert verdict.decision is Decision.LOOK_AT


def test_a_rare_name_tells_more_than_a_common_one() -> None:
    rare = seen(Candidate("a", given_names="Zoraida Leticia")).points
    common = seen(Candidate("a", given_names="María")).points
    assert rare > common + 5


def test_nothing_known_but_a_common_name_is_nothing() -> None:
    assert seen(Candidate("a", given_names="María", surnames="Hernández")).decision is Decision.DIFFERENT
    assert (
        seen(Candidate("a", given_names="María", surnames="López", municipality="GT0101")).decision
        is Decision.DIFFERENT
    )


# -- Certainty ------------------------------------------------------------------------------------------------------


def test_name_document_and_birth_are_certain() -> None:
    bare = replace(HER, phone=None, municipality=None, place=None, address=None, point=None, enterprise_name=None)
    assert seen(bare).decision is Decision.SAME
    assert seen(bare, given_names="Jesenia Carolina", surnames="Pineda Selaya").decision is Decision.SAME


def test_name_birth_and_telephone_are_certain_where_no_document_is_known() -> None:
    assert seen(replace(HER, id_kind=None, id_number=None, id_fingerprint=None)).decision is Decision.SAME


def test_a_right_document_alone_is_not_certain_and_is_looked_at() -> None:
    assert examine("dui", "041223366", municipalities=(), year=2026) is None
    other = Candidate("b", given_names="Rosa", surnames="Cruz Reyes", id_kind="dui", **numbered("041223366"))
    verdict = explain(replace(HER, address=None), replace(other, born_on=date(1990, 7, 1)), POLICY, AROUND)
    assert verdict.decision is Decision.LOOK_AT
    assert (
        explain(replace(NAME_ONLY, id_kind="dui", **numbered("041223366")), HER, POLICY, AROUND).decision
        is Decision.LOOK_AT
    )


def test_one_wrong_digit_in_the_document_is_looked_at_and_never_merged() -> None:
    verdict = seen(HER, **numbered("041223866"))
    assert (outcome(verdict, "document"), verdict.decision) == ("one_slip", Decision.LOOK_AT)


def test_numbers_that_cannot_be_read_tell_equal_from_not_equal_only() -> None:
    sealed = replace(HER, id_number=None)
    assert outcome(seen(sealed), "document") == "equal"
    verdict = seen(sealed, id_fingerprint="another seal")
    assert (outcome(verdict, "document"), verdict.decision) == ("sealed_different", Decision.LOOK_AT)
    assert outcome(seen(HER, id_kind="dpi", id_number="2345678901234"), "document") is None


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [
        (date(1985, 3, 12), "equal"),
        (date(1985, 12, 3), "day_and_month_swapped"),
        (date(1985, 3, 13), "one_slip"),
        (date(1958, 3, 12), "one_slip"),
        (date(1979, 3, 12), "one_part"),
        (date(1985, 1, 1), "same_year"),
        (date(1979, 8, 30), "different"),
    ],
)
def test_a_day_of_birth_is_compared_as_it_is_mistaken(born_on: date, expected: str) -> None:
    assert outcome(seen(HER, born_on=born_on), "born_on") == expected


def test_twins_are_never_merged() -> None:
    for name in ("Rosa Elena", "Yesenia Maribel", "Yesinia Carolina", "Carolina Yesenia", "Yesenia C."):
        assert seen(HER, given_names=name, **numbered("109281599")).decision is not Decision.SAME, name
        assert seen(replace(HER, id_kind=None), given_names=name).decision is not Decision.SAME, name


def test_mother_and_daughter_of_one_name_are_never_merged_and_with_two_documents_left_alone() -> None:
    mother = replace(HER, given_names="María", surnames="Pineda")
    daughter = {"born_on": date(2005, 8, 30)}
    assert seen(mother, **daughter, **numbered("109281599")).decision is Decision.DIFFERENT
    for number in (None, "041223366"):
        assert seen(replace(mother, id_number=number, id_fingerprint=number), **daughter).decision is not Decision.SAME


def test_two_sisters_share_telephone_and_home_and_are_two() -> None:
    sister = {"given_names": "Rosa Elena", "born_on": date(1989, 10, 2)}
    verdict = seen(HER, **sister, **numbered("109281599"))
    assert outcome(verdict, "phone") == outcome(verdict, "address") == "equal"
    assert verdict.decision is Decision.DIFFERENT
    assert (
        seen(replace(HER, born_on=None, id_number=None, id_fingerprint=None), given_names="Rosa").decision
        is Decision.DIFFERENT
    )


def test_swapped_surnames_are_looked_at() -> None:
    assert seen(HER, surnames="Zelaya Pineda").decision is Decision.LOOK_AT


def test_living_in_one_place_counts_once() -> None:
    verdict = seen(HER)
    around = [
        reason.points for reason in verdict.reasons if reason.field in ("municipality", "place", "address", "point")
    ]
    assert sum(around) > POLICY.limits.surroundings
    others = sum(reason.points for reason in verdict.reasons) - sum(around)
    assert verdict.points == pytest.approx(others + POLICY.limits.surroundings)


def test_the_more_records_there_are_the_more_it_takes() -> None:
    one = replace(NAME_ONLY, municipality="SV0203")
    few, many = (Bearers(records, {}) for records in (1_000, 10_000_000))
    verdicts = [explain(one, replace(one, id="b"), POLICY, bearers) for bearers in (few, many)]
    assert [verdict.decision for verdict in verdicts] == [Decision.LOOK_AT, Decision.LOOK_AT]
    poor = replace(one, given_names="Yesenia", surnames="")
    verdicts = [explain(poor, replace(poor, id="b"), POLICY, bearers) for bearers in (few, many)]
    assert [verdict.decision for verdict in verdicts] == [Decision.LOOK_AT, Decision.DIFFERENT]


PERSON = st.builds(
    Candidate,
    id=st.just("x"),
    given_names=st.sampled_from(["", "María", "Ma. José", "Ana María", "María Ana", "Yessenia", "Jesenia", "M. A."]),
    surnames=st.sampled_from(
        ["", "López", "López Cruz", "Cruz López", "López de Cruz", "Cruz Vda. de Lopes", "de la O"]
    ),
    id_kind=st.sampled_from([None, "dui"]),
    id_number=st.sampled_from([None, "041223366", "041223866", "109281599"]),
    born_on=st.none() | st.sampled_from([date(1985, 3, 12), date(1985, 12, 3), date(1985, 1, 1), date(1990, 3, 12)]),
    phone=st.sampled_from([None, "70123456", "+503 7012-3456", "00000000", "7012"]),
    municipality=st.sampled_from([None, "SV0203", "GT0101"]),
    address=st.sampled_from([None, "Bo. El Centro 12", "Barrio El Centro, 14", "Colonia Escalón"]),
    point=st.sampled_from([None, (-89.5, 13.9), (-89.5, 13.9005), (-89.4, 13.9), (-87.0, 14.0)]),
)


@given(PERSON, PERSON)
def test_the_order_of_two_records_makes_no_difference(one: Candidate, other: Candidate) -> None:
    there, back = explain(one, other, POLICY, AROUND), explain(other, one, POLICY, AROUND)
    assert there == back


@given(PERSON, PERSON, st.sampled_from(["id_number", "born_on", "phone", "municipality", "address", "point"]))
def test_what_only_one_record_knows_says_nothing(one: Candidate, other: Candidate, field: str) -> None:
    without = replace(one, **{field: None})
    verdict = explain(without, other, POLICY, AROUND)
    assert verdict.points == explain(without, replace(other, **{field: None}), POLICY, AROUND).points


FIELDS = ("given_names", "surnames", "id_kind", "id_number", "born_on", "phone", "municipality", "address", "point")


@given(PERSON, PERSON, st.sets(st.sampled_from(FIELDS), max_size=3))
def test_certainty_always_stands_on_three_facts_and_on_no_contradiction(
    one: Candidate, other: Candidate, changed: set[str]
) -> None:
    verdict = explain(one, replace(one, **{field: getattr(other, field) for field in changed}), POLICY, AROUND)
    stances = {reason.field: POLICY.weights[reason.field, reason.outcome].stance for reason in verdict.reasons}
    agreeing = {field for field, stance in stances.items() if stance is Stance.AGREES}
    event(verdict.decision.value)
    if verdict.decision is Decision.SAME:
        assert Stance.CONTRADICTS not in stances.values()
        assert {"given_names", "surnames"} <= agreeing
        assert agreeing & {"document", "born_on"}
        assert len(agreeing & {"document", "born_on", "phone"}) + bool(agreeing & {"address", "point"}) >= 2


# -- Explanations ---------------------------------------------------------------------------------------------------


def test_every_point_has_its_reason_and_every_reason_its_sentence() -> None:
    verdict = seen(HER, phone="7099 9999", point=(-89.49, 13.9))
    assert {reason.field for reason in verdict.reasons} == {field for field, _ in POLICY.weights}
    assert [abs(reason.points) for reason in verdict.reasons] == sorted(
        (abs(r.points) for r in verdict.reasons), reverse=True
    )
    for language in LANGUAGES:
        for reason in verdict.reasons:
            told = SENTENCES.sentence(reason.code, reason._asdict(), language)
            assert told != reason.code
            assert "…" not in told
            assert "None" not in told
    assert outcome(verdict, "point") == "around"


def test_every_outcome_of_the_table_has_a_sentence_and_a_place_in_it() -> None:
    codes = {f"duplicate.{field}.{name}" for field, name in POLICY.weights}
    codes |= {f"duplicate.{decision.value}" for decision in Decision}
    assert {code for code in codes for language in LANGUAGES if not SENTENCES.knows(code, language)} == set()


def test_the_chances_of_a_field_are_chances() -> None:
    for field in {field for field, _ in POLICY.weights}:
        weights = [one for key, one in POLICY.weights.items() if key[0] == field and key[1] != "sealed_different"]
        assert sum(weight.m for weight in weights) == pytest.approx(1, abs=0.01), field
        assert sum(weight.u for weight in weights) == pytest.approx(1, abs=0.02), field


def test_points_are_the_logarithm_of_how_much_likelier_it_is_for_one_woman() -> None:
    weight = POLICY.weights["born_on", "equal"]
    assert weight.points == log2(weight.m / weight.u)
    assert next(reason.points for reason in seen(HER).reasons if reason.field == "born_on") == weight.points


# -- Blocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "otherwise",
    [
        {"given_names": "Jesenia", "surnames": "Pineda", "born_on": date(1985, 12, 3)},
        {"given_names": "Karina", "surnames": "Otra", "born_on": None, "phone": None},
        {"id_number": None, "id_fingerprint": None, "born_on": None, "phone": None},
        {"id_number": None, "id_fingerprint": None, "born_on": None, "municipality": None},
        {"id_number": None, "id_fingerprint": None, "phone": None, "given_names": "X", "surnames": "Y"},
    ],
)
def test_records_of_one_woman_share_a_key_whatever_else_is_wrong(otherwise: dict[str, Any]) -> None:
    assert keys_of(traits_of(HER)) & keys_of(traits_of(replace(HER, **otherwise)))


def test_an_overfull_block_is_left_out_and_told() -> None:
    alike = [
        traits_of(Candidate(number, given_names="María", surnames="López", municipality="SV0203"))
        for number in range(9)
    ]
    other = traits_of(replace(HER, id="other"))
    blocks = candidate_pairs([*alike, other, traits_of(replace(HER, id="again"))], cap=5)
    assert blocks.pairs.tolist() == [[9, 10]]
    assert {(one.rule, one.keys, one.records, one.pairs) for one in blocks.left_out} == {
        ("names", 1, 9, 36),
        ("name_there", 2, 18, 72),
        ("names_there", 1, 9, 36),
    }
    assert set(blocks.uncompared) == set(range(9))
    assert all(SENTENCES.knows(one.code, language) for one in blocks.left_out for language in LANGUAGES)


def test_a_record_of_which_nothing_is_known_is_told_as_not_compared() -> None:
    assert duplicates_among([Candidate(1), Candidate(2)], POLICY).uncompared == (1, 2)
    assert duplicates_among([], POLICY).pairs == ()


def test_each_pair_is_compared_once_however_many_keys_it_shares() -> None:
    records = [traits_of(replace(HER, id=number)) for number in range(6)]
    pairs = [tuple(pair) for pair in candidate_pairs(records, cap=25)]
    assert sorted(pairs) == sorted(combinations(range(6), 2))


def test_the_queue_is_ranked_and_the_same_in_any_order_of_records() -> None:
    known = invented(300, seed=5)
    found = duplicates_among(known.candidates, POLICY)
    back = duplicates_among(reversed(known.candidates), POLICY)
    assert [pair.verdict.points for pair in found.pairs] == sorted(
        (p.verdict.points for p in found.pairs), reverse=True
    )
    assert {frozenset((pair.one, pair.other)): pair.verdict for pair in found.pairs} == {
        frozenset((pair.one, pair.other)): pair.verdict for pair in back.pairs
    }
