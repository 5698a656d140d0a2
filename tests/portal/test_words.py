"""What stands on the pages: money, days and numbers, forms that keep what was typed, complete catalogues, passwords."""

import ast
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from jinja2.ext import babel_extract
from werkzeug.datastructures import MultiDict

from services.portal.app import AREAS, HERE
from services.portal.frame import Form, formats, navigation, words
from services.portal.models import SignInAttempts
from services.portal.rules import amounts, passwords
from services.portal.waiting import QUESTIONS
from shared import attempts
from shared.i18n import Catalogue
from shared.kernel import Money


@pytest.mark.parametrize(("currency", "written"), [("GTQ", "Q1,250.50"), ("USD", "$1,250.50"), ("HNL", "L1,250.50")])
def test_money_is_written_as_in_its_country(currency: str, written: str) -> None:
    assert formats.money(Money(125050, currency)) == written
    assert formats.money({"amount": "1250.5", "currency": currency}) == written


def test_no_money_is_a_dash_and_nothing_else_is_money() -> None:
    assert formats.money(None) == "–"
    assert formats.money(Money(0, "USD")) == "$0.00"
    assert formats.money(Money(-500, "USD")) == "-$5.00"
    with pytest.raises(TypeError):
        formats.money(12.5)


def test_days_and_moments_are_local() -> None:
    late = datetime(2026, 11, 3, 3, 30, tzinfo=UTC)
    assert {formats.day(late, f"es_{country}") for country in ("GT", "SV", "HN")} == {"2 nov 2026"}
    assert formats.moment(late, "es_HN") == "2 nov 2026, 21:30"
    assert formats.moment("2026-11-03T03:30:00Z", "en_GB") == "2 Nov 2026, 21:30"
    assert formats.day(date(2026, 11, 2), "es_SV", "long") == "2 de noviembre de 2026"
    assert formats.day("2026-11-02", "en_GB", "long") == "2 November 2026"
    assert formats.day(None, "es_GT") == formats.moment("", "es_GT") == "–"


def test_the_reader_s_country_decides_how_days_are_written() -> None:
    assert [formats.locale_of("es", country) for country in ("GT", "SV", "HN", None, "MX")] == [
        "es_GT",
        "es_SV",
        "es_HN",
        "es_GT",
        "es_GT",
    ]
    assert formats.locale_of("en", "HN") == "en_GB"


def test_shares_and_numbers() -> None:
    assert formats.number(12345.5, "es_HN") == "12,345.5"
    assert formats.percent(0.125, "es_SV") == "12.5 %"
    assert formats.number(None, "es_GT") == formats.percent(None, "es_GT") == "–"


def test_a_form_gives_what_the_apis_take() -> None:
    form = Form(
        MultiDict(
            [
                ("name", "  Ana "),
                ("needs", "credit"),
                ("needs", "market"),
                ("empty", " "),
                ("n", "12"),
                ("m", "1,250.5"),
            ]
        )
    )
    assert (form.text("name"), form.optional("empty"), form.many("needs")) == ("Ana", None, ["credit", "market"])
    assert (form.integer("n"), form.integer("name"), form.integer("empty")) == (12, "Ana", None)
    assert form.money("m", "GTQ") == {"amount": "1250.5", "currency": "GTQ"}
    assert form.money("empty", "GTQ") is None
    assert (form.flag("n"), form.flag("empty"), form.text("absent")) == (True, False, "")


@given(st.integers(0, 10**12), st.sampled_from(["plain", "thousands", "spaces", "decimal comma", "points and comma"]))
def test_an_amount_is_read_as_it_was_meant_however_it_is_written(cents: int, way: str) -> None:
    written = f"{cents // 100:,}.{cents % 100:02d}"
    typed = {
        "plain": written.replace(",", ""),
        "thousands": written,
        "spaces": written.replace(",", " "),
        "decimal comma": written.replace(",", "").replace(".", ","),
        "points and comma": written.translate(str.maketrans(",.", ".,")),
    }[way]
    read = amounts.read(typed)
    assert read is not None
    assert Money.parse(read, "GTQ").minor == cents


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("4739,18", "4739.18"),
        ("1,234", "1234"),
        ("1,234.5", "1234.5"),
        ("12,5", "12.5"),
        ("12,34.5", None),
        ("1,2345", None),
        ("1,23,456", None),
        ("1.234.567", None),
        ("0,500", None),
        ("1,234 567", None),
        ("12 34", None),
        ("Q100", None),
        ("\u0663", None),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked_again(typed: str, amount: str | None) -> None:
    assert amounts.read(typed) == amount


@given(st.text("0123456789,", min_size=1, max_size=12), st.from_regex(r"[0-9]{1,2}", fullmatch=True))
def test_one_or_two_figures_after_a_last_comma_are_never_taken_for_thousands(before: str, cents: str) -> None:
    read = amounts.read(f"{before},{cents}")
    assert read is None or read.endswith(f".{cents}")


def test_a_form_is_filled_from_what_an_api_gave() -> None:
    form = Form(
        {"n": 3, "on": True, "off": False, "none": None, "list": ["a", "b"], "m": {"amount": "1.00", "currency": "USD"}}
    )
    assert [form.text(name) for name in ("n", "on", "off", "none", "m")] == ["3", "yes", "", "", "1.00"]
    assert form.many("list") == ["a", "b"]


@given(st.text(max_size=40))
def test_whatever_is_typed_as_a_number_stays_as_it_is_or_is_one(text: str) -> None:
    value = Form({"n": text}).integer("n")
    assert value is None or str(value).lstrip("0") in {text.strip(), text.strip().lstrip("0")}


@given(st.text(max_size=300), st.text(max_size=60))
def test_no_accepted_password_is_short_or_holds_the_user_name(password: str, username: str) -> None:
    if passwords.weakness(password, username) is None:
        assert 10 <= len(password) <= 200
        assert len(username) < 4 or username.casefold() not in password.casefold()


def test_a_first_password_can_be_told_and_is_accepted() -> None:
    chosen = random.Random(7)
    for _ in range(200):
        first = passwords.pronounceable(chosen.choice)
        assert len(first) == 19
        assert passwords.weakness(first, "maria.zelaya") is None


@given(st.lists(st.integers(0, 1200), max_size=80), st.sampled_from(sorted(SignInAttempts.limits)))
def test_never_more_attempts_than_the_limit_in_any_window(gaps: list[int], kind: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    failures, since, allowed = 0, now, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if attempts.waiting_minutes(SignInAttempts.limits[kind], failures, since, now) == 0:
            failures, since = attempts.next_count(failures, since, now)
            allowed.append((now, since))
    for window in {begin for _, begin in allowed}:
        assert sum(begin == window for _, begin in allowed) <= SignInAttempts.limits[kind]


def _texts_of_pages() -> Iterator[tuple[str, str]]:
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true"}
    for path in sorted((HERE / "templates").rglob("*.html")):
        if path.relative_to(HERE / "templates").parts[0] in AREAS:
            continue
        with path.open("rb") as source:
            for _, _, found, _ in babel_extract(source, ("_", "gettext", "ngettext"), [], options):
                text = found if isinstance(found, str) else found and found[0]
                if text and path.name != "style.html":
                    yield text, path.name


def _texts_of_code() -> Iterator[tuple[str, str]]:
    for path in sorted(HERE.rglob("*.py")):
        if "pages" in path.parts and any(area in path.parts or area == path.stem for area in AREAS):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "_"
                and isinstance(node.args[0], ast.Constant)
            ):
                yield node.args[0].value, path.name


def _texts_of_tables() -> Iterator[tuple[str, str]]:
    for table in (words.ROLES, words.TASKS_OF_ROLES, words.SEATS, words.ABOUT_AREAS, words.AREAS, navigation.LABELS):
        yield from ((text, "words") for text in table.values())
    for question in QUESTIONS:
        yield question.title[0], "waiting"


def test_every_text_of_the_pages_has_its_spanish() -> None:
    catalogue = Catalogue([HERE / "locale"])
    used = {*_texts_of_pages(), *_texts_of_code(), *_texts_of_tables()}
    cognates = {"Error", "Cookies", "CSEM", "No", "no", "Historial", "%(done)s of %(total)s"}
    missing = [(text, where) for text, where in used if not catalogue.knows(text, "es") and text not in cognates]
    assert missing == []


def test_no_text_of_the_catalogue_is_unused() -> None:
    with (HERE / "locale" / "portal.es.po").open("rb") as file:
        kept = {message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file) if message.id}
    used = {text for text, _ in (*_texts_of_pages(), *_texts_of_code(), *_texts_of_tables())}
    assert kept - used - {"Everywhere"} == set()


def test_refusals_have_a_sentence_in_both_languages() -> None:
    found = {}
    for language in ("es", "en"):
        with (HERE / "locale" / f"{language}.po").open("rb") as file:
            found[language] = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    assert found["es"].keys() == found["en"].keys()
    assert all(found["es"][code] != found["en"][code] for code in found["es"])
