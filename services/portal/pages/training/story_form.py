"""The form of a case story: what it says in each language, as the API takes it."""

from typing import Any

from services.portal.clients import Answer, api
from services.portal.frame import Form, _
from services.portal.pages.training.story_words import FIGURES, LANGUAGES, PARTS

_FACTS = ("area", "dimension", "firm_name", "person_name")
_FIGURE = ("what", "value", "source")


def body_of(form: Form) -> dict[str, Any]:
    """What was typed, as the API takes it; a language in which nothing was written is left out."""
    facts: dict[str, Any] = {name: form.optional(name) for name in _FACTS}
    facts |= {"unit": form.text("unit"), "sector": form.text("sector"), "year": form.integer("year")}
    facts["material_ids"] = form.many("material_ids")
    return facts | {language: _version(form, language) for language in LANGUAGES}


def form_of(found: Answer) -> Form:
    """The form as the story fills it."""
    values: dict[str, Any] = {name: found[name] for name in (*_FACTS, "unit", "sector", "year", "version")}
    values["material_ids"] = [one["id"] for one in found["materials"]]
    for language, told in found["content"].items():
        if told is None:
            continue
        values |= {f"{language}-{part}": told[part] for part in PARTS}
        for place, figure in enumerate(told["figures"]):
            values |= {_field(language, place, part): figure[part] for part in _FIGURE}
    return Form(values)


def renamed(form: Form) -> dict[str, str]:
    """The API's names of figures, by the field that they were typed in: rows left empty are not sent."""
    return {
        _field(language, place, part): _field(language, row, part)
        for language in LANGUAGES
        for place, row in enumerate(_rows(form, language))
        for part in _FIGURE
    }


def subjects(form: Form) -> list[tuple[str, Any]]:
    """What a story may be about: the firms and groups of her territory, and the enterprise that she came from."""
    client = api("training")
    firms = [(f"sme:{row['id']}", row["name"]) for row in client.get("/smes", {"limit": 200}).rows]
    groups = [(f"group:{row['id']}", row["name"]) for row in client.get("/groups", {"limit": 200}).rows]
    chosen = form.text("subject")
    enterprise = [(chosen, _("The enterprise that you came from"))] if chosen.startswith("enterprise:") else []
    found = ((_("Enterprise"), enterprise), (_("Small firms"), firms), (_("Groups"), groups))
    return [(label, options) for label, options in found if options]


def _version(form: Form, language: str) -> dict[str, Any] | None:
    told: dict[str, Any] = {part: form.text(f"{language}-{part}") for part in PARTS}
    told["figures"] = [
        {part: form.text(_field(language, row, part)) for part in _FIGURE} for row in _rows(form, language)
    ]
    return told if any(told.values()) else None


def _rows(form: Form, language: str) -> list[int]:
    return [row for row in FIGURES if any(form.text(_field(language, row, part)) for part in _FIGURE)]


def _field(language: str, row: int, part: str) -> str:
    return f"{language}-figures-{row}-{part}"
