"""What an own table may be made of: never more than publications hold."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.figures import ADDITIVE, OVERLAPPING
from services.territory.rules.own_tables import (
    AXES,
    CHARTS,
    ENTRIES,
    MEASURES,
    PER,
    PLACE,
    TIMES,
    Definition,
    key_of,
    narrowed,
    offered,
)
from shared.kernel import CURRENCIES, Invalid

PUBLISHED = (
    *(("all",), ("men",), ("applications",), ("loans",), ("loans", "open"), ("accompaniments",), ("groups",)),
    *((table, "*") for table in (*ADDITIVE, *OVERLAPPING, "applications", "loans")),
    ("chain", "*", "*"),
)
"""The tables of a publication, as `rules.figures` names them."""

chosen = st.fixed_dictionaries(
    {"measure": st.sampled_from([*MEASURES, "sales"]), "rows": st.sampled_from([*AXES, "owner"])},
    optional={
        "columns": st.sampled_from([*AXES, "owner", None]),
        "units": st.lists(st.sampled_from(["HN", "HN17", "HN1709", "GT01"]), max_size=3),
        "level": st.sampled_from(["department", "municipality"]),
        "per": st.sampled_from([*PER, "birth"]),
        "currency": st.sampled_from([*CURRENCIES, "EUR"]),
        "chart": st.sampled_from([*CHARTS, "pie"]),
        **{name: st.sampled_from([*codes, "nobody", None]) for name, codes in ENTRIES.items()},
    },
)


def is_published(key: tuple[str, ...]) -> bool:
    rest = key[1:]
    if rest in PUBLISHED:
        return True
    return (rest[0], *("*" for _ in rest[1:])) in PUBLISHED


@given(told=chosen)
def test_whatever_is_accepted_has_each_of_its_cells_in_a_table_of_the_publication(told: dict[str, Any]) -> None:
    try:
        definition = Definition.of(told)
    except Invalid:
        return
    axes = [ENTRIES.get(axis, ("x",)) for axis in definition.axes]
    for entries in product(*axes):
        named = {axis: code for axis, code in zip(definition.axes, entries, strict=True) if axis in ENTRIES}
        assert is_published(definition.key("HN17", named))


@given(told=chosen)
def test_what_is_narrowed_is_accepted_once_it_has_a_place(told: dict[str, Any]) -> None:
    narrow = narrowed(told) | {"units": ["HN17"]}

    definition = Definition.of(narrow)

    assert Definition.of(definition.told()) == definition
    assert narrowed(definition.told()) | {"units": ["HN17"]} == narrow, "what fits stays as it was chosen"


def test_every_combination_that_is_offered_is_accepted() -> None:
    for measure in MEASURES:
        for rows in offered(measure, None).rows:
            for columns in offered(measure, rows).columns:
                offer = offered(measure, rows, columns)
                for per, chart in product(offer.per, offer.charts):
                    for name in (None, *offer.only):
                        told = {"measure": measure, "rows": rows, "columns": columns, "units": ["HN1709"], "per": per,
                                "chart": chart, "currency": next(iter(offer.currencies), None)}  # fmt: skip
                        Definition.of(told | ({name: ENTRIES[name][0]} if name else {}))


@pytest.mark.parametrize(
    ("told", "code", "pointer"),
    [
        ({"rows": "need", "columns": "chain"}, "own_table.not_published", "/columns"),
        ({"rows": "formal", "chain": "coffee"}, "own_table.not_published", "/chain"),
        ({"rows": "place", "link": "nobody"}, "own_table.not_published", "/link"),
        ({"rows": "month", "columns": "year"}, "own_table.not_published", "/columns"),
        ({"rows": "month", "measure": "paid_out", "currency": "HNL"}, "own_table.not_published", "/rows"),
        ({"rows": "chain", "measure": "loans"}, "own_table.not_published", "/rows"),
        ({"rows": "chain", "units": ["HN"]}, "own_table.one_place", "/units"),
        ({"rows": "chain", "units": ["HN17", "HN06"]}, "own_table.one_place", "/units"),
        ({"rows": "place", "units": []}, "own_table.one_place", "/units"),
        ({"rows": "chain", "level": "department"}, "own_table.no_level", "/level"),
        ({"rows": "place", "per": "share"}, "own_table.not_as_that", "/per"),
        ({"rows": "month", "per": "women"}, "own_table.not_as_that", "/per"),
        ({"rows": "place", "measure": "paid_out"}, "own_table.currency", "/currency"),
        ({"rows": "place", "currency": "HNL"}, "own_table.currency", "/currency"),
        ({"rows": "place", "columns": "need", "chart": "stacked"}, "own_table.not_drawn_so", "/chart"),
        ({"rows": "place", "chart": "lines"}, "own_table.not_drawn_so", "/chart"),
        ({"rows": ["place"]}, "own_table.not_published", "/rows"),
        ({"rows": "place", "units": [17]}, "own_table.not_published", "/rows"),
        ({"rows": "place", "measure": "sales"}, "own_table.not_published", "/measure"),
    ],
)
def test_what_is_not_offered_is_refused_where_it_stands(told: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        Definition.of({"measure": "enterprises", "units": ["HN17"]} | told)

    assert (refused.value.code, refused.value.pointer) == (code, pointer)


def test_a_chain_and_a_link_together_are_one_table_whichever_is_in_the_rows() -> None:
    assert key_of("women", "HN17", {"link": "production", "chain": "coffee"}) == (
        "HN17", "chain", "coffee", "production",
    )  # fmt: skip


def test_amounts_of_two_publications_are_never_beside_each_other() -> None:
    for measure in ("paid_out", "owed"):
        offer = offered(measure, PLACE)
        assert not set(TIMES) & {*offer.rows, *offer.columns}
