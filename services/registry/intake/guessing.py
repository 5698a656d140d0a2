"""Which question of the form each column of somebody's own table is likely to answer: a guess, to be confirmed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.registry.intake import form
from services.registry.intake.cells import Unreadable, degrees, is_blank, text
from services.registry.rules.chains import folded
from shared import places
from shared.workbooks import Cell, Sheet

FIELDS = (
    *form.TEMPLATE,
    *(f"{field} {number}" for number in range(1, form.TEMPLATE_PRODUCTS + 1) for field in form.PRODUCT_COLUMNS),
)
"""What a column may be taken for."""

_HEADERS_AT_LEAST = 3
_LOOKED_THROUGH = 20
_SAMPLES = 3
_SAMPLE_LENGTH = 60
_WORDS: Mapping[str, tuple[str, ...]] = {
    form.IDENTITY: ("folio", "ficha", "codigo de ficha", "record number"),
    "today": ("fecha de visita", "fecha de la visita", "fecha levantamiento", "fecha de captura", "visit date"),
    "consent_registry": ("acepta inventario", "acepta registro", "consentimiento", "acepta datos", "consent"),
    "consent_credit": ("acepta credito", "consentimiento credito", "acepta comite", "consent credit"),
    "consent_map": ("acepta mapa", "acepta mapas", "consentimiento mapa", "consent map"),
    "nombres": ("nombres", "nombre", "primer nombre", "first name", "given name", "name"),
    "apellidos": ("apellidos", "apellido", "surname", "last name"),
    "doc_tipo": ("tipo de documento", "tipo documento", "document type", "id type"),
    "doc_num": ("numero de documento", "documento", "identidad", "cedula", "dui", "dpi", "cui", "dni", "id number"),
    "fecha_nac": ("fecha de nacimiento", "nacimiento", "birth date", "date of birth", "born"),
    "telefono": ("telefono", "celular", "movil", "tel", "phone", "mobile"),
    "pueblo": ("pueblo", "etnia", "grupo etnico", "ethnicity"),
    "nombre_neg": ("nombre del negocio", "negocio", "emprendimiento", "empresa", "business", "enterprise"),
    "pais": ("pais", "country"),
    "departamento": ("departamento", "depto", "department"),
    "municipio": ("municipio", "ciudad", "municipality"),
    "_gps_latitude": ("latitud", "latitude", "lat"),
    "_gps_longitude": ("longitud", "longitude", "lon", "lng", "long"),
    "_gps_precision": ("precision", "accuracy"),
    "ubic_tipo": ("vivienda", "lugar de trabajo", "home based"),
    "sector": ("sector", "rubro", "actividad", "ciiu", "activity"),
    "eslabones": ("eslabones", "eslabon", "cadena de valor", "value chain"),
    "anio_inicio": ("ano de inicio", "inicio", "start year", "desde"),
    "empleo_f": ("mujeres", "empleadas", "female", "women"),
    "empleo_m": ("hombres", "empleados", "male", "men"),
    "ventas_mes": ("ventas", "ingresos", "sales"),
    "formal": ("formal", "formalizado", "formalizada", "formalised"),
    "necesidades": ("necesidades", "necesidad", "needs"),
    **{
        f"{field} {number}": (f"{form.title(field)} {number}",)
        for number in range(1, form.TEMPLATE_PRODUCTS + 1)
        for field in form.PRODUCT_COLUMNS
    },
}
_CERTAIN = 1_000


def header_row(rows: Sheet) -> int | None:
    """Where the headers stand: the first row with enough texts in it; a title above them is none."""
    for at, row in enumerate(rows[:_LOOKED_THROUGH]):
        if sum(isinstance(cell, str) and not is_blank(cell) for cell in row) >= _HEADERS_AT_LEAST:
            return at
    return None


def columns_of(rows: Sheet) -> list[dict[str, Any]]:
    """Every column that has a header: `position`, `header`, some `samples`, and the `field` it is taken for or None."""
    rows = [*rows]
    at = header_row(rows)
    if at is None:
        return []
    headers = [str(cell).strip() for cell in rows[at]]
    samples = [_samples(rows[at + 1 :], position) for position in range(len(headers))]
    guessed = guess(headers, samples)
    return [
        {
            "position": position,
            "header": header[:200],
            "samples": samples[position][:_SAMPLES],
            "field": guessed[position],
        }
        for position, header in enumerate(headers)
        if header
    ]


def guess(headers: Sequence[str], samples: Sequence[Sequence[str]]) -> list[str | None]:
    """What each column is taken for: by the words of its header, or else by what stands in it; each question once."""
    scored = sorted(
        (
            (-score, position, field)
            for position, header in enumerate(headers)
            for field in FIELDS
            if (score := _likeness(header, field))
        ),
        key=lambda found: found[:2],
    )
    taken: dict[int, str] = {}
    for _, position, field in scored:
        if position not in taken and field not in taken.values():
            taken[position] = field
    for position, found in enumerate(samples):
        by_content = _by_content(found) if position not in taken else None
        if by_content and by_content not in taken.values():
            taken[position] = by_content
    return [taken.get(position) for position in range(len(headers))]


def _likeness(header: str, field: str) -> int:
    """How much of a header names a question: the letters of the longest known wording in it."""
    written = folded(header)
    if written and field in form.LABELS and written in {folded(name) for name in form.names_of(field)}:
        return _CERTAIN
    words = set(written.split())
    return max((len(known) for known in _WORDS[field] if set(folded(known).split()) <= words), default=0)


def _samples(rows: Sheet, position: int) -> list[str]:
    found = [_sample(row[position]) for row in rows if position < len(row) and not is_blank(row[position])]
    return list(dict.fromkeys(found[: 10 * _LOOKED_THROUGH]))[:_LOOKED_THROUGH]


def _sample(cell: Cell) -> str:
    try:
        return text(cell)[:_SAMPLE_LENGTH]
    except Unreadable:
        return "…"


def _by_content(samples: Sequence[str]) -> str | None:
    if not samples:
        return None
    return next((field for field, fits in _FITTING if all(fits(sample) for sample in samples)), None)


def _between(low: float, high: float) -> Callable[[str], bool]:
    def fits(sample: str) -> bool:
        try:
            return "." in sample.replace(",", ".") and low <= degrees(sample) <= high
        except Unreadable:
            return False

    return fits


def _digits(*lengths: int) -> Callable[[str], bool]:
    def fits(sample: str) -> bool:
        bare = sample.replace("-", "").replace(" ", "")
        return bare.isdecimal() and len(bare) in lengths

    return fits


_FITTING: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("municipio", lambda sample: sample.upper() in places.municipalities()),
    ("_gps_latitude", _between(12.5, 18.5)),
    ("_gps_longitude", _between(-93, -81.5)),
    ("doc_num", _digits(9, 13)),
    ("telefono", _digits(8)),
    ("doc_tipo", lambda sample: form.ID_KINDS.code_of(sample) is not None),
    ("pais", lambda sample: form.COUNTRIES.code_of(sample) is not None),
    ("pueblo", lambda sample: form.PEOPLES.code_of(sample) is not None),
    ("ubic_tipo", lambda sample: form.SITES.code_of(sample) is not None),
    ("necesidades", lambda sample: not form.NEEDS.split(sample)[1]),
    ("eslabones", lambda sample: not form.LINKS.split(sample)[1]),
)
