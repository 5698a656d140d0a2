"""The columns of an export: what each says, who sees it, and whether it is read back.

An export is one row for each enterprise, with the first owner in it, and parts of which there may be several: the
other owners, their answers, products, suppliers and buyers, steps of formalization, assets, submissions. A format
keeps the parts in sheets or tables of their own, or as JSON in a column of the row. What a reader may not see has no
column in her file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.registry.exchange import words
from services.registry.exchange.words import Words
from services.registry.rules.inventory import DIFFICULTIES
from services.registry.rules.visibility import View

MAIN = "inventario"
DOCUMENTATION = "csem_columnas"
"""The sheet that says what the columns are; by it an export of ours is known again."""
ID, SEAL = "csem_id", "csem_sello"

Sees = Callable[[View], bool]


def _everybody(_view: View) -> bool:
    return True


def _names(view: View) -> bool:
    return view.names


def _contact(view: View) -> bool:
    return view.contact


def _document(view: View) -> bool:
    return view.document is not None


def _exact(view: View) -> bool:
    return view.exact_point


def _sales(view: View) -> bool:
    return view.sales


def _team(view: View) -> bool:
    return view.circumstances


@dataclass(frozen=True)
class Column:
    """`key` is the name inside of a record. Kinds: id, text, whole, real, money, day, flag, code, codes, numbers,
    json. `size` is the longest text, or the range of a number. One that only tells (`told`) is not read back.
    """

    name: str
    key: str
    kind: str
    says: tuple[str, str]
    sees: Sees = _everybody
    words: Words | None = None
    size: Any = 200
    told: bool = False
    place: bool = False
    """Whether it was derived from the point: looked up anew where boundaries change, so no part of what is said."""


@dataclass(frozen=True)
class Part:
    """Things of which an enterprise may have several."""

    name: str
    says: tuple[str, str]
    columns: tuple[Column, ...]
    sees: Sees = _everybody


_YEAR, _JOBS = (1900, 2200), (0, 9_999)

WOMAN = (
    Column("duena_id", "woman_id", "id", ("Identificador de la emprendedora", "Id of the woman"), _names),
    Column("nombres", "given_names", "text", ("Nombres", "Given names"), _names),
    Column("apellidos", "surnames", "text", ("Apellidos", "Surnames"), _names),
    Column("documento_tipo", "id_kind", "code", ("Clase de documento", "Kind of document"), _document, words.DOCUMENTS),
    Column("documento", "id_number", "text", ("Número del documento", "Number of the document"), _document),
    Column("nacimiento", "born_on", "day", ("Fecha de nacimiento", "Day of birth"), _contact),
    Column("telefono", "phone", "text", ("Teléfono", "Telephone"), _contact, size=40),
    Column("otro_telefono", "other_phone", "text", ("Otro teléfono", "Another telephone"), _contact, size=40),
    Column("idiomas", "languages", "codes", ("Idiomas (ISO 639-3)", "Languages (ISO 639-3)"), _contact),
    Column("pueblo", "people", "code", ("Pueblo al que pertenece", "People she belongs to"), _exact, words.PEOPLES),
    Column("escolaridad", "schooling", "code", ("Escolaridad", "Schooling"), _team, words.SCHOOLING),
    Column("dependientes", "dependants", "whole", ("Personas que dependen de ella", "Dependants"), _team, size=(0, 40)),
    Column("menores_6", "children_under_6", "whole", ("Menores de 6 años", "Children under 6"), _team, size=(0, 20)),
    Column(
        "otras_a_cargo", "others_in_care", "whole", ("Otras personas que cuida", "Others she cares for"), _team,
        size=(0, 20),
    ),
    Column(
        "horas_cuidado", "care_hours", "whole", ("Horas de cuidado por semana", "Hours of care a week"), _team,
        size=(0, 168),
    ),
    Column("jefa_hogar", "head_of_household", "flag", ("Jefa de hogar", "Head of household"), _team),
    *(
        Column(f"dificultad_{name}", code, "code", (f"Dificultad para {es}", f"Difficulty {en}"), _team, words.DEGREES)
        for code, name, es, en in zip(
            DIFFICULTIES,
            ("ver", "oir", "caminar", "recordar", "cuidarse", "comunicarse"),
            ("ver", "oír", "caminar", "recordar", "cuidarse", "comunicarse"),
            ("seeing", "hearing", "walking", "remembering", "with self-care", "communicating"),
            strict=True,
        )
    ),
    Column(
        "documento_confirmado_el", "id_confirmed_on", "day",
        ("Cuándo se confirmó el documento", "When the document was confirmed"), _team,
    ),
    Column(
        "documento_confirmado_cuenta", "id_confirmed_by", "text",
        ("Con qué cuenta se confirmó", "By which account"), _team, size=120,
    ),
    Column(
        "documento_confirmado_por", "id_confirmed_by_name", "text", ("Quién lo confirmó", "Who confirmed it"), _team
    ),
    Column(
        "documento_confirmado_porque", "id_confirmed_because", "text",
        ("Por qué se confirmó", "Why it was confirmed"), _team, size=500,
    ),
)  # fmt: skip

ENTERPRISE = (
    Column(ID, "id", "id", ("Identificador del registro", "Id of the record")),
    Column(
        SEAL, "seal", "text",
        ("Huella de la fila tal como se exportó", "Print of the row as it was exported"), _team, size=64,
    ),
    Column("nombre", "name", "text", ("Nombre del emprendimiento", "Name of the enterprise"), _names),
    Column("municipio", "municipality", "text", ("Código del municipio", "Code of the municipality"), size=6),
    Column(
        "municipio_nombre", "municipality_name", "text", ("Municipio y departamento", "Municipality and department"),
        told=True,
    ),
    Column(
        "municipio_2024", "division_2024", "text",
        ("Municipio desde 2024 (El Salvador)", "Municipality since 2024 (El Salvador)"), told=True,
    ),
    Column("direccion", "address", "text", ("Dirección", "Address"), _exact, size=300),
    Column("lon", "lon", "real", ("Longitud (WGS 84)", "Longitude (WGS 84)"), size=(-180, 180)),
    Column("lat", "lat", "real", ("Latitud (WGS 84)", "Latitude (WGS 84)"), size=(-90, 90)),
    Column(
        "punto", "point", "code",
        ("Qué es el punto: exacto, aproximado a 2 km, no compartido en mapas, o sin punto",
         "What the point is: exact, near to 2 km, not shared on maps, or none"), words=words.POINTS, told=True,
    ),
    Column(
        "precision_m", "accuracy_m", "real", ("Precisión del punto en metros", "Accuracy of the point in metres"),
        _exact, size=(0, 1e6),
    ),
    Column("punto_origen", "point_source", "code", ("De dónde es el punto", "Source of the point"), _exact,
           words.SOURCES),
    Column(
        "lugar", "place_state", "code", ("Si el punto cae en el municipio declarado",
        "Whether the point lies in the declared municipality"), words=words.PLACES, place=True,
    ),
    Column(
        "municipio_del_punto", "derived_municipality", "text",
        ("Municipio en que cae el punto", "Municipality the point lies in"), size=6, place=True,
    ),
    Column(
        "limites", "place_boundaries", "text", ("Límites con que se buscó", "Boundaries it was looked up in"),
        _team, size=12, place=True,
    ),
    Column(
        "fuera_m", "snapped_m", "real",
        ("Metros que el punto está fuera de ese municipio", "Metres the point lies outside of that municipality"),
        _exact, size=(0, 1e4), place=True,
    ),
    Column("sitio", "site", "code", ("Dónde trabaja", "Where it works"), words=words.SITES),
    Column("actividad", "activity", "text", ("Sección o clase CIIU Rev. 4", "Section or class of ISIC Rev. 4"), size=5),
    Column("actividad_nombre", "activity_title", "text", ("Actividad económica", "Economic activity"), told=True),
    Column("cadena", "chain", "code", ("Cadena de valor", "Value chain"), words=words.CHAINS),
    Column(
        "cadena_declarada", "chain_declared", "flag",
        ("Si alguien dijo la cadena o la dio la tabla", "Whether somebody told the chain, or the table"),
    ),
    Column("eslabones", "link", "codes", ("Eslabones de la cadena", "Links of the chain"), words=words.LINKS),
    Column("necesidades", "need", "codes", ("Necesidades", "Needs"), words=words.NEEDS),
    Column("mercados", "market", "codes", ("Mercados", "Markets"), words=words.MARKETS),
    Column("anio_inicio", "started_year", "whole", ("Año de inicio", "Year of start"), size=_YEAR),
    Column("propiedad", "ownership", "code", ("Forma de propiedad", "Kind of ownership"), words=words.OWNERSHIPS),
    Column("mujeres", "jobs_women", "whole", ("Mujeres ocupadas", "Women at work"), size=_JOBS),
    Column("hombres", "jobs_men", "whole", ("Hombres ocupados", "Men at work"), size=_JOBS),
    Column("mujeres_sin_pago", "unpaid_women", "whole", ("De ellas, sin pago", "Of these women, unpaid"), size=_JOBS),
    Column("hombres_sin_pago", "unpaid_men", "whole", ("De ellos, sin pago", "Of these men, unpaid"), size=_JOBS),
    Column("ventas_mes", "sales_minor", "money", ("Ventas por mes", "Sales a month"), _sales),
    Column("banda_ventas", "sales_band", "code", ("Banda de ventas que dijo", "Band of sales she named"), _sales,
           words.BANDS),
    Column("moneda", "currency", "text", ("Moneda de los montos", "Currency of the amounts"), size=3, told=True),
    Column("formal", "formal", "flag", ("Si está formalizado", "Whether it is formal")),
    Column("validacion", "validation", "code", ("Hasta dónde está revisado", "How far it is checked"),
           words=words.VALIDATION),
    Column("revisado_el", "checked_on", "day",
           ("Fecha de la evidencia de esa revisión", "Day of the evidence for that check")),
    Column("perfil", "tier", "code", ("Lo que resulta de su último perfil", "What follows from its latest profile"),
           words=words.TIERS, told=True),
    Column("acepta_inventario", "consent_registry", "flag",
           ("Acepta estar en el inventario", "Agrees to be in the inventory"), told=True),
    Column("acepta_credito", "consent_credit", "flag",
           ("Acepta compartirlo para crédito", "Agrees to share it for credit"), told=True),
    Column("acepta_mapa", "consent_map", "flag", ("Acepta salir en mapas públicos", "Agrees to be in public maps"),
           told=True),
    Column("registrado_el", "recorded_on", "day", ("Fecha de registro", "Day of registration")),
    *WOMAN,
)  # fmt: skip

PARTS = (
    Part(
        "otras_duenas", ("Las otras dueñas, en su orden; de cada una, las columnas de la emprendedora",
                         "The other owners, in their order, with the columns of a woman"), WOMAN, _names,
    ),
    Part(
        "consentimientos", ("Lo que respondió cada dueña, en su orden; vale lo último de cada propósito",
                            "What each owner answered, in its order; the last one of each purpose counts"),
        (
            Column("duena_id", "woman_id", "id", ("Quién respondió", "Who answered")),
            Column("proposito", "purpose", "code", ("Para qué", "What for"), words=words.PURPOSES),
            Column("acepta", "granted", "flag", ("Si aceptó", "Whether she agreed")),
            Column("dado_el", "given_on", "day", ("Cuándo", "When")),
            Column("medio", "channel", "code", ("Por qué medio", "Through which channel"), words=words.CHANNELS),
        ), _team,
    ),
    Part(
        "productos", ("Lo que ofrece", "What it offers"),
        (
            Column("producto", "name", "text", ("Producto", "Product")),
            Column("unidad", "unit", "text", ("Unidad", "Unit")),
            Column("precio", "price_minor", "money", ("Precio de la unidad", "Price of the unit")),
            Column("precio_moneda", "currency", "text", ("Moneda del precio", "Currency of the price"), size=3),
            Column("volumen", "volume", "real", ("Unidades por periodo", "Units in a period"), size=(0, 1e9)),
            Column("periodo", "period", "code", ("Periodo del volumen", "Period of the volume"), words=words.PERIODS),
            Column("meses", "months", "numbers", ("Meses en que lo hay", "Months in which there is any"), size=(1, 12)),
        ),
    ),
    Part(
        "socios", ("A quién compra y a quién vende", "Who it buys from and sells to"),
        (
            Column("lado", "side", "code", ("Proveedor o comprador", "Supplier or buyer"), words=words.SIDES),
            Column("clase", "kind", "code", ("Qué es", "What it is"), words=words.PARTNERS),
            Column("socio_id", "partner_id", "id", ("Su registro en el inventario", "Its record in the inventory")),
            Column("socio", "name", "text", ("Nombre", "Name"), _names),
            Column("parte", "share", "whole", ("Parte del total, en por ciento", "Share of all, in per cent"),
                   size=(1, 100)),
            Column("de_que", "product", "text", ("De qué producto", "Of which product")),
        ),
    ),
    Part(
        "formalizacion", ("Los pasos para ser formal", "The steps to become formal"),
        (
            Column("paso", "step", "code", ("Paso", "Step"), words=words.STEPS),
            Column("estado", "state", "code", ("Hasta dónde llegó", "How far it is"), words=words.STEP_STATES),
            Column("fecha", "happened_on", "day", ("Cuándo", "When")),
            Column("numero", "number", "text", ("Número", "Number"), _document, size=40),
        ),
    ),
    Part(
        "bienes", ("Con qué trabaja", "What it works with"),
        (
            Column("bien", "kind", "code", ("Clase de bien", "Kind of asset"), words=words.ASSETS),
            Column("detalle", "text", "text", ("En sus palabras", "In her words")),
        ),
    ),
    Part(
        "fichas", ("Las fichas de campo de las que viene", "The field forms it comes from"),
        (
            Column("ficha", "identity", "text", ("Identidad de la ficha", "Identity of the form")),
            Column("ficha_duena", "woman_id", "id", ("De quién es", "Whose it is")),
            Column("traido", "brought", "json", ("Lo que la ficha decía distinto del registro (JSON)",
                   "What the form said otherwise than the record (JSON)")),
        ), _team,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """The columns and parts that one view has."""

    main: tuple[Column, ...]
    parts: Mapping[str, tuple[Column, ...]]
    document: str | None
    masked: bool
    whole: bool
    """Whether it holds all that a record says, so that it can be brought back."""


def shape_of(view: View) -> Shape:
    """What this view's file is made of."""
    parts = {part.name: _seen(part.columns, view) for part in PARTS if part.sees(view)}
    whole = view.circumstances and view.names and view.document == "full" and view.exact_point
    return Shape(_seen(ENTERPRISE, view), MappingProxyType(parts), view.document, not view.exact_point, whole)


def _seen(columns: tuple[Column, ...], view: View) -> tuple[Column, ...]:
    return tuple(column for column in columns if column.sees(view))
