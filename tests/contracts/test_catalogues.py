"""The check of the catalogues finds what it is there to find, and the catalogues are whole."""

from pathlib import Path

import pytest

from deploy import catalogues
from deploy.catalogues import Folder, Said, said_in

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    (tmp_path / "locale").mkdir()
    (tmp_path / "templates").mkdir()
    return tmp_path


def faults(service: Path, spanish: str, english: str = "", *, cognates: tuple[str, ...] = ()) -> list[str]:
    (service / "locale" / "es.po").write_text(HEAD + spanish)
    (service / "locale" / "en.po").write_text(HEAD + english)
    return list(catalogues._unlike(Folder.read(service / "locale"), set(cognates)))


def test_what_the_house_can_say_is_said_in_both_languages():
    assert catalogues.mistakes()[0] == []


def test_codes_of_refusals_and_texts_of_pages_are_found_where_they_are_said(service: Path):
    (service / "a.py").write_text(
        'raise Invalid("fund.empty", pointer="/x")\nUnfit(428, "a.b")\nx = _("Loans" if y else "Funds")\n'
    )
    (service / "templates" / "a.html").write_text('{{ _("Hello, %(name)s", name=me) }}{{ ngettext("One", "Many", n) }}')
    said = said_in(service)
    assert said.codes == {"fund.empty": "a.py:1", "a.b": "a.py:2"}
    # The plural is found in the catalogue under its singular.
    assert set(said.texts) == {"Loans", "Funds", "Hello, %(name)s", "One"}


def test_a_code_without_a_sentence_and_a_text_without_translation_are_told(service: Path):
    said = Said(codes={"fund.empty": "a.py:1"}, texts={"Loans": "b.html:2", "→": "b.html:3"})
    (service / "locale" / "es.po").write_text(HEAD + 'msgid "fund.empty"\nmsgstr "Fondo vacío."\n')
    folder = Folder.read(service / "locale")
    assert list(catalogues._unsaid(said, folder, folder)) == [
        "a.py:1: fund.empty has no sentence in en.po of locale",
        "b.html:2: 'Loans' has no Spanish translation",
    ]


@pytest.mark.parametrize(
    ("spanish", "english", "told"),
    [
        ('#, fuzzy\nmsgid "Loans"\nmsgstr "Préstamos"\n', "", "is marked fuzzy"),
        ('msgid "Loans"\nmsgstr ""\n', "", "has no translation"),
        ('msgid "Loans"\nmsgstr "Loans"\n', "", "is the same in both languages"),
        ('msgid "%(n)s loans"\nmsgstr "préstamos"\n', "", "tells n in one language only"),
        (
            'msgid "a.b"\nmsgstr "De {uno}."\n',
            'msgid "a.b"\nmsgstr "Of {two}."\n',
            "tells two, uno in one language only",
        ),
        ('msgid "a.b"\nmsgstr "De {uno:>9}."\n', 'msgid "a.b"\nmsgstr "Of {uno}."\n', "must be a plain name"),
        ('msgid "a.b"\nmsgstr "De {uno.__class__}."\n', 'msgid "a.b"\nmsgstr "Of {uno}."\n', "must be a plain name"),
        ('msgid "a.b"\nmsgstr "De {uno."\n', 'msgid "a.b"\nmsgstr "Of {uno}."\n', "cannot be filled in"),
        ('msgid "a.b"\nmsgstr "De."\n', "", "is in Spanish only"),
        ("", 'msgid "a.b"\nmsgstr "Of."\n', "is in English only"),
    ],
)
def test_an_unfinished_or_unlike_translation_is_told(service: Path, spanish: str, english: str, told: str):
    assert any(told in fault for fault in faults(service, spanish, english))


def test_a_true_cognate_may_be_the_same(service: Path):
    assert faults(service, 'msgid "Total"\nmsgstr "Total"\n', cognates=("Total",)) == []
