"""What a submission of our own form tells beyond the first form; what its file does not carry is left out."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from services.registry.intake import cells, own_form
from services.registry.intake.cells import is_blank
from services.registry.intake.layout import Layout
from services.registry.intake.lines import Line
from services.registry.rules.activities import section_of
from services.registry.rules.inventory import DIFFICULTIES, SIDES
from shared.workbooks import Cell

_MOST = 100_000_000
_LONGEST_NUMBER = 40
_LONGEST_EVIDENCE = 500
_HIGHEST = 4
_UNANSWERED: Mapping[str, Any] = MappingProxyType({"consent_photos": False, "ownership": "individual"})


def facts_told(layout: Layout) -> frozenset[str]:
    """The facts that a file with these columns tells; of all others it says nothing."""
    columns = layout.columns.keys()
    return frozenset(fact for fact, sources in own_form.SOURCES.items() if not columns.isdisjoint(sources))


def facts_of_own_form(line: Line, told: frozenset[str], today: date) -> dict[str, Any]:
    """Those facts that are `told`, as plain values."""
    if not told:
        return {}
    facts: dict[str, Any] = {}
    for fact, (question, choices) in own_form.CHOSEN.items():
        facts[fact] = line.take(question, cells.choice, choices, default=_UNANSWERED.get(fact))
    for fact, (question, highest) in own_form.COUNTED.items():
        facts[fact] = line.take(question, cells.whole, 0, highest)
    for fact, (question, longest) in own_form.WRITTEN.items():
        facts[fact] = line.take(question, cells.text, longest)
    facts["languages"] = line.several("idiomas", own_form.LANGUAGES)
    facts["markets"] = line.several("mercados", own_form.MARKETS)
    facts["difficulties"] = _difficulties(line)
    facts["steps"] = _steps(line, today)
    facts["levels"] = _levels(line)
    return {fact: value for fact, value in facts.items() if fact in told}


def activity_of(line: Line, section: str | None) -> str | None:
    """The class of her activity where it was named and is of the section, or else the section."""
    if "clase_ciiu" not in line.layout.columns:
        return section
    written: str | None = line.take("clase_ciiu", cells.text)
    if written is None:
        return section
    code = written.split(" ", 1)[0].zfill(4)
    if code not in own_form.CLASSES.meanings:
        code = own_form.CLASSES.code_of(written) or ""
    if not code or (section is not None and section_of(code) != section):
        line.note("activity.of_another_section", "clase_ciiu", value=cells.shown(written), section=section or "?")
        return section
    return code


def product_of(line: Line) -> dict[str, Any]:
    """How much there is of a product and when, where the file carries it."""
    if line.layout.columns.keys().isdisjoint(own_form.PRODUCT_COLUMNS):
        return {}
    volume = line.take("volumen", cells.degrees)
    if volume is not None and not 0 <= volume <= _MOST:
        line.note("cell.out_of_range", "volumen", value=f"{volume:g}", low=0, high=_MOST)
        volume = None
    period = line.take("periodo", cells.choice, own_form.PERIODS)
    months = line.several("meses", own_form.MONTHS)
    return {"volume": volume, "period": None if volume is None else period or "month", "months": months}


def partner_of(line: Line) -> dict[str, Any] | None:
    """A supplier or buyer; None where it is not said which of them."""
    side = line.needed("rel_lado", cells.choice, own_form.PARTNER_SIDES)
    partner = {
        "side": side,
        "kind": line.take("rel_tipo", cells.choice, own_form.PARTNER_KINDS, default="other"),
        "name": line.take("rel_nombre", cells.text),
        "share": line.take("rel_parte", cells.whole, 0, 100),
        "product": line.take("rel_producto", cells.text),
    }
    return partner if side else None


def asset_of(line: Line) -> dict[str, Any] | None:
    """Something she works with."""
    kind = line.take("activo_tipo", cells.choice, own_form.ASSET_KINDS, default="other")
    text = line.needed("activo_texto", cells.text)
    return {"kind": kind, "text": text} if text else None


def within_all(line: Line, partners: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The partners with no more shares than there are: of a side that adds up to more, none is kept."""
    for side in SIDES:
        if sum(partner["share"] or 0 for partner in partners if partner["side"] == side) > 100:
            line.note("partner.shares_not_kept", None, side=side)
            partners = [one | {"share": None} if one["side"] == side else one for one in partners]
    return partners


def _difficulties(line: Line) -> dict[str, str] | None:
    """All six, or none: the short set means something only as a whole."""
    told = {
        name: line.take(question, cells.choice, own_form.DEGREES) for name, question in own_form.DIFFICULTIES.items()
    }
    if any(told.values()) and not all(told.values()):
        line.note("difficulties.not_all", next(iter(own_form.DIFFICULTIES.values())))
    return {name: told[name] for name in DIFFICULTIES} if all(told.values()) else None


def _steps(line: Line, today: date) -> dict[str, dict[str, Any]]:
    """How far each step is that was answered, with its day and number where it is done."""
    steps = {}
    for step, word in own_form.STEPS.items():
        state = line.take(f"paso_{word}", cells.choice, own_form.STEP_STATES)
        on, number = None, None
        if state == "done":
            on = line.take(f"fecha_{word}", cells.day)
            number = line.take(f"num_{word}", cells.text, _LONGEST_NUMBER)
        if on is not None and not date(1900, 1, 1) <= on <= today:
            line.note("cell.day_out_of_range", f"fecha_{word}", day=on.isoformat())
            on = None
        if state is not None:
            steps[step] = {"state": state, "on": None if on is None else on.isoformat(), "number": number}
    return steps


def _levels(line: Line) -> dict[str, dict[str, Any]]:
    """The level of each subject that was judged, with its evidence."""
    levels: dict[str, dict[str, Any]] = {}
    for subject, word in own_form.SUBJECTS.items():
        cell = line.cell(f"perfil_{word}")
        if is_blank(cell):
            continue
        level = line.take(f"perfil_{word}", _level)
        if level is not None:
            evidence = line.take(f"evid_{word}", cells.text, _LONGEST_EVIDENCE)
            levels[subject] = {"level": level, "evidence": evidence}
    return levels


def _level(cell: Cell) -> int:
    """A level as its number, or as the label of an answer, which begins with it."""
    return cells.meant(cell, lambda text: cells.whole(text.split(":", 1)[0].strip(), 0, _HIGHEST), _LONGEST_EVIDENCE)
