"""The inventory form: its questions, what its coded answers mean, and by which names a file may call a question."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from services.registry.codes import form_answers
from services.registry.intake import own_form
from services.registry.intake.answers import Choices

IDENTITY = "meta/rootUuid"

YES_NO = Choices(
    {"si": True, "no": False},
    {"si": ("Sí", "Yes", "true", "verdadero"), "no": ("No", "false", "falso")},
)
ID_KINDS = Choices({"dui": "dui", "dpi": "dpi", "dni": "dni"}, {"dpi": ("DPI/CUI", "CUI"), "dni": ("DNI/RNP", "RNP")})
PEOPLES = Choices(
    {row["meaning"]: row["name"] for row in form_answers()["pueblo"]},
    {row["name"]: (row["label_es"], row["label_en"]) for row in form_answers()["pueblo"]}
    | {"mestiza": ("Mestiza/ladina", "Ladina"), "otro": ("Otro", "Other")},
)
COUNTRIES = Choices(
    {code: code for code in ("GT", "SV", "HN")}, {"GT": ("Guatemala",), "SV": ("El Salvador",), "HN": ("Honduras",)}
)
SITES = Choices(
    {"vivienda": "home", "local": "shop", "ambulante": "mobile", "parcela": "farm"},
    {
        "vivienda": ("En la vivienda", "Home"),
        "local": ("Local propio o alquilado", "Shop"),
        "ambulante": ("Ambulante", "Mobile"),
        "parcela": ("Parcela", "Farm"),
    },
)
_FIRST_SECTORS = {
    "A": ("Agricultura", "Agriculture"),
    "C": ("Manufactura", "Manufacturing"),
    "G": ("Comercio", "Trade"),
    "I": ("Alojamiento y comida", "Food & lodging"),
    "S": ("Otros servicios", "Other services"),
}
"""What the first form called the sections that it offered."""

SECTORS = Choices(
    {letter: letter for letter in "ABCDEFGHIJKLMNOPQRSTU"},
    {
        row["name"]: (*_FIRST_SECTORS.get(row["name"], ()), row["label_es"], row["label_en"])
        for row in form_answers()["sector"]
    },
)
LINKS = Choices(
    {
        "insumos": "inputs",
        "produccion": "production",
        "transformacion": "processing",
        "comercializacion": "marketing",
        "servicios": "support_services",
    },
    {
        "insumos": ("Insumos", "Inputs"),
        "produccion": ("Producción", "Production"),
        "transformacion": ("Transformación", "Processing"),
        "comercializacion": ("Comercialización", "Marketing"),
        "servicios": ("Servicios de apoyo", "Support services"),
    },
)
NEEDS = Choices(
    {
        "credito": "credit",
        "mercado": "market",
        "calidad": "quality",
        "capacitacion": "training",
        "formalizacion": "formalization",
    },
    {
        "credito": ("Crédito", "Credit"),
        "mercado": ("Mercado", "Market access"),
        "calidad": ("Calidad/certificación", "Quality/certification"),
        "capacitacion": ("Capacitación", "Training"),
        "formalizacion": ("Formalización", "Formalisation"),
    },
)
# «on hold» says that somebody doubts, which is what an unverified record is to us; ODK Central says «has issues».
VALIDATION = Choices(
    {
        "validation_status_on_hold": "captured",
        "validation_status_approved": "validated",
        "validation_status_not_approved": "rejected",
    },
    {
        "validation_status_on_hold": ("On Hold", "hasIssues", "edited", "received", "En espera"),
        "validation_status_approved": ("Approved", "Aprobado"),
        "validation_status_not_approved": ("Not Approved", "rejected", "No aprobado"),
    },
)

MULTIPLE: Mapping[str, Choices[str]] = MappingProxyType({"eslabones": LINKS, "necesidades": NEEDS})

# Spanish and English, as the form asks; the parts of a point and what the servers add besides.
LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "consent_registry": ("¿Acepta que sus datos se guarden en el inventario?", "Consent to be registered"),
        "consent_credit": (
            "¿Acepta compartirlos con el comité de crédito?",
            "Consent to share with credit committee",
        ),
        "consent_map": ("¿Acepta aparecer en mapas públicos agregados?", "Consent to aggregated public maps"),
        "nombres": ("Nombres", "Given names"),
        "apellidos": ("Apellidos", "Surnames"),
        "doc_tipo": ("Tipo de documento", "ID type"),
        "doc_num": ("Número de documento", "ID number"),
        "fecha_nac": ("Fecha de nacimiento", "Birth date"),
        "telefono": ("Teléfono", "Phone"),
        "pueblo": ("Pueblo / autoidentificación", "Ethnic self-identification"),
        "nombre_neg": ("Nombre del negocio", "Business name"),
        "pais": ("País", "Country"),
        "departamento": ("Departamento", "Department"),
        "municipio": ("Municipio", "Municipality"),
        "gps": ("Ubicación", "Location"),
        "_gps_latitude": ("gps-Latitude", "_Ubicación_latitude", "_Location_latitude", "Latitud", "Latitude"),
        "_gps_longitude": ("gps-Longitude", "_Ubicación_longitude", "_Location_longitude", "Longitud", "Longitude"),
        "_gps_altitude": ("gps-Altitude", "_Ubicación_altitude", "_Location_altitude"),
        "_gps_precision": (
            "gps-Accuracy",
            "_Ubicación_precision",
            "_Location_precision",
            "Precisión (m)",
            "Accuracy (m)",
        ),
        "today": ("Fecha de la visita", "Date of the visit"),
        "username": ("Técnica", "Technician"),
        "ubic_tipo": ("¿El negocio está en la vivienda?", "Is it home-based?"),
        "sector": ("Sector (CIIU)", "Sector (ISIC)"),
        "eslabones": ("Eslabones de la cadena de valor", "Value chain links"),
        "anio_inicio": ("Año de inicio", "Start year"),
        "empleo_f": ("Mujeres ocupadas", "Female workers"),
        "empleo_m": ("Hombres ocupados", "Male workers"),
        "ventas_mes": ("Ventas mensuales (moneda local)", "Monthly sales"),
        "formal": ("¿Está formalizado?", "Formalised?"),
        "necesidades": ("Necesidades", "Needs"),
        "producto": ("Producto", "Product"),
        "unidad": ("Unidad", "Unit"),
        "precio": ("Precio", "Price"),
        # An edited submission keeps its first identity in `meta/rootUuid` and in the KEY of ODK Central. A server of
        # the old kind knows only the instance.
        IDENTITY: ("KEY", "meta/instanceID", "Folio"),
        "_index": ("KEY",),
        "_parent_index": ("PARENT_KEY",),
        "_validation_status": ("ReviewState",),
    }
)

POINT = ("_gps_latitude", "_gps_longitude", "_gps_altitude", "_gps_precision")
"""In the order in which the text of a point holds them."""

ESSENTIAL = (
    "consent_registry",
    "consent_credit",
    "consent_map",
    "nombres",
    "apellidos",
    "nombre_neg",
    "municipio",
)
"""Without these columns no record can be made of a row."""

REQUIRED = (
    IDENTITY,
    *ESSENTIAL,
    "doc_tipo",
    "doc_num",
    "_gps_latitude",
    "_gps_longitude",
    "ubic_tipo",
    "sector",
    "eslabones",
    "empleo_f",
    "empleo_m",
    "formal",
    "necesidades",
)
"""What every export of the form has."""

OPTIONAL = (
    "today",
    "username",
    "fecha_nac",
    "telefono",
    "pueblo",
    "pais",
    "departamento",
    "gps",
    "_gps_altitude",
    "_gps_precision",
    "anio_inicio",
    "ventas_mes",
    "_validation_status",
    "_index",
)
EXPORTED = ("_id", "_uuid", "_index", "_submission_time", "SubmissionDate", "KEY", "meta/instanceID", "meta/rootUuid")
"""Columns that a server adds: a table without any of them was written by people."""

TEMPLATE = (
    IDENTITY,
    "today",
    "consent_registry",
    "consent_credit",
    "consent_map",
    "nombres",
    "apellidos",
    "doc_tipo",
    "doc_num",
    "fecha_nac",
    "telefono",
    "pueblo",
    "nombre_neg",
    "pais",
    "departamento",
    "municipio",
    "_gps_latitude",
    "_gps_longitude",
    "_gps_precision",
    "ubic_tipo",
    "sector",
    "eslabones",
    "anio_inicio",
    "empleo_f",
    "empleo_m",
    "ventas_mes",
    "formal",
    "necesidades",
)
"""The columns of our own template, in its order; products follow."""
TEMPLATE_PRODUCTS = 3
_IN_TEMPLATE = {
    IDENTITY: "Folio",
    "_gps_latitude": "Latitud",
    "_gps_longitude": "Longitud",
    "_gps_precision": "Precisión (m)",
}
CODED: Mapping[str, Choices[Any]] = MappingProxyType(
    {
        "consent_registry": YES_NO,
        "consent_credit": YES_NO,
        "consent_map": YES_NO,
        "doc_tipo": ID_KINDS,
        "pueblo": PEOPLES,
        "pais": COUNTRIES,
        "ubic_tipo": SITES,
        "sector": SECTORS,
        "formal": YES_NO,
        **MULTIPLE,
    }
)
"""The questions whose answers are chosen from a list."""


def title(field: str) -> str:
    """What a question is called in our template."""
    return _IN_TEMPLATE.get(field) or LABELS[field][0]


def title_of(field: str) -> str:
    """The same for a product of the row too: «producto 1»."""
    name, _, number = field.rpartition(" ")
    return f"{title(name)} {number}" if name else title(field)


PRODUCT_COLUMNS = ("producto", "unidad", "precio")
PARENT = "_parent_index"

SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id_kind": ("doc_tipo",),
        "id_number": ("doc_num",),
        "born_on": ("fecha_nac",),
        "phone": ("telefono",),
        "people": ("pueblo",),
        "point": ("_gps_latitude", "gps"),
        "accuracy_m": ("_gps_precision", "gps"),
        "site": ("ubic_tipo",),
        "activity": ("sector",),
        "links": ("eslabones", *(f"eslabones/{code}" for code in LINKS.codes)),
        "needs": ("necesidades", *(f"necesidades/{code}" for code in NEEDS.codes)),
        "started_year": ("anio_inicio",),
        "jobs_women": ("empleo_f",),
        "jobs_men": ("empleo_m",),
        "sales_minor": ("ventas_mes",),
        "formal": ("formal",),
        "validation": ("_validation_status",),
        "captured_on": ("today",),
        "captured_by": ("username",),
    }
)
"""The columns that a fact is read from: a file without any of them says nothing about it."""


def names_of(field: str) -> Iterator[str]:
    """By which names a file may call a question, the most trustworthy first."""
    yield field
    question, _, code = field.rpartition("/")
    if question in MULTIPLE:
        for asked, answered in zip(LABELS[question], MULTIPLE[question].labels[code], strict=True):
            yield f"{asked}/{answered}"
    yield from LABELS.get(field, ())
    yield from own_form.names_of(field)
