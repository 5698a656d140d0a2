"""A record is found by its words, as they are written or sound, by its place, its telephone, its document; and what
was erased is found by nothing.
"""

from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.registry.models import Enterprise, SearchTerm, SearchWord
from services.registry.rules import searching
from services.registry.rules.searching import Woman
from shared.testing import person
from tests.registry.house import COORDINATOR, House, enterprise
from tests.registry.workbooks import submission, workbook

TEAM = person("technician", subject="tecnica")


def named(house: House, q: str, caller: Any = TEAM) -> list[str]:
    answer = house.call("GET", "/enterprises", caller, query_string={"q": q, "sort": "name"})
    assert answer.status_code == 200, answer.json
    return [row["name"] for row in answer.json["items"]]


def refused(house: House, q: str, caller: Any) -> tuple[int, str]:
    answer = house.call("GET", "/enterprises", caller, query_string={"q": q})
    return answer.status_code, answer.json["code"]


def index_of(house: House) -> tuple[set[tuple[str, str]], set[str]]:
    """What stands in the index: terms with their records, and words."""
    with house.database.reading() as session:
        terms = {(row.term, str(row.record_id)) for row in session.scalars(select(SearchTerm))}
        return terms, set(session.scalars(select(SearchWord.word)))


def computed(house: House) -> tuple[set[tuple[str, str]], set[str]]:
    """What would have to stand there."""
    with house.database.reading() as session:
        every = session.scalars(select(Enterprise)).all()
        terms = {(t, str(e.id)) for e in every for t in searching.terms_of(e.search_text, e.search_marks)}
    return terms, set(searching.vocabulary_of({term for term, _ in terms}))


def woman(**changes: Any) -> dict[str, Any]:
    owner: dict[str, Any] = enterprise()["owner"]
    return owner | changes


@pytest.fixture
def three(house: House) -> House:
    house.register(name="Quesillos «La Esperanza»", owner=woman(given_names="María", surnames="Giménez Núñez"))
    house.register(
        name="Tejidos del Sol",
        municipality="HN0601",
        point=None,
        products=[{"name": "Hamacas de colores"}],
        owner=woman(
            given_names="Yesenia", surnames="Vásquez", id_number="0601-1975-00456", phone="99112233", languages=["spa"]
        ),
    )
    house.register(
        name="Comedor 24 horas",
        municipality="HN1706",
        point=None,
        products=[],
        owner=woman(given_names="Rosa", surnames="Ruiz", id_number="1706-1990-00789", phone="33445566"),
    )
    return house


FINDS = [
    ("esperanza", ["Quesillos «La Esperanza»"]),
    ("ESPERÁNZA quesillo", ["Quesillos «La Esperanza»"]),
    ("speran", ["Quesillos «La Esperanza»"]),
    ("la esperanza", ["Quesillos «La Esperanza»"]),
    ("jimenes", ["Quesillos «La Esperanza»"]),
    ("Ximénez nunes", ["Quesillos «La Esperanza»"]),
    ("jessenia basques", ["Tejidos del Sol"]),
    ("esperansa", ["Quesillos «La Esperanza»"]),
    ("esparanza", ["Quesillos «La Esperanza»"]),
    ("amacas", ["Tejidos del Sol"]),
    ("hamaca vasquez", ["Tejidos del Sol"]),
    ("rosa", ["Comedor 24 horas"]),
    ("ruis", ["Comedor 24 horas"]),
    ("24", ["Comedor 24 horas"]),
    ("so", ["Tejidos del Sol"]),
    ("Choluteca", ["Tejidos del Sol"]),
    ("hamacas en Choluteca", ["Tejidos del Sol"]),
    ("comedor choluteca", []),
    ("San Lorenzo, Valle", ["Quesillos «La Esperanza»"]),
    ("valle", ["Comedor 24 horas", "Quesillos «La Esperanza»"]),
    ("9911-2233", ["Tejidos del Sol"]),
    ("+504 99112233", ["Tejidos del Sol"]),
    ("2233", ["Tejidos del Sol"]),
    ("9911", []),
    ("0601-1975-00456", ["Tejidos del Sol"]),
    ("0601197500456", ["Tejidos del Sol"]),
    ("0601197500457", []),
    ("060119750045", []),
    ("nadie así", []),
    ("lenca", []),
    ("spa", []),
    ("%", []),
    ("_", []),
]


@pytest.mark.parametrize("rare", [0, 2_500])
def test_a_record_is_found_by_what_people_type(three: House, monkeypatch: pytest.MonkeyPatch, rare: int) -> None:
    monkeypatch.setattr("services.registry.queries.finding.RARE", rare)
    everything = ["Comedor 24 horas", "Quesillos «La Esperanza»", "Tejidos del Sol"]
    wrong = [(q, named(three, q)) for q, names in FINDS if named(three, q) != (names if q not in "%_" else everything)]
    assert not wrong


def test_words_and_filters_go_together(three: House) -> None:
    answer = three.call("GET", "/enterprises/count?q=vasquez&municipality=HN06", TEAM)
    assert answer.json["all"] == 1
    assert three.call("GET", "/enterprises/count?q=vasquez&municipality=HN17", TEAM).json["all"] == 0


def test_numbers_find_only_for_who_sees_them(three: House) -> None:
    trainer, auditor = person("trainer"), person("auditor")
    assert named(three, "99112233", trainer) == ["Tejidos del Sol"]
    assert refused(three, "0601197500456", trainer) == (403, "permission.documents_not_yours")
    assert refused(three, "0601197500456", person("credit_officer")) == (403, "permission.documents_not_yours")
    assert refused(three, "99112233", auditor) == (403, "permission.numbers_not_yours")
    assert named(three, "yesenia", auditor) == ["Tejidos del Sol"]
    assert refused(three, "yesenia", person("leda_viewer")) == (403, "permission.filter_not_yours")


def test_the_index_follows_every_change_of_a_record(house: House) -> None:
    shown = house.register(name="Panadería Vieja")
    path = f"/enterprises/{shown['id']}"
    body = {"name": "Heladería Nueva", "products": [{"name": "Paletas"}]}
    assert house.call("PATCH", path, version=shown["version"], json=body).status_code == 200
    assert (named(house, "panaderia"), named(house, "queso"), named(house, "paleta")) == ([], [], ["Heladería Nueva"])
    owner = shown["owners"][0]
    changed = house.call(
        "PATCH",
        f"/entrepreneurs/{owner['id']}",
        version=owner["version"],
        json={"surnames": "Renombrada", "phone": "22334455"},
    )
    assert changed.status_code == 200
    assert (named(house, "renombrada"), named(house, "22334455"), named(house, "98765432")) == (
        ["Heladería Nueva"],
        ["Heladería Nueva"],
        [],
    )
    second = house.call("POST", f"{path}/owners", json={"owner": woman(given_names="Segunda", id_number=None)})
    assert second.status_code == 201
    assert named(house, "segunda renombrada") == ["Heladería Nueva"]
    assert index_of(house) == computed(house)


def test_who_withdrew_is_found_by_nothing_and_none_of_her_words_stays(house: House) -> None:
    shown = house.register(name="Única", owner=woman(given_names="Irrepetible", surnames="Apellidorraro"))
    house.register(name="Otra", owner=woman(given_names="Otra", surnames="Prueba", id_number=None, phone="22334455"))
    owner = shown["owners"][0]
    gone = house.call("DELETE", f"/entrepreneurs/{owner['id']}", COORDINATOR, version=owner["version"])
    assert gone.status_code == 200, gone.json
    terms, words = index_of(house)
    assert not [term for term, record in terms if record == shown["id"]]
    assert words.isdisjoint({"irrepetible", "apellidorraro", "unica"})
    assert "prueba" in words
    assert (terms, words) == computed(house)


def test_an_undone_import_leaves_nothing_to_be_found(house: House) -> None:
    house.register(name="Antes")
    before = index_of(house)
    taken = house.take_in(workbook([submission(1), submission(2)]))
    assert len(named(house, "tienda")) == 2
    assert index_of(house) == computed(house)
    work = house.directly(COORDINATOR)
    house.context.work.undo(work, UUID(taken["id"]))
    assert named(house, "tienda") == []
    assert index_of(house) == before


words = st.text(st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=0x24F), min_size=1, max_size=8)


def test_records_of_before_the_index_are_found_once_it_is_there(three: House) -> None:
    before = index_of(three)
    step = import_module("services.registry.migrations.versions.0009_searching")
    with (
        three.database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    assert index_of(three) == before == computed(three)
    assert named(three, "jimenes 98765432") == []
    assert named(three, "99112233") == named(three, "jessenia") == ["Tejidos del Sol"]


@given(words, st.data())
def test_every_part_of_a_word_is_asked_for_as_it_is_kept(said: str, data: st.DataObject) -> None:
    for term in searching.terms_of(searching.text_of(said, [], [])):
        part = term[data.draw(st.integers(0, len(term) - 1)) :]
        asked = searching.asked(part)
        assert [word.text for word in asked.words] == [part] or asked.digits == part


@given(st.text(max_size=400), st.text(max_size=60))
def test_nothing_that_is_written_is_too_long_or_a_mark_among_words(name: str, phone: str) -> None:
    women = [Woman(name, name, (phone,), "lenca", ("spa",))]
    text, marks = searching.text_of(name, women, [name]), searching.marks_of(women)
    assert len(text) <= searching.LONGEST_TEXT
    assert len(marks) <= searching.LONGEST_MARKS
    assert all(len(term) <= 61 for term in searching.terms_of(text, marks))
    assert not any(term[0] in "#@~" for term in searching.terms_of(text))
