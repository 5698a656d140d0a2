"""Makes `shared/reference/sv_division_2024.csv` from the list of the law: run it again when the list changes.

    python -m services.territory.reference.make_divisions sv_reform_2024_districts_44_municipios.csv

The list names 261 districts without codes and mostly without accents; the codes are those of `shared.places`.
"""

import csv
import io
import sys
from collections.abc import Mapping
from pathlib import Path

from services.territory.intake.columns import plain
from shared import places

OUT = Path(places.__file__).parent / "reference" / "sv_division_2024.csv"
SPELT_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "Santo Domingo de Guzman": {"code": "SV1314", "note": "The official file shortens it to Santo Domingo."},
    "Santa Catarina Masuhuat": {"code": "SV1312", "note": "Slip of the list: Masahuat."},
    "Ayuxtepeque": {"code": "SV1003", "note": "Slip of the list: Ayutuxtepeque."},
    "Santa Tecla": {
        "code": "SV0510",
        "note": "Its name until 2003 was Nueva San Salvador, as the official file has it.",
    },
    "San Juan Opico": {"code": "SV0512", "note": "The official file shortens it to Opico."},
    "Cancasque": {"code": "SV0327", "note": "In full: San José Cancasque."},
    "Las Flores": {"code": "SV0328", "note": "In full: San José Las Flores."},
    "Cuyutitan": {"code": "SV0601", "note": "Slip of the list: Cuyultitán."},
    "Guacoteci": {"code": "SV0202", "note": "Slip of the list: Guacotecti."},
    "Villa Dolores": {"code": "SV0209", "note": "The official file shortens it to Dolores."},
    "Jucapa": {"code": "SV1409", "note": "Slip of the list: Jucuapa."},
    "San Buena Ventura": {"code": "SV1416", "note": "Written in two words; the official file has one."},
    "San Rafael Oriente": {"code": "SV0918", "note": "The official file shortens it to San Rafael."},
    "Delicas De Concepcion": {"code": "SV0805", "note": "Slip of the list: Delicias."},
    "Guatajiaga": {"code": "SV0809", "note": "The official file writes Guatajiagua."},
}
"""The districts that the list spells otherwise than the official file, each settled by hand."""
MISSING: Mapping[str, str] = {"SV0615": "La Paz Centro"}
"""San Miguel Tepezontes is not in the list; article 6 of the law puts it with its neighbours in La Paz Centro."""


def main(source: str) -> None:
    """Write the table beside `shared/places.py`."""
    OUT.write_text(table(Path(source).read_text(encoding="utf-8-sig")), encoding="utf-8")


def table(listed: str) -> str:
    """The district, the code of its municipality since 2024 and that one's name, as CSV; stops at a district that
    cannot be told.
    """
    official = {
        (code[:4], plain(name)): code for code, name in places.names().items() if len(code) == 6 and code[:2] == "SV"
    }
    found = dict(MISSING)
    for row in csv.DictReader(io.StringIO(listed)):
        department = _department(row["departamento"])
        name = row["distrito_ex_municipio"]
        settled = SPELT_OTHERWISE.get(name)
        code = settled["code"] if settled else official.get((department, plain(name)))
        if code is None or code in found or not code.startswith(department):
            raise SystemExit(f"{name} ({row['departamento']}) is no municipality of before, or stands twice")
        found[code] = row["municipio_2024"]
    if set(found) != set(official.values()):
        raise SystemExit(f"without a municipality of today: {sorted(set(official.values()) - set(found))}")
    lines = [_line(district, found[district]) for district in sorted(found)]
    return "\n".join(["district,code,name", *lines, ""])


def _department(name: str) -> str:
    salvadoran = (code for code in places.names() if len(code) == 4 and code.startswith("SV"))
    return next(code for code in salvadoran if plain(places.name_of(code)) == plain(name))


def _line(district: str, name: str) -> str:
    """The law numbers none of the 44: their codes are the department and where in it they lie."""
    where = name.rpartition(" ")[2]
    department = district[:4]
    return f"{district},{department}-{where.upper()},{places.name_of(department)} {where}"


if __name__ == "__main__":
    main(sys.argv[1])
