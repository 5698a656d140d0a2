"""Which of two answers stands; and that very many records are compared as few are."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import blake2b
from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules import merging
from services.registry.rules.inventory import Person, Position, Product, Profile
from services.registry.rules.linkage.bearers import Bearers
from services.registry.rules.linkage.blocking import RULES, candidate_pairs, keys_of
from services.registry.rules.linkage.bulk import Census, Records, packed_keys, person_print, print_of
from services.registry.rules.linkage.traits import traits_of
from services.registry.rules.merging import OF_A_WOMAN, OF_AN_ENTERPRISE, Given, Standing
from shared.kernel import Money
from tests.registry.filling import as_held
from tests.registry.linkage_sets import invented

ONE = Person("Ana", "Prueba", "dui", "012345678", date(1990, 1, 2), "+50370000000", languages=("spa",))
SHOP = Profile("Tienda", "SV1401", "G", "home", needs=("credit",), jobs_women=1, products=(Product("Pan"),))

GIVEN = st.builds(Given, st.booleans(), st.dates(date(2025, 1, 1), date(2026, 1, 1)), st.just("office"))
ANSWERS = st.dictionaries(st.sampled_from(["registry", "credit", "map"]), GIVEN)


def hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def test_what_is_known_is_taken_before_what_is_not_and_lists_from_both() -> None:
    other = replace(ONE, phone=None, schooling="basic", languages=("spa", "quc"), given_names="Ana María")
    sides = merging.suggested(OF_A_WOMAN, ONE, other, "other")
    assert sides == {"given_names": "other", "phone": "one", "schooling": "other", "languages": "both"}
    assert merging.chosen(OF_A_WOMAN, ONE, other, sides)["languages"] == ("quc", "spa")


def test_a_document_is_one_answer_and_a_place_is_known_by_its_point() -> None:
    other = replace(ONE, id_kind=None, id_number=None)
    sides = merging.suggested(OF_A_WOMAN, other, ONE, "one")
    assert sides == {"document": "other"}
    assert merging.chosen(OF_A_WOMAN, other, ONE, sides) == {"id_kind": "dui", "id_number": "012345678"}
    moved = replace(SHOP, municipality="SV1402", position=Position(-88.0, 13.4))
    assert merging.suggested(OF_AN_ENTERPRISE, SHOP, moved, "one") == {"place": "other"}


def test_of_two_lists_of_products_each_name_stands_once_as_the_first_has_it() -> None:
    dear, cheap = Product("Pan", price=Money(200, "USD")), Product("pan", price=Money(100, "USD"))
    one, other = replace(SHOP, products=(dear,)), replace(SHOP, products=(cheap, Product("Atol")))
    taken = merging.chosen(OF_AN_ENTERPRISE, one, other, {"products": "both"})["products"]
    assert taken == (Product("Atol"), dear)


@given(ANSWERS, ANSWERS)
def test_a_no_on_either_side_is_a_no_whichever_side_is_named_first(one: dict, other: dict) -> None:
    found = merging.stricter(one, other)
    assert found == merging.stricter(other, one)
    for purpose, given_ in found.items():
        known = [side[purpose] for side in (one, other) if purpose in side]
        assert given_ in known
        assert given_.granted == all(answer.granted for answer in known)


def test_the_record_that_is_checked_further_is_the_better_one_then_the_later() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert merging.better(Standing("verified", early), Standing("captured", late)) == "one"
    assert merging.better(Standing("captured", early), Standing("captured", late)) == "other"
    assert (merging.further("done", "under_way"), merging.further(None, "none")) == ("one", "other")
    assert merging.checked_further("stale", "captured") == "captured"


def test_packed_records_are_compared_like_unpacked_ones() -> None:
    people = sorted(as_held(invented(400, seed=9).candidates), key=lambda one: UUID(str(one.id)))
    traits = [traits_of(one) for one in people]
    records, census = Records(), Census()
    for one in traits:
        keys, prints = packed_keys(one, hashed), (print_of(one, hashed), person_print(one, hashed))
        records.add(UUID(str(one.id)), one, keys, prints, touched=False)
        census.add(one)
    assert [records.traits(position) for position in range(len(records))] == traits
    plain, packed = candidate_pairs(traits, 25), records.comparisons(25)
    assert np.stack(np.divmod(packed.codes, len(people)), axis=1).tolist() == plain.pairs.tolist()
    assert (packed.left_out, packed.uncompared) == (plain.left_out, len(plain.uncompared))
    assert records.comparisons(25, []).codes.tolist() == []
    bearers, counted = Bearers.among(traits), census.bearers()
    for one in traits[:100]:
        assert counted.share("name", one.given) == bearers.share("name", one.given)


def test_every_rule_of_the_keys_has_its_number() -> None:
    people = [traits_of(one) for one in invented(200, seed=3).candidates]
    assert {key.partition(":")[0] for one in people for key in keys_of(one)} == set(RULES)
