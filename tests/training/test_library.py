"""The library of materials: found by words as a look at each record finds them, kept in versions, shared by decision."""

import io
import random
import re
import zipfile
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from services.training.models import LibraryMaterial, LibraryTerm
from services.training.queries.materials import (
    file_of,
    list_materials,
    list_public,
    named_materials,
    require_offered,
    show_material,
)
from services.training.rules.library.documents import packed_kind, plain_kept
from services.training.rules.library.finding import asked, score, terms_of
from services.training.use_cases.keep_material import (
    add_file,
    archive_material,
    change_material,
    erase_material,
    restore_material,
    share_material,
    write_material,
)
from services.training.use_cases.plan_activity import give_material, plan_activity
from shared import files, history
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock
from tests.training.house import COORDINATOR, STRANGER, TECHNICIAN, TRAINER

pytestmark = pytest.mark.both_databases

FACTS: dict[str, Any] = {
    "unit": "HN17",
    "title": "Costos y precios para pescadoras",
    "kind": "module",
    "topics": ["costing"],
    "dimensions": ["credit"],
    "chains": ["fishing"],
    "language": "es",
    "author": "Centro Inventado de Aprendizaje",
    "year": 2024,
    "licence": "cc_by_sa",
    "summary": "Cómo se calcula el precio de una libra de curvina.",
    "link": None,
}
PDF = b"%PDF-1.7\nhola\n%%EOF\n"


@pytest.fixture(autouse=True)
def _files(database: Database, tmp_path: Any) -> None:
    files.keep_in(database, tmp_path / "files")


def write(session: Session, by: Caller = TRAINER, **changed: Any) -> LibraryMaterial:
    return write_material(session, by, FACTS | changed)


def titles(session: Session, text: str = "", by: Caller = TRAINER, **filters: Any) -> list[str]:
    told = filters | ({"text": text} if text else {})
    return [row["title"] for row in list_materials(session, by, told, limit=200, after=None).rows]


def zipped(**parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return held.getvalue()


def docx(**more: bytes) -> bytes:
    return zipped(**{"[Content_Types]_dot_xml": b"<x/>", "word__document_dot_xml": b"<x/>"} | more)


def test_a_material_is_found_without_accents_and_by_parts_of_words(session: Session) -> None:
    write(session)
    write(session, title="Ahorro en grupo", topics=["credit"], summary="Cajas de ahorro", author="Otra Casa")
    for text in ("PRECIOS", "précios", "recio", "costos pesca", "curvina", "aprendizaje", "prices"):
        assert titles(session, text) == ["Costos y precios para pescadoras"], text
    assert titles(session, "re") == [], "two letters are the beginning of a word, and none begins so"
    assert titles(session, "ah") == ["Ahorro en grupo"]
    assert titles(session, "costos ahorro") == [], "every word has to be there"
    assert titles(session, "¡!") == [], "signs alone ask for nothing"


def test_a_word_of_the_title_comes_before_one_of_the_summary(session: Session) -> None:
    write(session, title="Mercado y ventas", summary="También trata de costos", topics=[])
    write(session, title="Costos", summary="", topics=[])
    write(session, title="Los costosos errores", summary="", topics=[])
    assert titles(session, "costos") == ["Costos", "Los costosos errores", "Mercado y ventas"]


def test_the_search_finds_and_ranks_what_a_look_at_each_record_does(session: Session) -> None:
    chance = random.Random(7)
    words = [
        "costos",
        "costo",
        "precio",
        "precios",
        "venta",
        "ventas",
        "ahorro",
        "maíz",
        "mazorca",
        "café",
        "Inocuidad",
        "agua",
        "aguacate",
        "sol",
        "n1",
        "ñame",
    ]
    pick = lambda many: " ".join(chance.choices(words, k=many))  # noqa: E731 - said where it is used
    for number in range(60):
        said = {"title": f"{pick(2)} {number}", "summary": pick(4), "author": pick(1), "topics": []}
        write(session, **said)
    stored: dict[UUID, dict[str, int]] = {}
    for term in session.query(LibraryTerm):
        stored.setdefault(term.material_id, {})[term.term] = term.weight
    for text in [pick(chance.randint(1, 2))[: chance.randint(2, 9)] for _ in range(80)]:
        naive = {one: score(asked(text), terms) for one, terms in stored.items()}
        wanted = sorted(((worth, one) for one, worth in naive.items() if worth is not None), reverse=True)
        found = list_materials(session, TRAINER, {"text": text}, limit=200, after=None).rows
        assert [row["id"] for row in found] == [one for _, one in wanted], text


def test_pages_of_a_search_follow_each_other_without_a_gap(session: Session) -> None:
    for number in range(7):
        write(session, title=f"Costos {number}" if number % 2 else f"Ventas {number}", summary="costos")
    whole, cursor = [], None
    while True:
        page = list_materials(session, TRAINER, {"text": "costos"}, limit=2, after=cursor)
        whole += [row["title"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert whole == titles(session, "costos")
    assert len(whole) == 7


def test_filters_narrow_by_topic_chain_family_language_kind_and_dimension(session: Session) -> None:
    write(session)
    write(session, title="Para la familia", chains=["family:farming"], topics=["market"], dimensions=[])
    write(session, title="En garífuna", chains=["crafts"], language="garifuna", kind="audio", topics=[])
    assert titles(session, topic="costing") == [FACTS["title"]]
    assert set(titles(session, chain="fishing")) == {FACTS["title"], "Para la familia"}
    assert titles(session, chain="coffee") == ["Para la familia"]
    assert titles(session, language="garifuna") == ["En garífuna"]
    assert titles(session, kind="audio", dimension="credit") == ["En garífuna"]
    assert titles(session, unit="HN17", topic="market") == ["Para la familia"]
    assert titles(session, "costing") == [], "a mark is no word"


def test_what_was_said_before_finds_it_no_more(session: Session) -> None:
    made = write(session)
    change_material(session, TRAINER, made.id, version=made.version, facts=FACTS | {"title": "Ventas"})
    assert titles(session, "pescadoras") == []
    assert titles(session, "ventas") == ["Ventas"]
    with pytest.raises(Stale):
        change_material(session, TRAINER, made.id, version=1, facts=FACTS)
    assert [one["action"] for one in history.of(session, made.id)] == ["write", "change"]


def test_other_territories_see_it_once_it_is_shared_and_not_before(session: Session) -> None:
    made = write(session, licence="permission", link="https://example.org/costos")
    assert titles(session, by=STRANGER) == []
    with pytest.raises(NotFound):
        show_material(session, STRANGER, made.id)
    share_material(session, COORDINATOR, made.id, version=None, reach="network")
    assert titles(session, "costos", by=STRANGER) == [made.title]
    shown = show_material(session, STRANGER, made.id)
    assert (shown["reach"], shown["reach_by_name"]) == ("network", COORDINATOR.name)
    with pytest.raises(Forbidden):
        change_material(session, STRANGER, made.id, version=None, facts=FACTS)
    assert list_public(session, {}, limit=50, after=None).rows == []
    with pytest.raises(Invalid, match=r"library\.licence_forbids"):
        share_material(session, COORDINATOR, made.id, version=None, reach="public")
    with pytest.raises(Refused, match=r"library\.reach_already"):
        share_material(session, COORDINATOR, made.id, version=None, reach="network")


def test_anybody_reads_what_its_licence_lets_be_published_and_the_licence_stays_so_wide(session: Session) -> None:
    made = write(session)
    with pytest.raises(Refused, match=r"library\.nothing_to_share"):
        share_material(session, COORDINATOR, made.id, version=None, reach="public")
    add_file(session, TRAINER, made.id, version=None, name="costos.pdf", content=PDF, note="")
    share_material(session, COORDINATOR, made.id, version=None, reach="public")
    assert [row["title"] for row in list_public(session, {"text": "costo"}, limit=5, after=None).rows] == [made.title]
    with pytest.raises(Invalid, match=r"library\.licence_narrows"):
        change_material(session, TRAINER, made.id, version=None, facts=FACTS | {"licence": "reserved"})
    archive_material(session, TRAINER, made.id, version=None, why="Hay una edición nueva")
    assert list_public(session, {}, limit=5, after=None).rows == []


def test_versions_of_a_file_are_kept_by_their_hash(session: Session) -> None:
    made = write(session)
    add_file(session, TRAINER, made.id, version=1, name="costos.pdf", content=PDF, note="")
    with pytest.raises(Stale):
        add_file(session, TRAINER, made.id, version=1, name="costos.pdf", content=PDF + b"x%%EOF", note="")
    with pytest.raises(Invalid, match=r"library\.same_file"):
        add_file(session, TRAINER, made.id, version=None, name="otro.pdf", content=PDF, note="")
    add_file(session, TRAINER, made.id, version=None, name="costos.pdf", content=PDF + b"2%%EOF", note="Más ejemplos")
    shown = show_material(session, TECHNICIAN, made.id)
    assert [(one["number"], one["note"]) for one in shown["files"]] == [(2, "Más ejemplos"), (1, "")]
    assert file_of(session, TRAINER, made.id, 1) == ("costos.pdf", "application/pdf", PDF)
    assert file_of(session, TRAINER, made.id, None)[2].endswith(b"2%%EOF")
    with pytest.raises(NotFound, match=r"library\.no_file"):
        file_of(session, TRAINER, made.id, 3)
    with pytest.raises(NotFound, match=r"library\.unknown"):
        file_of(session, STRANGER, made.id, 1)


def test_documents_of_an_office_program_are_opened_apart(session: Session) -> None:
    made = write(session)
    add_file(session, TRAINER, made.id, version=None, name="guia.docx", content=docx(), note="")
    assert file_of(session, TRAINER, made.id, None)[1].endswith("wordprocessingml.document")
    macros = docx(word__vbaProject_dot_bin=b"x")
    with pytest.raises(Invalid, match=r"library\.file_macros"):
        add_file(session, TRAINER, made.id, version=None, name="guia.docm", content=macros, note="")


def hostile() -> dict[str, tuple[bytes, str]]:
    locked = bytearray(docx())
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(head, at + 1)) >= 0:
            locked[at + flag] |= 1
    broken = bytearray(zipped(mimetype=b"application/vnd.oasis.opendocument.text", a=b"hola" * 50))
    broken[broken.find(b"hola")] ^= 0xFF
    return {
        "another zip": (zipped(a_dot_txt=b"x"), "library.file_kind"),
        "half a zip": (docx()[:60], "library.file_damaged"),
        "a password": (bytes(locked), "library.file_locked"),
        "a bit that fell over": (bytes(broken), "library.file_damaged"),
        "a script": (docx(x_dot_vbs=b"x"), "library.file_macros"),
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_hostile_documents_are_refused(name: str) -> None:
    content, code = hostile()[name]
    with pytest.raises(Invalid, match=re.escape(code)):
        packed_kind(content)


def test_a_document_that_unfolds_without_end_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as part:
        for _ in range(301):
            part.write(bytes(1_000_000))
    with pytest.raises(Invalid, match=r"library\.file_unfolds"):
        packed_kind(held.getvalue())


def test_open_documents_sounds_and_pictures_are_taken_and_nothing_else() -> None:
    odt = zipped(mimetype=b"application/vnd.oasis.opendocument.text", content_dot_xml=b"<x/>")
    assert packed_kind(odt) == "application/vnd.oasis.opendocument.text"
    assert plain_kept(b"ID3\x04sonido")[0] == "audio/mpeg"
    assert plain_kept(PDF) == ("application/pdf", PDF)
    for strange in (b"MZ\x90", b"<html>", b"%PDF-1.7 cut", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"):
        with pytest.raises(Invalid, match=r"library\.file_kind"):
            plain_kept(strange)


def test_what_is_taught_with_is_archived_and_not_erased(session: Session) -> None:
    made = write(session, link="https://example.org/x")
    told = {"city": "Nacaome", "title": "Taller", "topics": "", "capacity": None, "gender_module": False}
    workshop = plan_activity(session, TRAINER, kind="workshop", unit="HN17", starts_on=clock.today(), **told)
    given = give_material(session, TRAINER, workshop.id, version=None, library_id=made.id)
    assert [(one.title, one.library_id) for one in given.materials] == [(made.title, made.id)]
    assert show_material(session, TRAINER, made.id)["uses"] == 1
    with pytest.raises(Refused, match=r"library\.used_stays"):
        erase_material(session, TRAINER, made.id, version=None)
    archive_material(session, TRAINER, made.id, version=None, why="Ya no se usa")
    with pytest.raises(Invalid, match=r"library\.not_offered"):
        give_material(session, TRAINER, workshop.id, version=None, library_id=made.id)
    assert titles(session) == []
    assert titles(session, archived=True) == [made.title]
    restore_material(session, TRAINER, made.id, version=None)
    with pytest.raises(Refused, match=r"library\.not_archived"):
        restore_material(session, TRAINER, made.id, version=None)
    require_offered(session, TRAINER, [made.id], pointer="/x")
    assert named_materials(session, [made.id])[made.id]["title"] == made.title
    with pytest.raises(Invalid, match=r"library\.not_offered"):
        require_offered(session, STRANGER, [made.id], pointer="/x")


def test_a_workshop_takes_a_material_of_the_library_or_an_address_and_not_both(session: Session) -> None:
    made = write(session)
    told = {"city": "Nacaome", "title": "Taller", "topics": "", "capacity": None, "gender_module": False}
    workshop = plan_activity(session, TRAINER, kind="workshop", unit="HN17", starts_on=clock.today(), **told)
    for wrong in ({"title": "x"}, {"address": "https://example.org"}, {}):
        with pytest.raises(Invalid, match=r"field\.required"):
            give_material(session, TRAINER, workshop.id, version=None, **wrong)
    both = {"title": "x", "address": "https://example.org", "library_id": made.id}
    with pytest.raises(Invalid, match=r"csr_activity\.material_twice"):
        give_material(session, TRAINER, workshop.id, version=None, **both)


def test_what_was_written_by_mistake_goes_with_its_files(session: Session) -> None:
    made = write(session)
    add_file(session, TRAINER, made.id, version=None, name="x.pdf", content=PDF, note="")
    stored = made.files[0].file_id
    erase_material(session, TRAINER, made.id, version=None)
    assert titles(session) == []
    assert session.query(LibraryTerm).count() == 0
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(session, stored)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"unit": "HN99"}, "municipality.unknown"),
        ({"year": 2027}, "library.year_to_come"),
        ({"title": "¿?"}, "library.without_letters"),
        ({"author": "…"}, "library.without_letters"),
    ],
)
def test_wrong_facts_are_refused(session: Session, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=re.escape(code)):
        write(session, **wrong)


def test_a_material_of_another_territory_is_not_written(session: Session) -> None:
    with pytest.raises(Forbidden):
        write(session, by=STRANGER)
    write(session, unit="HN")


def test_terms_keep_the_weight_of_the_place_that_tells_most() -> None:
    assert terms_of([(2, "costos de"), (8, "Costos"), (3, "COSTOS")], ["@topic:x"]) == {"costos": 8, "@topic:x": 0}


def test_a_document_damaged_anywhere_is_refused_or_taken_and_never_an_error() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as plain, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in plain.namelist():
            archive.writestr(name, plain.read(name))
        archive.writestr("word/more.xml", "".join(f"<Inventado{number}/>" for number in range(400)))
    content = packed.getvalue()
    refused = 0
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        try:
            packed_kind(bytes(changed))
        except Invalid as damage:
            refused += damage.code.startswith("library.file_")
    assert refused > len(content) // 2
