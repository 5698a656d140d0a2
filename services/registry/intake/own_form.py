"""What our own field form asks beyond the first one: its questions by the fact each tells, what its answers mean."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from services.registry.codes import activities, form_answers, form_questions, languages, sales_bands
from services.registry.intake.answers import Choices
from services.registry.rules.sales import Band

MARKER = "csem_form"
"""A hidden question that only our own form has: what such a submission does not answer was not answered."""


def _choices(name: str) -> Choices[Any]:
    rows = form_answers()[name]
    return Choices(
        {row["name"]: row["meaning"] for row in rows}, {row["name"]: (row["label_es"], row["label_en"]) for row in rows}
    )


_SIGNS = {"GTQ": "Q", "USD": "US$", "HNL": "L"}


def band_words(band: Band) -> tuple[str, str]:
    """A band of sales as one says it, in Spanish and English."""
    if band.code == "none":
        return f"No vende ({_SIGNS[band.currency]} 0)", f"No sales ({_SIGNS[band.currency]} 0)"
    reached = band.up_to or band.above
    amount = f"{_SIGNS[band.currency]} {0 if reached is None else reached.minor // 100}"
    return (f"Hasta {amount}", f"Up to {amount}") if band.up_to else (f"Más de {amount}", f"More than {amount}")


def band_name(band: Band) -> str:
    """What a band is called among the answers: they are one list for the three currencies."""
    return f"{band.currency.lower()}_{band.code}"


def _bands() -> Choices[str]:
    """The bands of each currency; the bare code of a band is understood too."""
    told = {band_name(band): band.code for band in sales_bands()}
    labels = {band_name(band): band_words(band) for band in sales_bands()}
    return Choices(told | {code: code for code in told.values()}, labels)


YES_NO = Choices({"si": True, "no": False}, {"si": ("Sí", "Yes"), "no": ("No", "No")})
LANGUAGES = Choices(
    {code: code for code in languages()}, {code: (names["es"], names["en"]) for code, names in languages().items()}
)
CLASSES = Choices(
    {code: code for code in activities() if len(code) == 4},
    {code: (f"{code} {one.title}",) for code, one in activities().items()},
)
MONTHS = Choices(
    {row["name"]: int(row["meaning"]) for row in form_answers()["mes"]},
    {row["name"]: (row["label_es"], row["label_en"]) for row in form_answers()["mes"]},
)
MARKETS = _choices("mercado")
MULTIPLE: Mapping[str, Choices[Any]] = MappingProxyType({"idiomas": LANGUAGES, "mercados": MARKETS, "meses": MONTHS})

CHOSEN: Mapping[str, tuple[str, Choices[Any]]] = MappingProxyType(
    {
        "schooling": ("escolaridad", _choices("escolaridad")),
        "head_of_household": ("jefa_hogar", YES_NO),
        "ownership": ("propiedad", _choices("propiedad")),
        "sales_band": ("ventas_rango", _bands()),
        "consent_photos": ("consent_photos", YES_NO),
    }
)
"""Facts that are one answer of a list."""

COUNTED: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "dependants": ("dependientes", 50),
        "children_under_6": ("menores_6", 50),
        "others_in_care": ("otros_cuidado", 50),
        "care_hours": ("horas_cuidado", 168),
        "unpaid_women": ("empleo_f_sin_pago", 9_999),
        "unpaid_men": ("empleo_m_sin_pago", 9_999),
    }
)
"""Facts that are a whole number, with the highest there is."""

WRITTEN: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"other_phone": ("otro_telefono", 40), "address": ("direccion", 300)}
)
"""Facts in her own words, with how long they may be."""

DIFFICULTIES = MappingProxyType(
    {
        "seeing": "dif_ver",
        "hearing": "dif_oir",
        "walking": "dif_caminar",
        "remembering": "dif_recordar",
        "self_care": "dif_cuidarse",
        "communicating": "dif_comunicar",
    }
)
DEGREES = _choices("dificultad")
STEPS = MappingProxyType(
    {
        "tax_id": "nit",
        "municipal_licence": "licencia",
        "sanitary_registration": "sanitario",
        "trademark": "marca",
    }
)
STEP_STATES = _choices("paso")
SUBJECTS = MappingProxyType(
    {
        "credit": "credito",
        "certifications": "certificaciones",
        "market": "mercados",
        "quality": "calidad",
        "training": "capacitacion",
        "innovation": "innovacion",
        "scaling": "escala",
    }
)
"""What the rubric judges: `perfil_credito` is the level, `evid_credito` on what evidence."""

_JUDGED = MappingProxyType(
    {
        "credit": ("crédito", "credit"),
        "certifications": ("certificaciones", "certifications"),
        "market": ("acceso a mercados", "access to markets"),
        "quality": ("calidad", "quality"),
        "training": ("formación", "training"),
        "innovation": ("potencial de innovación", "potential of innovation"),
        "scaling": ("potencial de crecimiento", "potential of growth"),
    }
)
LEVEL_LABELS = MappingProxyType(
    {
        **{
            f"perfil_{word}": tuple(f"{kind}: {_JUDGED[subject][at]}" for at, kind in enumerate(("Perfil", "Profile")))
            for subject, word in SUBJECTS.items()
        },
        **{
            f"evid_{word}": (f"En qué se ve: {_JUDGED[subject][0]}", f"What shows it: {_JUDGED[subject][1]}")
            for subject, word in SUBJECTS.items()
        },
    }
)

PERIODS = _choices("periodo")
PRODUCT_COLUMNS = ("volumen", "periodo", "meses")

PARTNER_SIDES, PARTNER_KINDS, ASSET_KINDS = _choices("lado"), _choices("rel_tipo"), _choices("activo")
REPEATS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "relaciones": ("rel_lado", "rel_tipo", "rel_nombre", "rel_parte", "rel_producto"),
        "activos": ("activo_tipo", "activo_texto"),
    }
)
"""What may be answered several times besides the products; the first question of each tells which it is."""

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{fact: (question,) for fact, (question, _) in (*CHOSEN.items(), *COUNTED.items(), *WRITTEN.items())},
        "languages": ("idiomas", *(f"idiomas/{code}" for code in LANGUAGES.codes)),
        "markets": ("mercados", *(f"mercados/{code}" for code in MARKETS.codes)),
        "difficulties": tuple(DIFFICULTIES.values()),
        "steps": tuple(f"paso_{step}" for step in STEPS.values()),
        "levels": tuple(f"perfil_{subject}" for subject in SUBJECTS.values()),
    }
)
"""The columns that a fact is read from: a file without any of them says nothing about it."""

QUESTIONS: tuple[str, ...] = (
    MARKER,
    "clase_ciiu",
    "doc_num_visto",
    *(question for questions in SOURCES.values() for question in questions if "/" not in question),
    *(f"{part}_{step}" for step in STEPS.values() for part in ("fecha", "num")),
    *(f"evid_{subject}" for subject in SUBJECTS.values()),
)
"""What a submission answers at most once."""

_WORDS = ("label_es", "label_en")
LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {row["name"]: tuple(row[word] for word in _WORDS) for row in form_questions() if row["label_es"]} | LEVEL_LABELS
)


def names_of(field: str) -> Iterator[str]:
    """By which names a file may call a question of our own form besides its own."""
    question, _, code = field.rpartition("/")
    if question in MULTIPLE:
        for asked, answered in zip(LABELS[question], MULTIPLE[question].labels[code], strict=True):
            yield f"{asked}/{answered}"
    yield from LABELS.get(field, ())


def split_columns() -> Iterator[str]:
    """The 0/1 columns of the questions with several answers."""
    once = {question: choices for question, choices in MULTIPLE.items() if question not in PRODUCT_COLUMNS}
    return (f"{question}/{code}" for question, choices in once.items() for code in choices.codes)
