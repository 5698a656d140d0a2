"""An export in the columns of KoboToolbox: what its form asks stands where it stands there, all else after it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.registry.exchange import words
from services.registry.exchange.columns import ENTERPRISE, Column, Shape
from services.registry.exchange.words import Words
from services.registry.intake import form
from services.registry.rules.activities import section_of

OURS = "csem/"
"""Before the name of a column of ours among those of KoboToolbox."""
SHEET, PRODUCTS = "Inventario CSEM", "productos"

_GROUP_C, _GROUP_W, _GROUP_E = "consentimiento/", "emprendedora/", "emprendimiento/"
_KINDS = {column.key: column for column in ENTERPRISE}
_STATES = {meaning: code for code, meaning in form.VALIDATION.meanings.items()}
_ON_HOLD = "validation_status_on_hold"


@dataclass(frozen=True)
class Question:
    """A column of KoboToolbox: where its answer stands in a record, and how the form writes it. `exact` are those
    that hold all the record may say; None is a column that only tells, or stays empty.
    """

    header: str
    key: str | None = None
    kind: str = "text"
    answer: Callable[[Mapping[str, Any]], Any] | None = None
    back: str | None = None
    exact: bool = True


def _of(header: str, key: str, kind: str | None = None, *, exact: bool = True, **more: Any) -> Question:
    column = _KINDS[key]
    return Question(header, key, kind or column.kind, back=column.name, exact=exact, **more)


def _ticks(field: str, key: str, choices: Words) -> list[Question]:
    def tick(code: str) -> Callable[[Mapping[str, Any]], Any]:
        return lambda row: int(code in row[key])

    return [Question(f"{_GROUP_E}{field}/{word}", key, "whole", tick(code)) for code, word in choices.of.items()]


def _gps(row: Mapping[str, Any]) -> str | None:
    if row["lon"] is None:
        return None
    return f"{row['lat']} {row['lon']} 0 {row.get('accuracy_m') or 0}"


def _people(row: Mapping[str, Any]) -> str | None:
    people = row["people"]
    return people if people is None or people in form.PEOPLES.meanings else "otro"


def _sector(row: Mapping[str, Any]) -> str | None:
    return None if row["activity"] is None else section_of(row["activity"])


def _identity(row: Mapping[str, Any]) -> str:
    return f"uuid:{row['id']}"


QUESTIONS = (
    Question("start"),
    Question("end"),
    _of("today", "recorded_on"),
    Question("deviceid"),
    Question("username"),
    *(Question(f"{_GROUP_C}consent_{name}", f"consent_{name}", "flag") for name in ("registry", "credit", "map")),
    _of(f"{_GROUP_W}nombres", "given_names"),
    _of(f"{_GROUP_W}apellidos", "surnames"),
    _of(f"{_GROUP_W}doc_tipo", "id_kind"),
    _of(f"{_GROUP_W}doc_num", "id_number"),
    _of(f"{_GROUP_W}fecha_nac", "born_on"),
    _of(f"{_GROUP_W}telefono", "phone"),
    _of(f"{_GROUP_W}pueblo", "people", exact=False, answer=_people),
    _of(f"{_GROUP_E}nombre_neg", "name"),
    Question(f"{_GROUP_E}pais", "municipality", answer=lambda row: row["municipality"][:2]),
    Question(f"{_GROUP_E}departamento", "municipality", answer=lambda row: row["municipality"][:4]),
    _of(f"{_GROUP_E}municipio", "municipality"),
    Question("gps", "lon", answer=_gps),
    _of(f"{_GROUP_E}_gps_latitude", "lat"),
    _of(f"{_GROUP_E}_gps_longitude", "lon"),
    Question(f"{_GROUP_E}_gps_altitude"),
    _of(f"{_GROUP_E}_gps_precision", "accuracy_m"),
    _of(f"{_GROUP_E}ubic_tipo", "site"),
    _of(f"{_GROUP_E}sector", "activity", exact=False, answer=_sector),
    _of(f"{_GROUP_E}eslabones", "link"),
    *_ticks("eslabones", "link", words.LINKS),
    _of(f"{_GROUP_E}anio_inicio", "started_year"),
    _of(f"{_GROUP_E}empleo_f", "jobs_women"),
    _of(f"{_GROUP_E}empleo_m", "jobs_men"),
    _of(f"{_GROUP_E}ventas_mes", "sales_minor"),
    _of(f"{_GROUP_E}formal", "formal"),
    _of(f"{_GROUP_E}necesidades", "need"),
    *_ticks("necesidades", "need", words.NEEDS),
    Question("_id"),
    Question("_uuid"),
    Question("_submission_time"),
    _of(
        "_validation_status",
        "validation",
        "text",
        exact=False,
        answer=lambda row: _STATES.get(row["validation"], _ON_HOLD),
    ),
    *(Question(name) for name in ("_notes", "_status", "_submitted_by", "__version__", "_tags")),
    Question(form.IDENTITY, "id", answer=_identity),
)
"""In the order of KoboToolbox; `_index` follows them."""

PRODUCT_HEADERS: Mapping[str, str] = {
    "producto": f"{_GROUP_E}productos/producto",
    "unidad": f"{_GROUP_E}productos/unidad",
    "precio": f"{_GROUP_E}productos/precio",
}
INDEX, PARENT, PARENT_TABLE = "_index", "_parent_index", "_parent_table_name"


@dataclass(frozen=True)
class Sheet:
    """The columns of the main sheet; each is written as a `Column` of its kind would be."""

    headers: list[str]
    columns: list[Column]
    answers: list[Callable[[Mapping[str, Any]], Any]]

    def cells(self, row: Mapping[str, Any]) -> list[Any]:
        return [answer(row) for answer in self.answers]


def main_sheet(shape: Shape) -> Sheet:
    """What one view's main sheet is made of: no question about what she may not see."""
    seen = {column.key for column in shape.main}
    asked = [question for question in QUESTIONS if question.key is None or question.key in seen]
    exact = {question.key for question in asked if question.back and question.exact}
    rest = [column for column in shape.main if column.key not in exact]
    inexact = {question.key: question for question in asked if question.back and not question.exact}
    return Sheet(
        [question.header for question in asked] + [OURS + column.name for column in rest],
        [_column(question) for question in asked] + rest,
        [_answer(question) for question in asked] + [_rest(column, inexact.get(column.key)) for column in rest],
    )


def _column(question: Question) -> Column:
    known = _KINDS.get(question.key or "")
    kind = question.kind if question.answer is None else ("whole" if question.kind == "whole" else "text")
    plain = Column(question.header, question.key or "", kind, ("", ""))
    return plain if known is None or question.answer else replace(known, name=question.header)


def _answer(question: Question) -> Callable[[Mapping[str, Any]], Any]:
    if question.answer is not None:
        return question.answer
    key = question.key
    return (lambda _row: None) if key is None else (lambda row: row[key])


def _rest(column: Column, question: Question | None) -> Callable[[Mapping[str, Any]], Any]:
    """What a question of the form cannot say stands in a column of ours; nothing where the question says it."""
    key = column.key
    if question is None or question.answer is None:
        return lambda row: row[key]
    said = question.answer
    return lambda row: None if _understood(key, said(row)) == row[key] else row[key]


def _understood(key: str, answer: Any) -> Any:
    return form.VALIDATION.meanings.get(answer) if key == "validation" else answer


def read_back(column: str, cell: Any) -> Any:
    """The answer of a question in the words of our column."""
    if column == "validacion":
        meant = form.VALIDATION.code_of(str(cell))
        return words.VALIDATION.of[form.VALIDATION.meanings[meant]] if meant else cell
    return cell


HEADERS: Mapping[str, str] = {question.header: question.back for question in QUESTIONS if question.back}
"""Which of our columns each question is read back into."""
