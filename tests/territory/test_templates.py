"""The templates of value chains: by edition, in both languages, with every class where the classification has it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.registry.codes import activities
from services.territory import reference
from services.territory.rules.templates import ChainEdition, Supply, in_force, placed, sells
from shared.events.vocabulary import CHAINS, LINKS

EDITIONS = reference.chain_editions()


@pytest.fixture(params=EDITIONS, ids=lambda edition: str(edition.valid_from))
def edition(request: pytest.FixtureRequest) -> ChainEdition:
    found: ChainEdition = request.param
    return found


def test_every_class_of_an_edition_is_one_of_the_419_and_stands_at_a_link_of_a_chain(edition: ChainEdition) -> None:
    classes = {code for code in activities() if len(code) == 4}
    assert len(classes) == 419
    supplies = [*edition.inputs.values(), *edition.services.values()]
    assert {*edition.classes, *(code for one in supplies for code in one.classes)} <= classes
    places = {place for told in edition.classes.values() for place in told} | {
        p for one in supplies for p in one.places
    }
    assert {chain for chain, _ in places} <= set(CHAINS)
    assert {link for _, link in places} <= set(LINKS)


def test_no_class_stands_twice_in_the_same_chain(edition: ChainEdition) -> None:
    assert all(len({chain for chain, _ in told}) == len(told) > 0 for told in edition.classes.values())


def test_what_links_buy_and_what_complements_a_chain_is_told_in_both_languages(edition: ChainEdition) -> None:
    bought = {code for chain in edition.chains.values() for codes in chain.requires.values() for code in codes}
    assert bought == set(edition.inputs)
    assert {code for chain in edition.chains.values() for code in chain.services} == set(edition.services)
    supplies = [*edition.inputs.values(), *edition.services.values()]
    assert all(set(one.names) == {"es", "en"} and one.names["es"] != one.names["en"] for one in supplies if one.names)
    assert all(one.classes or one.places for one in supplies), "somebody sells it"
    assert set(edition.chains) == set(CHAINS)


def test_every_chain_but_the_last_has_classes_and_the_trades_of_women_are_found(edition: ChainEdition) -> None:
    first = {told[0][0] for told in edition.classes.values()}
    every = {chain for told in edition.classes.values() for chain, _ in told}
    assert every == set(CHAINS) - {"other"}
    assert {"coffee", "dairy", "personal_care", "retail", "tourism", "honey"} <= first
    assert edition.classes["0127"] == (("coffee", "production"),)
    assert edition.classes["9602"] == (("personal_care", "production"),)


@pytest.mark.parametrize(
    ("chain", "links", "activity", "expected"),
    [
        ("coffee", ["marketing"], "0127", ("coffee", ("marketing",), False, False)),
        ("coffee", [], "0127", ("coffee", ("production",), False, True)),
        ("other", [], "0127", ("coffee", ("production",), True, True)),
        ("other", ["inputs"], "0127", ("coffee", ("inputs",), True, False)),
        ("coffee", [], "1079", ("coffee", ("processing",), False, True)),
        ("dairy", [], "9602", ("dairy", (), False, False)),
        ("other", [], "A", ("other", (), False, False)),
        ("other", [], "", ("other", (), False, False)),
        ("other", ["production"], "0000", ("other", ("production",), False, False)),
    ],
)
def test_what_she_says_goes_before_what_her_class_tells(
    chain: str, links: list[str], activity: str, expected: tuple[str, tuple[str, ...], bool, bool]
) -> None:
    found = placed(chain, links, activity, reference.chain_edition(date(2026, 6, 1)).classes)
    assert (found.chain, found.links, found.chain_of_class, found.links_of_class) == expected


def test_the_edition_of_a_day_is_the_latest_that_had_begun() -> None:
    one = EDITIONS[0]
    later = replace(one, valid_from=one.valid_from + timedelta(days=400))
    assert in_force([later, one], later.valid_from) is later
    assert in_force([later, one], later.valid_from - timedelta(days=1)) is one
    assert in_force([later, one], one.valid_from - timedelta(days=1)) is one, "the oldest, for the days before it"


def test_who_sells_something_is_known_by_her_class_or_by_where_she_stands() -> None:
    milk = Supply("milk", {"es": "leche", "en": "milk"}, frozenset({"0141"}), frozenset({("dairy", "production")}))
    assert sells(milk, "0141", "other", ())
    assert sells(milk, "", "dairy", ["processing", "production"])
    assert not sells(milk, "", "coffee", ["production"])
    assert not sells(milk, "1050", "dairy", ["processing"])
