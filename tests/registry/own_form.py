"""Our own form filled in, as the exporters of KoboToolbox and ODK Central write it (their dialects: the README of the
reference data).
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from services.registry.intake import own_form, xlsform
from services.registry.intake.xlsform import form_version
from tests.registry.workbooks import dui, identity

FULL: dict[str, Any] = {
    "today": "2026-03-01",
    "username": "tecnica1",
    "consent_registry": "si",
    "consent_credit": "si",
    "consent_map": "no",
    "consent_photos": "si",
    "nombres": "Rosa",
    "apellidos": "Inventada",
    "doc_tipo": "dui",
    "doc_num": dui(10_000_001),
    "fecha_nac": "1985-04-05",
    "telefono": "72105398",
    "otro_telefono": "23456789",
    "pueblo": "nahua",
    "idiomas": ["spa", "ppl"],
    "escolaridad": "primaria_incompleta",
    "jefa_hogar": "si",
    "dependientes": "3",
    "menores_6": "1",
    "otros_cuidado": "2",
    "horas_cuidado": "40",
    "dif_ver": "alguna",
    "dif_oir": "ninguna",
    "dif_caminar": "mucha",
    "dif_recordar": "ninguna",
    "dif_cuidarse": "ninguna",
    "dif_comunicar": "no_puede",
    "nombre_neg": "Quesos de prueba",
    "propiedad": "grupo",
    "pais": "SV",
    "departamento": "SV14",
    "municipio": "SV1423",
    "direccion": "Caserío Inventado, frente a la ceiba",
    "gps": "13.34 -88.43 50 6",
    "ubic_tipo": "vivienda",
    "sector": "C",
    "clase_ciiu": "1050",
    "eslabones": ["produccion", "comercializacion"],
    "anio_inicio": "2010",
    "empleo_f": "4",
    "empleo_f_sin_pago": "2",
    "empleo_m": "2",
    "empleo_m_sin_pago": "1",
    "ventas_rango": "usd_middle",
    "mercados": ["en_departamento", "exportacion"],
    "necesidades": ["credito", "calidad"],
    "paso_nit": "hecho",
    "fecha_nit": "2020-02-03",
    "num_nit": "0614-010180-101-2",
    "paso_licencia": "no_necesita",
    "paso_sanitario": "en_tramite",
    "paso_marca": "no",
    "formal": "si",
    "perfil_ahora": "si",
    **{
        f"perfil_{word}": str(level)
        for level, word in zip((0, 1, 2, 3, 4, 3, 2), own_form.SUBJECTS.values(), strict=True)
    },
    "evid_credito": "No ha tenido crédito",
    "productos": [
        {
            "producto": "queso",
            "unidad": "libra",
            "precio": "2.5",
            "volumen": "120",
            "periodo": "mes",
            "meses": ["1", "2", "12"],
        },
        {"producto": "crema", "precio": "3.25"},
    ],
    "relaciones": [
        {"rel_lado": "proveedor", "rel_tipo": "cooperativa", "rel_nombre": "Lechera", "rel_parte": "80"},
        {"rel_lado": "comprador", "rel_tipo": "tienda", "rel_nombre": "Tienda Ana", "rel_parte": "30"},
    ],
    "activos": [{"activo_tipo": "animales", "activo_texto": "dos vacas"}],
}
"""Every question that can be answered at once."""


@dataclass(frozen=True)
class Question:
    kind: str
    name: str
    group: str
    repeat: str | None
    label: str
    options: Mapping[str, str]

    @property
    def path(self) -> str:
        return f"{self.group}/{self.name}" if self.group else self.name


def questions() -> Iterator[Question]:
    groups: list[str] = []
    repeats: list[str] = []
    for row in xlsform._survey():
        kind = row["type"]
        if kind in {"begin_group", "begin_repeat"}:
            groups.append(row["name"])
            repeats += [row["name"]] if kind == "begin_repeat" else []
        elif kind == "end_group":
            groups.pop()
        elif kind == "end_repeat":
            groups.pop()
            repeats.pop()
        elif kind != "note":
            options = dict(options_of(kind.partition(" ")[2]))
            label = row["label_es"] or row["name"]
            yield Question(
                kind.split(" ")[0], row["name"], "/".join(groups), repeats[0] if repeats else None, label, options
            )


def options_of(name: str) -> Iterator[tuple[str, str]]:
    return ((row["name"], row["label_es"]) for row in xlsform._choices() if row["list_name"] == name)


def as_text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


def document(answers: Mapping[str, Any] = FULL, number: int = 1, **changes: Any) -> dict[str, Any]:
    """One submission as the API (v2) of KoboToolbox has it, and as its REST services send it; None leaves one out."""
    told = {name: value for name, value in {**answers, **changes}.items() if value is not None}
    record: dict[str, Any] = {}
    for question in questions():
        if question.repeat is None and question.name in told:
            record[question.path] = as_text(told[question.name])
        elif question.repeat in told:
            group, rows = question.group, told[question.repeat]
            listed = record.setdefault(group, [{} for _ in rows])
            for row, into in zip(rows, listed, strict=True):
                if question.name in row:
                    into[question.path] = as_text(row[question.name])
    bare = identity(number).removeprefix("uuid:")
    return record | {
        "csem_form": form_version(),
        "__version__": form_version(),
        "_id": 500_000 + number,
        "_uuid": bare,
        "_xform_id_string": "aCSEM",
        "_submission_time": "2026-03-01T15:20:00",
        "_validation_status": {"uid": "validation_status_on_hold", "label": "On Hold"},
        "_attachments": [],
        "_geolocation": [13.34, -88.43],
        "meta/instanceID": identity(number),
        "meta/rootUuid": identity(number),
    }


def kobo_json(**changes: Any) -> bytes:
    return json.dumps({"count": 1, "results": [document(**changes)]}).encode()


def tables(*, labels: bool, odk: bool = False, **changes: Any) -> dict[str, list[dict[str, Any]]]:
    """The sheets of an export, each a list of rows; the first is that of the submissions."""
    told = {**FULL, **changes, "csem_form": form_version()}
    sheets: dict[str, list[dict[str, Any]]] = {"main": [{}]}
    for question in questions():
        if question.repeat is None:
            sheets["main"][0] |= cells(question, told.get(question.name), labels=labels, odk=odk)
        else:
            given = told[question.repeat]
            rows = sheets.setdefault(question.repeat, [{} for _ in given])
            for row, of in zip(rows, given, strict=True):
                row |= cells(question, of.get(question.name), labels=labels, odk=odk)
    if odk:
        sheets["main"][0] = {"SubmissionDate": "2026-03-01T15:20:00.000Z"} | sheets["main"][0]
        sheets["main"][0] |= {"KEY": identity(1), "ReviewState": ""}
        tail: dict[str, Any] = {"PARENT_KEY": identity(1)}
    else:
        status = "On Hold" if labels else "validation_status_on_hold"
        ids = {"_id": 1, "_uuid": identity(1).removeprefix("uuid:"), "_submission_time": "2026-03-01T15:20:00"}
        sheets["main"][0] |= {**ids, "_validation_status": status, "meta/rootUuid": identity(1), "_index": 1}
        tail = {"_index": 1, "_parent_table_name": "main", "_parent_index": 1}
    for name, rows in sheets.items():
        if name != "main":
            for row in rows:
                row |= tail
    return sheets


def cells(question: Question, value: Any, *, labels: bool, odk: bool) -> dict[str, Any]:
    """The columns of one question."""
    group = "/".join(_label_of(name) for name in question.group.split("/")) if labels else question.group
    name = question.label if labels else question.name
    path = f"{group}/{name}" if group else name
    if odk:
        path = question.name if question.repeat else path.replace("/", "-")
    if question.kind == "geopoint":
        parts = [*str(value or "").split(), "", "", "", ""][:4]
        if odk:
            named = [f"{path}-{part}" for part in ("Latitude", "Longitude", "Altitude", "Accuracy")]
            return dict(zip(named, parts, strict=True))
        ends = [f"{group}/_{name}_{part}" for part in ("latitude", "longitude", "altitude", "precision")]
        return {name: value or "", **dict(zip(ends, parts, strict=True))}
    if question.kind == "select_multiple":
        chosen = value or []
        shown = [question.options[code] if labels else code for code in chosen]
        split = {f"{path}/{label if labels else code}": int(code in chosen) for code, label in question.options.items()}
        return {path: " ".join(shown)} | ({} if odk else split)
    if question.kind == "select_one" and labels and value:
        return {path: question.options[value]}
    return {path: value if value is not None else ""}


def _label_of(group: str) -> str:
    found = (row["label_es"] for row in xlsform._survey() if row["name"] == group and row["type"].startswith("begin"))
    return next(found, group)


def kobo_xlsx(*, labels: bool = False, **changes: Any) -> bytes:
    return xlsx_of(tables(labels=labels, **changes))


def xlsx_of(sheets: dict[str, list[dict[str, Any]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for column, header in enumerate(rows[0]):
                sheet.write(0, column, header)
                for at, row in enumerate(rows, start=1):
                    sheet.write(at, column, row[header])
    return out.getvalue()


def kobo_csv(**changes: Any) -> bytes:
    return _delimited(tables(labels=False, **changes)["main"], ";")


def odk_zip(**changes: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, rows in tables(labels=False, odk=True, **changes).items():
            file = "csem.csv" if name == "main" else f"csem-{name}.csv"
            archive.writestr(file, _delimited(rows, ","))
    return out.getvalue()


def _delimited(rows: list[dict[str, Any]], delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
