"""Our own field form as an XLSForm, which KoboToolbox and ODK turn into the form on the telephone."""

import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
import xlsxwriter

from services.registry.codes import activities, form_answers, form_questions, languages, rubric_levels, sales_bands
from services.registry.intake import own_form
from shared import places
from shared.kernel import COUNTRY_CURRENCY

FORM_ID, TITLE = "csem_emprendimiento", "Inventario de emprendimientos CSEM"
SPANISH, ENGLISH = "Español (es)", "English (en)"
_NAMED = {
    **{f"{what}_{tongue}": f"{kind}::{name}" for what, kind in (("label", "label"), ("hint", "hint"))
       for tongue, name in (("es", SPANISH), ("en", ENGLISH))},
    "message_es": f"constraint_message::{SPANISH}",
    "message_en": f"constraint_message::{ENGLISH}",
}  # fmt: skip
_CHOICE_COLUMNS = ("list_name", "name", "label_es", "label_en", "pais", "depto", "seccion")
_LONG_AGO = datetime(2026, 1, 1)  # noqa: DTZ001 - what a workbook says of its making; the same for the same form


def form_xlsx() -> bytes:
    """The form: the same bytes as long as nothing in it changes."""
    survey, choices, version = _survey(), list(_choices()), form_version()
    columns = list(dict.fromkeys(column for row in survey for column in row))
    out = io.BytesIO()
    as_written = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, as_written) as book:
        book.set_properties({"created": _LONG_AGO, "title": TITLE})
        marked = [row | {"calculation": f"'{version}'"} if row["name"] == own_form.MARKER else row for row in survey]
        _write(book, "survey", columns, marked)
        _write(book, "choices", _CHOICE_COLUMNS, choices)
        _write(book, "settings", list(_SETTINGS | {"version": ""}), [_SETTINGS | {"version": version}])
    return out.getvalue()


_SETTINGS = {
    "form_title": TITLE,
    "form_id": FORM_ID,
    "default_language": SPANISH,
    "style": "pages theme-grid",
    "instance_name": "if(${consent_registry} = 'si', concat(${nombre_neg}, ' - ', ${municipio}), 'Sin consentimiento')",
}


def form_version() -> str:
    """What the form is called in its present state: another one as soon as anything in it changes."""
    told = orjson.dumps([_survey(), list(_choices()), _SETTINGS])
    return f"csem-{hashlib.sha256(told).hexdigest()[:12]}"


def _survey() -> list[dict[str, str]]:
    return [dict(row) for row in form_questions()] + list(_profile())


def _profile() -> Iterator[dict[str, str]]:
    """The rubric as questions, where there is one; nobody has to judge in the field."""
    levels = rubric_levels()
    if not levels:
        return
    empty = dict.fromkeys(form_questions()[0], "")
    agreed = "${consent_registry} = 'si'"
    judged = f"{agreed} and ${{perfil_ahora}} = 'si'"
    asked = ("¿Valora ahora el perfil del negocio?", "Do you judge the profile of the business now?")
    yield empty | _question("select_one si_no", "perfil_ahora", *asked) | {"relevant": agreed}
    yield empty | _question("begin_group", "perfil", "Perfil del negocio", "Profile") | {"relevant": judged}
    for subject, word in own_form.SUBJECTS.items():
        if subject in levels:
            level = _question(f"select_one nivel_{word}", f"perfil_{word}", *own_form.LEVEL_LABELS[f"perfil_{word}"])
            yield empty | level | {"required": "yes"}
            evidence = _question("text", f"evid_{word}", *own_form.LEVEL_LABELS[f"evid_{word}"])
            too_long = {"message_es": "Como máximo 500 letras.", "message_en": "At most 500 letters."}
            yield empty | evidence | {"constraint": "string-length(.) <= 500"} | too_long
    yield empty | {"type": "end_group"}


def _question(kind: str, name: str, spanish: str, english: str) -> dict[str, str]:
    return {"type": kind, "name": name, "label_es": spanish, "label_en": english}


def _choices() -> Iterator[dict[str, str]]:
    for name, rows in form_answers().items():
        for row in rows:
            yield _choice(name, row["name"], row["label_es"], row["label_en"])
    for code, names in languages().items():
        yield _choice("idioma", code, names["es"], names["en"])
    for code, one in activities().items():
        if len(code) == 4:
            # The classes have their official Spanish titles alone.
            yield _choice("clase_ciiu", code, f"{code} {one.title}", f"{code} {one.title}", seccion=one.section)
    countries = {currency: country for country, currency in COUNTRY_CURRENCY.items()}
    for band in sales_bands():
        yield _choice(
            "ventas_rango", own_form.band_name(band), *own_form.band_words(band), pais=countries[band.currency]
        )
    for word, levels in ((word, rubric_levels().get(subject, ())) for subject, word in own_form.SUBJECTS.items()):
        for level, words in enumerate(levels):
            yield _choice(f"nivel_{word}", str(level), f"{level}: {words['es']}", f"{level}: {words['en']}")
    yield from _places()


def _places() -> Iterator[dict[str, str]]:
    by_name = sorted(places.names().items(), key=lambda place: (place[1], place[0]))
    for code, name in by_name:
        if len(code) == 4:
            yield _choice("departamento", code, name, name, pais=code[:2])
    for code, name in by_name:
        if len(code) == 6:
            yield _choice("municipio", code, name, name, depto=code[:4])


def _choice(of: str, name: str, spanish: str, english: str, **filtered: str) -> dict[str, str]:
    return {"list_name": of, "name": name, "label_es": spanish, "label_en": english, **filtered}


def _write(book: Any, name: str, columns: Any, rows: list[dict[str, Any]] | list[Mapping[str, str]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    heading = book.add_format({"bold": True})
    for column, key in enumerate(columns):
        sheet.set_column(column, column, 24)
        sheet.write_string(0, column, _NAMED.get(key, key), heading)
        for at, row in enumerate(rows, start=1):
            if row.get(key):
                sheet.write_string(at, column, row[key])
