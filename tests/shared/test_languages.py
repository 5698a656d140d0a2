"""Spanish first, English complete, and a sentence for everything."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shared.i18n import Catalogue, choose
from shared.kernel import Money

Facts = Mapping[str, object]

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


@pytest.mark.parametrize(
    ("told", "spanish", "english"),
    [
        ({"x": date(2026, 11, 22)}, "22 nov 2026", "22 Nov 2026"),
        ({"x": "2026-11-22"}, "22 nov 2026", "22 Nov 2026"),
        ({"x": datetime(2026, 11, 23, 3, tzinfo=UTC)}, "22 nov 2026", "22 Nov 2026"),
        ({"x": Money(6_000_000, "HNL")}, "L60,000.00", "L60,000.00"),
        ({"x": "60000.00", "currency": "GTQ"}, "Q60,000.00", "Q60,000.00"),
        ({"x": "60000.00"}, "60,000.00", "60,000.00"),
        ({"x": "HN1709"}, "San Lorenzo, Valle", "San Lorenzo, Valle"),
        ({"x": "HN17, HN06"}, "Valle; Choluteca", "Valle; Choluteca"),
        ({"x": "HN9999"}, "HN9999", "HN9999"),
        ({"x": "2026-13-45"}, "2026-13-45", "2026-13-45"),
        ({"x": 12}, "12", "12"),
    ],
)
def test_facts_are_written_for_who_reads_the_sentence(tmp_path: Path, told: Facts, spanish: str, english: str):
    for language in ("es", "en"):
        (tmp_path / f"{language}.po").write_text('msgid "a.b"\nmsgstr "{x}"\n')
    catalogue = Catalogue([tmp_path])
    assert [catalogue.sentence("a.b", told, language) for language in ("es", "en")] == [spanish, english]


def test_what_somebody_typed_is_told_as_she_typed_it(tmp_path: Path):
    (tmp_path / "es.po").write_text('msgid "a.b"\nmsgstr "{value}"\n')
    assert Catalogue([tmp_path]).sentence("a.b", {"value": "HN1709"}, "es") == "HN1709"


def test_beside_a_sentence_stand_the_facts_it_tells_and_no_others(tmp_path: Path):
    (tmp_path / "es.po").write_text('msgid "a.b"\nmsgstr "Hasta {latest}."\n')
    told = {"latest": date(2026, 11, 22), "secret": "x"}
    assert Catalogue([tmp_path]).named("a.b", told) == {"latest": date(2026, 11, 22)}
