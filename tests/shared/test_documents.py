"""What is printed: literal, accessible, the same bytes every time, closed to the outside."""

import io
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import typst
from pypdf import PdfReader

from shared import documents
from shared.kernel import Money

TEMPLATE = """
#import "@csem/letter:1.0.0": *
#show: letter.with(title: data.title, number: data.number)
#facts(
  (tr(es: "Prestataria", en: "Borrower"), data.borrower),
  (tr(es: "Monto", en: "Amount"), money(data.amount)),
  (tr(es: "Fecha", en: "Date"), day(data.dated)),
)
== #tr(es: "Cuotas", en: "Instalments")
#sheet(
  columns: (auto, 1fr, auto),
  align: (right, left, right),
  header: ("N.º", tr(es: "Vence", en: "Due"), tr(es: "Cuota", en: "Instalment")),
  rows: data.rows.map(row => (row.at(0), short-day(row.at(1)), number(row.at(2)))),
  total: ("", "Total", money(data.amount)),
)
#drawing(data.map, alt: "Un cuadrado", caption: [Croquis])
#notice[#data.remark]
#signatures((("Presidenta", data.borrower), ("Secretaria", "—")))
"""

FACTS = {
    "title": "Recibo de pago",
    "number": "R-2026-0007",
    "dated": date(2026, 3, 5),
    "letterhead": {"centre": "CSEM Golfo de Fonseca", "host": "ADEL Valle"},
    "borrower": "Ñusta Pérez Güell",
    "amount": Money.parse("1234567.05", "HNL"),
    "rows": [[number, date(2026, 4, 1), "1250.00"] for number in range(1, 61)],
    "map": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>',
    "remark": "Límites aproximados",
    "id": UUID(int=7),
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "receipt" / "receipt.typ"
    path.parent.mkdir()
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_the_same_facts_give_the_same_bytes(template: Path) -> None:
    first = documents.render(template, FACTS, language="es", verify_url="https://csem.example/verify/{hash}")
    again = documents.render(
        template, dict(reversed(FACTS.items())), language="es", verify_url="https://csem.example/verify/{hash}"
    )
    assert first == again


def test_another_process_elsewhere_at_another_time_gives_the_same_bytes(template: Path, tmp_path: Path) -> None:
    here = documents.render(template, {**FACTS, "amount": {"amount": "1.00", "currency": "GTQ"}}, language="es")
    program = (
        "import sys, datetime; sys.path.insert(0, sys.argv[3])\n"
        "from tests.shared.test_documents import FACTS\n"
        "from shared import documents; from pathlib import Path\n"
        "facts = {**FACTS, 'amount': {'amount': '1.00', 'currency': 'GTQ'}}\n"
        "Path(sys.argv[2]).write_bytes(documents.render(Path(sys.argv[1]), facts, language='es'))\n"
    )
    out = tmp_path / "out.pdf"
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "TZ": "Asia/Tokyo", "LANG": "C", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program, template, out, root], check=True, env=environment, cwd=tmp_path)
    assert out.read_bytes() == here


def test_it_is_an_accessible_document_that_names_its_language_and_title(template: Path) -> None:
    reader = PdfReader(io.BytesIO(documents.render(template, FACTS, language="es")))
    assert reader.trailer["/Root"]["/Lang"] == "es"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" in reader.trailer["/Root"]["/Metadata"].get_object().get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Recibo de pago"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.date() == date(2026, 3, 5)


def test_what_it_says_can_be_read_out(template: Path) -> None:
    text = text_of(documents.render(template, FACTS, language="es", verify_url="https://csem.example/v/{hash}"))
    digest = documents.content_hash(template, FACTS, language="es")
    for said in (
        "Recibo de pago", "R-2026-0007", "CSEM Golfo de Fonseca", "ADEL Valle", "Ñusta Pérez Güell",
        "L 1,234,567.05", "5 de marzo de 2026", "1,250.00", "Página 1 de 4", f"https://csem.example/v/{digest}",
    ):  # fmt: skip
        assert said in text.replace("\u200b", "")


def test_english_is_complete_too(template: Path) -> None:
    text = text_of(documents.render(template, FACTS, language="en", verify_url="https://csem.example/v/{hash}"))
    for said in ("Borrower", "5 March 2026", "Page 1 of 4", "Verify this document at", "Hash of the content"):
        assert said in text
    with pytest.raises(ValueError, match="language"):
        documents.render(template, FACTS, language="fr")


HOSTILE = [
    '#panic("x")',
    '#read("/etc/passwd") #eval("1+1")',
    "] [ #{ } $x^2$ ` ``` \\ // /* */",
    "*bold* _it_ = Title @ref <label> ~ -- ... 'q' \"q\"",
    '"}, "injected": {"a": "b',
    "</text><script>alert(1)</script>&amp;",
    "#sys.inputs.data",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_comes_out_literally(template: Path, hostile: str) -> None:
    facts = {**FACTS, "borrower": hostile, "title": hostile, "remark": hostile, "number": hostile}
    text = text_of(documents.render(template, facts, language="es"))
    literal = re.sub(r"\s+", " ", hostile)
    assert text.count(literal) >= 3


def test_a_word_longer_than_the_page_is_broken_and_stays_on_it(template: Path) -> None:
    long = "A" * 3_000
    pdf = documents.render(template, {**FACTS, "borrower": long, "remark": long}, language="es")
    text = re.sub(r"[\s\u200b]", "", text_of(pdf))
    assert text.count("A") >= 6_000
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    right: list[float] = []
    page.extract_text(visitor_text=lambda said, _cm, tm, *_: right.append(tm[4]) if "A" in said else None)
    assert right
    assert max(right) < float(page.mediabox.width)


def test_characters_without_a_glyph_are_shown_as_missing_and_nothing_fails(template: Path) -> None:
    odd = 'Ana 漢字 😀 \x00\x07 \u202egnorw\u202c \ud800 "\\u{41}" \u0e01 fin'
    text = text_of(documents.render(template, {**FACTS, "borrower": odd}, language="es"))
    assert "Ana \ufffd\ufffd \ufffd" in text
    assert '"\\u{41}"' in text
    assert "fin" in text


def test_names_in_the_languages_of_the_territory_are_printed_as_written(template: Path) -> None:
    name = "Ixch'el Ajq'ij K'iche' Ch’ortiʼ Ẍ Ëë Ää Ü Ñ"
    assert name in text_of(documents.render(template, {**FACTS, "borrower": name}, language="es"))


def test_a_template_cannot_reach_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "letters"
    folder.mkdir()
    template = folder / "spy.typ"
    for attempt in ('#read("../secret.txt")', '#read("/../secret.txt")', '#import "@preview/cetz:0.3.1": *'):
        template.write_text(f'#set document(title: "x")\n{attempt}')
        with pytest.raises(typst.TypstError):
            documents.render(template, {"dated": "2026-01-01"}, language="es")


def test_a_document_needs_its_date_and_prints_only_known_kinds_of_facts(template: Path) -> None:
    with pytest.raises(KeyError, match="dated"):
        documents.render(template, {"title": "x"}, language="es")
    with pytest.raises(TypeError, match="object"):
        documents.render(template, {**FACTS, "x": object()}, language="es")
    with pytest.raises(ValueError, match="JSON"):
        documents.render(template, {**FACTS, "x": float("nan")}, language="es")


def test_the_hash_follows_the_facts_and_the_language(template: Path) -> None:
    hashes = {
        documents.content_hash(template, FACTS, language="es"),
        documents.content_hash(template, FACTS, language="en"),
        documents.content_hash(template, {**FACTS, "number": "R-2026-0008"}, language="es"),
    }
    assert len(hashes) == 3


def test_a_qr_code_is_a_small_drawing_without_scripts() -> None:
    drawing = documents.qr_svg("https://csem.example/verify/" + "a" * 64)
    assert drawing.startswith(b"<svg")
    assert b"script" not in drawing
    assert len(drawing) < 8_000
