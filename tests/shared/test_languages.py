"""Spanish first, English complete, and a sentence for everything."""

from pathlib import Path

import pytest

from shared.i18n import Catalogue, choose

CODES = ["changed_meanwhile", "http.404", "status.422", "money.malformed"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "es"),
        ("", "es"),
        ("*", "es"),
        ("es", "es"),
        ("en", "en"),
        ("EN-us", "en"),
        ("es-GT, en", "es"),
        ("en, es", "en"),
        ("fr, en;q=0.1", "en"),
        ("fr", "es"),
        ("es;q=0.3, en;q=0.8", "en"),
        ("en;q=0, es;q=0.1", "es"),
        ("est", "es"),
        ("eng", "es"),
        ("en;q=much", "es"),
        (",;,;=" * 50_000, "es"),
    ],
)
def test_the_language_is_the_one_wanted_most(accepted: str | None, language: str):
    assert choose(accepted) == language


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_sentence_in_both_languages(code: str):
    catalogue = Catalogue([])
    assert catalogue.knows(code, "es")
    assert catalogue.knows(code, "en")
    assert catalogue.sentence(code, {}, "es") != catalogue.sentence(code, {}, "en")


def test_a_sentence_tells_its_facts_and_a_missing_fact_is_no_error(tmp_path: Path):
    (tmp_path / "es.po").write_text('msgid "a.b"\nmsgstr "De {total}, {done} {{literal}}."\n')
    catalogue = Catalogue([tmp_path])
    assert catalogue.sentence("a.b", {"total": "{done}", "done": 3}, "es") == "De {done}, 3 {literal}."
    assert catalogue.sentence("a.b", {"total": 4}, "es") == "De 4, … {literal}."


def test_a_code_without_a_sentence_is_told_as_it_is(tmp_path: Path):
    assert Catalogue([tmp_path]).sentence("nobody.wrote_it", {}, "es") == "nobody.wrote_it"


def test_the_catalogues_of_a_folder_are_read_together(tmp_path: Path):
    (tmp_path / "credit.es.po").write_text('msgid "Loans"\nmsgstr "Préstamos"\n')
    (tmp_path / "es.po").write_text('msgid "Home"\nmsgstr "Inicio"\n')
    spanish = Catalogue([tmp_path]).translations("es")
    assert (spanish.gettext("Loans"), spanish.gettext("Home")) == ("Préstamos", "Inicio")
